//! What the webhook posts of a job have told, in the words of the look-up: so one reading serves
//! both.

use std::collections::{BTreeMap, BTreeSet};

use musicgpt_api::operation::WebhookKind;
use musicgpt_webhooks::{DedupeKey, Embedded, Event, Kind, Link};
use serde_json::{Map, Value};

use crate::conversion::{
    AUDIO, COVER, Conversion, DURATION, ID, LYRICS, TIMED, TITLE, WAV, address,
};
use crate::job::JobHandle;

/// What has been told so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Posts {
    takes: Vec<Take>,
    /// What belongs to no take.
    common: Map<String, Value>,
    seen: BTreeSet<DedupeKey>,
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
    /// Whether nothing has been told.
    pub(crate) fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// How many takes failed while others go on.
    pub(crate) fn failed_takes(&self, handle: &JobHandle) -> usize {
        let has_sound = |id: &str| {
            let mut takes = self.takes.iter();
            takes.any(|take| take.id.as_deref() == Some(id) && take.fields.contains_key(AUDIO))
        };
        let ids = self.failures.keys().flatten();
        match handle.outputs() {
            1 => 0,
            _ => ids.filter(|id| !has_sound(id)).count(),
        }
    }

    /// Why something of the job failed, be it the whole or a take.
    pub(crate) fn any_failure(&self) -> Option<&str> {
        self.failures.values().next().map(String::as_str)
    }

    /// Why the job failed as a whole, where posts said that it did.
    pub(crate) fn failure(&self, handle: &JobHandle) -> Option<&str> {
        let all_failed = handle.outputs() == 1 || self.failed_takes(handle) >= handle.outputs();
        let whole = self.failures.get(&None).map(String::as_str);
        whole.or(self.any_failure().filter(|_| all_failed))
    }

    /// Whether every post has come that the operation's documentation promises, so that a look-up
    /// could add nothing.
    pub(crate) fn are_all(&self, handle: &JobHandle) -> bool {
        let promised = handle.table().map_or(&[][..], |table| table.webhooks);
        promised.iter().all(|post| {
            let Some(kind) = kind(post.kind) else {
                return true;
            };
            let came = self.seen.iter().filter(|key| key.kind == kind).count();
            came >= post.count.min(handle.outputs())
        })
    }

    /// Takes a post in.
    pub(crate) fn add(&mut self, event: &Event) {
        let is_new = self.seen.insert(event.dedupe_key());
        // Without an id there is nothing else to know a take by.
        if !is_new && event.conversion_id().is_none() {
            return;
        }
        match event {
            Event::Track(track) => {
                let take = self.take(event.conversion_id());
                put(take, AUDIO, track.audio().map(link));
                put(take, WAV, track.wav().map(link));
                put(take, TITLE, track.title.clone());
                put(take, DURATION, track.conversion_duration);
                put(take, LYRICS, track.lyrics.clone());
                put(take, TIMED, json(&track.lyrics_timestamped));
                let cover = track.album_cover_path.as_ref();
                put(&mut self.common, COVER, cover.map(link));
            }
            Event::Lyrics(lyrics) => {
                // Of no take they could be of any.
                if let Some(id) = event.conversion_id() {
                    put(self.take(Some(id)), TIMED, json(&lyrics.lyrics_timestamped));
                }
            }
            Event::Cover(cover) => {
                put(&mut self.common, COVER, cover.images().first().map(link));
            }
            Event::Result(_) => self.common.extend(event.fields()),
            Event::Failure(failure) => {
                let reason = failure.explanation();
                self.failures.insert(
                    event.conversion_id().map(str::to_owned),
                    reason.unwrap_or_else(|| "no reason is given".to_owned()),
                );
            }
            // A stream is no result.
            _ => {}
        }
    }

    fn take(&mut self, id: Option<&str>) -> &mut Map<String, Value> {
        let of_id = |take: &Take| id.is_some() && take.id.as_deref() == id;
        let known = self.takes.iter().position(of_id);
        let at = known.unwrap_or_else(|| {
            self.takes.push(Take {
                id: id.map(str::to_owned),
                fields: Map::new(),
            });
            self.takes.len() - 1
        });
        // It was found or pushed just now.
        &mut self.takes[at].fields
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

    /// The number of each take: as the handle or the look-up has its id, else as it came.
    fn numbers(&self, handle: &JobHandle, polled: &Conversion) -> Vec<usize> {
        let outputs = handle.outputs();
        let known: Vec<Option<&str>> = (1..=outputs)
            .map(|number| {
                let own = handle.conversion_ids.get(number - 1).map(String::as_str);
                own.or_else(|| polled.take(number).conversion_id())
            })
            .collect();
        let mut numbers: Vec<Option<usize>> = self
            .takes
            .iter()
            .map(|take| {
                let id = take.id.as_deref()?;
                let at = known.iter().position(|known| *known == Some(id))?;
                Some(at + 1)
            })
            .collect();
        let mut free = (1..).filter({
            let taken: Vec<usize> = numbers.iter().copied().flatten().collect();
            move |number| !taken.contains(number)
        });
        numbers
            .iter_mut()
            .map(|number| number.or_else(|| free.next()).unwrap_or(usize::MAX))
            .collect()
    }
}

/// The kind of a promised post, where it brings a part of the result.
fn kind(promised: WebhookKind) -> Option<Kind> {
    match promised {
        WebhookKind::Track => Some(Kind::Track),
        WebhookKind::Lyrics => Some(Kind::Lyrics),
        WebhookKind::Cover => Some(Kind::Cover),
        WebhookKind::Result => Some(Kind::Result),
        _ => None,
    }
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
