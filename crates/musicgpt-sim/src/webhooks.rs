//! The posts of a task: their payloads, and how they are sent.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::document::Template;
use crate::fill::Filler;
use crate::log::Delivery;
use crate::spec::Spec;
use crate::task::Task;
use crate::timeline::PlannedPost;
use crate::vocabulary::{Name, Role, kind};

/// Real time that a receiver has to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Simulated time until each further attempt.
const BACK_OFF: [Duration; 3] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
];

/// The simulated time to wait after a failed attempt; none after the last.
pub(crate) fn back_off(attempt: u32) -> Option<Duration> {
    let index = usize::try_from(attempt.checked_sub(1)?).ok()?;
    BACK_OFF.get(index).copied()
}

/// The kind of a post, as the API description calls it.
pub(crate) fn kind_of<'a>(task: &'a Task, planned: &PlannedPost) -> &'a str {
    let post = planned
        .post
        .and_then(|index| task.operation.posts.get(index));
    post.map_or(kind::FAILURE, |post| &post.kind)
}

/// The body of a post.
pub(crate) fn payload(task: &Task, planned: &PlannedPost, spec: &Spec, origin: &str) -> Value {
    match planned
        .post
        .and_then(|index| task.operation.posts.get(index))
    {
        Some(post) => fill(task, &post.template, planned, origin),
        None => {
            let template = spec.failure.clone().unwrap_or_default();
            let mut body = fill(task, &template, planned, origin);
            let display_name = task.operation.posts.first().and_then(|post| {
                let name = post.template.example.get("conversion_type")?;
                Some(name.clone())
            });
            if let Some(name) = display_name {
                body["conversion_type"] = name;
            }
            body
        }
    }
}

fn fill(task: &Task, template: &Template, planned: &PlannedPost, origin: &str) -> Value {
    let filler = Filler { task, origin };
    let fields = template.example.iter().filter_map(|(name, example)| {
        let value = match Name::parse(name).role {
            // Words of the example: they say what kind of post it is.
            Role::Status | Role::Message => example.clone(),
            _ => filler.value(template, name, example, planned.take.unwrap_or(0))?,
        };
        Some((name.clone(), value))
    });
    Value::Object(fields.collect::<Map<_, _>>())
}

/// What sends the posts.
#[derive(Debug, Clone)]
pub(crate) struct Courier(reqwest::Client);

impl Courier {
    pub(crate) fn new() -> reqwest::Result<Self> {
        let client = reqwest::Client::builder()
            // Receivers are local; a proxy of the environment is not for them.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        Ok(Self(client))
    }

    /// Sends one post and tells how it went. Nothing of the address or the
    /// body gets into the record.
    pub(crate) async fn send(
        &self,
        task: &Task,
        planned: &PlannedPost,
        body: &Value,
        attempt: u32,
        at: Duration,
    ) -> Delivery {
        let request = self
            .0
            .post(task.webhook_url().unwrap_or_default())
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let status = request.send().await.ok().map(|response| response.status());
        Delivery {
            at,
            task_id: task.id.clone(),
            take: planned.take.map(|take| take + 1),
            kind: kind_of(task, planned).to_owned(),
            attempt,
            status: status.map(|status| status.as_u16()),
            delivered: status.is_some_and(|status| status.is_success()),
        }
    }
}
