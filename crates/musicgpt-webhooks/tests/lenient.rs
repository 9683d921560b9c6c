//! What counts as a link, a number, a failure; errors; and what is not printed.

#![allow(clippy::expect_used, reason = "a test may stop")]

mod common;

use common::{parse, shapes};
use musicgpt_webhooks::{Event, Kind, Link, ParseErrorKind, TimedLyrics};
use serde_json::{Value, json};

#[test]
fn no_url() {
    for text in [
        "",
        " ",
        "\n",
        "https://lalals.s3.amazonaws.com",
        "https://lalals.s3.amazonaws.com/",
        "http://h",
        "s3://bucket",
        "https://",
        "{\"vocals\": \"x\"}",
        "[]",
    ] {
        assert_eq!(Link::new(text), None, "{text:?}");
    }
    for text in [
        "https://h/a.mp3",
        "files/a.wav",
        "a.wav",
        "/a",
        "s3://bucket/key",
        "https://h?x=1",
        "https://h//",
    ] {
        assert_eq!(Link::new(text).expect(text).as_str(), text);
    }
}

#[test]
fn a_bare_root_is_no_url_but_stays_in_sight() {
    let event = parse(
        r#"{"success": true, "subtype": "music_ai", "conversion_path": "https://lalals.s3.amazonaws.com"}"#,
    );
    let Event::Track(track) = &event else {
        panic!("{event:?}")
    };
    assert_eq!(track.audio(), None);
    assert_eq!(
        track.misfits["conversion_path"],
        "https://lalals.s3.amazonaws.com"
    );
}

#[test]
fn numbers() {
    for (json, number) in [
        ("5", Some(5.0)),
        ("5.55", Some(5.55)),
        ("\"5.55\"", Some(5.55)),
        ("\" 0 \"", Some(0.0)),
        ("-1", Some(-1.0)),
        ("null", None),
        ("\"\"", None),
        ("\"NaN\"", None),
        ("\"inf\"", None),
        ("true", None),
        ("[1]", None),
    ] {
        let event = parse(&format!(
            r#"{{"conversion_type": "Cover", "conversion_cost": {json}}}"#
        ));
        let Event::Result(result) = &event else {
            panic!("{event:?}")
        };
        assert_eq!(result.conversion_cost, number, "{json}");
        let raw: Value = serde_json::from_str(json).expect("JSON");
        let kept = number.is_some() || raw.is_null() || result.misfits["conversion_cost"] == raw;
        assert!(kept, "{json}");
    }
}

#[test]
fn values_that_no_rust_value_holds() {
    let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
    for value in ["1e999", r#""\ud800""#, deep.as_str()] {
        let event = parse(&format!(
            r#"{{"conversion_type": "Cover", "task_id": "t", "x": {value}, "title": "T"}}"#
        ));
        assert_eq!((event.kind(), event.task_id()), (Kind::Result, Some("t")));
        assert_eq!(event.unknown_fields()["x"], value);
        for field in ["title", "conversion_path", "conversion_cost", "audio_url"] {
            let event = parse(&format!(
                r#"{{"conversion_type": "Cover", "task_id": "t", "{field}": {value}}}"#
            ));
            assert_eq!((event.kind(), event.task_id()), (Kind::Result, Some("t")));
            assert!(event.unknown_fields().is_empty(), "{field}");
            assert_eq!(event.misfits().expect("a result")[field], value);
        }
    }
}

