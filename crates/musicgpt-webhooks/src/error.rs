//! Why a body is not an event. Lives here: the error. Not here: failures that
//! the API reports, which are events ([`Failure`](crate::Failure)).

use std::fmt;
use std::str::Utf8Error;

use serde_json::error::Category;

/// What was wrong with the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The body is not JSON.
    Syntax,
    /// The body ends in the middle of the JSON, or is empty.
    Truncated,
    /// The body is JSON, but its root is not an object.
    NotAnObject,
}

/// A body that is not a JSON object, with the position where that showed.
///
/// Holds nothing of the body itself, so that it can be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    kind: ParseErrorKind,
    line: usize,
    column: usize,
}

impl ParseError {
    /// What was wrong.
    pub fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in bytes, from 1; 0 if the line has not begun.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl ParseError {
    /// Of a body that is not even text.
    pub(crate) fn not_utf8(body: &[u8], error: Utf8Error) -> Self {
        let good = body.get(..error.valid_up_to()).unwrap_or(body);
        let last_line = good.rsplit(|byte| *byte == b'\n').next().unwrap_or(good);
        Self {
            kind: match error.error_len() {
                Some(_) => ParseErrorKind::Syntax,
                None => ParseErrorKind::Truncated,
            },
            line: 1 + good.iter().filter(|byte| **byte == b'\n').count(),
            column: 1 + last_line.len(),
        }
    }
}

impl From<serde_json::Error> for ParseError {
    // The words of serde_json's error are dropped: they may quote the body.
    fn from(error: serde_json::Error) -> Self {
        let kind = match error.classify() {
            Category::Data => ParseErrorKind::NotAnObject,
            Category::Eof => ParseErrorKind::Truncated,
            Category::Syntax | Category::Io => ParseErrorKind::Syntax,
        };
        Self {
            kind,
            line: error.line(),
            column: error.column(),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ParseErrorKind::Syntax => "the webhook body is not JSON",
            ParseErrorKind::Truncated => "the webhook body ends before its JSON does",
            ParseErrorKind::NotAnObject => "the webhook body is JSON but not an object",
        };
        write!(f, "{what} (line {}, column {})", self.line, self.column)
    }
}

impl std::error::Error for ParseError {}
