//! A submission that is about to be made.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use musicgpt_api::{FieldValue, LimitSet, Request, types};
use serde_json::Value;
use tracing::Instrument;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::exchange;
use crate::job::{Job, JobHandle};
use crate::requests::Submittable;

/// The field by which a request asks for fewer results than its operation gives by default.
const NUM_OUTPUTS: &str = "num_outputs";

/// A submission. Await it to send it.
#[must_use = "nothing is sent until this is awaited"]
#[derive(Debug)]
pub struct Submit<F> {
    client: Client,
    feature: F,
    limits: Option<LimitSet>,
    deadline: Option<Duration>,
}

impl<F: Submittable> Submit<F> {
    pub(crate) fn new(client: Client, feature: F) -> Self {
        Self {
            client,
            feature,
            limits: None,
            deadline: None,
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
        let prepared = self.feature.draft().prepare(limits).await?;
        let warnings = prepared.warnings.clone();
        let outputs = match prepared.request.fields().get(NUM_OUTPUTS) {
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
                        ..JobHandle::new(F::OPERATION, id.as_str())
                    };
                    details.handle = details.task_id.as_ref().map(handle);
                })
            })?;
        if submission.task_id.as_deref().unwrap_or_default().is_empty() {
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
            F::OPERATION,
            submission,
            warnings,
            self.deadline,
            outputs,
        ))
    }
}
