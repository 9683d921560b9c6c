//! Names that stand in hand-written Rust are those of the specs, and the other way round.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::collections::BTreeSet;

use musicgpt_sdk::Conversion;
use musicgpt_webhooks::Event;
use serde_json::Value;

fn bundle() -> Value {
    let tests = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let path = std::path::Path::new(&tests).join("../openapi/generated/openapi-3.1.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Fields of a look-up that the SDK has no use for; it passes them on as they are.
const NOT_READ: &[&str] = &[
    "album_cover_thumbnail",
    "audio_path",
    "conversion_cost",
    "createdAt",
    "feature",
    "generation_completed_at",
    "id",
    "is_streaming_available",
    "is_streaming_request",
    "music_style",
    "sounds_1",
    "sounds_2",
    "updatedAt",
    "webhook_url",
];

#[test]
fn the_fields_of_a_look_up() {
    let bundle = bundle();
    let specified: BTreeSet<String> = bundle["components"]["schemas"]["Conversion"]["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let read: BTreeSet<String> = Conversion::names(2).into_iter().collect();
    let unknown: Vec<_> = read.difference(&specified).collect();
    assert!(
        unknown.is_empty(),
        "the SDK reads fields that the spec does not have: {unknown:?}"
    );
    let not_read: BTreeSet<String> = specified.difference(&read).cloned().collect();
    let expected: BTreeSet<String> = NOT_READ.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(not_read, expected, "fields that the SDK does not read");
}

/// A number, or a text that is one, as a float: some prices are sent as texts.
fn number(value: &Value) -> Value {
    let text = value.as_str().and_then(|text| text.parse().ok());
    let number: Option<f64> = value.as_f64().or(text);
    number.map_or_else(|| value.clone(), Value::from)
}

#[test]
fn every_post_of_the_specs_parses_into_its_kind() {
    let bundle = bundle();
    for (name, item) in bundle["webhooks"].as_object().unwrap() {
        let post = &item["post"];
        let example = &post["requestBody"]["content"]["application/json"]["example"];
        let event = Event::from_slice(example.to_string().as_bytes()).unwrap();
        assert_eq!(event.kind().as_str(), post["x-kind"], "{name}");
        let feature = post.get("x-feature").and_then(Value::as_str);
        // Two versions of a feature share their words, and the first one keeps them.
        let shared = |feature: &str| match feature {
            "music_ai_v2" => "music_ai".to_owned(),
            "extraction_v1" => "extraction".to_owned(),
            other => other.to_owned(),
        };
        if let Some(feature) = feature.map(shared) {
            assert_eq!(event.feature(), Some(feature.as_str()), "{name}");
        }
        assert!(
            event.unknown_fields().is_empty(),
            "{name}: {:?}",
            event.unknown_fields()
        );
        // What goes in comes out under the same names.
        let back = serde_json::to_value(&event).unwrap();
        for (field, value) in example.as_object().unwrap() {
            assert_eq!(number(&back[field]), number(value), "{name}.{field}");
        }
    }
}

#[test]
fn every_property_of_a_post_is_known_to_the_parser() {
    let bundle = bundle();
    for (name, item) in bundle["webhooks"].as_object().unwrap() {
        let post = &item["post"];
        let content = &post["requestBody"]["content"]["application/json"];
        let schema = content["schema"]["$ref"].as_str().unwrap();
        let schema = &bundle["components"]["schemas"][schema.rsplit('/').next().unwrap()];
        let mut body = content["example"].as_object().unwrap().clone();
        for field in schema["properties"].as_object().unwrap().keys() {
            body.entry(field.clone()).or_insert(Value::Null);
        }
        let event = Event::from_slice(Value::Object(body).to_string().as_bytes()).unwrap();
        assert!(
            event.unknown_fields().is_empty(),
            "{name}: {:?}",
            event.unknown_fields()
        );
    }
}
