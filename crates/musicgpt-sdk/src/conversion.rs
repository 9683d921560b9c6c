//! What the look-up says of a task, read leniently: the service wobbles in types, spells some
//! fields in two ways, and fills them in as it goes on.

mod take;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use musicgpt_api::Phase;
use musicgpt_api::values::Status;
use musicgpt_webhooks::{Embedded, TimedLyrics};
use serde_json::{Map, Value};

pub(crate) use take::TakeFields;

/// Fields that have a number for each take, and none in the answers for single outputs.
const TAKE: &[&str] = &[AUDIO, WAV, ID, TITLE, DURATION, LYRICS, TIMED];
pub(crate) const AUDIO: &str = "conversion_path";
pub(crate) const WAV: &str = "conversion_path_wav";
pub(crate) const ID: &str = "conversion_id";
pub(crate) const TITLE: &str = "title";
pub(crate) const DURATION: &str = "conversion_duration";
pub(crate) const LYRICS: &str = "lyrics";
pub(crate) const TIMED: &str = "lyrics_timestamped";

/// Other spellings of the one file of a single output.
const SINGLE: &[&str] = &["output_file_path", "output_file", "audio_url"];
/// The same by conversion, where a single output is told so.
const BY_CONVERSION: &str = "conversion_paths";
const WAV_BY_CONVERSION: &str = "conversion_paths_wav";
const DURATION_BY_CONVERSION: &str = "conversion_durations";
/// The cover picture.
pub(crate) const COVER: &str = "album_cover_path";
/// Where the reason of a failure may stand, best first.
const REASONS: &[&str] = &["reason", "status_msg", "message"];
const STATUS: &str = "status";
const TASK: &str = "task_id";

/// A task as the look-up shows it. What a look-up lacked and a webhook brought stands under the
/// look-up's name for it; everything else is as the service sent it.
///
/// Source:
#[doc = musicgpt_api::origin!(GetById)]
#[doc = musicgpt_api::origin!(GetByUser)]
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

    /// One of which nothing is known but its task.
    pub(crate) fn of_task(task_id: &str) -> Self {
        Self::new(Map::from_iter([(TASK.to_owned(), task_id.into())]))
    }

    /// Every field.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// The object of all fields.
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
        let maps = [BY_CONVERSION, WAV_BY_CONVERSION, DURATION_BY_CONVERSION];
        let plain = [STATUS, TASK, COVER].into_iter().chain(maps);
        let plain = plain.chain(SINGLE.iter().chain(REASONS).copied());
        let plain = plain
            .chain(crate::outputs::names())
            .map(|name| name.to_owned());
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
        address(self.fields.get(name)?.as_str()?)
    }

    /// The addresses of an object, as it is or inside a text, by their keys; nothing where the
    /// field holds none. A key whose file is not there yet has no address.
    pub(crate) fn links(&self, name: &str) -> Option<BTreeMap<String, Option<String>>> {
        let fields = self.tree(name)?;
        let fields = fields.as_object().filter(|fields| !fields.is_empty())?;
        let links = fields
            .iter()
            .map(|(key, value)| (key.clone(), link_of(value)));
        Some(links.collect())
    }

    /// An array or object, as it is or inside a text.
    pub(crate) fn tree(&self, name: &str) -> Option<Cow<'_, Value>> {
        match self.fields.get(name)? {
            Value::String(text) => {
                let embedded = Embedded::Text(text.clone());
                let tree = embedded.decode()?;
                Some(Cow::Owned(tree.into_owned()))
            }
            tree @ (Value::Array(_) | Value::Object(_)) => Some(Cow::Borrowed(tree)),
            _ => None,
        }
    }

    /// The address that a place holds.
    pub(crate) fn at(&self, place: &Place) -> Option<String> {
        match &place.key {
            Some(key) => self.links(place.field)?.remove(key)?,
            None => self.link(place.field).map(str::to_owned),
        }
    }

    /// The one value of an object that has one per conversion.
    fn by_conversion<T>(&self, name: &str, get: impl Fn(&Value) -> Option<T>) -> Option<T> {
        self.tree(name)?.as_object()?.values().find_map(get)
    }

    /// A number, or a text that is one.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        number(self.fields.get(name)?)
    }

    /// The fields of a take, counted from one; the first take of an older answer has no number in
    /// its fields.
    pub(crate) fn take(&self, number: usize) -> TakeFields<'_> {
        TakeFields {
            conversion: self,
            number,
        }
    }

    /// How far the takes of a song, or the file of a single output, are.
    pub(crate) fn takes(&self, outputs: usize) -> Readiness {
        let count = |found: &dyn Fn(TakeFields<'_>) -> bool| {
            (1..=outputs)
                .filter(|number| found(self.take(*number)))
                .count()
        };
        Readiness {
            complete: count(&|take| take.audio(outputs).is_some()),
            usable: count(&|take| take.file(outputs).is_some()),
        }
    }

    /// Whether the takes of a song have all that takes can have.
    pub(crate) fn is_full(&self, outputs: usize) -> bool {
        let has_all = |number| {
            let take = self.take(number);
            take.conversion_id().is_some()
                && take.audio(outputs).is_some()
                && take.wav(outputs).is_some()
                && take.title().is_some()
                && take.duration(outputs).is_some()
                && take.lyrics().is_some()
                && take.timed_lyrics().is_some()
        };
        self.link(COVER).is_some() && (1..=outputs).all(has_all)
    }

    /// What a wait for so many results should make of it.
    pub(crate) fn progress(&self, readiness: Readiness, outputs: usize) -> Progress {
        let Readiness { complete, usable } = readiness;
        match self.phase() {
            _ if complete == outputs => Progress::Ready,
            Some(Phase::Failed) if usable == 0 => Progress::Failed,
            Some(Phase::Failed) => Progress::Ready,
            Some(Phase::Done) if usable == outputs => Progress::Ready,
            Some(Phase::Done) => Progress::Incomplete,
            _ => Progress::Pending,
        }
    }
}

