//! One wait for a job: look-ups when they are due, posts as they come, and what both together mean.
//! What posts mean by themselves: `posted`.

mod posted;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

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
/// The least time between two look-ups, however many posts come.
const BREATH: Duration = Duration::from_secs(2);
/// How many posts may be taken in after the deadline.
const LATE_POSTS: usize = 64;
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
    /// When the next look-up may be made at the soonest.
    not_before: Duration,
    /// Whether a post is a reason to look at once.
    urgent: bool,
    /// Since when the task is done but for what may still come: the look-up says done without all
    /// files, or the posts brought the files without all that goes with them.
    settling: Option<Duration>,
    /// Since when a post has said that the task failed, and the look-up has not.
    failing: Option<Duration>,
    /// The last thing that was heard.
    last: Option<String>,
    /// The last look-up, or the one before, where that had more files.
    polled: Option<Conversion>,
    /// Whether the look-up has said before that it does not know the task.
    was_unknown: bool,
    /// Whether the look-up refuses, so that posts are all there is.
    blind: bool,
    inbox: Option<Inbox>,
    /// Posts that came during a look-up and are still to be told of.
    untold: VecDeque<Arc<Event>>,
    /// What the posts had told when they were last considered.
    version: u64,
    /// Posts taken in since the deadline.
    late: usize,
    /// Whether posts are but a reason to look.
    confirmed: bool,
}

