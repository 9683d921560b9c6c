//! Verbs whose answer comes at once: printed as JSON, or for people where that reads better.

use clap::ArgMatches;
use musicgpt_sdk::requests::Lookup;
use musicgpt_sdk::{
    CompleteUpload, CreateUpload, GetAllVoices, GetByUser, PreprocessUpload, PromptToLyrics,
    SearchVoices, SoundStream, types,
};
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::verbs::Verb;
use crate::{output, submission};

/// A look-up whose answer can be shown.
pub(crate) trait Shown: Lookup + Sync + 'static {
    async fn ask(self, context: &Context) -> Result<Self::Answer, musicgpt_sdk::Error>;

    fn json(answer: &Self::Answer) -> Value;

    /// The answer for people; by default as JSON.
    fn lines(answer: &Self::Answer) -> Vec<String> {
        vec![Self::json(answer).to_string()]
    }
}

/// Runs a verb.
pub(crate) async fn run<F: Shown>(
    verb: &'static Verb,
    matches: &ArgMatches,
) -> Result<Outcome, Failure> {
    let context = Context::new(matches).await?;
    let (feature, violations) = submission::read::<F>(verb, matches)?;
    submission::check(&context, &feature, violations).await?;
    let answer = feature.ask(&context).await?;
    if context.json {
        output::json(&F::json(&answer))?;
    } else {
        for line in F::lines(&answer) {
            output::line(&line)?;
        }
    }
    Ok(Outcome::Done)
}

/// Runs a verb whose answer is sound, and saves it: named after the main inputs, the last of them
/// the file and the others folders.
pub(crate) async fn sound<F>(verb: &'static Verb, matches: &ArgMatches) -> Result<Outcome, Failure>
where
    F: Lookup<Answer = SoundStream> + Sync + 'static,
{
    let context = Context::new(matches).await?;
    let (feature, violations) = submission::read::<F>(verb, matches)?;
    submission::check(&context, &feature, violations).await?;
    let given = submission::given(verb, matches);
    let sound = context.client.call(feature).await?;
    let content_type = sound.content_type().map(str::to_owned);
    let mut path = context.out.clone();
    path.extend(given.iter().map(|(_, id)| submission::safe_name(id)));
    path.set_extension(ending(content_type.as_deref()));
    sound.save_as(&path).await?;
    let path = output::saved(&path);
    if !context.json {
        return output::line(&path).map(|()| Outcome::Done);
    }
    let mut answer: Map<String, Value> = given
        .into_iter()
        .map(|(name, id)| (name.to_owned(), id.into()))
        .collect();
    answer.insert("content_type".to_owned(), json!(content_type));
    answer.insert("path".to_owned(), path.into());
    output::json(&Value::Object(answer))?;
    Ok(Outcome::Done)
}

/// The ending of a file of a media type.
fn ending(content_type: Option<&str>) -> &str {
    let media_type = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    match media_type.trim().rsplit_once('/') {
        Some((_, "mpeg")) => "mp3",
        Some((_, subtype)) if subtype.bytes().all(|byte| byte.is_ascii_alphanumeric()) => subtype,
        _ => "audio",
    }
}

fn voices(page: &types::VoicePage) -> Vec<String> {
    let value = json!(page);
    let voices = value["voices"].as_array().cloned().unwrap_or_default();
    let text = |voice: &Value, name: &str| {
        output::plain(voice.get(name).and_then(Value::as_str).unwrap_or_default())
    };
    let mut lines: Vec<String> = voices
        .iter()
        .map(|voice| {
            format!(
                "{:<38} {}",
                text(voice, "voice_id"),
                text(voice, "voice_name")
            )
        })
        .collect();
    lines.push(format!("{} of {} voices", voices.len(), value["total"]));
    lines
}

/// What is the same for every answer that serde writes.
macro_rules! shown {
    ($($feature:ty $(: $lines:expr)?;)*) => {
        $(impl Shown for $feature {
            async fn ask(self, context: &Context) -> Result<Self::Answer, musicgpt_sdk::Error> {
                context.client.call(self).await
            }

            fn json(answer: &Self::Answer) -> Value {
                json!(answer)
            }

            $(fn lines(answer: &Self::Answer) -> Vec<String> {
                $lines(answer)
            })?
        })*
    };
}

shown! {
    CompleteUpload;
    CreateUpload;
    PreprocessUpload;
    GetAllVoices: voices;
    SearchVoices: voices;
    PromptToLyrics: |answer: &types::PromptToLyricsAnswer| {
        let lyrics = answer.lyrics.as_deref().unwrap_or_default();
        lyrics.lines().map(output::plain).collect()
    };
}

impl Shown for GetByUser {
    async fn ask(self, context: &Context) -> Result<Self::Answer, musicgpt_sdk::Error> {
        context.client.call(self).await
    }

    fn json(answer: &Self::Answer) -> Value {
        let tasks = answer
            .tasks
            .iter()
            .map(|task| Value::Object(task.fields().clone()));
        json!({ "conversions": tasks.collect::<Vec<_>>(), "LastEvaluatedKey": answer.next })
    }
}
