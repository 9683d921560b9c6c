//! Faults on demand: what goes wrong, and for which requests.
//!
//! | name                | what happens                                          |
//! |---------------------|-------------------------------------------------------|
//! | `402-code`          | that status, `{"success","error_code","message"}`     |
//! | `402-error`         | `{"success","error":"text"}`                          |
//! | `402-message`       | `{"success","message"}`                               |
//! | `422-detail`        | `{"detail":[{"loc","msg","type"}]}`                   |
//! | `422-detail-text`   | `{"detail":"text"}`                                   |
//! | `500-error-object`  | `{"success","error":{"code","message","details"}}`    |
//! | `502-html`          | that status and a web server's HTML page              |
//! | `429`               | too many requests, without a `Retry-After`            |
//! | `429-seconds`       | … with `Retry-After: 1`                               |
//! | `429-date`          | … with a date                                         |
//! | `429-ms`            | … with `retry-after-ms: 250`                          |
//! | `success-false-200` | status 200 with an error body                         |
//! | `reset`             | the connection closes without an answer               |
//! | `stall`             | no answer ever comes                                  |
//! | `truncate`          | the real answer, cut short                            |
//! | `job-failed`        | the task is accepted and fails half-way               |
//! | `webhook-duplicate` | every post comes twice                                |
//! | `webhook-reverse`   | the posts come in reverse order                       |
//! | `webhook-late`      | the posts come ten minutes after the task is done     |
//! | `webhook-drop:<n>`  | the n-th post (from 1) never comes                    |
//! | `media-expired`     | the file is refused as an expired link is             |
//!
//! What befalls an answer befalls uploads to the storage too; a rule knows
//! them as `storage`, and downloads as `media`.
//!
//! Any status from 400 to 599 takes any of the six body shapes, or `html`.
//! Faults come by the request header [`FAULT_HEADER`] (several separated by
//! commas) or as [`FaultRule`]s. A request that is answered with an error,
//! HTML, a reset or a stall has no other effect: no task begins.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::operation::Operation;
use crate::reply::Reply;
use crate::spec::Spec;

/// The request header that asks for faults.
pub const FAULT_HEADER: &str = "x-sim-fault";

/// Something that goes wrong. Parse one from its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// An error status with a JSON body.
    Error(u16, ErrorShape),
    /// An error status with an HTML page.
    Html(u16),
    /// 429, with one of the ways to say when to come again.
    RateLimit(RetryAfter),
    /// Status 200 with `success: false`.
    SuccessFalse,
    /// The connection closes without an answer.
    Reset,
    /// No answer ever comes.
    Stall,
    /// The real answer, cut short.
    Truncate,
    /// The task is accepted and then fails.
    JobFailed,
    /// Every post comes twice.
    WebhookDuplicate,
    /// The posts come in reverse order.
    WebhookReverse,
    /// The posts come long after the task is done.
    WebhookLate,
    /// The n-th post, counted from 1, never comes.
    WebhookDrop(usize),
    /// Files are refused as expired links are.
    MediaExpired,
}

/// The shape of an error body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorShape {
    /// `error_code` and `message`.
    Code,
    /// `error` with a text.
    Error,
    /// `message` alone.
    Message,
    /// `detail` with a list.
    Detail,
    /// `detail` with a text.
    DetailText,
    /// `error` with an object.
    ErrorObject,
}

/// How a 429 says when to come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// Not at all.
    Absent,
    /// `Retry-After` in seconds.
    Seconds,
    /// `Retry-After` with a date.
    Date,
    /// `retry-after-ms`.
    Millis,
}

/// A name that is not a fault's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFault(String);

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no fault is called `{}`", self.0)
    }
}

impl std::error::Error for UnknownFault {}

const SHAPES: [(&str, ErrorShape); 6] = [
    ("code", ErrorShape::Code),
    ("error", ErrorShape::Error),
    ("message", ErrorShape::Message),
    ("detail", ErrorShape::Detail),
    ("detail-text", ErrorShape::DetailText),
    ("error-object", ErrorShape::ErrorObject),
];

