//! What a wait makes of posts: whether they are enough, say that something failed, or are a reason to
//! look.

use std::sync::MutexGuard;
use std::time::Duration;

use musicgpt_api::Phase;

use super::{SETTLING, Wait};
use crate::conversion::Conversion;
use crate::error::Result;
use crate::outputs::Output;
use crate::posts::Posts;

impl Wait {
    /// The posts, where they are believed and there are any.
    pub(super) fn posts(&self) -> Option<MutexGuard<'_, Posts>> {
        let inbox = self.inbox.as_ref().filter(|_| !self.confirmed)?;
        Some(inbox.posts()).filter(|posts| !posts.is_empty())
    }

    /// What is known: the last look-up and the posts.
    pub(super) fn state(&self) -> Option<Conversion> {
        match self.posts() {
            Some(posts) => Some(posts.complete(&self.handle, self.polled.clone())),
            None => self.polled.clone(),
        }
    }

    /// Whether every result is there, or has failed while others did not.
    pub(super) fn is_complete<O: Output>(&self, state: &Conversion) -> bool {
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
        // What the look-up says of a take has the last word, for a while.
        if outputs == 1 || self.goes_on() && !self.is_in_vain() {
            return false;
        }
        let failed = posts.failed_takes(&self.handle, state);
        let has_sound = |number: usize| state.take(number).audio(outputs).is_some();
        (1..=outputs).any(has_sound)
            && (1..=outputs).all(|number| has_sound(number) || failed.contains(&number))
    }

    /// Whether the look-up says that the service is at work.
    fn goes_on(&self) -> bool {
        let phase = self.polled.as_ref().and_then(Conversion::phase);
        !self.blind && matches!(phase, Some(Phase::Waiting | Phase::Running))
    }

    /// Whether the job has been given long enough after a post said that it failed. Nobody has
    /// published such a post, so it may mean less than it says.
    fn is_in_vain(&self) -> bool {
        let grace = self.grace();
        self.failing
            .is_some_and(|since| self.now().saturating_sub(since) >= grace)
    }

    pub(super) fn grace(&self) -> Duration {
        self.handle
            .eta()
            .unwrap_or_default()
            .saturating_add(SETTLING)
    }

    /// The result, where the posts make it needless to look.
    pub(super) fn told<O: Output>(&mut self) -> Result<Option<Conversion>> {
        let state = match self.posts() {
            Some(posts) => posts.complete(&self.handle, self.polled.clone()),
            None => return Ok(None),
        };
        let now = self.now();
        let failure = self.failure(&state);
        if failure.is_some() {
            self.failing.get_or_insert(now);
        }
        if self.is_complete::<O>(&state) {
            let since = *self.settling.get_or_insert(now);
            let is_full = state.is_full(self.handle.outputs());
            let enough = is_full || self.blind || now.saturating_sub(since) >= SETTLING;
            return Ok(enough.then_some(state));
        }
        let Some((reason, is_whole)) = failure else {
            return Ok(None);
        };
        let has_some = self.readiness::<O>(&state).usable > 0;
        // Where the look-up answers, it decides; where it does not, time does, but for a failure of
        // the whole with nothing to show for it.
        let is_final = if self.blind {
            self.is_in_vain() || is_whole && !has_some
        } else {
            self.is_in_vain() && is_whole && !self.goes_on()
        };
        match is_final {
            false => Ok(None),
            true if has_some => Ok(Some(state)),
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

    /// Where the posts told something new, it may be a reason to look at once.
    pub(super) fn consider<O: Output>(&mut self) {
        let Some(version) = self.inbox.as_ref().map(|inbox| inbox.posts().version()) else {
            return;
        };
        if std::mem::replace(&mut self.version, version) == version {
            return;
        }
        self.urgent |= self.confirmed
            || self.state().is_some_and(|state| {
                self.is_complete::<O>(&state) || self.failure(&state).is_some()
            });
    }
}
