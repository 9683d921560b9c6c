//! What the look-up says of a task, read leniently: the service wobbles in types, spells some
//! fields in two ways, and fills them in as it goes on.

use std::fmt;

use musicgpt_api::values::Status;
use musicgpt_api::{Operation, Phase};
use musicgpt_webhooks::{Embedded, TimedLyrics};
use serde_json::{Map, Value};

/// Fields that have a number for each take, and none in the answers for single outputs.
const TAKE: &[&str] = &[AUDIO, WAV, ID, TITLE, DURATION, LYRICS, TIMED];
const AUDIO: &str = "conversion_path";
const WAV: &str = "conversion_path_wav";
const ID: &str = "conversion_id";
const TITLE: &str = "title";
const DURATION: &str = "conversion_duration";
const LYRICS: &str = "lyrics";
const TIMED: &str = "lyrics_timestamped";

/// Other spellings of the one file of a single output.
const SINGLE: &[&str] = &["output_file_path", "audio_url"];
/// The cover picture.
pub(crate) const COVER: &str = "album_cover_path";
/// Where the reason of a failure may stand, best first.
const REASONS: &[&str] = &["reason", "status_msg", "message"];
const STATUS: &str = "status";
const TASK: &str = "task_id";

/// A task as the look-up shows it. The object is kept as the service sent it.
#[derive(Clone, PartialEq)]
pub struct Conversion {
    fields: Map<String, Value>,
}

/// What a look-up means for a wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Not all takes are there yet.
    Pending,
    /// The status says done, but a take has no address.
    Incomplete,
    /// Every take has an address or has failed.
    Ready,
    /// The task failed as a whole.
    Failed,
}

impl Conversion {
    pub(crate) fn new(fields: Map<String, Value>) -> Self {
        Self { fields }
    }

    /// Every field, as the service sent it.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// The object, as the service sent it.
    pub fn into_fields(self) -> Map<String, Value> {
        self.fields
    }

    /// The status word, whatever it is.
    pub fn status(&self) -> Option<&str> {
        self.text(STATUS)
    }

    /// What the status means; nothing where it is not known.
    pub fn phase(&self) -> Option<Phase> {
        Status::unlisted(self.status()?.to_ascii_uppercase()).phase()
    }

    /// The task's id.
    pub fn task_id(&self) -> Option<&str> {
        self.text(TASK)
    }

    /// Why the task failed, in the service's words.
    pub fn reason(&self) -> Option<&str> {
        REASONS.iter().find_map(|name| self.text(name))
    }

    /// The names that are read, for so many takes; a test holds them against the spec.
    #[doc(hidden)]
    pub fn names(takes: usize) -> Vec<String> {
        let plain = [STATUS, TASK, COVER].iter().chain(SINGLE).chain(REASONS);
        let plain = plain.map(|name| (*name).to_owned());
        let taken = TAKE.iter().flat_map(|stem| {
            let numbered = (1..=takes).map(move |number| format!("{stem}_{number}"));
            numbered.chain([(*stem).to_owned()])
        });
        plain.chain(taken).collect()
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let text = self.fields.get(name)?.as_str()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// An address: neither empty nor the bare root of a bucket.
    pub(crate) fn link(&self, name: &str) -> Option<&str> {
        let text = self.text(name)?;
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let has_path = match text.contains("://") {
            true => rest
                .split_once('/')
                .is_some_and(|(_, path)| !path.is_empty()),
            false => true,
        };
        has_path.then_some(text)
    }

    /// A number, or a text that is one.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        match self.fields.get(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
        .filter(|number: &f64| number.is_finite())
    }

    /// The fields of a take, counted from one; the first take of an older answer has no number in
    /// its fields.
    pub(crate) fn take(&self, number: usize) -> TakeFields<'_> {
        TakeFields {
            conversion: self,
            number,
        }
    }

    /// What a wait for so many takes should make of it.
    pub(crate) fn progress(&self, operation: &Operation) -> Progress {
        let outputs = operation.outputs.max(1);
        let count = |found: &dyn Fn(TakeFields<'_>) -> bool| {
            (1..=outputs)
                .filter(|number| found(self.take(*number)))
                .count()
        };
        let ready = count(&|take| take.audio(outputs).is_some());
        let files = count(&|take| take.file(outputs).is_some());
        match self.phase() {
            _ if ready == outputs => Progress::Ready,
            Some(Phase::Failed) if files == 0 => Progress::Failed,
            Some(Phase::Failed) => Progress::Ready,
            Some(Phase::Done) if files == outputs => Progress::Ready,
            Some(Phase::Done) => Progress::Incomplete,
            _ => Progress::Pending,
        }
    }
}

/// Shows status and ids, never lyrics.
impl fmt::Debug for Conversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversion")
            .field("task_id", &self.task_id())
            .field("status", &self.status())
            .field("set", &self.fields.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The fields of one take.
pub(crate) struct TakeFields<'a> {
    conversion: &'a Conversion,
    number: usize,
}

impl<'a> TakeFields<'a> {
    /// Looks under the numbered name, then, for the first take, under the plain one.
    fn find<T>(&self, stem: &str, get: impl Fn(&'a Conversion, &str) -> Option<T>) -> Option<T> {
        get(self.conversion, &format!("{stem}_{}", self.number)).or_else(|| {
            if self.number == 1 {
                get(self.conversion, stem)
            } else {
                None
            }
        })
    }

    pub(crate) fn conversion_id(&self) -> Option<&'a str> {
        self.find(ID, Conversion::text)
    }