const RETRIES: [(&str, RetryAfter); 3] = [
    ("seconds", RetryAfter::Seconds),
    ("date", RetryAfter::Date),
    ("ms", RetryAfter::Millis),
];

const NAMED: [(&str, Fault); 9] = [
    ("success-false-200", Fault::SuccessFalse),
    ("reset", Fault::Reset),
    ("stall", Fault::Stall),
    ("truncate", Fault::Truncate),
    ("job-failed", Fault::JobFailed),
    ("webhook-duplicate", Fault::WebhookDuplicate),
    ("webhook-reverse", Fault::WebhookReverse),
    ("webhook-late", Fault::WebhookLate),
    ("media-expired", Fault::MediaExpired),
];

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        parse(name.trim()).ok_or_else(|| UnknownFault(name.trim().to_owned()))
    }
}

fn parse(name: &str) -> Option<Fault> {
    if let Some((_, fault)) = NAMED.into_iter().find(|(known, _)| *known == name) {
        return Some(fault);
    }
    if let Some(number) = name.strip_prefix("webhook-drop:") {
        return number
            .parse()
            .ok()
            .filter(|n| *n > 0)
            .map(Fault::WebhookDrop);
    }
    let (status, suffix) = name.split_once('-').unwrap_or((name, ""));
    let status: u16 = status
        .parse()
        .ok()
        .filter(|status| (400..600).contains(status))?;
    match (status, suffix) {
        (429, "") => return Some(Fault::RateLimit(RetryAfter::Absent)),
        (_, "") => return Some(Fault::Error(status, ErrorShape::Code)),
        (_, "html") => return Some(Fault::Html(status)),
        _ => {}
    }
    let retry = RETRIES
        .into_iter()
        .find(|(known, _)| status == 429 && *known == suffix);
    if let Some((_, retry)) = retry {
        return Some(Fault::RateLimit(retry));
    }
    let (_, shape) = SHAPES.into_iter().find(|(known, _)| *known == suffix)?;
    Some(Fault::Error(status, shape))
}

/// Where a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The answer to a request.
    Answer,
    /// The life of an accepted task.
    Task,
    /// The download of a file.
    Media,
}

impl Fault {
    pub(crate) fn stage(self) -> Stage {
        match self {
            Self::JobFailed
            | Self::WebhookDuplicate
            | Self::WebhookReverse
            | Self::WebhookLate
            | Self::WebhookDrop(_) => Stage::Task,
            Self::MediaExpired => Stage::Media,
            _ => Stage::Answer,
        }
    }

    /// The answer that takes the place of the real one, if it is one.
    pub(crate) fn reply(self, spec: &Spec, operation: Option<&Operation>) -> Option<Reply> {
        match self {
            Self::Error(status, shape) => Some(Reply::json(
                status,
                &error_body(spec, operation, status, shape),
            )),
            Self::Html(status) => Some(Reply::html(status)),
            Self::RateLimit(retry) => {
                let reply = Reply::json(429, &error_body(spec, operation, 429, ErrorShape::Code));
                Some(match retry {
                    RetryAfter::Absent => reply,
                    RetryAfter::Seconds => reply.with_header("retry-after", "1"),
                    RetryAfter::Millis => reply.with_header("retry-after-ms", "250"),
                    RetryAfter::Date => {
                        let date = SystemTime::now() + Duration::from_secs(2);
                        reply.with_header("retry-after", &httpdate::fmt_http_date(date))
                    }
                })
            }
            Self::SuccessFalse => Some(Reply::json(
                200,
                &error_body(spec, operation, 402, ErrorShape::Code),
            )),
            _ => None,
        }
    }
}

