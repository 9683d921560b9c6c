//! An accepted task: everything about it that does not change.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::faults::Fault;
use crate::media::AudioFormat;
use crate::operation::Operation;
use crate::seed::{mix, uuid};
use crate::song;
use crate::spec::Statuses;
use crate::timeline::Timeline;
use crate::vocabulary::{INSTRUMENTAL, INSTRUMENTAL_LYRICS, LYRICS, Name, Role, TITLE, component};

/// Ids that one task may use: its own and those of its results.
const IDS_PER_TASK: u64 = 16;

/// A task. There is no `Debug`: it holds lyrics and the webhook's address.
pub(crate) struct Task {
    pub(crate) operation: Arc<Operation>,
    pub(crate) seed: u64,
    pub(crate) id: String,
    pub(crate) conversions: Vec<String>,
    pub(crate) request: Map<String, Value>,
    /// Simulated time at which it was accepted.
    pub(crate) accepted: Duration,
    pub(crate) timeline: Timeline,
    lyrics: String,
}

impl Task {
    /// Accepts a request as the `number`-th task.
    pub(crate) fn accept(
        operation: Arc<Operation>,
        request: Map<String, Value>,
        seed: u64,
        number: u64,
        accepted: Duration,
        faults: &[Fault],
    ) -> Self {
        let timeline = if operation.outputs.is_some() {
            Timeline::plan(&operation, &request, documented_eta(&operation), faults)
        } else {
            Timeline::instant()
        };
        let first_id = number * IDS_PER_TASK;
        let outputs = operation.outputs_of(&request) as u64;
        let task_seed = mix(seed, number);
        let asked = request.get(LYRICS).and_then(Value::as_str);
        let lyrics = if request.get(INSTRUMENTAL) == Some(&Value::Bool(true)) {
            INSTRUMENTAL_LYRICS.to_owned()
        } else {
            asked.map_or_else(|| song::lyrics(task_seed), str::to_owned)
        };
        Self {
            seed: task_seed,
            id: uuid(seed, first_id),
            conversions: (1..=outputs)
                .map(|output| uuid(seed, first_id + output))
                .collect(),
            operation,
            request,
            accepted,
            timeline,
            lyrics,
        }
    }

    /// The time since it was accepted.
    pub(crate) fn age(&self, now: Duration) -> Duration {
        now.saturating_sub(self.accepted)
    }

    /// The word for its state at an age.
    pub(crate) fn status<'a>(&self, age: Duration, words: &'a Statuses) -> &'a str {
        if age >= self.timeline.end {
            if self.timeline.fails {
                &words.failed
            } else {
                &words.done
            }
        } else if age >= self.timeline.running {
            &words.running
        } else {
            &words.waiting
        }
    }

    pub(crate) fn is_instrumental(&self) -> bool {
        self.lyrics == INSTRUMENTAL_LYRICS
    }

    pub(crate) fn lyrics(&self) -> &str {
        &self.lyrics
    }

    /// The title of a take: the one asked for, or for songs one of our own.
    pub(crate) fn title(&self, take: usize) -> Option<String> {
        let asked = self
            .request
            .get(TITLE)
            .and_then(Value::as_str)
            .map(str::to_owned);
        asked.or_else(|| (self.operation.most_outputs() > 1).then(|| song::title(self.seed, take)))
    }

    /// The receiver of its webhooks.
    pub(crate) fn webhook_url(&self) -> Option<&str> {
        self.operation
            .field_of(&self.request, component::WEBHOOK_URL)?
            .as_str()
    }

    /// The audio format that the request asked for.
    pub(crate) fn format(&self) -> Option<AudioFormat> {
        let name = self
            .operation
            .field_of(&self.request, component::AUDIO_FORMAT)?;
        AudioFormat::from_name(name.as_str()?)
    }

    /// A whole-number setting that the request asked for, by its component.
    pub(crate) fn setting(&self, component: &str) -> Option<u32> {
        let value = self.operation.field_of(&self.request, component)?;
        u32::try_from(value.as_u64()?).ok()
    }

    /// The parts of a mix that were asked for; none if the operation makes no
    /// parts.
    pub(crate) fn stems(&self) -> Option<Vec<&str>> {
        let mut fields = self.operation.fields.iter();
        let (name, field) =
            fields.find(|(_, field)| field.items.as_deref() == Some(component::STEM))?;
        let asked = self.request.get(name).and_then(Value::as_array);
        let asked: Vec<_> = asked
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        Some(if asked.is_empty() {
            field.empty_means.iter().map(String::as_str).collect()
        } else {
            asked
        })
    }

    /// A number drawn for one of its details.
    pub(crate) fn draw(&self, detail: &str) -> u64 {
        mix(self.seed, crate::seed::digest(detail.as_bytes()))
    }
}

/// The ETA of the documented answer, in seconds.
fn documented_eta(operation: &Operation) -> Option<f64> {
    let mut fields = operation.answer.example.iter();
    fields
        .find(|(name, _)| Name::parse(name).role == Role::Eta)?
        .1
        .as_f64()
}
