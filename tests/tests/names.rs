//! Names that stand in hand-written Rust are those of the specs, and the other way round.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::collections::BTreeSet;

use musicgpt_sdk::Conversion;
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
