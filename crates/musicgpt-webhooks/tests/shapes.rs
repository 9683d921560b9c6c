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
    for name in [
        "music_ai",
        "remix",
        "extend",
        "inpaint",
        "sing_over_instrumental",
        "sing_over_vocal",
    ] {
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
    for (name, field) in [
        ("text_to_speech", "conversion_path"),
        ("voice_changer", "conversion_path"),
        ("cover song", "conversion_path"),
        ("sound", "conversion_path"),
        ("sound old", "conversion_paths.c-1"),
        ("cutter", "output_file"),
        ("speed", "output_file"),
        ("mastering", "output_file"),
        ("file_convert", "output_file_path"),
        ("image", "conversion_path"),
    ] {
        let result = payload!(Result, name);
        let names: Vec<String> = result
            .outputs()
            .into_iter()
            .map(|output| output.name)
            .collect();
        assert_eq!(names, [field], "{name}");
    }
    let result = payload!(Result, "file_convert");
    assert_eq!(result.output_file_path, link("cdn.example.invalid/o.mp3"));
    assert_eq!(result.message.as_deref(), Some("Done"));
    assert_eq!(
        payload!(Result, "text_to_speech").conversion_cost,
        Some(0.68)
    );
    assert_eq!(payload!(Result, "sound").conversion_path_wav, None);
}

#[test]
fn results_with_several_files() {
    let extraction = payload!(Result, "extraction");
    let stems: Vec<String> = extraction
        .stems()
        .into_iter()
        .map(|(stem, _)| stem)
        .collect();
    assert_eq!(stems, ["instrumental", "vocals"]);
    assert_eq!(extraction.conversion_cost, Some(0.157));
    // The WAV addresses of the documents are the MP3 ones again.
    assert_eq!(extraction.outputs().len(), 2);
    assert_eq!(
        payload!(Result, "extraction old").conversion_cost,
        Some(5.55)
    );
    for (name, first, second, blank) in [
        ("denoise", "no_noise", "noise", "noise_wav"),
        ("deecho", "no_echo", "echo", "no_echo_wav"),
        ("dereverb", "noreverb", "reverb", "reverb_wav"),
    ] {
        let result = payload!(Result, name);
        let names: Vec<String> = result
            .outputs()
            .into_iter()
            .map(|output| output.name)
            .collect();
        assert_eq!(names, [first, second], "{name}");
        assert_eq!(result.misfits[blank], "", "{name}");
        let input = result.audio_path.as_ref().expect("the input");
        assert_eq!(input.as_str(), "files/in.wav");
        assert!(input.is_relative());
    }
}

#[test]
fn results_in_words() {
    let key = payload!(Result, "key_bpm");
    assert_eq!(key.bpm, Some(162.0));
    assert_eq!(key.dominant_key.as_deref(), Some("A# major"));
    assert_eq!(key.conversion_duration, Some(0.0));
    let changes = key.key_changes.expect("key changes");
    assert_eq!(
        changes.decode().expect("an object")["120-140"][1],
        "G minor"
    );
    let words = payload!(Result, "transcribe");
    assert_eq!(words.transcription.as_deref(), Some("Some spoken words"));
    assert_eq!(words.translation, None);
    assert_eq!(words.detected_language.as_deref(), Some("en"));
    assert_eq!(
        words
            .word_timestamps
            .expect("words")
            .decode()
            .expect("an array")[0]["end"],
        420
    );
    let midi = payload!(Result, "midi");
    assert_eq!(midi.midi_file_path, None);
    assert_eq!(midi.outputs(), []);
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
