//! What the webhook posts of a job have told, in the words of the look-up: so one reading serves
//! both.

use std::collections::{BTreeMap, BTreeSet};

use musicgpt_webhooks::{DedupeKey, Embedded, Event, Kind, Link};
use serde_json::{Map, Value};

use crate::conversion::{
    AUDIO, COVER, Conversion, DURATION, ID, LYRICS, TIMED, TITLE, WAV, address, has_times,
};
use crate::job::JobHandle;

/// The most takes that are kept; more are no job's of the service.
const TAKES: usize = 16;

/// What has been told so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Posts {
    takes: Vec<Take>,
    /// What belongs to no take.
    common: Map<String, Value>,
    /// Whether the one result of a job that has one has come.
    has_result: bool,
    /// Tracks without an id, which nothing else tells apart.
    nameless: BTreeSet<DedupeKey>,
    /// Why a take failed, or, without an id, the task.
    failures: BTreeMap<Option<String>, String>,
    version: u64,
}

/// What has been told of a take, under the names without its number.
#[derive(Debug, Clone, Default)]
struct Take {
    id: Option<String>,
    fields: Map<String, Value>,
}

impl Posts {
    /// Whether nothing has been told that a wait could use.
    pub(crate) fn is_empty(&self) -> bool {
        self.takes.is_empty() && self.common.is_empty() && self.failures.is_empty()
    }

    /// Another number whenever something new was told.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Whether the one result of a job that has one has come.
    pub(crate) fn has_result(&self) -> bool {
        self.has_result
    }

    /// The numbers of the takes that posts said had failed.
    pub(crate) fn failed_takes(&self, handle: &JobHandle, state: &Conversion) -> Vec<usize> {
        let ids = ids(handle, state);
        let failed = |id: &Option<&str>| {
            id.is_some_and(|id| self.failures.contains_key(&Some(id.to_owned())))
        };
        let numbered = (1..).zip(&ids).filter(|(_, id)| failed(id));
        numbered.map(|(number, _)| number).collect()
    }

    /// Why something of the job failed, be it the whole or a take.
    pub(crate) fn any_failure(&self) -> Option<&str> {
        self.failures.values().next().map(String::as_str)
    }

    /// Why the job failed as a whole, where posts said that it did.
    pub(crate) fn failure(&self, handle: &JobHandle, state: &Conversion) -> Option<&str> {
        let outputs = handle.outputs();
        let all = outputs == 1 || self.failed_takes(handle, state).len() == outputs;
        let whole = self.failures.get(&None).map(String::as_str);
        whole.or(self.any_failure().filter(|_| all))
    }

    /// Takes a post in.
    pub(crate) fn add(&mut self, event: &Event) {
        let id = event.conversion_id();
        match event {
            Event::Track(track) => {
                if id.is_none() && !self.nameless.insert(event.dedupe_key()) {
                    return;
                }
                if !self.common.contains_key(COVER) {
                    let cover = track.album_cover_path.as_ref();
                    put(&mut self.common, COVER, cover.map(link));
                }
                if let Some(take) = self.take(id) {
                    put(take, AUDIO, track.audio().map(link));
                    put(take, WAV, track.wav().map(link));
                    put(take, TITLE, track.title.clone());
                    put(take, DURATION, track.conversion_duration);
                    put(take, LYRICS, track.lyrics.clone());
                    put_times(take, &track.lyrics_timestamped);
                }
            }
            // Without an id they could be of any take.
            Event::Lyrics(lyrics) if id.is_some() => {
                if let Some(take) = self.take(id) {
                    put_times(take, &lyrics.lyrics_timestamped);
                }
            }
            Event::Cover(cover) => {
                put(&mut self.common, COVER, cover.images().first().map(link));
            }
            Event::Result(_) => {
                self.has_result = true;
                let told = event.fields().into_iter();
                self.common
                    .extend(told.filter(|(_, value)| !is_blank(value)));
            }
            Event::Failure(failure) => {
                // A song can do without its companions.
                let is_companion = matches!(
                    failure.failed_kind(),
                    Some(Kind::Cover | Kind::Lyrics | Kind::Stream)
                );
                if is_companion || self.failures.len() > TAKES {
                    return;
                }
                let reason = failure.explanation();
                self.failures.insert(
                    id.map(str::to_owned),
                    reason.unwrap_or_else(|| "no reason is given".to_owned()),
                );
            }
            // A stream is no result.
            _ => return,
        }
        self.version += 1;
    }

