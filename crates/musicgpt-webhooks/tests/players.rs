//! The karaoke files as parsers read them that know nothing of this crate: `lrc` for LRC, `subcue`
//! for SRT and WebVTT. Neither may have anything to object to.

#![allow(clippy::expect_used, reason = "a test may stop")]

mod common;

use musicgpt_webhooks::{Event, TimedLyrics};
use serde_json::{Value, json};
use subcue::Format;
use subcue::text::Span;

/// A line as a player has it: start and end in milliseconds, and the words.
type Line = (i64, i64, String);

const HOUR: i64 = 3_600_000;

/// The lyrics of a post, with rows of start, end and text.
fn lyrics(rows: &[(i64, i64, &str)]) -> TimedLyrics {
    let row = |(start, end, text): &(i64, i64, &str)| -> Value {
        json!({"start": start, "end": end, "text": text})
    };
    let rows: Vec<Value> = rows.iter().map(row).collect();
    let body = json!({
        "success": true, "subtype": "lyrics_timestamped", "task_id": "t",
        "lyrics_timestamped": Value::Array(rows).to_string(),
    });
    match common::parse(&body.to_string()) {
        Event::Lyrics(lyrics) => lyrics.timed_lyrics().expect("lyrics"),
        other => panic!("{other:?}"),
    }
}

/// Starts in milliseconds and words of an LRC file.
fn lrc(lyrics: &TimedLyrics) -> Vec<(i64, String)> {
    let file = lrc::Lyrics::from_str(lyrics.to_lrc(Some("A [title]"))).expect("LRC");
    assert_eq!(file.metadata.title(), Some("A (title)"));
    let plain: Vec<_> = file
        .get_lines()
        .iter()
        .filter(|line| !line.is_empty())
        .collect();
    assert!(plain.is_empty(), "without a time: {plain:?}");
    file.get_timed_lines()
        .iter()
        .map(|(tag, text)| (tag.get_timestamp(), text.to_string()))
        .collect()
}

/// Cues of a file without a warning, their words as a player shows them.
fn cues(file: &str, format: Format) -> Vec<Line> {
    let read = subcue::parse(file.as_bytes(), format).expect("a file of cues");
    assert_eq!(read.warnings, [], "{file}");
    let words = |text: &str| {
        let parsed = subcue::text::parse(text, format);
        assert_eq!(parsed.voice, None, "{text}");
        match parsed.spans.as_slice() {
            [Span::Text(words)] if format == Format::Vtt => without_references(words),
            [Span::Text(words)] => words.clone(),
            other => panic!("{text:?} is not just words but {other:?}"),
        }
    };
    read.cues
        .iter()
        .map(|cue| (cue.start.0, cue.end.0, words(&cue.text)))
        .collect()
}