#[test]
fn names_that_no_rust_text_holds() {
    let event = parse(r#"{"conversion_type": "Cover", "a\ud800": [1], "title": "T"}"#);
    assert_eq!(event.kind(), Kind::Result);
    let unknown: Vec<_> = event.unknown_fields().iter().collect();
    let [(name, value)] = unknown.as_slice() else {
        panic!("{unknown:?}")
    };
    assert!(name.starts_with("a\u{fffd}"), "{name}");
    assert_eq!(**value, json!([1]));
}

#[test]
fn odd_but_fine() {
    assert_eq!(parse("\u{feff} {\"success\": true}").kind(), Kind::Unknown);
    assert_eq!(parse("{}").kind(), Kind::Unknown);
    let event = parse(
        r#"{"task_id": "a", "task_id": 12, "conversion_type": " file conversion ", "new": [1]}"#,
    );
    assert_eq!(event.task_id(), Some("12"));
    assert_eq!(event.feature(), Some("file_convert"));
    assert_eq!(event.unknown_fields()["new"], json!([1]));
    // A name that only serde_json's own types use is a name like any other.
    let event = parse(
        r#"{"$serde_json::private::RawValue": "x", "y": {"$serde_json::private::RawValue": "{"}}"#,
    );
    assert_eq!(event.unknown_fields().len(), 2);
}

#[test]
fn errors_tell_where_and_quote_nothing() {
    for (body, kind, line, column) in [
        ("", ParseErrorKind::Truncated, 1, 0),
        ("{\"a\": 1", ParseErrorKind::Truncated, 1, 7),
        ("{\n  \"a\": secret}", ParseErrorKind::Syntax, 2, 8),
        ("{} {}", ParseErrorKind::Syntax, 1, 4),
        ("<html>", ParseErrorKind::Syntax, 1, 1),
        ("\"secret\"", ParseErrorKind::NotAnObject, 1, 8),
        ("[1]", ParseErrorKind::NotAnObject, 1, 0),
        ("null", ParseErrorKind::NotAnObject, 1, 4),
    ] {
        let error = Event::from_slice(body.as_bytes()).expect_err(body);
        assert_eq!(
            (error.kind(), error.line(), error.column()),
            (kind, line, column),
            "{body}"
        );
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
    for (body, kind) in [
        (b"{\n\"a\": \"\xff\"}".as_slice(), ParseErrorKind::Syntax),
        (b"{\n\"a\": \"\xc3", ParseErrorKind::Truncated),
    ] {
        let error = Event::from_slice(body).expect_err("not UTF-8");
        assert_eq!((error.kind(), error.line(), error.column()), (kind, 2, 7));
    }
    message_is(
        "the webhook body is JSON but not an object (line 1, column 4)",
        "null",
    );
}

fn message_is(message: &str, body: &str) {
    let error = Event::from_slice(body.as_bytes()).expect_err(body);
    assert_eq!(error.to_string(), message);
}

#[test]
fn failures_and_their_reasons() {
    for (fields, reason) in [
        (
            r#""success": false, "reason": "R", "message": "M""#,
            Some("R"),
        ),
        (
            r#""success": false, "reason": "", "status_msg": "S", "message": "M""#,
            Some("S"),
        ),
        (
            r#""success": false, "message": "M", "error": "E""#,
            Some("M"),
        ),
        (r#""success": false, "error": "E""#, Some("E")),
        (
            r#""success": false, "error": {"code": "C", "message": "E"}"#,
            Some("E"),
        ),
        (r#""success": false, "error": {"code": "C"}"#, Some("C")),
        (
            r#""success": false, "detail": [{"loc": ["a"], "msg": "D"}, {"msg": "D2"}]"#,
            Some("D; D2"),
        ),
        (r#""success": false, "detail": "D""#, Some("D")),
        (r#""success": false, "error_code": "X""#, Some("X")),
        (r#""success": false"#, None),
        (r#""success": "false", "subtype": "music_ai""#, None),
        (
            r#""success": true, "status": "Failed", "reason": "R""#,
            Some("R"),
        ),
        (r#""status": "ERROR""#, None),
        (
            r#""status": "cancelled", "conversion_path": "https://h/a.mp3""#,
            None,
        ),
        (r#""status": "CANCELED""#, None),
        (r#""error": {"message": "E"}"#, Some("E")),
    ] {
        let event = parse(&format!(r#"{{"conversion_type": "Music AI", {fields}}}"#));
        let Event::Failure(failure) = &event else {
            panic!("{fields}: {event:?}")
        };
        assert_eq!(failure.explanation().as_deref(), reason, "{fields}");
        assert_eq!(event.feature(), Some("music_ai"));
    }
    // An output speaks for success, whatever else is said.
    let event = parse(
        r#"{"conversion_type": "Cover", "conversion_path": "https://h/a.mp3", "error": "E"}"#,
    );
    assert_eq!(event.kind(), Kind::Result);
}

#[test]
fn unknown_kinds_stay_whole() {
    let json = r#"{"success": "true", "conversion_type": "Music AI", "subtype": "video", "task_id": "t", "title": null, "clip": 1}"#;
    let event = parse(json);
    let Event::Unknown(unknown) = &event else {
        panic!("{event:?}")
    };
    assert_eq!(
        Value::Object(unknown.raw.clone()),
        serde_json::from_str::<Value>(json).expect("JSON")
    );
    assert_eq!(
        (event.feature(), event.task_id()),
        (Some("music_ai"), Some("t"))
    );
}

#[test]
fn dedupe_keys() {
    let key = |json: &str| parse(json).dedupe_key();
    let track = r#"{"subtype": "music_ai", "task_id": "t", "conversion_id": "c", "conversion_path": "https://h/c.mp3"}"#;
    assert_eq!(key(track).to_string(), "t/c/track");
    assert_eq!(
        key(track),
        key(&track.replace("{", r#"{"title": "Other","#))
    );
    let cover = r#"{"subtype": "album_cover_generation", "task_id": "t/-", "image_path": "https://h/i.jpg"}"#;
    assert_eq!(key(cover).to_string(), "t%2F-/-/cover");
    // A post without its file is another one than that with it; so is each failure.
    assert_ne!(key(track), key(&track.replace("https://h/c.mp3", "")));
    let result = r#"{"conversion_type": "Denoise", "task_id": "t", "no_noise": "https://h/n.mp3"}"#;
    assert_eq!(key(result).to_string(), "t/-/result");
    assert_ne!(key(result), key(&result.replace("https://h/n.mp3", "")));
    let failed = r#"{"success": false, "task_id": "t", "reason": "no cover"}"#;
    assert_ne!(key(failed), key(&failed.replace("no cover", "all")));
    assert_eq!(key(failed), key(failed));
    // Without an id for the take, only equal posts are the same.
    let one = r#"{"subtype": "music_ai", "task_id": "t", "title": "A"}"#;
    assert_eq!(key(one), key(&one.replace(", ", ",  ")));
    assert_ne!(key(one), key(&one.replace('A', "B")));
    assert_ne!(key(r#"{"a": 1}"#), key(r#"{"a": 2}"#));
}

#[test]
fn companions_that_failed() {
    let kind = |json: &str| match parse(json) {
        Event::Failure(failure) => failure.failed_kind(),
        other => panic!("{other:?}"),
    };
    let of = |subtype: &str| format!(r#"{{"success": false, "subtype": "{subtype}"}}"#);
    assert_eq!(kind(&of("audio_streaming")), Some(Kind::Stream));
    assert_eq!(kind(&of("album_cover_generation")), Some(Kind::Cover));
    assert_eq!(kind(&of("music_ai")), Some(Kind::Track));
    assert_eq!(kind(&of("")), None);
    let cover = r#"{"success": false, "album_cover_generator_output": false}"#;
    assert_eq!(kind(cover), Some(Kind::Cover));
    let stream = r#"{"success": false, "streaming_url": ""}"#;
    assert_eq!(kind(stream), Some(Kind::Stream));
}

/// As many links as fit into the largest post that a receiver takes: quadratic
/// work would take minutes.
#[test]
fn many_links() {
    let links: Vec<String> = (0..100_000).map(|n| format!(r#""h://{n}/""#)).collect();
    let paths = links.join(",").replace("/\"", "/a\"");
    let cover = format!(r#"{{"subtype": "album_cover_generation", "image_paths": [{paths}]}}"#);
    let Event::Cover(cover) = parse(&cover) else {
        panic!("a cover");
    };
    assert_eq!(cover.images().len(), 100_000);
    let result = format!(r#"{{"conversion_type": "Extraction", "audio_url": [{paths}]}}"#);
    let Event::Result(result) = parse(&result) else {
        panic!("a result");
    };
    assert_eq!(result.outputs().len(), 100_000);
}

#[test]
fn debug_prints_no_content() {
    let words = [
        "Green",
        "Morning",
        "example.invalid",
        "Spoken",
        "spoken",
        "Went",
        "Out of luck",
        "\"P\"",
    ];
    for shape in shapes() {
        let event = parse(&shape.json);
        let mut debug = format!("{event:?} {event:#?}");
        if let Event::Result(result) = &event {
            debug += &format!("{:?}", result.outputs());
        }
        assert!(debug.contains("t-1"));
        for word in words {
            assert!(!debug.contains(word), "{}: {debug}", shape.name);
        }
    }
    let lyrics = TimedLyrics::from_text(common::TIMED).expect("lyrics");
    let debug = format!("{lyrics:?} {:?} {:?}", lyrics.lines(), lyrics.original());
    assert!(!debug.contains("Green"), "{debug}");
}
