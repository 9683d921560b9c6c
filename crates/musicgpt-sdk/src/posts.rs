//! What the webhook posts of a job have told, in the words of the look-up: so one reading serves
//! both.

use std::collections::{BTreeMap, BTreeSet};

use musicgpt_webhooks::{DedupeKey, Embedded, Event, Kind, Link};
use serde_json::{Map, Value};

use crate::conversion::{
    AUDIO, COVER, Conversion, DURATION, ID, LYRICS, TIMED, TITLE, WAV, address,
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
                let cover = track.album_cover_path.as_ref();
                put(&mut self.common, COVER, cover.map(link));
                if let Some(take) = self.take(id) {
                    put(take, AUDIO, track.audio().map(link));
                    put(take, WAV, track.wav().map(link));
                    put(take, TITLE, track.title.clone());
                    put(take, DURATION, track.conversion_duration);
                    put(take, LYRICS, track.lyrics.clone());
                    put(take, TIMED, json(&track.lyrics_timestamped));
                }
            }
            // Without an id they could be of any take.
            Event::Lyrics(lyrics) if id.is_some() => {
                if let Some(take) = self.take(id) {
                    put(take, TIMED, json(&lyrics.lyrics_timestamped));
                }
            }
            Event::Cover(cover) => {
                put(&mut self.common, COVER, cover.images().first().map(link));
            }
            Event::Result(_) => {
                self.has_result = true;
                self.common.extend(event.fields());
            }
            Event::Failure(failure) => {
                // A song can do without its companions.
                let is_companion = matches!(
                    failure.failed_kind(),
                    Some(Kind::Cover | Kind::Lyrics | Kind::Stream)
                );
                if !is_companion && self.failures.len() <= TAKES {
                    let reason = failure.explanation();
                    self.failures.insert(
                        id.map(str::to_owned),
                        reason.unwrap_or_else(|| "no reason is given".to_owned()),
                    );
                }
            }
            // A stream is no result.
            _ => {}
        }
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
            if fields.get(&name).is_none_or(is_blank) {
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

    /// The number of each take: as the handle or the look-up has its id; else, where there is one, a
    /// number that is still free. A track without an id takes the first number without sound.
    fn numbers(&self, handle: &JobHandle, polled: &Conversion) -> Vec<Option<usize>> {
        let ids = ids(handle, polled);
        let mut numbers: Vec<Option<usize>> = Vec::new();
        let (mut named, mut sounding) = (BTreeSet::new(), BTreeSet::new());
        for take in &self.takes {
            let known = |id: &str| ids.iter().position(|known| *known == Some(id));
            let number = take.id.as_deref().and_then(known).map(|at| at + 1);
            named.extend(number);
            sounding.extend(number.filter(|_| take.fields.contains_key(AUDIO)));
            numbers.push(number);
        }
        for (take, number) in self.takes.iter().zip(&mut numbers) {
            if number.is_none() {
                let taken = if take.id.is_some() { &named } else { &sounding };
                *number = (1..=handle.outputs()).find(|number| !taken.contains(number));
                named.extend(*number);
                sounding.extend(*number);
            }
        }
        numbers
    }
}

/// The ids of a job's takes, as far as the handle or the look-up has them.
fn ids<'a>(handle: &'a JobHandle, polled: &'a Conversion) -> Vec<Option<&'a str>> {
    (1..=handle.outputs())
        .map(|number| {
            let own = handle.conversion_ids.get(number - 1).map(String::as_str);
            own.or_else(|| polled.take(number).conversion_id())
        })
        .collect()
}

fn put(fields: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        fields.insert(name.to_owned(), value.into());
    }
}

fn json(value: &Option<Embedded>) -> Option<Value> {
    serde_json::to_value(value.as_ref()?).ok()
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
