//! Documented examples filled with what belongs to a task.

use std::mem::discriminant;

use serde_json::{Map, Value};

use crate::document::{PICTURES, Template};
use crate::media::{AudioFormat, DocumentKind, Melody};
use crate::song;
use crate::task::Task;
use crate::vocabulary::{Name, Role, part_named};

/// The kind of media that comes in the format asked for.
const AS_ASKED: &str = "audio";
/// The length of all simulated music, in milliseconds.
const LENGTH_MS: u64 = Melody::SECONDS as u64 * 1000;

/// Fills in one task's values.
pub(crate) struct Filler<'a> {
    pub(crate) task: &'a Task,
    /// Where media are served, such as `http://127.0.0.1:4010`.
    pub(crate) origin: &'a str,
}

impl Filler<'_> {
    /// The value of a field about a take; none leaves the field out.
    pub(crate) fn value(
        &self,
        template: &Template,
        name: &str,
        example: &Value,
        take: usize,
    ) -> Option<Value> {
        if template.is_switched_off(name, &self.task.request) {
            return None;
        }
        // What the example says is not there, is not there.
        if example.is_null() {
            return Some(Value::Null);
        }
        let parsed = Name::parse(name);
        let take = parsed.take.unwrap_or(take);
        if let Some(kind) = template.media.get(name) {
            return self.media(template, &Link::of(name, kind), example, take);
        }
        match parsed.role {
            Role::TaskId => Some(self.task.id.as_str().into()),
            Role::ConversionId => Some(self.task.conversions.get(take)?.as_str().into()),
            Role::Title => Some(
                self.task
                    .title(take)
                    .map_or_else(|| example.clone(), Value::from),
            ),
            Role::Lyrics => Some(self.task.lyrics().into()),
            Role::TimedLyrics => self.timed_lyrics(take),
            Role::Duration => self.duration(template, example, take),
            Role::WebhookUrl => Some(self.task.webhook_url().unwrap_or_default().into()),
            _ => {
                // A field that only shares its name with one of the request has another type.
                let given = self.task.request.get(name);
                let given = given.filter(|given| discriminant(*given) == discriminant(example));
                Some(given.unwrap_or(example).clone())
            }
        }
    }

    fn timed_lyrics(&self, take: usize) -> Option<Value> {
        (self.task.timeline.times_lyrics && !self.task.is_instrumental())
            .then(|| song::timed_lyrics(self.task.lyrics(), LENGTH_MS, take).into())
    }

    /// The real length; where the documented one is text, as `"0"`, it stays.
    fn duration(&self, template: &Template, example: &Value, take: usize) -> Option<Value> {
        match example {
            Value::Number(_) => Some(f64::from(Melody::SECONDS).into()),
            Value::Object(object) => self.object(template, object, take, |_, value| {
                self.duration(template, value, take)
            }),
            other => Some(other.clone()),
        }
    }

    /// A link, or links in the arrangement of the example. What is null or
    /// empty there stays so.
    fn media(
        &self,
        template: &Template,
        link: &Link<'_>,
        example: &Value,
        take: usize,
    ) -> Option<Value> {
        if link.is_picture() && self.task.timeline.pictures.is_none() {
            return None;
        }
        match example {
            Value::String(text) if text.is_empty() => Some(example.clone()),
            Value::String(text) => match serde_json::from_str(text) {
                Ok(Value::Object(object)) => {
                    let links = match self.task.stems() {
                        Some(stems) => self.stems(link, &object, &stems, take)?,
                        None => self.links(template, link, &object, take)?,
                    };
                    Some(links.to_string().into())
                }
                _ => Some(self.address(link, take, text)?.into()),
            },
            Value::Array(items) => items
                .iter()
                .map(|item| self.media(template, link, item, take))
                .collect(),
            Value::Object(object) => self.links(template, link, object, take),
            other => Some(other.clone()),
        }
    }

    fn links(
        &self,
        template: &Template,
        link: &Link<'_>,
        object: &Map<String, Value>,
        take: usize,
    ) -> Option<Value> {
        self.object(template, object, take, |label, value| match value {
            Value::String(text) if !text.is_empty() => {
                let label = label.or(link.label);
                Some(self.address(&Link { label, ..*link }, take, text)?.into())
            }
            other => Some(other.clone()),
        })
    }

    /// The parts that were asked for, whichever the example shows.
    fn stems(
        &self,
        link: &Link<'_>,
        object: &Map<String, Value>,
        stems: &[&str],
        take: usize,
    ) -> Option<Value> {
        let example = object.values().find_map(Value::as_str).unwrap_or_default();
        let entries = stems.iter().map(|stem| {
            let label = Some(*stem);
            let address = self.address(&Link { label, ..*link }, take, example)?;
            Some(((*stem).to_owned(), address.into()))
        });
        entries.collect::<Option<Map<_, _>>>().map(Value::Object)
    }

    /// An object filled entry by entry: a key that is a conversion's id
    /// becomes ours, any other is the label of a part, such as a stem's name.
    fn object(
        &self,
        template: &Template,
        object: &Map<String, Value>,
        take: usize,
        fill: impl Fn(Option<&str>, &Value) -> Option<Value>,
    ) -> Option<Value> {
        let is_id = |key: &str| {
            let mut fields = template.example.iter();
            fields.any(|(name, value)| Name::parse(name).role == Role::ConversionId && value == key)
        };
        let entries = object.iter().map(|(key, value)| {
            if is_id(key) {
                Some((self.task.conversions.get(take)?.clone(), fill(None, value)?))
            } else {
                Some((key.clone(), fill(Some(key), value)?))
            }
        });
        entries.collect::<Option<Map<_, _>>>().map(Value::Object)
    }

    /// The address of a file. Sound without a format of its own comes in the
    /// one asked for, or else in the example's.
    fn address(&self, link: &Link<'_>, take: usize, example: &str) -> Option<String> {
        let id = &self.task.id;
        let file = match link.kind {
            "image" => format!("{id}.png"),
            "thumbnail" => format!("{id}_thumb.png"),
            kind => {
                let extension = match kind {
                    AS_ASKED => self
                        .task
                        .format()
                        .or_else(|| format_of(example))
                        .map_or(AudioFormat::Mp3.extension(), AudioFormat::extension),
                    kind => match DocumentKind::from_name(kind) {
                        Some(document) => document.extension(),
                        None => kind,
                    },
                };
                let conversion = self.task.conversions.get(take)?;
                let label = link.label.map(|label| format!("_{label}"));
                let label = label.unwrap_or_default();
                let name = format!("{conversion}{label}.{extension}");
                form_urlencoded::byte_serialize(name.as_bytes()).collect()
            }
        };
        Some(format!("{}/media/{id}/{file}", self.origin))
    }
}

/// What is known of a link before the take is.
#[derive(Clone, Copy)]
struct Link<'a> {
    /// The kind of media behind it.
    kind: &'a str,
    /// The part of the result that it holds; none for the whole.
    label: Option<&'a str>,
}

impl<'a> Link<'a> {
    fn of(name: &'a str, kind: &'a str) -> Self {
        let label = part_named(Name::parse(name).base);
        Self { kind, label }
    }

    fn is_picture(&self) -> bool {
        PICTURES.contains(&self.kind)
    }
}

fn format_of(link: &str) -> Option<AudioFormat> {
    let (_, extension) = link.rsplit_once('.')?;
    AudioFormat::from_name(extension)
}
