//! One wait for a job: look-ups when they are due, posts as they come, and what both together mean.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use musicgpt_webhooks::Event;

use crate::client::Client;
use crate::conversion::{Conversion, Progress, Readiness};
use crate::error::{Error, ErrorKind, Result};
use crate::events::Inbox;
use crate::job::{JobHandle, JobStatus, Update, WaitOptions};
use crate::outputs::Output;
use crate::schedule::Schedule;

/// How long a task may say that it is done without giving its files, or go on after a post said
/// that it failed.
const SETTLING: Duration = Duration::from_secs(60);
/// What the last look-up may take when the deadline has come.
const LAST_LOOK: Duration = Duration::from_secs(2);
/// The deadline of a wait, in estimates, and its bounds.
const ESTIMATES: u32 = 3;
const SHORTEST: Duration = Duration::from_secs(15 * 60);
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// A wait that is going on.
pub(crate) struct Wait {
    client: Client,
    handle: JobHandle,
    schedule: Schedule,
    start: Duration,
    deadline: Duration,
    /// When the next look-up is due.
    due: Option<Duration>,
    /// Whether a post is a reason to look at once.
    urgent: bool,
    /// Since when the task is done but for what may still come.
    settling: Option<Duration>,
    /// Since when a post has said that the task failed, and the look-up has not.
    failing: Option<Duration>,
    /// The last thing that was heard.
    last: Option<String>,
    /// The last state that had some file: what can be given when the deadline comes.
    partial: Option<Conversion>,
    /// Whether the look-up has said before that it does not know the task.
    was_unknown: bool,
    /// Whether the job cannot be looked up, so that posts are all there will be.
    blind: bool,
    inbox: Option<Inbox>,
    /// Whether posts are but a reason to look.
    confirmed: bool,
}

/// What ended a pause.
enum Pause {
    /// A look-up is due.
    Due,
    /// A post came.
    Posted(Arc<Event>),
    /// The deadline came; this is what there is.
    Over(Conversion),
}

impl Wait {
    pub(crate) fn new(
        client: Client,
        handle: JobHandle,
        inbox: Option<Inbox>,
        options: WaitOptions,
    ) -> Self {
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
        let deadline = options.deadline.unwrap_or_else(|| {
            let estimates = eta.unwrap_or_default().saturating_mul(ESTIMATES);
            estimates.clamp(SHORTEST, LONGEST)
        });
        Self {
            start: client.clock().now(),
            client,
            handle,
            schedule,
            deadline,
            due: None,
            // An earlier wait may have heard something.
            urgent: inbox.as_ref().is_some_and(Inbox::has_posts),
            settling: None,
            failing: None,
            last: None,
            partial: None,
            was_unknown: false,
            blind: false,
            inbox,
            confirmed: options.confirmed,
        }
    }

    pub(crate) fn handle(&self) -> &JobHandle {
        &self.handle
    }

    fn now(&self) -> Duration {
        self.client.clock().now()
    }

    fn waited(&self) -> Duration {
        self.now().saturating_sub(self.start)
    }

    /// Waits for the next look-up or post, and says what it means.
    pub(crate) async fn next<O: Output>(&mut self) -> Result<Update<O>> {
        if let Some(conversion) = self.told::<O>()? {
            return Ok(self.done(conversion));
        }
        match self.pause().await? {
            Pause::Over(conversion) => Ok(self.done(conversion)),
            Pause::Posted(event) => Ok(self.hear::<O>(event)),
            Pause::Due if self.blind => Ok(Update::Pending(self.status::<O>(None))),
            Pause::Due => self.look().await,
        }
    }