/// How many results a look-up has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Readiness {
    /// Results that have all that is to come.
    pub(crate) complete: usize,
    /// Results that have enough, should nothing more come.
    pub(crate) usable: usize,
}

impl Readiness {
    /// Of the one result of a job that has one.
    pub(crate) fn single(complete: bool, usable: bool) -> Self {
        Self {
            complete: complete.into(),
            usable: (complete || usable).into(),
        }
    }
}

/// Where in an answer a file's address stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) field: &'static str,
    /// The key, where the field holds several addresses.
    pub(crate) key: Option<String>,
}

impl Place {
    pub(crate) fn field(field: &'static str) -> Self {
        Self { field, key: None }
    }
}

/// A text that is an address: neither empty, nor the bare root of a bucket, nor an object.
pub(crate) fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    let has_path = match text.split_once("://") {
        Some((_, rest)) => rest
            .split_once('/')
            .is_some_and(|(_, path)| !path.is_empty()),
        None => !text.is_empty(),
    };
    (has_path && !text.starts_with(['{', '['])).then_some(text)
}

/// A number, or a text that is one.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
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

fn link_of(value: &Value) -> Option<String> {
    value.as_str().and_then(address).map(str::to_owned)
}

fn times(value: &Value) -> Option<TimedLyrics> {
    let embedded = match value {
        Value::String(text) => Embedded::Text(text.clone()),
        other => Embedded::Tree(other.clone()),
    };
    TimedLyrics::from_embedded(&embedded)
}

/// Whether a value is lines with their times, and no placeholder.
pub(crate) fn has_times(value: &Value) -> bool {
    times(value).is_some()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use musicgpt_api::{Operation, operations};
    use serde_json::json;

    use super::*;

    fn progress(operation: &Operation, fields: Value) -> Progress {
        let Value::Object(fields) = fields else {
            panic!("an object");
        };
        let conversion = Conversion::new(fields);
        conversion.progress(conversion.takes(operation.outputs), operation.outputs)
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
        for name in [
            "output_file_path",
            "output_file",
            "audio_url",
            "conversion_path",
        ] {
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
        assert_eq!(
            conversion.take(1).duration(2),
            Some(Duration::from_millis(208_280))
        );
        assert_eq!(
            conversion.take(2).duration(2),
            Some(Duration::from_secs(247))
        );
        assert_eq!(conversion.take(1).lyrics(), None);
        assert_eq!(conversion.take(1).timed_lyrics(), None);
        assert_eq!(conversion.take(1).title(), None);
    }
}
