//! When to send again, and after how long.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// How often and how long a request may be tried.
///
/// A request that reads is tried again after anything that may pass. A request that submits a task
/// is tried again only after a failure that proves that the API did not accept it: a connection
/// that was never made, or a 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Most requests, the first one included.
    pub attempts: u32,
    /// Most time between the first request and the last one.
    pub budget: Duration,
    /// Longest pause before the second request; doubles with each further one.
    pub base: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            budget: Duration::from_secs(10),
            base: Duration::from_millis(500),
        }
    }
}

impl RetryPolicy {
    /// Never tries again.
    pub fn none() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }

    /// The same with another number of requests.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The same with another budget.
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// The pause before the next request, where one is allowed. `random` is from 0 to 1.
    pub(crate) fn pause(
        &self,
        sent: u32,
        elapsed: Duration,
        asked: Option<Duration>,
        random: f64,
    ) -> Option<Duration> {
        if sent >= self.attempts {
            return None;
        }
        let longest = self
            .base
            .saturating_mul(1 << (sent.saturating_sub(1)).min(16));
        // Full jitter, so that clients that failed together do not come back together.
        let pause = longest
            .mul_f64(random.clamp(0.0, 1.0))
            .max(asked.unwrap_or_default());
        (elapsed.saturating_add(pause) <= self.budget).then_some(pause)
    }
}

/// What the API asks for, in seconds, as a date, or in milliseconds.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = |text: &str| {
        text.parse::<f64>()
            .ok()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    };
    let milliseconds = text("retry-after-ms")
        .and_then(seconds)
        .map(|duration| duration / 1000);
    milliseconds.or_else(|| {
        let text = text(RETRY_AFTER.as_str())?;
        seconds(text).or_else(|| {
            let date = httpdate::parse_http_date(text).ok()?;
            Some(date.duration_since(now).unwrap_or_default())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn three_forms() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let in_a_minute = httpdate::fmt_http_date(now + Duration::from_secs(60));
        let long_ago = httpdate::fmt_http_date(now - Duration::from_secs(60));
        for (headers, want) in [
            (header("retry-after", "7"), Some(Duration::from_secs(7))),
            (
                header("retry-after", "1.5"),
                Some(Duration::from_millis(1500)),
            ),
            (
                header("retry-after-ms", "250"),
                Some(Duration::from_millis(250)),
            ),
            (
                header("retry-after", &in_a_minute),
                Some(Duration::from_secs(60)),
            ),
            (header("retry-after", &long_ago), Some(Duration::ZERO)),
            (header("retry-after", "-1"), None),
            (header("retry-after", "soon"), None),
            (HeaderMap::new(), None),
        ] {
            assert_eq!(retry_after(&headers, now), want, "{headers:?}");
        }
    }

    #[test]
    fn pauses_grow_within_the_budget() {
        let policy = RetryPolicy::default().attempts(4);
        let pause = |sent| policy.pause(sent, Duration::ZERO, None, 1.0);
        assert_eq!(pause(1), Some(Duration::from_millis(500)));
        assert_eq!(pause(2), Some(Duration::from_millis(1000)));
        assert_eq!(pause(3), Some(Duration::from_millis(2000)));
        assert_eq!(pause(4), None);
        let asked = Some(Duration::from_secs(8));
        assert_eq!(policy.pause(1, Duration::ZERO, asked, 0.0), asked);
        assert_eq!(policy.pause(1, Duration::from_secs(3), asked, 0.0), None);
    }
}