    /// The result, where the posts so far are enough for it.
    fn told<O: Output>(&mut self) -> Result<Option<Conversion>> {
        let Some(conversion) = self.posted() else {
            return Ok(None);
        };
        let readiness = self.readiness::<O>(&conversion);
        if readiness.usable > 0 && self.partial.is_none() {
            self.partial = Some(conversion.clone());
        }
        if self.is_complete(readiness) {
            let since = *self.settling.get_or_insert(self.client.clock().now());
            let has_settled = self.now().saturating_sub(since) >= SETTLING;
            let are_all = self
                .inbox
                .as_ref()
                .is_some_and(|inbox| inbox.has_all(&self.handle));
            return Ok((are_all || self.blind || has_settled).then_some(conversion));
        }
        match self.final_failure() {
            Some(_) if readiness.usable > 0 => Ok(Some(conversion)),
            Some(reason) => Err(self.failed(format!("the job failed: {reason}"))),
            None => Ok(None),
        }
    }

    /// The reason of a failure that no look-up can deny. A post about one take may mean the whole:
    /// nobody has published one.
    fn final_failure(&mut self) -> Option<String> {
        let inbox = self.inbox.as_ref().filter(|_| self.blind)?;
        let reason = inbox.any_failure()?;
        let is_whole = self.failure().is_some();
        let since = *self.failing.get_or_insert(self.client.clock().now());
        let has_settled = self.now().saturating_sub(since) >= self.grace();
        (is_whole || has_settled).then_some(reason)
    }

    /// How long the other takes of a job may be waited for where one has failed and nothing else
    /// is heard.
    fn grace(&self) -> Duration {
        self.handle.eta().unwrap_or_default().max(SETTLING)
    }

    /// What the posts alone say, where they are believed.
    fn posted(&self) -> Option<Conversion> {
        let inbox = self.inbox.as_ref().filter(|_| !self.confirmed)?;
        inbox
            .has_posts()
            .then(|| inbox.complete(&self.handle, None))
    }

    /// The reason in posts that say that the job failed as a whole.
    fn failure(&self) -> Option<String> {
        let inbox = self.inbox.as_ref().filter(|_| !self.confirmed)?;
        inbox.failure(&self.handle)
    }

    /// How many results can still come: not those of takes that posts said had failed.
    fn outputs(&self) -> usize {
        let inbox = self.inbox.as_ref().filter(|_| !self.confirmed);
        let failed = inbox.map_or(0, |inbox| inbox.failed_takes(&self.handle));
        self.handle.outputs().saturating_sub(failed)
    }

    fn is_complete(&self, readiness: Readiness) -> bool {
        let outputs = self.outputs();
        outputs > 0 && readiness.complete >= outputs
    }

    /// A post came: it may be a reason to look at once.
    fn hear<O: Output>(&mut self, event: Arc<Event>) -> Update<O> {
        let complete = self
            .posted()
            .is_some_and(|conversion| self.is_complete(self.readiness::<O>(&conversion)));
        let failed = matches!(*event, Event::Failure(_));
        self.urgent |= self.confirmed || complete || failed;
        self.last = Some(format!("a post of kind {}", event.kind()));
        Update::Posted(event)
    }

    /// Looks once, and says what that means.
    pub(crate) async fn look<O: Output>(&mut self) -> Result<Update<O>> {
        let (lookup, inferred) = match self.handle.lookup() {
            Ok(lookup) => lookup,
            Err(_) if self.inbox.is_some() => return Ok(self.go_blind()),
            Err(error) => return Err(error),
        };
        let left = self.deadline.saturating_sub(self.waited()).max(LAST_LOOK);
        // The clock may be a simulated one; what a look-up takes is real time.
        let lookup = tokio::time::timeout(left, self.client.call(lookup));
        let Ok(answer) = lookup.await else {
            self.last = Some("no answer in time".to_owned());
            return self.give_up().map(|conversion| self.done(conversion));
        };
        match answer {
            Ok(conversion) => self.judge(conversion),
            // One bad gateway must not end a wait; the deadline will.
            Err(error) if error.is_retryable() => {
                self.last = Some(error.to_string());
                if let Some(asked) = error.retry_after() {
                    self.due = Some(self.now() + asked.max(self.schedule.next()));
                }
                Ok(Update::Pending(self.status::<O>(None)))
            }
            // A task may be known to the look-up a moment later than to its submitter.
            Err(error) if !inferred && error.status() == Some(404) && !self.was_unknown => {
                self.was_unknown = true;
                self.last = Some(error.to_string());
                Ok(Update::Pending(self.status::<O>(None)))
            }
            Err(error) if inferred && matches!(error.status(), Some(404 | 422)) => {
                self.last = Some(error.to_string());
                if self.inbox.is_some() {
                    return Ok(self.go_blind());
                }
                Err(error.with(|details| {
                    details.message = format!(
                        "{}; no page says under which word jobs of {} are looked up, so this may \
                         be ours: the job is paid, its handle stays good, and its webhook is the \
                         other way to the result",
                        details.message, self.handle.operation
                    );
                }))
            }
            // What the posts brought is not lost because the look-up is refused.
            Err(error) => match self.posted() {
                Some(conversion) if self.is_complete(self.readiness::<O>(&conversion)) => {
                    Ok(self.done(conversion))
                }
                _ => Err(error),
            },
        }
    }

