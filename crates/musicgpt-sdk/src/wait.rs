//! One wait for a job: look-ups when they are due, posts as they come, and what both together mean.

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use futures_util::FutureExt;
use musicgpt_webhooks::Event;

use crate::client::Client;
use crate::conversion::{Conversion, Progress, Readiness};
use crate::error::{Error, ErrorKind, Result};
use crate::events::Inbox;
use crate::job::{JobHandle, JobStatus, Update, WaitOptions};
use crate::outputs::Output;
use crate::posts::Posts;
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
    /// The last look-up, or the one before, where that had more files.
    polled: Option<Conversion>,
    /// Whether the look-up has said before that it does not know the task.
    was_unknown: bool,
    /// Whether the look-up refuses, so that posts are all there is.
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
    /// There may be something new without either.
    Woken,
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
            // An earlier wait may have heard something.
            urgent: inbox
                .as_ref()
                .is_some_and(|inbox| !inbox.posts().is_empty()),
            settling: None,
            failing: None,
            last: None,
            polled: None,
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
        match self.pause().await {
            Pause::Due => self.look().await,
            Pause::Posted(event) => {
                self.last = Some(format!("a post of kind {}", event.kind()));
                self.hear::<O>();
                Ok(Update::Posted(event))
            }
            Pause::Woken => {
                self.hear::<O>();
                Ok(Update::Pending(self.status::<O>(None)))
            }
            Pause::Over => self.give_up::<O>().map(|conversion| self.done(conversion)),
        }
    }

    /// The posts, where they are believed and there are any.
    fn posts(&self) -> Option<MutexGuard<'_, Posts>> {
        let inbox = self.inbox.as_ref().filter(|_| !self.confirmed)?;
        Some(inbox.posts()).filter(|posts| !posts.is_empty())
    }

    /// What is known: the last look-up and the posts.
    fn state(&self) -> Option<Conversion> {
        match self.posts() {
            Some(posts) => Some(posts.complete(&self.handle, self.polled.clone())),
            None => self.polled.clone(),
        }
    }

    /// Whether every result is there, or has failed while others did not.
    fn is_complete<O: Output>(&self, state: &Conversion) -> bool {
        let outputs = self.handle.outputs();
        let readiness = self.readiness::<O>(state);
        if readiness.complete == outputs {
            return true;
        }
        let Some(posts) = self.posts() else {
            return false;
        };
        // A result is posted when it is whole; what it lacks was not asked for.
        if posts.has_result() && readiness.usable == outputs {
            return true;
        }
        let failed = posts.failed_takes(&self.handle, state);
        let has_sound = |number: usize| state.take(number).audio(outputs).is_some();
        outputs > 1
            && (1..=outputs).any(has_sound)
            && (1..=outputs).all(|number| has_sound(number) || failed.contains(&number))
    }

    /// The result, where the posts make it needless to look.
    fn told<O: Output>(&mut self) -> Result<Option<Conversion>> {
        if self.posts().is_none() {
            return Ok(None);
        }
        let Some(state) = self.state() else {
            return Ok(None);
        };
        let now = self.now();
        if self.is_complete::<O>(&state) {
            let since = *self.settling.get_or_insert(now);
            let is_full = state.is_full(self.handle.outputs());
            let enough = is_full || self.blind || now.saturating_sub(since) >= SETTLING;
            return Ok(enough.then_some(state));
        }
        let Some((reason, is_whole)) = self.failure(&state) else {
            return Ok(None);
        };
        let since = *self.failing.get_or_insert(now);
        let in_vain = now.saturating_sub(since) >= self.grace();
        // What the look-up says of a take has the last word.
        let is_final = match (self.blind, is_whole) {
            (true, true) => true,
            (true, false) | (false, true) => in_vain,
            (false, false) => false,
        };
        match is_final {
            false => Ok(None),
            true if self.readiness::<O>(&state).usable > 0 => Ok(Some(state)),
            true => Err(self.failed(format!("the job failed: {reason}"))),
        }
    }

    /// Why posts said that something failed, and whether they said so of the whole.
    fn failure(&self, state: &Conversion) -> Option<(String, bool)> {
        let posts = self.posts()?;
        let whole = posts.failure(&self.handle, state);
        let reason = whole.or(posts.any_failure())?;
        Some((reason.to_owned(), whole.is_some()))
    }

    /// How long a job may go on after a post said that it failed. Nobody has published such a post,
    /// so it may mean less than it says.
    fn grace(&self) -> Duration {
        self.handle
            .eta()
            .unwrap_or_default()
            .saturating_add(SETTLING)
    }

    /// Something new was told: it may be a reason to look at once.
    fn hear<O: Output>(&mut self) {
        let Some(state) = self.state() else {
            self.urgent |= self.confirmed;
            return;
        };
        self.urgent |=
            self.confirmed || self.is_complete::<O>(&state) || self.failure(&state).is_some();
    }

    /// Looks once, and says what that means.
    pub(crate) async fn look<O: Output>(&mut self) -> Result<Update<O>> {
        let (lookup, inferred) = self.handle.lookup()?;
        let left = self.deadline.saturating_sub(self.waited()).max(LAST_LOOK);
        // The clock may be a simulated one; what a look-up takes is real time.
        let lookup = tokio::time::timeout(left, self.client.call(lookup));
        let Ok(answer) = lookup.await else {
            self.last = Some("no answer in time".to_owned());
            return self.give_up::<O>().map(|conversion| self.done(conversion));
        };
        let error = match answer {
            Ok(conversion) => {
                self.blind = false;
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
                self.due = Some(self.now() + asked.max(self.schedule.next()));
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
        Ok(Update::Pending(self.status::<O>(None)))
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
            Progress::Ready => {}
            Progress::Failed => {
                let reason = state.reason().unwrap_or("no reason is given");
                let word = state.status().unwrap_or_default();
                return Err(self.failed(format!("the job failed ({word}): {reason}")));
            }
            Progress::Incomplete => {
                let since = *self.settling.get_or_insert(self.client.clock().now());
                if self.now().saturating_sub(since) < SETTLING {
                    return Ok(Update::Pending(self.status::<O>(Some(&state))));
                }
                if readiness.usable == 0 {
                    let what = format!(
                        "the job says {} but gives no file",
                        state.status().unwrap_or_default()
                    );
                    return Err(self.failed(what));
                }
            }
            Progress::Pending => return Ok(Update::Pending(self.status::<O>(Some(&state)))),
        }
        Ok(self.done(state))
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
    async fn pause(&mut self) -> Pause {
        // What is there already may make the look-up needless.
        let waiting = self.inbox.as_mut().map(|inbox| inbox.next().now_or_never());
        match waiting.flatten() {
            Some(Some(event)) => return Pause::Posted(event),
            Some(None) => return Pause::Woken,
            None => {}
        }
        let left = self.deadline.saturating_sub(self.waited());
        if left.is_zero() {
            return Pause::Over;
        }
        if std::mem::take(&mut self.urgent) {
            return Pause::Due;
        }
        let now = self.now();
        let due = *self.due.get_or_insert_with(|| now + self.schedule.next());
        let settled = self.settling.map(|since| since + SETTLING);
        let in_vain = self.failing.map(|since| since.saturating_add(self.grace()));
        let timers = [settled, in_vain].into_iter().flatten();
        let until = timers.filter(|at| *at > now).fold(due, Duration::min);
        let pause = until.saturating_sub(now).min(left);
        let client = self.client.clone();
        let sleep = client.clock().sleep(pause);
        match &mut self.inbox {
            None => sleep.await,
            Some(inbox) => tokio::select! {
                biased;
                event = inbox.next() => return event.map_or(Pause::Woken, Pause::Posted),
                () = sleep => {}
            },
        }
        if until < due {
            return Pause::Woken;
        }
        self.due = None;
        Pause::Due
    }

    /// The deadline has come: takes that are ready are given, without them it is an error.
    fn give_up<O: Output>(&mut self) -> Result<Conversion> {
        if let Some(state) = self.state()
            && self.readiness::<O>(&state).usable > 0
        {
            return Ok(state);
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
