//! What is printed: results on stdout, everything else on stderr.

use std::fmt::Display;
use std::io::{self, Write};

use serde_json::Value;

use crate::failure::Failure;

/// One JSON value on stdout.
pub(crate) fn json(value: &Value) -> Result<(), Failure> {
    line(value)
}

/// One line on stdout. A reader that went away is no error of ours.
pub(crate) fn line(text: &impl Display) -> Result<(), Failure> {
    match delivered(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::unforeseen(format!("stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// One line on stdout for a reader that has to get it.
pub(crate) fn delivered(text: &impl Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush())
}

/// One line on stderr. Where stderr is gone there is nowhere to complain.
pub(crate) fn note(text: &impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

pub(crate) fn warning(text: &impl Display) {
    note(&format_args!("warning: {text}"));
}

pub(crate) fn error(text: &impl Display) {
    note(&format_args!("error: {text}"));
}

/// A text of the service's for a terminal: nothing in it moves the cursor or turns the line around.
pub(crate) fn plain(text: &str) -> String {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(harmful, " ")
}

/// Tells of a file; gives its path as text, for JSON knows no other.
pub(crate) fn saved(path: &std::path::Path) -> String {
    let path = path.display().to_string();
    note(&format_args!("saved {path}"));
    path
}