/// What a wait woke up for.
enum Woke {
    /// A look-up is due.
    Due,
    /// A post came.
    Posted(Arc<Event>),
    /// Something may be new without either.
    Perhaps,
    /// The deadline came.
    Over,
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
            not_before: Duration::ZERO,
            urgent: false,
            settling: None,
            failing: None,
            last: None,
            polled: None,
            was_unknown: false,
            blind: false,
            inbox,
            untold: VecDeque::new(),
            version: 0,
            late: 0,
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
        loop {
            if let Some(event) = self.untold.pop_front() {
                return Ok(Update::Posted(event));
            }
            self.consider::<O>();
            if let Some(conversion) = self.told::<O>()? {
                return Ok(self.done(conversion));
            }
            match self.sleep().await {
                Woke::Due => return self.look().await,
                Woke::Posted(event) => {
                    self.last = Some(format!("a post of kind {}", event.kind()));
                    return Ok(Update::Posted(event));
                }
                Woke::Perhaps => {}
                Woke::Over => {
                    return self.give_up::<O>().map(|conversion| self.done(conversion));
                }
            }
        }
    }

    /// One look, at the posts that are there and at the service.
    pub(crate) async fn once<O: Output>(&mut self) -> Result<Update<O>> {
        self.take_all();
        match self.told::<O>()? {
            Some(conversion) => Ok(self.done(conversion)),
            None => self.look().await,
        }
    }

    /// Takes in what has been posted by now.
    fn take_all(&mut self) {
        while let Some(event) = self.inbox.as_mut().and_then(Inbox::take) {
            self.untold.push_back(event);
            // The rest is for later: a source that never ends must not hold up the wait.
            if self.untold.len() >= LATE_POSTS {
                break;
            }
        }
    }

    /// Looks once, and says what that means.
    pub(crate) async fn look<O: Output>(&mut self) -> Result<Update<O>> {
        let (lookup, inferred) = self.handle.lookup()?;
        let left = self.deadline.saturating_sub(self.waited()).max(LAST_LOOK);
        self.not_before = self.now().saturating_add(BREATH);
        let client = self.client.clone();
        // The clock may be a simulated one; what a look-up takes is real time.
        let mut answer = std::pin::pin!(tokio::time::timeout(left, client.call(lookup)));
        let answer = loop {
            let Some(inbox) = &mut self.inbox else {
                break answer.await;
            };
            tokio::select! {
                biased;
                answer = &mut answer => break answer,
                () = inbox.rung() => {}
            }
            self.take_all();
            if let Some(conversion) = self.told::<O>()? {
                return Ok(self.done(conversion));
            }
        };
        // What came meanwhile counts, whatever the answer is.
        self.take_all();
        let Ok(answer) = answer else {
            self.last = Some("no answer in time".to_owned());
            return self.give_up::<O>().map(|conversion| self.done(conversion));
        };
        let error = match answer {
            Ok(conversion) => {
                self.blind = false;
                self.was_unknown = false;
                return self.judge(conversion);
            }
            Err(error) => error,
        };
        self.last = Some(error.to_string());
        let status = error.status();
        let is_unknown = status == Some(404);
        let has_posts_to_come = self.inbox.is_some() && !self.confirmed;
        if error.is_retryable() {
            // One bad gateway must not end a wait; the deadline will.
            if let Some(asked) = error.retry_after() {
                let pause = asked.max(self.schedule.next());
                self.not_before = self.now().saturating_add(pause);
                self.due = Some(self.not_before);
            }
        } else if is_unknown && !self.was_unknown {
            // A task may be known to the look-up a moment later than to its submitter.
            self.was_unknown = true;
        } else if has_posts_to_come {
            // The posts may bring what the look-up refuses, and it may change its mind.
            self.blind = true;
        } else if inferred && matches!(status, Some(404 | 422)) {
            return Err(error.with(|details| {
                details.message = format!(
                    "{}; no page says under which word jobs of {} are looked up, so this may be \
                     ours: the job is paid, its handle stays good, and its webhook is the other \
                     way to the result",
                    details.message, self.handle.operation
                );
            }));
        } else {
            return Err(error);
        }
        let state = self.state();
        Ok(Update::Pending(self.status::<O>(state.as_ref())))
    }

    fn judge<O: Output>(&mut self, polled: Conversion) -> Result<Update<O>> {
        self.last = polled.status().map(|word| format!("status {word}"));
        let usable = |conversion: &Conversion| self.readiness::<O>(conversion).usable;
        let before = self.polled.as_ref().map_or(0, usable);
        if usable(&polled) >= before {
            self.polled = Some(polled.clone());
        }
        let state = match self.posts() {
            Some(posts) => posts.complete(&self.handle, Some(polled)),
            None => polled,
        };
        if self.is_complete::<O>(&state) {
            return Ok(self.done(state));
        }
        let readiness = self.readiness::<O>(&state);
        match state.progress(readiness, self.handle.outputs()) {
            Progress::Ready => Ok(self.done(state)),
            Progress::Failed => {
                let reason = state.reason().unwrap_or("no reason is given");
                let word = state.status().unwrap_or_default();
                self.end(format!("the job failed ({word}): {reason}"))
            }
            Progress::Incomplete => {
                let now = self.now();
                let since = *self.settling.get_or_insert(now);
                if now.saturating_sub(since) < SETTLING {
                    Ok(Update::Pending(self.status::<O>(Some(&state))))
                } else if readiness.usable > 0 {
                    Ok(self.done(state))
                } else {
                    let word = state.status().unwrap_or_default();
                    self.end(format!("the job says {word} but gives no file"))
                }
            }
            Progress::Pending => {
                self.settling = None;
                Ok(Update::Pending(self.status::<O>(Some(&state))))
            }
        }
    }

    /// There will be no more: what an earlier look-up had, or an error.
    fn end<O: Output>(&self, message: String) -> Result<Update<O>> {
        match self.state() {
            Some(known) if self.readiness::<O>(&known).usable > 0 => Ok(self.done(known)),
            _ => Err(self.failed(message)),
        }
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
    async fn sleep(&mut self) -> Woke {
        let left = self.deadline.saturating_sub(self.waited());
        // What is there already may make the look-up needless.
        if self.late < LATE_POSTS
            && let Some(event) = self.inbox.as_mut().and_then(Inbox::take)
        {
            self.late += usize::from(left.is_zero());
            return Woke::Posted(event);
        }
        if left.is_zero() {
            return Woke::Over;
        }
        let now = self.now();
        let mut due = *self.due.get_or_insert_with(|| now + self.schedule.next());
        if std::mem::take(&mut self.urgent) {
            due = due.min(self.not_before.max(now));
            self.due = Some(due);
        }
        if due <= now {
            self.due = None;
            return Woke::Due;
        }
        let settled = self.settling.map(|since| since + SETTLING);
        let in_vain = self.failing.map(|since| since.saturating_add(self.grace()));
        let timers = [settled, in_vain].into_iter().flatten();
        let until = timers.filter(|at| *at > now).fold(due, Duration::min);
        let pause = until.saturating_sub(now).min(left);
        let client = self.client.clone();
        let pause = client.clock().sleep(pause);
        match &mut self.inbox {
            None => pause.await,
            Some(inbox) => tokio::select! {
                biased;
                () = inbox.rung() => return Woke::Perhaps,
                () = pause => {}
            },
        }
        if until < due {
            return Woke::Perhaps;
        }
        self.due = None;
        Woke::Due
    }

    /// The deadline has come: takes that are ready are given, without them it is an error.
    fn give_up<O: Output>(&mut self) -> Result<Conversion> {
        if let Some(state) = self.state()
            && self.readiness::<O>(&state).usable > 0
        {
            return Ok(state);
        }
        if let Some(reason) = self
            .posts()
            .and_then(|posts| posts.any_failure().map(str::to_owned))
        {
            return Err(self.failed(format!("the job failed: {reason}")));
        }
        let last = self.last.as_deref().unwrap_or("nothing was heard");
        let message = format!(
            "not done after {} s ({last}); the job goes on and its handle stays good",
            self.deadline.as_secs_f64()
        );
        Err(Error::new(ErrorKind::Deadline, message).with(|details| {
            details.operation = self.handle.table().map(|operation| operation.id);
            details.task_id = Some(self.handle.task_id.clone());
            details.retryable = true;
        }))
    }
}
