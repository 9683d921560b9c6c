//! Clocks that let no real time pass: one drives a simulator, the other only counts.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use musicgpt_sdk::{Client, Clock, LimitSet, Pause, RetryPolicy};
use musicgpt_sim::Simulator;

/// The time of a simulator on a virtual clock.
pub struct SimulatedClock(pub Arc<Simulator>);

impl fmt::Debug for SimulatedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimulatedClock")
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> Pause<'_> {
        Box::pin(async move { self.0.advance(duration).await })
    }

    fn unix_time(&self) -> Duration {
        // Any fixed day will do.
        Duration::from_secs(1_790_000_000) + self.0.now()
    }
}

/// A client of a simulator, on its clock.
pub fn client(simulator: &Arc<Simulator>) -> Client {
    Client::builder()
        .key("any-key")
        .base_url(simulator.base_url())
        .limits(LimitSet::Original)
        .retry(RetryPolicy::default())
        .clock(Arc::new(SimulatedClock(Arc::clone(simulator))))
        .build()
        .unwrap()
}

/// Lets no time pass, and counts what it was asked for.
#[derive(Debug, Default)]
pub struct Impatient(Mutex<Duration>);

impl Clock for Impatient {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> Pause<'_> {
        *self.0.lock().unwrap() += duration;
        Box::pin(std::future::ready(()))
    }
}
