//! Every field of every shape removed, set to null, and set to each wrong type:
//! never a panic, the same kind, and every value still there.

#![allow(clippy::expect_used, reason = "a test may stop")]

mod common;

use common::{object, shapes};
use musicgpt_webhooks::Event;
use serde_json::{Map, Value, json};

fn wrong_values() -> Vec<Value> {
    vec![
        json!(7),
        json!(-1.5),
        json!(u64::MAX),
        json!(true),
        json!(""),
        json!("words"),
        json!("0"),
        json!("[ ... ]"),
        json!("https://bucket.example.invalid/"),
        json!([]),
        json!({}),
        json!([null, 1, "x", []]),
        json!({"a": {"b": null}}),
    ]
}

/// Whether a value came through: as it was, or as the number that a text is, or
/// the other way round.
fn same(sent: &Value, kept: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let number = |value: &Value| text(value).parse::<f64>().ok();
    sent == kept
        || text(sent) == text(kept)
        || (number(sent).is_some() && number(sent) == number(kept))
}

fn check(about: &str, body: &Map<String, Value>) -> Event {
    let bytes = serde_json::to_vec(body).expect("JSON");
    let event = Event::from_slice(&bytes).unwrap_or_else(|error| panic!("{about}: {error}"));
    let kept = serde_json::to_value(&event).expect("JSON");
    for (name, sent) in body {
        if sent.is_null() {
            continue;
        }
        let kept = kept.get(name).unwrap_or(&Value::Null);
        assert!(same(sent, kept), "{about}: {name} was {sent}, is {kept}");
    }
    let _ = format!("{event:?} {}", event.dedupe_key());
    event
}

/// Some shapes hang on one field: nothing else in them tells what they are. One
/// hangs on the field not being a word that nobody knows.
fn hangs_on(shape: &str, field: &str, value: Option<&Value>) -> bool {
    match (shape, field) {
        ("first request", "audio_url") | ("failure", "success") | ("failed status", "status") => {
            true
        }
        ("generic", "conversion_type") => value
            .and_then(Value::as_str)
            .is_some_and(|word| !word.is_empty()),
        _ => false,
    }
}

#[test]
fn fields_removed_nulled_and_mistyped() {
    let mut count = 0;
    for shape in shapes() {
        let whole = object(&shape.json);
        for field in whole.keys() {
            let mut removed = whole.clone();
            removed.remove(field);
            let mut bodies = vec![removed];
            for value in wrong_values().into_iter().chain([Value::Null]) {
                let mut body = whole.clone();
                body.insert(field.clone(), value);
                bodies.push(body);
            }
            for body in bodies {
                count += 1;
                let about = format!("{} with {field} {:?}", shape.name, body.get(field));
                let event = check(&about, &body);
                if !hangs_on(shape.name, field, body.get(field)) {
                    assert_eq!(event.kind().as_str(), shape.kind, "{about}");
                }
                if field != "conversion_type" {
                    assert_eq!(event.feature(), shape.feature, "{about}");
                }
            }
        }
    }
    assert!(count > 3_000, "{count}");
}

#[test]
fn a_field_from_every_other_shape() {
    let shapes = shapes();
    for shape in &shapes {
        for other in &shapes {
            for (name, value) in object(&other.json) {
                let mut body = object(&shape.json);
                body.entry(name.clone()).or_insert(value);
                check(&format!("{} with {name}", shape.name), &body);
            }
        }
    }
}

#[test]
fn every_prefix_and_every_flipped_byte() {
    for shape in shapes() {
        let bytes = shape.json.as_bytes();
        for end in 0..bytes.len() {
            assert!(Event::from_slice(&bytes[..end]).is_err(), "{}", shape.name);
        }
        for at in 0..bytes.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut bytes = bytes.to_vec();
                bytes[at] ^= flip;
                let _ = Event::from_slice(&bytes);
            }
        }
    }
}
