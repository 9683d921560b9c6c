//! The words of a recording.

use std::fmt;
use std::time::Duration;

use musicgpt_api::Phase;
use serde_json::Value;

use super::Output;
use crate::conversion::{Conversion, Readiness, number};
use crate::job::JobHandle;

const TEXT: &str = "transcription";
const TRANSLATION: &str = "translation";
const LANGUAGE: &str = "detected_language";
const WORDS: &str = "word_timestamps";
pub(super) const NAMES: &[&str] = &[TEXT, TRANSLATION, LANGUAGE, WORDS];

/// The words of a recording.
///
/// Source:
#[doc = musicgpt_api::origin!(AudioTranscribe)]
#[derive(Clone)]
#[non_exhaustive]
pub struct Transcription {
    /// The task.
    pub task_id: String,
    /// Its conversion.
    pub conversion_id: Option<String>,
    /// The words, in the format that was asked for; empty where nothing was heard.
    pub text: Option<String>,
    /// The words in English, where they were asked for.
    pub translation: Option<String>,
    /// Code of the language that was heard.
    pub language: Option<String>,
    /// Each word with its times, where they were asked for.
    pub words: Vec<TimedWord>,
    conversion: Conversion,
}

/// A word and when it is said.
///
/// Source:
#[doc = musicgpt_api::origin!(AudioTranscribe)]
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimedWord {
    /// The word.
    pub text: String,
    /// Where it begins.
    pub start: Option<Duration>,
    /// Where it ends.
    pub end: Option<Duration>,
}

impl Transcription {
    /// The answer that this was read from.
    pub fn conversion(&self) -> &Conversion {
        &self.conversion
    }
}

fn words(conversion: &Conversion) -> Vec<TimedWord> {
    let Some(tree) = conversion.tree(WORDS) else {
        return Vec::new();
    };
    let time = |word: &Value, name: &str| {
        let milliseconds = word.get(name).and_then(number)?;
        Duration::try_from_secs_f64(milliseconds / 1000.0).ok()
    };
    let words = tree.as_array().into_iter().flatten();
    words
        .filter_map(|word| {
            Some(TimedWord {
                text: word.get("text")?.as_str()?.to_owned(),
                start: time(word, "start"),
                end: time(word, "end"),
            })
        })
        .collect()
}

impl Output for Transcription {
    fn from_conversion(handle: &JobHandle, conversion: Conversion) -> Self {
        let id = conversion.take(1).conversion_id().map(str::to_owned);
        let text = conversion.fields().get(TEXT).and_then(Value::as_str);
        Self {
            task_id: handle.task_id.clone(),
            conversion_id: id.or_else(|| handle.conversion_ids.first().cloned()),
            text: text.map(str::to_owned),
            translation: conversion.text(TRANSLATION).map(str::to_owned),
            language: conversion.text(LANGUAGE).map(str::to_owned),
            words: words(&conversion),
            conversion,
        }
    }

    fn readiness(conversion: &Conversion, _: usize) -> Readiness {
        let goes_on = matches!(conversion.phase(), Some(Phase::Waiting | Phase::Running));
        let has_text = conversion.text(TEXT).is_some();
        // A translation and the times may come after the words.
        let is_silent = conversion.phase() == Some(Phase::Done)
            && conversion.fields().get(TEXT).is_some_and(Value::is_string);
        Readiness::single(has_text && !goes_on, has_text || is_silent)
    }
}

/// Shows no words.
impl fmt::Debug for Transcription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcription")
            .field("task_id", &self.task_id)
            .field("conversion_id", &self.conversion_id)
            .field("language", &self.language)
            .field("words", &self.words.len())
            .finish_non_exhaustive()
    }
}

/// Shows no word.
impl fmt::Debug for TimedWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimedWord")
            .field("start", &self.start)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use musicgpt_api::operations;
    use serde_json::json;

    use super::super::testing::{progress, read};
    use super::*;
    use crate::conversion::Progress;

    #[test]
    fn words_with_times() {
        let list = json!([
            {"index": 0, "text": "Hello", "start": 0, "end": 420},
            {"index": 1, "text": "there", "start": "420", "end": null},
            {"index": 2},
        ]);
        for words in [list.clone(), json!(list.to_string())] {
            let output: Transcription = read(
                &operations::AUDIO_TRANSCRIBE,
                json!({
                    "transcription": "Hello there", "translation": null,
                    "detected_language": "en", "word_timestamps": words,
                }),
            );
            assert_eq!(output.text.as_deref(), Some("Hello there"));
            assert_eq!(output.translation, None);
            assert_eq!(output.language.as_deref(), Some("en"));
            assert_eq!(output.words.len(), 2);
            assert_eq!(output.words[0].end, Some(Duration::from_millis(420)));
            assert_eq!(output.words[1].start, Some(Duration::from_millis(420)));
            let shown = format!("{output:?} {:?}", output.words);
            assert!(
                !shown.contains("Hello") && !shown.contains("there"),
                "{shown}"
            );
        }
    }

    #[test]
    fn when_it_is_done() {
        let of = |status: &str, text: Value| {
            let fields = json!({"status": status, "transcription": text});
            progress::<Transcription>(&operations::AUDIO_TRANSCRIBE, fields)
        };
        assert_eq!(of("IN_PROGRESS", json!("so far")), Progress::Pending);
        assert_eq!(of("COMPLETED", json!("all")), Progress::Ready);
        assert_eq!(of("DANCING", json!("all")), Progress::Ready);
        // Silence is a result too.
        assert_eq!(of("COMPLETED", json!("")), Progress::Ready);
        assert_eq!(of("COMPLETED", Value::Null), Progress::Incomplete);
        assert_eq!(of("FAILED", json!("")), Progress::Failed);
    }
}