    /// The main file. For a single output every documented spelling counts.
    pub(crate) fn audio(&self, outputs: usize) -> Option<&'a str> {
        let first = outputs == 1 || self.number == 1;
        let plain = || SINGLE.iter().find_map(|name| self.conversion.link(name));
        let main = self.find(AUDIO, Conversion::link);
        main.or_else(|| first.then(plain).flatten())
    }

    /// The main file, or the lossless one where that is all there will ever be.
    pub(crate) fn file(&self, outputs: usize) -> Option<&'a str> {
        self.audio(outputs).or_else(|| self.wav())
    }

    pub(crate) fn wav(&self) -> Option<&'a str> {
        self.find(WAV, Conversion::link)
    }

    pub(crate) fn title(&self) -> Option<&'a str> {
        self.find(TITLE, Conversion::text)
    }

    pub(crate) fn duration(&self) -> Option<f64> {
        self.find(DURATION, Conversion::number)
            .filter(|duration| *duration > 0.0)
    }

    /// The words; an instrumental has a marker in their place.
    pub(crate) fn lyrics(&self) -> Option<&'a str> {
        self.find(LYRICS, Conversion::text)
            .filter(|text| !text.eq_ignore_ascii_case("[instrumental]"))
    }

    /// The lines with their times; JSON inside a text, or a list as it is.
    pub(crate) fn timed_lyrics(&self) -> Option<TimedLyrics> {
        self.find(TIMED, |conversion, name| {
            let embedded = match conversion.fields.get(name)? {
                Value::String(text) => Embedded::Text(text.clone()),
                other => Embedded::Tree(other.clone()),
            };
            TimedLyrics::from_embedded(&embedded)
        })
    }
}

#[cfg(test)]
mod tests {
    use musicgpt_api::operations;
    use serde_json::json;

    use super::*;

    fn progress(operation: &Operation, fields: Value) -> Progress {
        let Value::Object(fields) = fields else {
            panic!("an object");
        };
        Conversion::new(fields).progress(operation)
    }

    #[test]
    fn songs() {
        let (one, two) = ("https://h/a.mp3", "https://h/b.mp3");
        for (fields, want) in [
            (json!({"status": "IN_QUEUE"}), Progress::Pending),
            (json!({}), Progress::Pending),
            (json!({"status": "DANCING"}), Progress::Pending),
            (
                json!({"status": "IN_PROGRESS", "conversion_path_1": one}),
                Progress::Pending,
            ),
            (
                json!({"status": "IN_PROGRESS", "conversion_path_1": one, "conversion_path_2": two}),
                Progress::Ready,
            ),
            (
                json!({"status": "DANCING", "conversion_path_1": one, "conversion_path_2": two}),
                Progress::Ready,
            ),
            (json!({"status": "COMPLETED"}), Progress::Incomplete),
            (
                json!({"status": "completed", "conversion_path_1": one, "conversion_path_2": ""}),
                Progress::Incomplete,
            ),
            (
                json!({"status": "COMPLETED", "conversion_path_1": one, "conversion_path_2": "https://bucket.example/"}),
                Progress::Incomplete,
            ),
            (json!({"status": "FAILED"}), Progress::Failed),
            (
                json!({"status": "Error", "conversion_path_1": null}),
                Progress::Failed,
            ),
            (
                json!({"status": "CANCELLED", "conversion_path_1": one}),
                Progress::Ready,
            ),
            (
                json!({"status": "COMPLETED", "conversion_path_wav_1": "https://h/a.wav", "conversion_path_2": two}),
                Progress::Ready,
            ),
            // The lossless files may come first; the others are still to come then.
            (
                json!({"status": "IN_PROGRESS", "conversion_path_wav_1": "https://h/a.wav", "conversion_path_wav_2": "https://h/b.wav"}),
                Progress::Pending,
            ),
            (
                json!({"status": "PARTIAL_COMPLETED", "conversion_path_1": one}),
                Progress::Pending,
            ),
        ] {
            assert_eq!(
                progress(&operations::MUSIC_AI, fields.clone()),
                want,
                "{fields}"
            );
        }
    }

    #[test]
    fn single_files() {
        for name in ["output_file_path", "audio_url", "conversion_path"] {
            let fields = json!({"status": "COMPLETED", name: "conversions/relative.mp3"});
            assert_eq!(
                progress(&operations::FILE_CONVERT, fields),
                Progress::Ready,
                "{name}"
            );
        }
        let fields = json!({"status": "COMPLETED", "audio_url": "https://bucket.example"});
        assert_eq!(
            progress(&operations::FILE_CONVERT, fields),
            Progress::Incomplete
        );
    }

    #[test]
    fn wobbling_types() {
        let Value::Object(fields) = json!({
            "conversion_duration_1": "208.28", "conversion_duration_2": 247, "lyrics_1": "[Instrumental]",
            "lyrics_timestamped_1": "...", "title_1": 7,
        }) else {
            panic!("an object");
        };
        let conversion = Conversion::new(fields);
        assert_eq!(conversion.take(1).duration(), Some(208.28));
        assert_eq!(conversion.take(2).duration(), Some(247.0));
        assert_eq!(conversion.take(1).lyrics(), None);
        assert_eq!(conversion.take(1).timed_lyrics(), None);
        assert_eq!(conversion.take(1).title(), None);
    }
}
