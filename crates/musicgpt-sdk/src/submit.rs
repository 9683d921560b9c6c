//! A submission that is about to be made.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use musicgpt_api::{FieldValue, LimitSet, Request, types};
use serde_json::Value;
use tracing::Instrument;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::events::EventSource;
use crate::exchange::exchange;
use crate::job::{Job, JobHandle};
use crate::requests::Submittable;

/// The field that says where webhooks go.
const WEBHOOK_URL: &str = "webhook_url";

/// A submission. Await it to send it.
#[must_use = "nothing is sent until this is awaited"]
#[derive(Debug)]
pub struct Submit<F> {
    client: Client,
    feature: F,
    limits: Option<LimitSet>,
    deadline: Option<Duration>,
    receiver: Option<Arc<dyn EventSource>>,
}

impl<F: Submittable> Submit<F> {
    pub(crate) fn new(client: Client, feature: F) -> Self {
        Self {
            client,
            feature,
            limits: None,
            deadline: None,
            receiver: None,
        }
    }

    /// Checks the request against another limit set than the client's.
    pub fn limits(mut self, limits: LimitSet) -> Self {
        self.limits = Some(limits);
        self
    }

    /// The longest time that the job's waits may take, in place of one derived from the estimate.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Lets the job's webhooks go to a receiver, which makes an address for them. The job's waits
    /// take them in beside their look-ups: whichever brings a take first wins.
    pub fn with_receiver(mut self, receiver: &(impl EventSource + Clone + 'static)) -> Self {
        self.receiver = Some(Arc::new(receiver.clone()));
        self
    }

    /// Sends a field that the specs do not know, as it is.
    pub fn extra_field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.feature = self.feature.extra_field(name, value);
        self
    }
}

impl<F> IntoFuture for Submit<F>
where
    F: Submittable + Sync + 'static,
    F::Request: Request<Body = types::Submission>,
{
    type Output = Result<Job<F::Output>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("musicgpt", operation = F::OPERATION.id);
        Box::pin(self.send().instrument(span))
    }
}

impl<F> Submit<F>
where
    F: Submittable,
    F::Request: Request<Body = types::Submission>,
{
    async fn send(self) -> Result<Job<F::Output>> {
        let limits = self.limits.unwrap_or_else(|| self.client.limits());
        let mut feature = self.feature;
        let (mut token, mut events) = (None, None);
        if let Some(receiver) = &self.receiver {
            if feature.draft().request.fields().get(WEBHOOK_URL).is_some() {
                return Err(Error::configuration(format!(
                    "{WEBHOOK_URL}: the receiver makes the address; set one or the other"
                )));
            }
            let expected = receiver.expect()?;
            feature
                .set(WEBHOOK_URL, &expected.url)
                .map_err(|error| Error::configuration(format!("{WEBHOOK_URL}: {error}")))?;
            (token, events) = (Some(expected.token), Some(expected.events));
        }
        let prepared = feature.draft().prepare(limits).await?;
        let warnings = prepared.warnings.clone();
        let fields = prepared.request.fields();
        let outputs = match F::OPERATION.outputs_field.and_then(|name| fields.get(name)) {
            Some(FieldValue::Integer(number)) => usize::try_from(*number).ok(),
            _ => None,
        };
        let submission = exchange(&self.client, prepared, self.deadline)
            .await
            .map_err(|error| {
                error.with(|details| {
                    // Whatever else the answer says, a task that has an id can be waited for.
                    let handle = |id: &String| JobHandle {
                        outputs,
                        webhook: token.clone(),
                        ..JobHandle::new(F::OPERATION, id.as_str())
                    };
                    details.handle = details.task_id.as_ref().map(handle);
                })
            })?;
        let handle = JobHandle {
            conversion_ids: conversion_ids(&submission),
            eta: submission.eta,
            submitted_at: Some(self.client.clock().unix_time().as_secs_f64()),
            outputs,
            webhook: token,
            ..JobHandle::new(F::OPERATION, submission.task_id.clone().unwrap_or_default())
        };
        if handle.task_id.is_empty() {
            let message = "the answer says success but names no task";
            return Err(Error::new(ErrorKind::Unreadable, message).with(|details| {
                details.operation = Some(F::OPERATION.id);
                details.status = Some(200);
                details.attempts = 1;
                details.outcome_unknown = true;
            }));
        }
        Ok(Job::submitted(
            self.client,
            handle,
            submission,
            warnings,
            self.deadline,
            events,
        ))
    }
}

/// The conversions that an acknowledgement names, one per output.
fn conversion_ids(submission: &types::Submission) -> Vec<String> {
    let takes = [&submission.conversion_id_1, &submission.conversion_id_2];
    let all = takes.into_iter().chain([&submission.conversion_id]);
    all.flatten().filter(|id| !id.is_empty()).cloned().collect()
}
