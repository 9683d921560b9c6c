//! Every shape parsed, with its fields.

#![allow(clippy::expect_used, reason = "a test may stop")]

mod common;

use common::{TIMED, shape, shapes};
use musicgpt_webhooks::{Embedded, Event, Link};

fn link(text: &str) -> Option<Link> {
    Some(Link::new(&format!("https://{text}")).expect("a link"))
}

/// Binds the payload of the event's kind.
macro_rules! payload {
    ($variant:ident, $name:expr) => {
        match shape($name) {
            Event::$variant(payload) => payload,
            other => panic!("{} is {other:?}", $name),
        }
    };
}

#[test]
fn kind_feature_and_ids() {
    for shape in shapes() {
        let event = common::parse(&shape.json);
        assert_eq!(event.kind().as_str(), shape.kind, "{}", shape.name);
        assert_eq!(event.feature(), shape.feature, "{}", shape.name);
        assert_eq!(event.task_id(), Some("t-1"), "{}", shape.name);
        let id = common::object(&shape.json);
        let id = id.get("conversion_id").and_then(|id| id.as_str());
        assert_eq!(event.conversion_id(), id, "{}", shape.name);
    }
}

#[test]
fn no_documented_field_is_unknown() {
    for shape in shapes().iter().filter(|shape| shape.kind != "unknown") {
        let event = common::parse(&shape.json);
        assert!(
            event.unknown_fields().is_empty(),
            "{}: {event:?}",
            shape.name
        );
    }
}

#[test]
fn songs() {
    for name in ["music_ai", "remix"] {
        let track = payload!(Track, name);
        assert_eq!(track.conversion_id.as_deref(), Some("c-1"));
        assert_eq!(
            track.conversion_path,
            link("cdn.example.invalid/std/c-1.mp3")
        );
        assert_eq!(track.audio(), track.conversion_path.as_ref());
        assert_eq!(track.wav(), link("cdn.example.invalid/hq/c-1.wav").as_ref());
        assert_eq!(track.conversion_duration, Some(155.95));
        assert_eq!(track.is_flagged, Some(false));
        assert_eq!(track.reason.as_deref(), Some(""));
        assert_eq!(
            track.lyrics.as_deref(),
            Some("[Verse]\nGreen leaves\nMorning rain")
        );
        assert_eq!(track.lyrics_timestamped, Some(Embedded::Text(TIMED.into())));
        assert_eq!(
            track.timed_lyrics().map(|lyrics| lyrics.sung().count()),
            Some(2)
        );
        assert_eq!(track.title.as_deref(), Some("Greenery"));
        assert_eq!(track.success, Some(true));
        assert!(track.misfits.is_empty());
    }
    let track = payload!(Track, "music_ai");
    assert_eq!(
        track.album_cover_path,
        link("cdn.example.invalid/img/t-1.jpg")
    );
    assert_eq!(track.subtype.as_deref(), Some("music_ai"));
    let track = payload!(Track, "music_ai old");
    assert_eq!(
        track.lyrics_timestamped,
        Some(Embedded::Text("[ ... ]".into()))
    );
    assert_eq!(track.timed_lyrics(), None);
    assert_eq!(track.subtype, None);
}

#[test]
fn generic_forms() {
    let track = payload!(Track, "generic");
    assert_eq!(track.audio(), link("bucket.example.invalid/a.mp3").as_ref());
    assert_eq!(track.status.as_deref(), Some("COMPLETED"));
    assert_eq!(track.status_msg.as_deref(), Some("Went well"));
    assert_eq!(track.conversion_cost, Some(1.25));
    assert_eq!(track.created_at.as_deref(), Some("2025-01-01T12:00:00Z"));
    assert_eq!(track.updated_at.as_deref(), Some("2025-01-01T12:05:00Z"));
    assert_eq!(track.success, None);
    let track = payload!(Track, "first request");
    assert_eq!(track.prompt.as_deref(), Some("P"));
    assert_eq!(track.music_style.as_deref(), Some("S"));
}

#[test]
fn companions() {
    let stream = payload!(Stream, "stream");
    assert_eq!(
        stream.streaming_url,
        link("cdn.example.invalid/streams/s-9/index.m3u8")
    );
    let lyrics = payload!(Lyrics, "lyrics");
    assert_eq!(
        lyrics.lyrics_timestamped,
        Some(Embedded::Text(TIMED.into()))
    );
    assert_eq!(
        lyrics.timed_lyrics().map(|lyrics| lyrics.lines().len()),
        Some(3)
    );
    let cover = payload!(Cover, "cover");
    assert_eq!(cover.conversion_id_1.as_deref(), Some("c-1"));
    assert_eq!(cover.conversion_id_2.as_deref(), Some("c-2"));
    assert_eq!(cover.album_cover_generator_output, Some(true));
    assert_eq!(
        cover.images(),
        Vec::from_iter(link("cdn.example.invalid/img/t-1.jpg"))
    );
    assert_eq!(
        cover.thumbnails(),
        Vec::from_iter(link("cdn.example.invalid/img/t-1_thumb.jpg"))
    );
}

#[test]
fn results_with_one_file() {
    let result = payload!(Result, "file_convert");
    let names: Vec<String> = result
        .outputs()
        .into_iter()
        .map(|output| output.name)
        .collect();
    assert_eq!(names, ["output_file_path"]);
    assert_eq!(result.output_file_path, link("cdn.example.invalid/o.mp3"));
    assert_eq!(result.message.as_deref(), Some("Done"));
}

#[test]
fn failures() {
    for name in ["failure", "failed status"] {
        let failure = payload!(Failure, name);
        assert_eq!(
            failure.explanation().as_deref(),
            Some("Out of luck"),
            "{name}"
        );
    }
}