/// An error body in a shape, with the words of the documented examples.
fn error_body(spec: &Spec, operation: Option<&Operation>, status: u16, shape: ErrorShape) -> Value {
    let examples = operation.and_then(|operation| operation.errors.get(&status));
    let mut examples = examples.into_iter().flatten();
    if shape == ErrorShape::Detail
        && let Some(example) = examples
            .clone()
            .find(|example| example["detail"].is_array())
    {
        return example.clone();
    }
    let documented = examples.find_map(|example| {
        let texts = ["message", "error"]
            .into_iter()
            .filter_map(|key| example.get(key)?.as_str());
        texts.into_iter().find(|text| !text.is_empty())
    });
    let canonical = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|s| s.canonical_reason());
    let text = documented.or(canonical).unwrap_or("Error");
    match shape {
        ErrorShape::Code => spec.error(status, text),
        ErrorShape::Error => json!({"success": false, "error": text}),
        ErrorShape::Message => json!({"success": false, "message": text}),
        ErrorShape::Detail => {
            json!({"detail": [{"loc": ["body"], "msg": text, "type": "value_error"}]})
        }
        ErrorShape::DetailText => json!({"detail": text}),
        ErrorShape::ErrorObject => json!({
            "success": false,
            "error": {"code": spec.code(status), "message": text, "details": {}},
        }),
    }
}

/// A fault for some requests: all of them, unless it is narrowed.
#[derive(Debug, Clone)]
pub struct FaultRule {
    fault: Fault,
    operation: Option<String>,
    remaining: Option<u32>,
}

impl FaultRule {
    /// A fault for every request that it can strike.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            operation: None,
            remaining: None,
        }
    }

    /// Only for requests of this operation (its id in the API description;
    /// `media` for downloads).
    #[must_use]
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Only for the first `count` requests that it strikes.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.remaining = Some(count);
        self
    }

    /// The fault if it strikes now; each strike counts.
    fn strike(&mut self, stage: Stage, operation: &str) -> Option<Fault> {
        let named = self.operation.as_deref();
        // A fault of the answer is for the API unless it names the downloads.
        let strikes = if stage == Stage::Media {
            self.fault.stage() == Stage::Media && named.is_none_or(|name| name == operation)
                || self.fault.stage() == Stage::Answer && named == Some(operation)
        } else {
            self.fault.stage() == stage && named.is_none_or(|name| name == operation)
        };
        if !strikes || self.remaining == Some(0) {
            return None;
        }
        self.remaining = self.remaining.map(|count| count - 1);
        Some(self.fault)
    }
}

/// The faults of one stage from the rules in force.
pub(crate) fn strike(rules: &mut [FaultRule], stage: Stage, operation: &str) -> Vec<Fault> {
    let mut struck = Vec::new();
    for rule in rules {
        // One answer can only go wrong in one way.
        if stage != Stage::Task && !struck.is_empty() {
            break;
        }
        struck.extend(rule.strike(stage, operation));
    }
    struck
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parsed() {
        assert_eq!("402-code".parse(), Ok(Fault::Error(402, ErrorShape::Code)));
        assert_eq!(
            "500-error-object".parse(),
            Ok(Fault::Error(500, ErrorShape::ErrorObject))
        );
        assert_eq!("429".parse(), Ok(Fault::RateLimit(RetryAfter::Absent)));
        assert_eq!("429-ms".parse(), Ok(Fault::RateLimit(RetryAfter::Millis)));
        assert_eq!(
            "429-error".parse(),
            Ok(Fault::Error(429, ErrorShape::Error))
        );
        assert_eq!("502-html".parse(), Ok(Fault::Html(502)));
        assert_eq!("webhook-drop:2".parse(), Ok(Fault::WebhookDrop(2)));
        for bad in ["", "200-code", "webhook-drop:0", "402-ms", "nonsense"] {
            assert!(bad.parse::<Fault>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_rule_strikes_as_often_as_it_says() {
        let mut rules = [FaultRule::new(Fault::Reset).on("a").times(1)];
        assert!(strike(&mut rules, Stage::Answer, "b").is_empty());
        assert_eq!(strike(&mut rules, Stage::Answer, "a"), [Fault::Reset]);
        assert!(strike(&mut rules, Stage::Answer, "a").is_empty());
    }
}
