//! Documented examples filled with what belongs to a task.

use serde_json::{Map, Value};

use crate::document::Template;
use crate::media::{AudioFormat, Melody};
use crate::song;
use crate::task::Task;
use crate::vocabulary::{Name, Role};

/// Kinds of media that are pictures.
pub(crate) const PICTURES: [&str; 2] = ["image", "thumbnail"];
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
        // What the example says is not there, is not there.
        if example.is_null() {
            return Some(Value::Null);
        }
        let parsed = Name::parse(name);
        let take = parsed.take.unwrap_or(take);
        if let Some(kind) = template.media.get(name) {
            return self.media(template, kind, example, take);
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
            _ => Some(self.task.request.get(name).unwrap_or(example).clone()),
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
        kind: &str,
        example: &Value,
        take: usize,
    ) -> Option<Value> {
        if PICTURES.contains(&kind) && self.task.timeline.pictures.is_none() {
            return None;
        }
        match example {
            Value::String(text) if text.is_empty() => Some(example.clone()),
            Value::String(text) => match serde_json::from_str(text) {
                Ok(Value::Object(object)) => {
                    let links = self.links(template, kind, &object, take)?;
                    Some(links.to_string().into())
                }
                _ => Some(self.link(kind, take, None)?.into()),
            },
            Value::Array(items) => items
                .iter()
                .map(|item| self.media(template, kind, item, take))
                .collect(),
            Value::Object(object) => self.links(template, kind, object, take),
            other => Some(other.clone()),
        }
    }

    fn links(
        &self,
        template: &Template,
        kind: &str,
        object: &Map<String, Value>,
        take: usize,
    ) -> Option<Value> {
        self.object(template, object, take, |label, value| match value {
            Value::String(text) if !text.is_empty() => Some(self.link(kind, take, label)?.into()),
            other => Some(other.clone()),
        })
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

    /// The address of a file.
    fn link(&self, kind: &str, take: usize, label: Option<&str>) -> Option<String> {
        let id = &self.task.id;
        let file = match kind {
            "image" => format!("{id}.png"),
            "thumbnail" => format!("{id}_thumb.png"),
            _ => {
                let extension = match (kind, self.task.format()) {
                    (AS_ASKED, format) => format.unwrap_or(AudioFormat::Mp3).extension(),
                    (kind, _) => kind,
                };
                let conversion = self.task.conversions.get(take)?;
                let label = label.map(|label| format!("_{label}")).unwrap_or_default();
                let name = format!("{conversion}{label}.{extension}");
                form_urlencoded::byte_serialize(name.as_bytes()).collect()
            }
        };
        Some(format!("{}/media/{id}/{file}", self.origin))
    }
}
