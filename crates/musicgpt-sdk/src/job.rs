//! Jobs: submitted tasks, and the wait for them.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;
use futures_util::{StreamExt, stream};
use musicgpt_api::values::ConversionType;
use musicgpt_api::{Operation, Phase, types};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::conversion::{Conversion, Progress, Readiness};
use crate::error::{Error, ErrorKind, Result};
use crate::outputs::Output;
use crate::requests::GetById;
use crate::schedule::Schedule;
use crate::validation::Warning;

/// How long a task may say that it is done without giving its files.
const SETTLING: Duration = Duration::from_secs(60);
/// What the last look-up may take when the deadline has come.
const LAST_LOOK: Duration = Duration::from_secs(2);
/// The deadline of a wait, in estimates, and its bounds.
const ESTIMATES: u32 = 3;
const SHORTEST: Duration = Duration::from_secs(15 * 60);
const LONGEST: Duration = Duration::from_secs(60 * 60);

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
        }
    }

    fn table(&self) -> Option<&'static Operation> {
        Operation::by_id(&self.operation)
    }

    /// How many results the job has.
    pub(crate) fn outputs(&self) -> usize {
        let most = self.table().map_or(1, |operation| operation.outputs.max(1));
        self.outputs.map_or(most, |asked| asked.clamp(1, most))
    }

    fn eta(&self) -> Option<Duration> {
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
    output: PhantomData<fn() -> O>,
}

/// How to wait.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct WaitOptions {
    /// The longest time that the wait may take. By default three times the estimate, and between a
    /// quarter of an hour and an hour.
    pub deadline: Option<Duration>,
}

impl WaitOptions {
    /// A wait with a deadline.
    pub fn deadline(deadline: Duration) -> Self {
        Self {
            deadline: Some(deadline),
        }
    }
}

