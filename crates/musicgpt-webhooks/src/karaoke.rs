//! Lyrics for players: LRC, SRT and WebVTT. Lives here: times made sane and text
//! made safe for each format. Not here: reading the API's lyrics.
//!
//! Section headers are left out of all three. In LRC a header (`[Verse]`) is
//! written like a tag, which players hide, misread or stumble over. In all three
//! it starts with its first line, so it would flash by or, shown for its whole
//! section, cover the words. It is not sung; [`TimedLyrics::sections`] has it.

use std::fmt::Write;

use crate::{LyricLine, TimedLyrics};

/// How long a line stays if the API gives no usable end.
const DEFAULT_MS: i64 = 2_000;

/// The latest start that is written, 99 hours: SRT has two digits for the hours,
/// and lines that start together need some room.
const LATEST_MS: i64 = 356_400_000;

/// A line with a time span that a player can use.
struct Cue {
    start: i64,
    end: i64,
    text: String,
}

impl TimedLyrics {
    /// The lyrics as LRC: `[mm:ss.xx]text`, one line for every sung line.
    ///
    /// LRC has starts only, so that no end can be wrong.
    pub fn to_lrc(&self, title: Option<&str>) -> String {
        let mut lrc = String::new();
        if let Some(title) = title.map(one_line).filter(|title| !title.is_empty()) {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(lrc, "[ti:{}]", without_brackets(&title));
        }
        for line in self.sung() {
            let centis = line.start_ms.clamp(0, LATEST_MS) / 10;
            let (minutes, seconds) = (centis / 6_000, centis / 100 % 60);
            let text = one_line(&line.text);
            // `[softly] now` after a time would be read as another tag.
            let text = if text.starts_with('[') {
                without_brackets(&text)
            } else {
                text
            };
            let _ = writeln!(lrc, "[{minutes:02}:{seconds:02}.{:02}]{text}", centis % 100);
        }
        lrc
    }

    /// The lyrics as SRT: one numbered cue for every sung line, none overlapping.
    pub fn to_srt(&self) -> String {
        let mut srt = String::new();
        for (number, cue) in (1_usize..).zip(self.cues()) {
            // SRT cannot escape: an arrow or a tag in the text gets a lookalike, and what players
            // take for a command of another format is broken up.
            let text = cue
                .text
                .replace("-->", "→")
                .replace('<', "‹")
                .replace('>', "›")
                .replace("{\\", "{ \\");
            let (start, end) = (clock(cue.start, ','), clock(cue.end, ','));
            let _ = write!(srt, "{number}\n{start} --> {end}\n{text}\n\n");
        }
        srt
    }

    /// The lyrics as WebVTT: one cue for every sung line, none overlapping.
    pub fn to_vtt(&self) -> String {
        let mut vtt = String::from("WEBVTT\n\n");
        for cue in self.cues() {
            let text = cue
                .text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            let (start, end) = (clock(cue.start, '.'), clock(cue.end, '.'));
            let _ = write!(vtt, "{start} --> {end}\n{text}\n\n");
        }
        vtt
    }

    /// Every sung line with a span that is positive and ends before the next.
    fn cues(&self) -> Vec<Cue> {
        let sung: Vec<&LyricLine> = self.sung().collect();
        let starts = spread_starts(&sung);
        let nexts = starts.iter().skip(1).copied().map(Some).chain([None]);
        sung.iter()
            .zip(&starts)
            .zip(nexts)
            .map(|((line, &start), next)| {
                let end = if line.end_ms > start {
                    line.end_ms.min(start.max(LATEST_MS) + DEFAULT_MS)
                } else {
                    start + DEFAULT_MS
                };
                Cue {
                    start,
                    end: next.map_or(end, |next| end.min(next)),
                    text: one_line(&line.text),
                }
            })
            .collect()
    }
}

/// The starts, each later than the one before. Lines that start together share
/// the time up to the next start, so that each can be read.
fn spread_starts(sung: &[&LyricLine]) -> Vec<i64> {
    let start_of = |line: &LyricLine| line.start_ms.clamp(0, LATEST_MS);
    let mut starts: Vec<i64> = Vec::with_capacity(sung.len());
    let mut groups = sung
        .chunk_by(|one, other| start_of(one) == start_of(other))
        .peekable();
    while let Some(group) = groups.next() {
        let start = group.first().map_or(0, |line| start_of(line));
        let count = i64::try_from(group.len()).unwrap_or(i64::MAX);
        let next = groups.peek().and_then(|group| group.first());
        let share = match next {
            Some(next) => ((start_of(next) - start) / count).min(DEFAULT_MS),
            None => DEFAULT_MS,
        };
        for place in 0..count {
            let earliest = starts.last().map_or(0, |last| last + 1);
            starts.push((start + place * share).max(earliest));
        }
    }
    starts
}

/// `hh:mm:ss` and milliseconds.
fn clock(ms: i64, point: char) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!(
        "{hours:02}:{minutes:02}:{seconds:02}{point}{:03}",
        ms % 1_000
    )
}

/// The text on one line: each run of white space and control characters, line
/// breaks of every sort among them, becomes one space.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn without_brackets(text: &str) -> String {
    text.replace('[', "(").replace(']', ")")
}