    /// The fields of a take; nothing where there are too many.
    fn take(&mut self, id: Option<&str>) -> Option<&mut Map<String, Value>> {
        let of_id = |take: &Take| id.is_some() && take.id.as_deref() == id;
        let at = match self.takes.iter().position(of_id) {
            Some(at) => at,
            None if self.takes.len() < TAKES => {
                self.takes.push(Take {
                    id: id.map(str::to_owned),
                    fields: Map::new(),
                });
                self.takes.len() - 1
            }
            None => return None,
        };
        self.takes.get_mut(at).map(|take| &mut take.fields)
    }

    /// A look-up with what it lacks filled in from the posts; without a look-up, the posts alone.
    pub(crate) fn complete(&self, handle: &JobHandle, polled: Option<Conversion>) -> Conversion {
        let outputs = handle.outputs();
        let polled = polled.unwrap_or_else(|| Conversion::of_task(&handle.task_id));
        let numbers = self.numbers(handle, &polled);
        let mut fields = polled.into_fields();
        let mut fill = |name: String, value: &Value| {
            let is_lacking = |there: &Value| {
                is_blank(there) || name.starts_with(TIMED) && !has_times(there) && has_times(value)
            };
            if fields.get(&name).is_none_or(is_lacking) {
                fields.insert(name, value.clone());
            }
        };
        for (name, value) in &self.common {
            fill(name.clone(), value);
        }
        for (take, number) in self.takes.iter().zip(numbers) {
            let Some(number) = number else {
                continue;
            };
            let name = |stem: &str| match outputs {
                1 => stem.to_owned(),
                _ => format!("{stem}_{number}"),
            };
            if let Some(id) = &take.id {
                fill(name(ID), &Value::from(id.as_str()));
            }
            for (stem, value) in &take.fields {
                fill(name(stem), value);
            }
        }
        Conversion::new(fields)
    }

    /// The number of each take: the one whose id it has; else the one whose sound it has; else one
    /// that is free. A take that the look-up does not know has none.
    fn numbers(&self, handle: &JobHandle, polled: &Conversion) -> Vec<Option<usize>> {
        let outputs = handle.outputs();
        let ids = ids(handle, polled);
        let (mut taken, mut sounding) = (BTreeSet::new(), BTreeSet::new());
        for number in 1..=outputs {
            let take = polled.take(number);
            taken.extend(take.conversion_id().map(|_| number));
            sounding.extend(take.audio(outputs).map(|_| number));
        }
        let mut numbers: Vec<Option<usize>> = Vec::new();
        for take in &self.takes {
            let number = match &take.id {
                Some(id) => ids.iter().position(|known| *known == Some(id)),
                None => (1..=outputs).position(|number| {
                    let sound = polled.take(number).audio(outputs);
                    sound.is_some() && sound.as_deref() == take.sound()
                }),
            };
            let number = number.map(|at| at + 1);
            taken.extend(number);
            sounding.extend(number.filter(|_| take.sound().is_some()));
            numbers.push(number);
        }
        for (take, number) in self.takes.iter().zip(&mut numbers) {
            if number.is_none() {
                let occupied = if take.id.is_some() { &taken } else { &sounding };
                *number = (1..=outputs).find(|number| !occupied.contains(number));
                taken.extend(*number);
                sounding.extend(*number);
            }
        }
        numbers
    }
}

impl Take {
    fn sound(&self) -> Option<&str> {
        self.fields.get(AUDIO)?.as_str()
    }
}

/// The ids of a job's takes by their number: as the look-up has them, else the handle.
fn ids<'a>(handle: &'a JobHandle, polled: &'a Conversion) -> Vec<Option<&'a str>> {
    let numbers = 1..=handle.outputs();
    let seen: Vec<Option<&str>> = numbers
        .map(|number| polled.take(number).conversion_id())
        .collect();
    let own = handle.conversion_ids.iter().map(|id| Some(id.as_str()));
    // What the look-up has under another number is not this one.
    let own = own.map(|id| id.filter(|_| !seen.contains(&id)));
    let own = own.chain(std::iter::repeat(None));
    seen.iter()
        .zip(own)
        .map(|(seen, own)| seen.or(own))
        .collect()
}