/// What a wait sees.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Update<O> {
    /// The job goes on.
    Pending(JobStatus),
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
        operation: &'static Operation,
        submission: types::Submission,
        warnings: Vec<Warning>,
        deadline: Option<Duration>,
        outputs: Option<usize>,
    ) -> Self {
        let single = submission.conversion_id.iter();
        let takes = submission
            .conversion_id_1
            .iter()
            .chain(&submission.conversion_id_2);
        let handle = JobHandle {
            operation: operation.id.to_owned(),
            task_id: submission.task_id.clone().unwrap_or_default(),
            conversion_ids: takes
                .chain(single)
                .filter(|id| !id.is_empty())
                .cloned()
                .collect(),
            eta: submission.eta,
            submitted_at: Some(client.clock().unix_time().as_secs_f64()),
            outputs,
        };
        Self {
            client,
            handle,
            submission: Some(submission),
            warnings,
            deadline,
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
            output: PhantomData,
        }
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

    /// The wait as a stream: one item per look-up, the last one the output or an error.
    pub fn updates(&self) -> impl Stream<Item = Result<Update<O>>> + Send + use<O> {
        self.updates_with(WaitOptions::default())
    }

    /// The wait as a stream, with options.
    pub fn updates_with(
        &self,
        options: WaitOptions,
    ) -> impl Stream<Item = Result<Update<O>>> + Send + use<O> {
        let deadline = options.deadline.or(self.deadline);
        let wait = Wait::new(self.client.clone(), self.handle.clone(), deadline);
        stream::unfold(Some(wait), |wait| async {
            let mut wait = wait?;
            let update = wait
                .next()
                .await
                .map_err(|error| error.with(|details| details.handle = Some(wait.handle.clone())));
            let goes_on = matches!(update, Ok(Update::Pending(_)));
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

/// A wait that is going on.
struct Wait {
    client: Client,
    handle: JobHandle,
    schedule: Schedule,
    start: Duration,
    deadline: Duration,
    /// Since when the task says that it is done without giving its files.
    settling: Option<Duration>,
    /// The last thing that was heard.
    last: Option<String>,
    /// The last look-up that had some file: what can be given when the deadline comes.
    partial: Option<Conversion>,
    /// Whether the look-up has said before that it does not know the task.
    was_unknown: bool,
}

impl Wait {
    fn new(client: Client, handle: JobHandle, deadline: Option<Duration>) -> Self {
        let eta = handle.eta();
        let age = handle.submitted_at.and_then(|submitted| {
            let now = client.clock().unix_time();
            Duration::try_from_secs_f64(now.as_secs_f64() - submitted).ok()
        });
        let schedule = match (eta, age) {
            (Some(eta), Some(age)) if age >= eta => Schedule::overdue(),
            (Some(eta), age) => Schedule::new(Some(eta.saturating_sub(age.unwrap_or_default()))),
            (None, Some(age)) if age >= SETTLING => Schedule::overdue(),
            (None, _) => Schedule::new(None),
        };
        let deadline = deadline.unwrap_or_else(|| {
            let estimates = eta.unwrap_or_default().saturating_mul(ESTIMATES);
            estimates.clamp(SHORTEST, LONGEST)
        });
        Self {
            start: client.clock().now(),
            client,
            handle,
            schedule,
            deadline,
            settling: None,
            last: None,
            partial: None,
            was_unknown: false,
        }
    }

    fn waited(&self) -> Duration {
        self.client.clock().now().saturating_sub(self.start)
    }

    /// Sleeps, looks once, and says what that means.
    async fn next<O: Output>(&mut self) -> Result<Update<O>> {
        if let Some(conversion) = self.pause(None).await? {
            return Ok(self.done(conversion));
        }
        let (lookup, inferred) = self.handle.lookup()?;
        let left = self.deadline.saturating_sub(self.waited()).max(LAST_LOOK);
        // The clock may be a simulated one; what a look-up takes is real time.
        let lookup = tokio::time::timeout(left, self.client.call(lookup));
        let Ok(answer) = lookup.await else {
            self.last = Some("no answer in time".to_owned());
            return self.give_up().map(|conversion| self.done(conversion));
        };
        let conversion = match answer {
            Ok(conversion) => conversion,
            // One bad gateway must not end a wait; the deadline will.
            Err(error) if error.is_retryable() => {
                self.last = Some(error.to_string());
                if let Some(asked) = error.retry_after()
                    && let Some(conversion) = self.pause(Some(asked)).await?
                {
                    return Ok(self.done(conversion));
                }
                return Ok(Update::Pending(self.status::<O>(None)));
            }
            // A task may be known to the look-up a moment later than to its submitter.
            Err(error) if !inferred && error.status() == Some(404) && !self.was_unknown => {
                self.was_unknown = true;
                self.last = Some(error.to_string());
                return Ok(Update::Pending(self.status::<O>(None)));
            }
            Err(error) if inferred && matches!(error.status(), Some(404 | 422)) => {
                return Err(error.with(|details| {
                    details.message = format!(
                        "{}; no page says under which word jobs of {} are looked up, so this may \
                         be ours: the job is paid, its handle stays good, and its webhook is the \
                         other way to the result",
                        details.message, self.handle.operation
                    );
                }));
            }
            Err(error) => return Err(error),
        };
        self.judge(conversion)
    }

    fn judge<O: Output>(&mut self, conversion: Conversion) -> Result<Update<O>> {
        let readiness = self.readiness::<O>(&conversion);
        self.last = conversion.status().map(|word| format!("status {word}"));
        if readiness.usable > 0 {
            self.partial = Some(conversion.clone());
        }
        match conversion.progress(readiness, self.handle.outputs()) {
            Progress::Ready => {}
            Progress::Failed => {
                let reason = conversion.reason().unwrap_or("no reason is given");
                let word = conversion.status().unwrap_or_default();
                return Err(self.failed(format!("the job failed ({word}): {reason}")));
            }
            Progress::Incomplete => {
                let since = *self.settling.get_or_insert(self.client.clock().now());
                if self.client.clock().now().saturating_sub(since) < SETTLING {
                    return Ok(Update::Pending(self.status::<O>(Some(&conversion))));
                }
                if readiness.usable == 0 {
                    let what = format!(
                        "the job says {} but gives no file",
                        conversion.status().unwrap_or_default()
                    );
                    return Err(self.failed(what));
                }
            }
            Progress::Pending => return Ok(Update::Pending(self.status::<O>(Some(&conversion)))),
        }
        Ok(self.done(conversion))
    }

    fn done<O: Output>(&self, conversion: Conversion) -> Update<O> {
        Update::Done(O::from_conversion(&self.handle, conversion))
    }

    fn failed(&self, message: String) -> Error {
        Error::new(ErrorKind::Job, message).with(|details| {
            details.operation = self.handle.table().map(|operation| operation.id);
            details.task_id = Some(self.handle.task_id.clone());
        })
    }

    fn readiness<O: Output>(&self, conversion: &Conversion) -> Readiness {
        O::readiness(conversion, self.handle.outputs())
    }

    fn status<O: Output>(&self, conversion: Option<&Conversion>) -> JobStatus {
        JobStatus {
            word: conversion.and_then(Conversion::status).map(str::to_owned),
            phase: conversion.and_then(Conversion::phase),
            ready: conversion.map_or(0, |conversion| self.readiness::<O>(conversion).usable),
            outputs: self.handle.outputs(),
            waited: self.waited(),
        }
    }

    /// Lets the time until the next look-up pass, but not more than is left. At the deadline gives
    /// what there is, or the error.
    async fn pause(&mut self, asked: Option<Duration>) -> Result<Option<Conversion>> {
        let left = self.deadline.saturating_sub(self.waited());
        if left.is_zero() {
            return self.give_up().map(Some);
        }
        let pause = asked.unwrap_or_else(|| self.schedule.next());
        self.client.clock().sleep(pause.min(left)).await;
        Ok(None)
    }

    /// The deadline has come: takes that are ready are given, without them it is an error.
    fn give_up(&mut self) -> Result<Conversion> {
        if let Some(conversion) = self.partial.take() {
            return Ok(conversion);
        }
        let last = self.last.as_deref().unwrap_or("nothing was heard");
        let message = format!(
            "not done after {} s ({last}); the job goes on and its handle stays good",
            self.deadline.as_secs()
        );
        Err(Error::new(ErrorKind::Deadline, message).with(|details| {
            details.operation = self.handle.table().map(|operation| operation.id);
            details.task_id = Some(self.handle.task_id.clone());
            details.retryable = true;
        }))
    }
}
