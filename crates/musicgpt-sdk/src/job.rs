//! Jobs: submitted tasks, and the wait for them.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_core::Stream;
use futures_util::{StreamExt, stream};
use musicgpt_api::values::ConversionType;
use musicgpt_api::{Operation, Phase, types};
use musicgpt_webhooks::Event;
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::events::{EventSource, Events, Inbox};
use crate::outputs::Output;
use crate::requests::GetById;
use crate::validation::Warning;
use crate::wait::Wait;

/// What is needed to wait for a job, in this process or another. Holds no secret: keep it in a
/// database, log it, hand it on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JobHandle {
    /// The id of the operation.
    pub operation: String,
    /// The task.
    pub task_id: String,
    /// Its conversions, one per output, where the service named them.
    #[serde(default)]
    pub conversion_ids: Vec<String>,
    /// The estimate in seconds, where the service gave one.
    #[serde(default)]
    pub eta: Option<f64>,
    /// When the job was submitted, in seconds since 1970.
    #[serde(default)]
    pub submitted_at: Option<f64>,
    /// How many results the request asked for, where it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<usize>,
    /// The token of the address that its webhooks go to, where it was submitted with a receiver. It
    /// does not let anybody post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
}

impl JobHandle {
    /// A handle from what is kept of a job: its operation and its task.
    pub fn new(operation: &'static Operation, task_id: impl Into<String>) -> Self {
        Self {
            operation: operation.id.to_owned(),
            task_id: task_id.into(),
            conversion_ids: Vec::new(),
            eta: None,
            submitted_at: None,
            outputs: None,
            webhook: None,
        }
    }

    pub(crate) fn table(&self) -> Option<&'static Operation> {
        Operation::by_id(&self.operation)
    }

    /// How many results the job has.
    pub(crate) fn outputs(&self) -> usize {
        let most = self.table().map_or(1, |operation| operation.outputs.max(1));
        self.outputs.map_or(most, |asked| asked.clamp(1, most))
    }

    pub(crate) fn eta(&self) -> Option<Duration> {
        let seconds = self.eta.filter(|eta| *eta > 0.0)?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// The look-up of the job, and whether its word is only inferred.
    pub(crate) fn lookup(&self) -> Result<(GetById, bool)> {
        let operation = self.table().ok_or_else(|| {
            Error::configuration(format!(
                "the handle is of an unknown operation, {}",
                self.operation
            ))
        })?;
        let key = operation.conversion_type.ok_or_else(|| {
            Error::configuration(format!("jobs of {} cannot be looked up", operation.id))
        })?;
        let lookup = GetById::task(ConversionType::unlisted(key.word), self.task_id.as_str());
        Ok((lookup, key.inferred))
    }
}

/// A submitted task.
pub struct Job<O> {
    client: Client,
    handle: JobHandle,
    submission: Option<types::Submission>,
    warnings: Vec<Warning>,
    deadline: Option<Duration>,
    inbox: Option<Inbox>,
    output: PhantomData<fn() -> O>,
}

/// How to wait.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct WaitOptions {
    /// The longest time that the wait may take. By default three times the estimate, and between a
    /// quarter of an hour and an hour.
    pub deadline: Option<Duration>,
    /// Whether a webhook is not believed, but a reason to look the job up at once.
    pub confirmed: bool,
}

impl WaitOptions {
    /// A wait with a deadline.
    pub fn deadline(deadline: Duration) -> Self {
        Self {
            deadline: Some(deadline),
            ..Self::default()
        }
    }

    /// A wait that believes a webhook only once the look-up says the same.
    pub fn confirmed() -> Self {
        Self {
            confirmed: true,
            ..Self::default()
        }
    }
}

/// What a wait sees.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Update<O> {
    /// The job goes on.
    Pending(JobStatus),
    /// A webhook came, such as the address at which a take can be heard while it is made.
    Posted(Arc<Event>),
    /// The job is done.
    Done(O),
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JobStatus {
    /// The service's word, where the look-up gave one.
    pub word: Option<String>,
    /// What the word means, where that is known.
    pub phase: Option<Phase>,
    /// How many results are there, with their files or data.
    pub ready: usize,
    /// How many results there will be.
    pub outputs: usize,
    /// How long the wait has lasted.
    pub waited: Duration,
}

impl<O: Output> Job<O> {
    pub(crate) fn submitted(
        client: Client,
        handle: JobHandle,
        submission: types::Submission,
        warnings: Vec<Warning>,
        deadline: Option<Duration>,
        events: Option<Events>,
    ) -> Self {
        let inbox = events.map(|events| Inbox::new(&handle, events));
        Self {
            client,
            handle,
            submission: Some(submission),
            warnings,
            deadline,
            inbox,
            output: PhantomData,
        }
    }

