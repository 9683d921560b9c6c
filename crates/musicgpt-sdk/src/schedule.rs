//! When to poll: pure arithmetic, without a clock.

use std::time::Duration;

/// The first poll where no estimate is given, and the soonest one where it is.
const FIRST: Duration = Duration::from_secs(3);
/// How much of the estimate passes before the first poll.
const SHARE: f64 = 0.8;
/// The pause after the first poll.
const STEP: Duration = Duration::from_secs(2);
/// How the pauses grow.
const GROWTH: f64 = 1.5;
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(10);

/// The pauses before each poll.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    first: Option<Duration>,
    step: Duration,
}

impl Schedule {
    /// For a job that is expected to be done in so long, counted from now. An estimate of nothing,
    /// or a past one, is no estimate.
    pub(crate) fn new(remaining: Option<Duration>) -> Self {
        let first = match remaining {
            Some(remaining) if !remaining.is_zero() => {
                // A short job is not made to wait for a long first pause.
                remaining.mul_f64(SHARE).max(FIRST.min(remaining))
            }
            _ => FIRST,
        };
        Self {
            first: Some(first),
            step: STEP,
        }
    }

    /// For a job that is known to be old: the first poll is at once.
    pub(crate) fn overdue() -> Self {
        Self {
            first: Some(Duration::ZERO),
            step: STEP,
        }
    }

    /// The pause before the next poll.
    pub(crate) fn next(&mut self) -> Duration {
        if let Some(first) = self.first.take() {
            return first;
        }
        let pause = self.step;
        self.step = self.step.mul_f64(GROWTH).min(LONGEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments of the polls until a job is seen done, in seconds.
    fn polls(eta: Option<f64>, done: f64) -> Vec<f64> {
        let mut schedule = Schedule::new(eta.map(Duration::from_secs_f64));
        let mut moments = Vec::new();
        let mut now = 0.0;
        while moments.last().is_none_or(|moment| *moment < done) {
            now += schedule.next().as_secs_f64();
            moments.push((now * 100.0_f64).round() / 100.0);
        }
        moments
    }

    #[test]
    fn a_right_estimate_costs_few_polls() {
        assert_eq!(polls(Some(60.0), 60.0), [48.0, 50.0, 53.0, 57.5, 64.25]);
        for eta in [20.0, 60.0, 90.0, 120.0, 154.0, 300.0] {
            let moments = polls(Some(eta), eta);
            assert!(moments.len() <= 10, "{eta}: {moments:?}");
            assert!(moments.last().unwrap() - eta <= 10.0, "{eta}: {moments:?}");
        }
    }

    #[test]
    fn a_wrong_estimate_costs_some_more() {
        assert!(polls(Some(20.0), 60.0).len() <= 20);
        assert_eq!(polls(Some(600.0), 60.0), [480.0]);
    }

    #[test]
    fn no_estimate_starts_soon() {
        assert_eq!(polls(None, 12.0), [3.0, 5.0, 8.0, 12.5]);
        assert_eq!(polls(Some(0.0), 3.0), [3.0]);
        assert_eq!(polls(Some(1.0), 1.0), [1.0]);
    }
}
