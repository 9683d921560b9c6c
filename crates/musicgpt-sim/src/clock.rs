//! Simulated time: it runs by itself, faster than real time, or stands still
//! until it is moved.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::log::lock;

/// Where simulated time comes from. It counts from zero at start-up.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Time added by hand.
    offset: Mutex<Duration>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    since: Instant,
    speed: f64,
}

impl Clock {
    /// A clock that moves only by [`Clock::forward_to`].
    pub(crate) fn still() -> Self {
        Self {
            offset: Mutex::default(),
            running: None,
        }
    }

    /// A clock on which `speed` simulated seconds pass in a real one.
    pub(crate) fn scaled(speed: f64) -> Self {
        Self {
            offset: Mutex::default(),
            running: Some(Running {
                since: Instant::now(),
                speed,
            }),
        }
    }

    /// How much faster than real time it runs; none if it stands still.
    pub(crate) fn speed(&self) -> Option<f64> {
        self.running.as_ref().map(|running| running.speed)
    }

    /// Simulated time since the start.
    pub(crate) fn now(&self) -> Duration {
        *lock(&self.offset) + self.elapsed()
    }

    /// Moves on to `time`; never back.
    pub(crate) fn forward_to(&self, time: Duration) {
        let mut offset = lock(&self.offset);
        let now = *offset + self.elapsed();
        *offset += time.saturating_sub(now);
    }

    /// The real time in which the clock gets from now to `time` by itself.
    pub(crate) fn real_time_until(&self, time: Duration) -> Option<Duration> {
        let wait = time.saturating_sub(self.now());
        self.speed().map(|speed| scale(wait, 1.0 / speed))
    }

    fn elapsed(&self) -> Duration {
        self.running.as_ref().map_or(Duration::ZERO, |running| {
            scale(running.since.elapsed(), running.speed)
        })
    }
}

/// `time` times `factor`, at most the longest duration there is.
pub(crate) fn scale(time: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(time.as_secs_f64() * factor).unwrap_or(Duration::MAX / 4)
}

/// Seconds from 1970 to the moment at which simulated time starts,
/// 2026-01-05T16:00:00Z: fixed, so that answers do not depend on the day.
const EPOCH: u64 = 1_767_628_800;

/// The date and time at `time`, written in the style of `example`: the API
/// mixes three.
pub(crate) fn timestamp(time: Duration, example: &str) -> String {
    let seconds = EPOCH + time.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    if example.contains(' ') {
        let millis = time.subsec_millis();
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{millis:03} +0000")
    } else if example.ends_with('Z') {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    } else {
        let micros = time.subsec_micros();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}+00:00")
    }
}

/// Year, month and day of a day counted from 1970-01-01: years are counted
/// from March, so that the leap day is a year's last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_still_clock_moves_only_forward() {
        let clock = Clock::still();
        clock.forward_to(Duration::from_secs(5));
        clock.forward_to(Duration::from_secs(3));
        assert_eq!(clock.now(), Duration::from_secs(5));
    }

    #[test]
    fn the_three_styles_of_time() {
        let time = Duration::from_micros(55 * 86_400_000_000 + 1_054_321);
        let styles = [
            "2026-08-17T17:07:40.557077+00:00",
            "2025-01-01T12:00:00Z",
            "2026-08-17 17:11:27.054 +0000",
        ];
        assert_eq!(
            timestamp(time, styles[0]),
            "2026-03-01T16:00:01.054321+00:00"
        );
        assert_eq!(timestamp(time, styles[1]), "2026-03-01T16:00:01Z");
        assert_eq!(timestamp(time, styles[2]), "2026-03-01 16:00:01.054 +0000");
    }
}
