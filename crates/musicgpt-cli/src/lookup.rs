//! Verbs whose answer comes at once: printed as JSON, or for people where that reads better.

use clap::ArgMatches;
use musicgpt_sdk::requests::Lookup;
use musicgpt_sdk::{
    CompleteUpload, CreateUpload, GetAllVoices, GetByUser, PreprocessUpload, PromptToLyrics,
    SearchVoices, types,
};
use serde_json::{Value, json};

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