/// WebVTT's character references, which `subcue` leaves to the player.
fn without_references(words: &str) -> String {
    assert!(!words.contains(['<', '>']), "{words}");
    words
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

fn srt(lyrics: &TimedLyrics) -> Vec<Line> {
    cues(&lyrics.to_srt(), Format::Srt)
}

fn vtt(lyrics: &TimedLyrics) -> Vec<Line> {
    cues(&lyrics.to_vtt(), Format::Vtt)
}

fn lines(lines: &[(i64, i64, &str)]) -> Vec<Line> {
    lines
        .iter()
        .map(|(start, end, text)| (*start, *end, (*text).to_owned()))
        .collect()
}

#[test]
fn a_song() {
    let lyrics = TimedLyrics::from_text(common::TIMED).expect("lyrics");
    let expected = [
        (9_880, 10_720, "Green leaves"),
        (13_720, 15_600, "Morning rain"),
    ];
    assert_eq!(srt(&lyrics), lines(&expected));
    assert_eq!(vtt(&lyrics), lines(&expected));
    let starts = expected.map(|(start, _, text)| (start, text.to_owned()));
    assert_eq!(lrc(&lyrics), starts);
}

#[test]
fn words_that_mean_something_to_a_format() {
    let words = [
        ("a --> b", "a → b"),
        ("salt & pepper &amp; more", "salt & pepper &amp; more"),
        ("<i>soft</i> <v Ann>loud", "‹i›soft‹/i› ‹v Ann›loud"),
        ("1 < 2", "1 ‹ 2"),
        ("1", "1"),
        (
            "00:00:01,000 --> 00:00:02,000",
            "00:00:01,000 → 00:00:02,000",
        ),
        ("WEBVTT", "WEBVTT"),
        ("NOTE this", "NOTE this"),
        ("{\\an8}up", "{ \\an8}up"),
        ("two\nlines\r\n\r\nand\u{2028}more", "two lines and more"),
        ("tab\tand  spaces ", "tab and spaces"),
        ("[a] b [c]", "[a] b [c]"),
        ("b [c]", "b [c]"),
        ("[00:01.00]x", "[00:01.00]x"),
        ("[ti:x] y", "[ti:x] y"),
        ("été – 夏 🎵", "été – 夏 🎵"),
    ];
    for (text, in_srt) in words {
        let lyrics = lyrics(&[(1_000, 2_000, text), (3_000, 4_000, "end")]);
        assert_eq!(lyrics.lines().first().expect("a line").text, text);
        assert_eq!(
            srt(&lyrics),
            lines(&[(1_000, 2_000, in_srt), (3_000, 4_000, "end")]),
            "{text:?}"
        );
        let shown: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(
            vtt(&lyrics),
            lines(&[(1_000, 2_000, &shown), (3_000, 4_000, "end")]),
            "{text:?}"
        );
        // In front, a bracket begins a tag, so all of that line become others.
        let in_lrc = if shown.starts_with('[') {
            shown.replace('[', "(").replace(']', ")")
        } else {
            shown
        };
        assert_eq!(lrc(&lyrics), [(1_000, in_lrc), (3_000, "end".to_owned())]);
    }
}

#[test]
fn times_that_no_player_takes() {
    let rows = [
        (5_000, 4_000, "ends before it starts"),
        (-3_000, -1_000, "before the song"),
        (2_000, 2_000, "no length"),
        (2_500, 9_000, "over the next"),
        (9_000, 9_500, "one of two at a time"),
        (9_000, 9_500, "two of two at a time"),
        (10_500, 20_000, "last but one"),
        (i64::MAX, i64::MIN, "beyond all"),
        (HOUR + 62_003, HOUR + 63_000, "past an hour"),
        (1_000, 1_500, "out of order"),
    ];
    let lyrics = lyrics(&rows);
    let expected = lines(&[
        (0, 1_000, "before the song"),
        (1_000, 1_500, "out of order"),
        (2_000, 2_500, "no length"),
        (2_500, 5_000, "over the next"),
        (5_000, 7_000, "ends before it starts"),
        (9_000, 9_500, "one of two at a time"),
        (9_750, 10_500, "two of two at a time"),
        (10_500, 20_000, "last but one"),
        (HOUR + 62_003, HOUR + 63_000, "past an hour"),
        (99 * HOUR, 99 * HOUR + 2_000, "beyond all"),
    ]);
    assert_eq!(srt(&lyrics), expected);
    assert_eq!(vtt(&lyrics), expected);
    let started = lrc(&lyrics);
    assert_eq!(started.len(), rows.len(), "no line is lost");
    assert!(started.is_sorted_by_key(|(start, _)| *start), "{started:?}");
    assert!(started.contains(&(HOUR + 62_000, "past an hour".to_owned())));
    // What the API said is still there.
    let kept = lyrics.original().text().expect("text");
    assert!(kept.contains("9223372036854775807") && kept.contains("-3000"));
    let line = |text: &str| lyrics.lines().iter().find(|line| line.text == text);
    let backwards = line("ends before it starts").expect("a line");
    assert_eq!((backwards.start_ms, backwards.end_ms), (5_000, 4_000));
}
