//! The API's ways of saying no.
//!
//! Five JSON shapes are known: `error_code` with `message`, `error` as text, `message` alone,
//! `error` as an object, and `detail` as text or as a list of positions and messages.

use serde_json::{Map, Value};

/// How much of a body an error keeps.
const BODY: usize = 16 * 1024;

/// A refusal, read from whichever shape it has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) task_id: Option<String>,
}

impl Failure {
    /// Reads an error body; nothing where it has none of the shapes.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let Value::Object(body) = serde_json::from_slice(body).ok()? else {
            return None;
        };
        Self::of(&body)
    }

    /// Reads an answer that is JSON; nothing where it is no refusal.
    pub(crate) fn of(body: &Map<String, Value>) -> Option<Self> {
        let known = ["success", "error_code", "message", "error", "detail"];
        if !known.iter().any(|name| body.contains_key(*name)) {
            return None;
        }
        let nested = body.get("error").and_then(Value::as_object);
        let text = |map: &Map<String, Value>, name: &str| {
            map.get(name)
                .and_then(Value::as_str)
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let code =
            text(body, "error_code").or_else(|| nested.and_then(|error| text(error, "code")));
        let message = text(body, "message")
            .or_else(|| text(body, "error"))
            .or_else(|| nested.and_then(|error| text(error, "message")))
            .or_else(|| body.get("detail").and_then(detail))
            // A flagged request may give its reason only here.
            .or_else(|| text(body, "reason"))
            .or_else(|| text(body, "error_message"));
        Some(Self {
            code,
            message,
            task_id: text(body, "task_id"),
        })
    }
}

/// `detail` as one line: `query.conversionType: field required; …`.
fn detail(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let lines: Vec<String> = items.iter().filter_map(detail_item).collect();
            (!lines.is_empty()).then(|| lines.join("; "))
        }
        _ => None,
    }
}

fn detail_item(item: &Value) -> Option<String> {
    let message = item.get("msg").and_then(Value::as_str).or(item.as_str())?;
    let place: Vec<String> = item
        .get("loc")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|step| {
            step.as_str()
                .map_or_else(|| step.to_string(), str::to_owned)
        })
        .collect();
    Some(if place.is_empty() {
        message.to_owned()
    } else {
        format!("{}: {message}", place.join("."))
    })
}

/// The first part of a body as text.
pub(crate) fn excerpt(body: &[u8]) -> String {
    let end = body.len().min(BODY);
    String::from_utf8_lossy(body.get(..end).unwrap_or_default()).into_owned()
}

/// What a body that is no JSON says: the title of a page, or nothing.
pub(crate) fn page_title(body: &str) -> Option<String> {
    let lower = body.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let end = lower.get(start..)?.find("</title>")? + start;
    let title = body
        .get(start..end)?
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> (Option<String>, Option<String>) {
        let failure = Failure::read(body.as_bytes()).unwrap();
        (failure.code, failure.message)
    }

    #[test]
    fn every_shape() {
        let some = |text: &str| Some(text.to_owned());
        for (body, want) in [
            (
                r#"{"success":false,"error_code":"INSUFFICIENT_CREDITS","message":"No credits."}"#,
                (some("INSUFFICIENT_CREDITS"), some("No credits.")),
            ),
            (
                r#"{"success":false,"error":"No balance"}"#,
                (None, some("No balance")),
            ),
            (
                r#"{"success":false,"message":"No balance"}"#,
                (None, some("No balance")),
            ),
            (
                r#"{"success":false,"error":{"code":"X","message":"Y","details":{}}}"#,
                (some("X"), some("Y")),
            ),
            (r#"{"detail":"Upgrade"}"#, (None, some("Upgrade"))),
            (
                r#"{"detail":[{"loc":["query","conversionType"],"msg":"field required","type":"x"},{"loc":["body",0],"msg":"bad"}]}"#,
                (
                    None,
                    some("query.conversionType: field required; body.0: bad"),
                ),
            ),
            (
                r#"{"success":false,"error_code":"UNPROCESSABLE_CONTENT","message":""}"#,
                (some("UNPROCESSABLE_CONTENT"), None),
            ),
        ] {
            assert_eq!(read(body), want, "{body}");
        }
    }

    #[test]
    fn what_is_no_refusal() {
        for body in ["", "<html></html>", "[]", "{}", "{\"a\":1}"] {
            assert_eq!(Failure::read(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn titles_of_pages() {
        assert_eq!(
            page_title("<html><head><TITLE>502 Bad\nGateway</TITLE>").as_deref(),
            Some("502 Bad Gateway")
        );
        assert_eq!(page_title("plain"), None);
    }
}
