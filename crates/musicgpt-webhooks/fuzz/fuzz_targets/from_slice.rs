//! Whatever arrives: an object is an event, nothing else is, and no value is lost.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use musicgpt_webhooks::{Embedded, Event, TimedLyrics};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

fuzz_target!(|body: &[u8]| {
    let event = Event::from_slice(body);
    assert!(event.is_ok() || !is_object(body), "an object is an event");
    let other = serde_json::from_slice::<Value>(body).is_ok_and(|value| !value.is_object());
    assert!(event.is_err() || !other, "nothing else is an event");
    match event {
        Ok(event) => {
            // Some objects are beyond serde_json's own values, but not beyond the parser.
            if let Ok(Value::Object(sent)) = serde_json::from_slice(body) {
                nothing_is_lost(&sent, &event);
            }
            use_it(&event);
        }
        Err(error) => drop(format!("{error} {error:?}")),
    }
});

/// Whether this is a JSON object, whatever its values are. Names that no Rust text holds are left
/// to the parser.
fn is_object(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    std::str::from_utf8(body)
        .is_ok_and(|text| serde_json::from_str::<BTreeMap<String, IgnoredAny>>(text).is_ok())
}

/// Every value that came is among those that the event serializes to.
fn nothing_is_lost(sent: &Map<String, Value>, event: &Event) {
    let kept = serde_json::to_value(event).expect("an event is JSON");
    for (name, value) in sent.iter().filter(|(_, value)| !value.is_null()) {
        let kept = kept.get(name).unwrap_or(&Value::Null);
        assert!(same(value, kept), "{name} was {value}, is {kept}");
    }
}

/// Equal, or equal once read: a number from a text, a text from a number, and text trimmed.
fn same(sent: &Value, kept: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let number = |value: &Value| text(value).parse::<f64>().ok();
    sent == kept
        || text(sent).eq_ignore_ascii_case(&text(kept))
        || (number(sent).is_some() && number(sent) == number(kept))
}

/// Everything that can be asked of an event, for it must not panic.
fn use_it(event: &Event) {
    let key = event.dedupe_key();
    assert_eq!(event.clone().dedupe_key(), key);
    let (fields, unknown) = (event.fields(), event.unknown_fields());
    assert!(fields.keys().all(|name| !unknown.contains_key(name)));
    drop(format!("{key} {event:?} {:?}", event.feature()));
    match event {
        Event::Track(track) => {
            export(track.lyrics_timestamped.as_ref(), track.title.as_deref());
        }
        Event::Lyrics(lyrics) => export(lyrics.lyrics_timestamped.as_ref(), None),
        Event::Cover(cover) => drop((cover.images(), cover.thumbnails())),
        Event::Result(result) => drop((result.outputs(), result.stems())),
        Event::Failure(failure) => drop(failure.explanation()),
        _ => {}
    }
}

fn export(lyrics: Option<&Embedded>, title: Option<&str>) {
    let Some(lyrics) = lyrics.and_then(TimedLyrics::from_embedded) else {
        return;
    };
    let sung = lyrics.sung().count();
    let stamps = |file: &str| file.matches(" --> ").count();
    let lrc = lyrics.to_lrc(title);
    let titles = usize::from(lrc.starts_with("[ti:"));
    assert_eq!(lrc.lines().count(), sung + titles, "{lrc}");
    assert_eq!(stamps(&lyrics.to_srt()), sung);
    assert_eq!(stamps(&lyrics.to_vtt()), sung);
}
