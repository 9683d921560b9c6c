//! The words of a song: titles, lyrics, and the times at which they are sung.
//! All are the simulator's own, drawn from the seed, unless the request
//! brought some.

use serde::Serialize;

use crate::seed::{mix, pick};

const ADJECTIVES: [&str; 12] = [
    "Quiet", "Golden", "Paper", "Northern", "Borrowed", "Electric", "Early", "Distant", "Velvet",
    "Hollow", "Open", "Restless",
];
const NOUNS: [&str; 12] = [
    "River", "Window", "Engine", "Garden", "Signal", "Harbour", "Morning", "Compass", "Lantern",
    "Orchard", "Postcard", "Meadow",
];
const OPENINGS: [&str; 8] = [
    "I left a light",
    "We drew a line",
    "You kept a song",
    "They built a road",
    "I found the way",
    "We heard the rain",
    "You know the sound",
    "The leaves turn green",
];
const CLOSINGS: [&str; 8] = [
    "beyond the hills",
    "above the town",
    "beside the sea",
    "before the dawn",
    "for all to hear",
    "until the night",
    "across the fields",
    "and came back home",
];
/// The sections of a made-up song, and how many lines each has.
const SECTIONS: [(&str, u64); 3] = [("[Verse]", 3), ("[Chorus]", 2), ("[Verse]", 2)];

/// A title; two takes of a song have two.
pub(crate) fn title(seed: u64, take: usize) -> String {
    let number = mix(seed, 100 + take as u64);
    let adjective = pick(&ADJECTIVES, number).unwrap_or_default();
    format!(
        "{adjective} {}",
        pick(&NOUNS, number >> 32).unwrap_or_default()
    )
}

/// Lyrics in sections with headers.
pub(crate) fn lyrics(seed: u64) -> String {
    let mut line = 0;
    let sections = SECTIONS.map(|(header, lines)| {
        let mut section = header.to_owned();
        for _ in 0..lines {
            line += 1;
            let number = mix(seed, 200 + line);
            let opening = pick(&OPENINGS, number).unwrap_or_default();
            let closing = pick(&CLOSINGS, number >> 32).unwrap_or_default();
            section.push_str(&format!("\n{opening} {closing}"));
        }
        section
    });
    sections.join("\n\n")
}

/// A line with its time, with the fields in the order of the documentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct TimedLine<'a> {
    start: u64,
    end: u64,
    text: &'a str,
    index: usize,
}

/// Lyrics with their times in milliseconds, as JSON text: spread over the
/// length of the music, a little later in a later take. A section header
/// spans its section.
pub(crate) fn timed_lyrics(lyrics: &str, length_ms: u64, take: usize) -> String {
    serde_json::to_string(&timed_lines(lyrics, length_ms, take)).unwrap_or_default()
}

fn timed_lines(lyrics: &str, length_ms: u64, take: usize) -> Vec<TimedLine<'_>> {
    let texts = || {
        lyrics
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let sung = texts().filter(|line| !is_header(line)).count().max(1) as u64;
    let lead_in = length_ms / 20 + 30 * (take as u64 % 8);
    let slot = (length_ms * 9 / 10) / sung;
    let mut lines: Vec<TimedLine<'_>> = Vec::new();
    let mut header: Option<usize> = None;
    let mut position = lead_in;
    for (index, text) in texts().enumerate() {
        if is_header(text) {
            header = Some(lines.len());
            lines.push(TimedLine {
                start: position,
                end: position,
                text,
                index,
            });
            continue;
        }
        let end = (position + slot * 9 / 10).min(length_ms);
        if let Some(header) = header.and_then(|at| lines.get_mut(at)) {
            header.end = end;
        }
        lines.push(TimedLine {
            start: position.min(end),
            end,
            text,
            index,
        });
        position += slot;
    }
    lines
}

fn is_header(line: &str) -> bool {
    line.starts_with('[') && line.ends_with(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_cover_the_music_and_headers_their_sections() {
        let words = lyrics(5);
        let (one, two) = (timed_lines(&words, 6000, 0), timed_lines(&words, 6000, 1));
        assert_eq!(one.len(), 10);
        assert_ne!(one, two);
        assert_eq!((one[0].text, one[0].end), ("[Verse]", one[3].end));
        for lines in [one, two] {
            assert!(lines.windows(2).all(|pair| pair[0].start <= pair[1].start));
            assert!(
                lines
                    .iter()
                    .all(|line| line.start <= line.end && line.end <= 6000)
            );
            assert!(
                lines
                    .iter()
                    .enumerate()
                    .all(|(index, line)| line.index == index)
            );
        }
    }

    #[test]
    fn any_words_can_be_timed() {
        assert!(timed_lines("", 6000, 0).is_empty());
        assert_eq!(timed_lines("[Intro]", 6000, 0).len(), 1);
    }
}
