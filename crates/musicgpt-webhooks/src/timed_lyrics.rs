//! [`TimedLyrics`]: lines and section headers with times, read from what the API
//! sends. Lives here: reading. Not here: the files for players (`karaoke`).

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::Embedded;

/// Timestamped lyrics: lines and section headers in the order of their start.
///
/// Times are what the API says, however odd: a line may start after the song's
/// end, or end before it starts. The exports mend that; this does not.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct TimedLyrics {
    lines: Vec<LyricLine>,
    original: Embedded,
}

/// A line, or a section header.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LyricLine {
    /// The number that the API gives to the line.
    pub index: Option<i64>,
    /// Start in milliseconds; that of the line before if none was given.
    pub start_ms: i64,
    /// End in milliseconds; the start if none was given.
    pub end_ms: i64,
    /// The text, a header with its brackets.
    pub text: String,
    /// Whether this is a section header (`[Verse 1]`) and so not sung.
    pub is_section: bool,
}

impl TimedLyrics {
    /// Reads the lyrics of a payload; none if there is no line with text in them.
    pub fn from_embedded(embedded: &Embedded) -> Option<Self> {
        let tree = embedded.decode()?;
        let lines = read_lines(tree.as_array()?);
        (!lines.is_empty()).then(|| Self {
            lines,
            original: embedded.clone(),
        })
    }

    /// Reads lyrics that come as a string of JSON (also as in polled results).
    pub fn from_text(text: &str) -> Option<Self> {
        Self::from_embedded(&Embedded::Text(text.to_owned()))
    }

    /// Lines and headers in the order of their start; where that is equal, in
    /// the order in which they came.
    pub fn lines(&self) -> &[LyricLine] {
        &self.lines
    }

    /// The lines without the headers.
    pub fn sung(&self) -> impl Iterator<Item = &LyricLine> {
        self.lines.iter().filter(|line| !line.is_section)
    }

    /// The headers.
    pub fn sections(&self) -> impl Iterator<Item = &LyricLine> {
        self.lines.iter().filter(|line| line.is_section)
    }

    /// What the lyrics were read from, untouched.
    pub fn original(&self) -> &Embedded {
        &self.original
    }
}

fn read_lines(rows: &[Value]) -> Vec<LyricLine> {
    let mut lines: Vec<LyricLine> = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(text) = row.get("text").and_then(text_of) else {
            continue;
        };
        if text.chars().all(|c| c.is_whitespace() || c.is_control()) {
            continue;
        }
        let before = lines.last().map_or(0, |line| line.start_ms);
        let start_ms = row.get("start").and_then(whole).unwrap_or(before);
        lines.push(LyricLine {
            index: row.get("index").and_then(whole),
            start_ms,
            end_ms: row.get("end").and_then(whole).unwrap_or(start_ms),
            is_section: is_section(&text),
            text: text.into_owned(),
        });
    }
    lines.sort_by_key(|line| line.start_ms);
    lines
}

fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// A whole number from an integer, a float, or text with one of them.
fn whole(value: &Value) -> Option<i64> {
    let float = match value {
        Value::Number(number) => match number.as_i64() {
            Some(integer) => return Some(integer),
            None => number.as_f64()?,
        },
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    // `as` saturates, so that no size is too large.
    float.is_finite().then(|| float.round() as i64)
}

/// One pair of brackets around everything.
fn is_section(text: &str) -> bool {
    text.trim()
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .is_some_and(|name| !name.contains(['[', ']']))
}

impl fmt::Debug for TimedLyrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimedLyrics")
            .field("lines", &self.sung().count())
            .field("sections", &self.sections().count())
            .finish()
    }
}

impl fmt::Debug for LyricLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LyricLine")
            .field("index", &self.index)
            .field("start_ms", &self.start_ms)
            .field("end_ms", &self.end_ms)
            .field("is_section", &self.is_section)
            .finish_non_exhaustive()
    }
}