    pub(crate) fn resumed(client: Client, handle: JobHandle) -> Self {
        Self {
            client,
            handle,
            submission: None,
            warnings: Vec::new(),
            deadline: None,
            inbox: None,
            output: PhantomData,
        }
    }

    /// Takes in the webhooks of a job that was submitted with a receiver, by this or another
    /// process. What came before is found by looking the job up.
    ///
    /// # Errors
    ///
    /// Where the job was not submitted with a receiver, or the source refuses.
    pub fn with_receiver(mut self, receiver: &(impl EventSource + ?Sized)) -> Result<Self> {
        let Some(token) = &self.handle.webhook else {
            let message = "the job was submitted without a receiver, so its webhooks go elsewhere";
            return Err(Error::configuration(message));
        };
        let events = receiver.subscribe(token)?;
        self.inbox = Some(Inbox::new(&self.handle, events));
        Ok(self)
    }

    /// The task.
    pub fn task_id(&self) -> &str {
        &self.handle.task_id
    }

    /// Its conversions, one per output, where the service named them.
    pub fn conversion_ids(&self) -> &[String] {
        &self.handle.conversion_ids
    }

    /// The estimate, where the service gave one.
    pub fn eta(&self) -> Option<Duration> {
        self.handle.eta()
    }

    /// The expected price: US dollars since August 2026, another credit unit before.
    pub fn credit_estimate(&self) -> Option<f64> {
        self.submission.as_ref()?.credit_estimate
    }

    /// Whether moderation objects to the input.
    pub fn is_flagged(&self) -> bool {
        let submission = self.submission.as_ref();
        submission
            .and_then(|submission| submission.is_flagged)
            .unwrap_or(false)
    }

    /// What moderation objects to.
    pub fn flag_reason(&self) -> Option<&str> {
        let reason = self.submission.as_ref()?.reason.as_deref()?;
        (!reason.is_empty()).then_some(reason)
    }

    /// What the documentation advises against in the request.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The acknowledgement; none for a resumed job.
    pub fn submission(&self) -> Option<&types::Submission> {
        self.submission.as_ref()
    }

    /// What another process needs to wait for the job.
    pub fn handle(&self) -> &JobHandle {
        &self.handle
    }

    /// Waits until every output has a file or has failed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the wait, not the job; call `wait` again, or resume from the
    /// handle.
    pub async fn wait(&self) -> Result<O> {
        self.wait_with(WaitOptions::default()).await
    }

    /// Waits with options.
    pub async fn wait_with(&self, options: WaitOptions) -> Result<O> {
        let mut updates = std::pin::pin!(self.updates_with(options));
        while let Some(update) = updates.next().await {
            if let Update::Done(output) = update? {
                return Ok(output);
            }
        }
        Err(Error::new(
            ErrorKind::Job,
            "the wait ended without a result",
        ))
    }

    /// Looks the job up once, without waiting.
    pub async fn look(&self) -> Result<Update<O>> {
        let options = WaitOptions::default();
        let client = self.client.clone();
        let mut wait = Wait::new(client, self.handle.clone(), self.inbox.clone(), options);
        wait.once()
            .await
            .map_err(|error| error.with(|details| details.handle = Some(self.handle.clone())))
    }

    /// The wait as a stream: one item per look-up or webhook, the last one the output or an error.
    pub fn updates(&self) -> impl Stream<Item = Result<Update<O>>> + Send + use<O> {
        self.updates_with(WaitOptions::default())
    }

    /// The wait as a stream, with options.
    pub fn updates_with(
        &self,
        options: WaitOptions,
    ) -> impl Stream<Item = Result<Update<O>>> + Send + use<O> {
        let options = WaitOptions {
            deadline: options.deadline.or(self.deadline),
            ..options
        };
        let client = self.client.clone();
        let wait = Wait::new(client, self.handle.clone(), self.inbox.clone(), options);
        stream::unfold(Some(wait), |wait| async {
            let mut wait = wait?;
            let update = wait.next().await.map_err(|error| {
                error.with(|details| details.handle = Some(wait.handle().clone()))
            });
            let goes_on = matches!(update, Ok(Update::Pending(_) | Update::Posted(_)));
            Some((update, goes_on.then_some(wait)))
        })
    }
}

impl<O> fmt::Debug for Job<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}

impl<O: Output> IntoFuture for Job<O> {
    type Output = Result<O>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<O>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.wait().await })
    }
}
