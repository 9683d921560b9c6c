//! The documented answers, in `tests/fixtures`, by operation and what is special about them.
//!
//! Those of webhooks are with the tests of their crate.

use serde_json::{Map, Value};

/// What is answered to submissions.
pub fn acknowledgements() -> Map<String, Value> {
    serde_json::from_str(include_str!("../fixtures/acknowledgements.json")).unwrap()
}

/// What is answered to everything else.
pub fn answers() -> Map<String, Value> {
    serde_json::from_str(include_str!("../fixtures/answers.json")).unwrap()
}

/// The ways of saying no; each name begins with the status.
pub fn refusals() -> Map<String, Value> {
    serde_json::from_str(include_str!("../fixtures/refusals.json")).unwrap()
}