/// Puts timed lyrics, unless there are some already and these are but a placeholder.
fn put_times(take: &mut Map<String, Value>, times: &Option<Embedded>) {
    let Some(value) = times
        .as_ref()
        .and_then(|times| serde_json::to_value(times).ok())
    else {
        return;
    };
    if has_times(&value) || !take.contains_key(TIMED) {
        take.insert(TIMED.to_owned(), value);
    }
}

fn put(fields: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        fields.insert(name.to_owned(), value.into());
    }
}

fn link(link: &Link) -> Value {
    link.as_str().into()
}

/// Whether a look-up says nothing by a value: null, an empty text, or the bare root of a bucket.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => {
            text.trim().is_empty() || text.contains("://") && address(text).is_none()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use musicgpt_api::operations;
    use serde_json::json;

    use super::*;

    fn handle() -> JobHandle {
        JobHandle {
            conversion_ids: vec!["A".to_owned(), "B".to_owned()],
            ..JobHandle::new(&operations::MUSIC_AI, "t")
        }
    }

    /// The sounds of both takes, after a look-up and posts.
    fn sounds(polled: Value, posts: &[Value]) -> [Option<String>; 2] {
        let mut told = Posts::default();
        for post in posts {
            told.add(&Event::from_slice(post.to_string().as_bytes()).unwrap());
        }
        let Value::Object(polled) = polled else {
            panic!("an object");
        };
        let state = told.complete(&handle(), Some(Conversion::new(polled)));
        [1, 2].map(|number| state.take(number).audio(2))
    }

    fn track(id: Option<&str>, file: &str) -> Value {
        json!({
            "success": true, "conversion_type": "Music AI", "subtype": "music_ai",
            "task_id": "t", "conversion_id": id, "conversion_path": format!("https://h/{file}"),
        })
    }

    fn both(one: &str, two: &str) -> [Option<String>; 2] {
        [one, two].map(|file| Some(format!("https://h/{file}")))
    }

    #[test]
    fn takes_are_numbered_as_the_look_up_has_them() {
        let turned = json!({
            "conversion_id_1": "B", "conversion_id_2": "A", "conversion_path_2": "https://h/a",
        });
        assert_eq!(
            sounds(turned.clone(), &[track(Some("B"), "b")]),
            both("b", "a")
        );
        assert_eq!(
            sounds(turned, &[track(Some("A"), "a"), track(Some("B"), "b")]),
            both("b", "a")
        );
        let posts = [track(Some("B"), "b"), track(Some("A"), "a")];
        assert_eq!(sounds(json!({}), &posts), both("a", "b"));
    }

    #[test]
    fn a_take_without_an_id_is_none_that_sounds() {
        let first = json!({
            "conversion_id_1": "A", "conversion_path_1": "https://h/a", "conversion_id_2": "B",
        });
        assert_eq!(sounds(first.clone(), &[track(None, "b")]), both("a", "b"));
        // It may be the one that is known already.
        let posts = [track(None, "a"), track(None, "b")];
        assert_eq!(sounds(first.clone(), &posts), both("a", "b"));
        // One of an id that the look-up does not know is no take of the job.
        let posts = [track(Some("X"), "x"), track(Some("B"), "b")];
        assert_eq!(sounds(first, &posts), both("a", "b"));
    }

    #[test]
    fn a_placeholder_replaces_nothing() {
        let lyrics = json!([{"start": 1, "end": 2, "text": "la", "index": 0}]);
        let timed = json!({
            "success": true, "subtype": "lyrics_timestamped", "task_id": "t", "conversion_id": "A",
            "lyrics_timestamped": lyrics.to_string(),
        });
        let mut late = track(Some("A"), "a");
        late["lyrics_timestamped"] = "...".into();
        for posts in [[&timed, &late], [&late, &timed]] {
            let mut told = Posts::default();
            for post in posts {
                told.add(&Event::from_slice(post.to_string().as_bytes()).unwrap());
            }
            let polled = Map::from_iter([("lyrics_timestamped_1".to_owned(), "...".into())]);
            let state = told.complete(&handle(), Some(Conversion::new(polled)));
            assert!(state.take(1).timed_lyrics().is_some());
        }
    }
}
