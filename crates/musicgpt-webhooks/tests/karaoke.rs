//! Timed lyrics read, and written for players.

#![allow(clippy::expect_used, reason = "a test may stop")]

mod common;

use musicgpt_webhooks::{Embedded, TimedLyrics};
use serde_json::json;

fn lyrics(rows: serde_json::Value) -> TimedLyrics {
    TimedLyrics::from_embedded(&Embedded::Tree(rows)).expect("lyrics")
}

fn row(start: i64, end: i64, text: &str) -> serde_json::Value {
    json!({"index": 0, "text": text, "start": start, "end": end})
}

#[test]
fn the_three_formats() {
    let lyrics = TimedLyrics::from_text(common::TIMED).expect("lyrics");
    assert_eq!(lyrics.lines().len(), 3);
    assert_eq!(
        lyrics
            .sections()
            .map(|line| line.text.as_str())
            .collect::<Vec<_>>(),
        ["[Verse]"]
    );
    assert_eq!(
        lyrics.to_lrc(Some("Green]\nery")),
        "[ti:Green) ery]\n[00:09.88]Green leaves\n[00:13.72]Morning rain\n"
    );
    assert_eq!(
        lyrics.to_lrc(None),
        "[00:09.88]Green leaves\n[00:13.72]Morning rain\n"
    );
    assert_eq!(
        lyrics.to_srt(),
        "1\n00:00:09,880 --> 00:00:10,720\nGreen leaves\n\n2\n00:00:13,720 --> 00:00:15,600\nMorning rain\n\n"
    );
    assert_eq!(
        lyrics.to_vtt(),
        "WEBVTT\n\n00:00:09.880 --> 00:00:10.720\nGreen leaves\n\n00:00:13.720 --> 00:00:15.600\nMorning rain\n\n"
    );
    assert_eq!(lyrics.original().text(), Some(common::TIMED));
}

#[test]
fn what_is_not_lyrics() {
    for text in [
        "",
        "...",
        "[ ... ]",
        "null",
        "{}",
        "[]",
        "[1, {}]",
        r#"[{"text": " \u0000 "}]"#,
        "\"words\"",
    ] {
        assert_eq!(TimedLyrics::from_text(text), None, "{text:?}");
    }
}

#[test]
fn however_it_is_packed() {
    let plain = TimedLyrics::from_text(common::TIMED).expect("lyrics");
    let twice = serde_json::to_string(common::TIMED).expect("text");
    let tree: serde_json::Value = serde_json::from_str(common::TIMED).expect("JSON");
    assert_eq!(
        TimedLyrics::from_text(&twice).expect("lyrics").lines(),
        plain.lines()
    );
    assert_eq!(lyrics(tree).lines(), plain.lines());
    let lyrics = lyrics(json!([
        {"text": "b", "start": "1500", "end": "1.6e3", "index": "1"},
        {"text": 99, "start": 2000.4, "end": null},
        {"text": "no times"},
        {"start": 1, "end": 2},
        "odd",
    ]));
    let lines: Vec<_> = lyrics
        .lines()
        .iter()
        .map(|line| (line.index, line.start_ms, line.end_ms, line.text.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            (Some(1), 1500, 1600, "b"),
            (None, 2000, 2000, "99"),
            (None, 2000, 2000, "no times")
        ]
    );
}

#[test]
fn order_is_by_start_and_stable() {
    let lyrics = lyrics(json!([
        row(5000, 1, "c"),
        row(1000, 1, "[A]"),
        row(1000, 1, "a"),
        row(1000, 1, "b")
    ]));
    let texts: Vec<_> = lyrics
        .lines()
        .iter()
        .map(|line| line.text.as_str())
        .collect();
    assert_eq!(texts, ["[A]", "a", "b", "c"]);
}

#[test]
fn only_whole_brackets_are_a_section() {
    let lyrics = lyrics(json!([
        row(1, 2, " [Verse 1] "),
        row(3, 4, "[a] b [c]"),
        row(5, 6, "[a] b"),
        row(7, 8, "[]")
    ]));
    assert_eq!(lyrics.sections().count(), 2);
    assert!(lyrics.to_lrc(None).starts_with("[00:00.00](a) b (c)\n"));
}

/// Times in milliseconds of every cue, and its text.
fn cues(file: &str, point: char) -> Vec<(i64, i64, String)> {
    let clock = |text: &str| -> i64 {
        let parts: Vec<i64> = text
            .split([':', point])
            .map(|part| part.parse().expect("digits"))
            .collect();
        ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + parts[3]
    };
    let lines: Vec<&str> = file.lines().collect();
    let arrows = (0..lines.len()).filter(|at| lines[*at].contains(" --> "));
    arrows
        .map(|at| {
            let (start, end) = lines[at].split_once(" --> ").expect("an arrow");
            assert_eq!(lines[at + 2], "", "one line of text");
            (clock(start), clock(end), lines[at + 1].to_owned())
        })
        .collect()
}

#[test]
fn odd_times_lose_no_line() {
    let odd = [
        i64::MIN,
        -5,
        0,
        1,
        999,
        1000,
        1000,
        1001,
        195_419,
        359_999_999,
        i64::MAX,
    ];
    for first in odd {
        for second in odd {
            for end in odd {
                let lyrics = lyrics(json!([
                    row(first, end, "one"),
                    row(second, first, "two"),
                    row(first, second, "three"),
                    row(0, end, "four")
                ]));
                assert_eq!(lyrics.to_lrc(None).lines().count(), 4);
                for cues in [cues(&lyrics.to_srt(), ','), cues(&lyrics.to_vtt(), '.')] {
                    let mut texts: Vec<&str> = cues.iter().map(|cue| cue.2.as_str()).collect();
                    texts.sort_unstable();
                    assert_eq!(texts, ["four", "one", "three", "two"]);
                    assert!(
                        cues.iter()
                            .all(|(start, end, _)| start < end && *end < 360_000_000),
                        "{cues:?}"
                    );
                    assert!(
                        cues.windows(2).all(|pair| pair[0].1 <= pair[1].0),
                        "{cues:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn lines_that_start_together_share_the_time() {
    let lyrics = lyrics(json!([
        row(1000, 3000, "a"),
        row(1000, 3000, "b"),
        row(3000, 1, "c")
    ]));
    let spans: Vec<_> = cues(&lyrics.to_srt(), ',')
        .into_iter()
        .map(|cue| (cue.0, cue.1))
        .collect();
    assert_eq!(spans, [(1000, 2000), (2000, 3000), (3000, 5000)]);
}

#[test]
fn text_is_made_safe() {
    let lyrics = lyrics(json!([
        row(61_005, 62_000, "a\r\n\n2\u{2028}<b>&--> c\t"),
        row(6_100_000, 0, "end")
    ]));
    assert_eq!(
        lyrics.to_lrc(None),
        "[01:01.00]a 2 <b>&--> c\n[101:40.00]end\n"
    );
    assert!(lyrics.to_srt().contains("\na 2 ‹b›&→ c\n\n2\n01:41:40,000"));
    assert!(lyrics.to_vtt().contains("\na 2 &lt;b&gt;&amp;--&gt; c\n\n"));
    // Many players take this for a command, though it is of another format.
    let override_tag = self::lyrics(json!([row(0, 1000, "{\\an8}top")]));
    assert!(override_tag.to_srt().contains("\n{ \\an8}top\n"));
}
