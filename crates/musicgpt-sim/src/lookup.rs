//! The look-up of a task: what is known of it so far.
//!
//! The task's own fields are there from the start. Result fields fill in as
//! the takes get ready; until then they are null, empty, missing, or the bare
//! address of a bucket, as they are on the real service.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::clock::timestamp;
use crate::document::{PICTURES, Template};
use crate::fill::Filler;
use crate::operation::Lookup;
use crate::spec::Spec;
use crate::task::Task;
use crate::vocabulary::{Name, REASON, Role};

/// Whether a look-up's parameters name this task and its type.
pub(crate) fn names(task: &Task, lookup: &Lookup, request: &Map<String, Value>) -> bool {
    let type_given = lookup
        .type_parameter
        .as_ref()
        .and_then(|name| request.get(name));
    type_given.is_none_or(|given| given.as_str() == task.operation.conversion_type.as_deref())
        && request
            .iter()
            .all(|(name, value)| match Name::parse(name).role {
                Role::TaskId => *value == *task.id,
                Role::ConversionId => task.conversions.iter().any(|id| *value == **id),
                _ => true,
            })
}

/// The conversion as it looks at `now`.
pub(crate) fn conversion(
    task: &Task,
    lookup: &Lookup,
    spec: &Spec,
    origin: &str,
    now: Duration,
) -> Value {
    let age = task.age(now);
    let filler = Filler { task, origin };
    let conversion_type = task
        .operation
        .conversion_type
        .as_deref()
        .unwrap_or_default();
    let template = lookup.template(conversion_type, task.operation.most_outputs());
    let mut conversion = Map::new();
    for (name, example) in template.into_iter().flat_map(|template| &template.example) {
        let value = match Name::parse(name).role {
            Role::Feature => Some(conversion_type.into()),
            Role::Status => Some(task.status(age, &spec.statuses).into()),
            Role::Message => Some(message(task, example, age)),
            Role::CreatedAt => Some(time(task, Duration::ZERO, example)),
            Role::UpdatedAt => Some(time(task, task.timeline.last_change(age), example)),
            Role::FinishedAt => is_done(task, age).then(|| {
                time(
                    task,
                    task.timeline.takes.last().copied().unwrap_or(age),
                    example,
                )
            }),
            _ => template.and_then(|template| field(&filler, template, name, example, age)),
        };
        if let Some(value) = value {
            conversion.insert(name.clone(), value);
        }
    }
    if task.timeline.fails && age >= task.timeline.end {
        let reason = spec
            .failure
            .as_ref()
            .and_then(|failure| failure.example.get(REASON));
        conversion.insert(REASON.to_owned(), reason.cloned().unwrap_or_default());
    }
    Value::Object(conversion)
}

fn field(
    filler: &Filler<'_>,
    template: &Template,
    name: &str,
    example: &Value,
    age: Duration,
) -> Option<Value> {
    let task = filler.task;
    let parsed = Name::parse(name);
    // Nothing is told of takes that were not asked for.
    if parsed
        .take
        .is_some_and(|take| take >= task.conversions.len())
    {
        return None;
    }
    let is_link = template.media.contains_key(name);
    if !is_link && !template.is_switched(name) && is_always_there(task, name, parsed) {
        return filler.value(template, name, example, 0);
    }
    let is_picture = template
        .media
        .get(name)
        .is_some_and(|kind| PICTURES.contains(&kind.as_str()));
    let ready = if is_picture {
        task.timeline.pictures
    } else {
        task.timeline.takes.get(parsed.take.unwrap_or(0)).copied()
    };
    let value = if task.timeline.has_by(ready, age) {
        filler.value(template, name, example, 0)
    } else {
        None
    };
    // Also for what never comes, such as the times of an instrumental.
    value.or_else(|| missing(task, name, example, is_link))
}

/// The task's own fields, what the request itself brought, and the flags about
/// the request.
fn is_always_there(task: &Task, name: &str, parsed: Name<'_>) -> bool {
    matches!(
        parsed.role,
        Role::TaskId | Role::ConversionId | Role::WebhookUrl
    ) || task.operation.fields.contains_key(name) && parsed.role == Role::Other
        || name.starts_with("is_")
}

/// How a value that is not there is written: drawn once per field, so that
/// it does not change from one look-up to the next.
fn missing(task: &Task, name: &str, example: &Value, is_link: bool) -> Option<Value> {
    match (task.draw(name) % 4, example) {
        (0, _) => None,
        (1, Value::String(_)) => Some("".into()),
        (2, Value::String(link)) if is_link => {
            let url = url::Url::parse(link).ok()?;
            Some(url.origin().ascii_serialization().into())
        }
        _ => Some(Value::Null),
    }
}

/// The documented sentence once it is true, before that the one with which
/// the task was accepted.
fn message(task: &Task, example: &Value, age: Duration) -> Value {
    if is_done(task, age) {
        return example.clone();
    }
    task.operation
        .answer
        .example
        .get("message")
        .cloned()
        .unwrap_or_else(|| "".into())
}

fn is_done(task: &Task, age: Duration) -> bool {
    age >= task.timeline.end && !task.timeline.fails
}

fn time(task: &Task, age: Duration, example: &Value) -> Value {
    timestamp(task.accepted + age, example.as_str().unwrap_or_default()).into()
}