    /// From now on only posts count.
    fn go_blind<O: Output>(&mut self) -> Update<O> {
        self.blind = true;
        // There is no look-up that could confirm anything.
        self.confirmed = false;
        Update::Pending(self.status::<O>(None))
    }

    fn judge<O: Output>(&mut self, polled: Conversion) -> Result<Update<O>> {
        self.last = polled.status().map(|word| format!("status {word}"));
        let conversion = match &self.inbox {
            Some(inbox) if !self.confirmed => inbox.complete(&self.handle, Some(polled)),
            _ => polled,
        };
        let readiness = self.readiness::<O>(&conversion);
        if readiness.usable > 0 {
            self.partial = Some(conversion.clone());
        }
        match conversion.progress(readiness, self.outputs()) {
            Progress::Ready => {}
            Progress::Failed => {
                let reason = conversion.reason().unwrap_or("no reason is given");
                let word = conversion.status().unwrap_or_default();
                return Err(self.failed(format!("the job failed ({word}): {reason}")));
            }
            Progress::Incomplete => {
                let since = *self.settling.get_or_insert(self.client.clock().now());
                if self.now().saturating_sub(since) < SETTLING {
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
            Progress::Pending => match self.failure() {
                // The look-up has the last word, but not for ever.
                Some(reason) => {
                    let since = *self.failing.get_or_insert(self.client.clock().now());
                    if self.now().saturating_sub(since) < SETTLING {
                        return Ok(Update::Pending(self.status::<O>(Some(&conversion))));
                    }
                    if readiness.usable == 0 {
                        return Err(self.failed(format!("the job failed: {reason}")));
                    }
                }
                None => return Ok(Update::Pending(self.status::<O>(Some(&conversion)))),
            },
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

    /// Lets the time until the next look-up or post pass, but not more than is left.
    async fn pause(&mut self) -> Result<Pause> {
        let left = self.deadline.saturating_sub(self.waited());
        if left.is_zero() {
            return self.give_up().map(Pause::Over);
        }
        // What is there already may make the look-up needless.
        let waiting = self.inbox.as_ref().map(|inbox| inbox.next().now_or_never());
        if let Some(Some(event)) = waiting {
            return Ok(Pause::Posted(event));
        }
        if std::mem::take(&mut self.urgent) && !self.blind {
            return Ok(Pause::Due);
        }
        let now = self.now();
        let pause = if self.blind {
            let settled = self.failing.map(|since| since + self.grace());
            settled.map_or(left, |at| at.saturating_sub(now).min(left))
        } else {
            let due = *self.due.get_or_insert_with(|| now + self.schedule.next());
            due.saturating_sub(now).min(left)
        };
        let clock = self.client.clock();
        match &self.inbox {
            None => clock.sleep(pause).await,
            Some(inbox) => tokio::select! {
                biased;
                event = inbox.next() => return Ok(Pause::Posted(event)),
                () = clock.sleep(pause) => {}
            },
        }
        self.due = None;
        Ok(Pause::Due)
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
