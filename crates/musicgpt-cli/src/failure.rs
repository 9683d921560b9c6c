//! Error lines and exit codes.

use std::process::ExitCode;

use musicgpt_sdk::{Error, ErrorKind, Violation};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done = 0,
    Unforeseen = 1,
    /// Usage or validation; nothing was sent.
    Usage = 2,
    /// The API refused.
    Refused = 3,
    /// The job failed, or a take is missing.
    JobFailed = 4,
    /// Deadline, network, server errors, exhausted 429.
    Unreached = 5,
    /// The task may have been accepted.
    Unknown = 6,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome as u8)
    }
}

/// Why the program ends badly: lines for people, and a code for programs.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) outcome: Outcome,
    pub(crate) lines: Vec<String>,
    /// What can be done about it.
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(outcome: Outcome, line: impl Into<String>) -> Self {
        Self {
            outcome,
            lines: vec![line.into()],
            hint: None,
        }
    }

    pub(crate) fn hinting(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Self::new(Outcome::Usage, line)
    }

    pub(crate) fn unforeseen(line: impl Into<String>) -> Self {
        Self::new(Outcome::Unforeseen, line)
    }

    pub(crate) fn violations(violations: &[Violation]) -> Self {
        Self {
            outcome: Outcome::Usage,
            lines: violations.iter().map(Violation::to_string).collect(),
            hint: None,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if error.kind() == ErrorKind::Validation {
            return Self::violations(error.violations());
        }
        Self::new(outcome(&error), error.to_string())
    }
}

fn outcome(error: &Error) -> Outcome {
    if error.is_outcome_unknown() {
        return Outcome::Unknown;
    }
    match (error.kind(), error.status()) {
        (ErrorKind::Configuration | ErrorKind::Validation, _) => Outcome::Usage,
        (ErrorKind::Job | ErrorKind::Download, _) => Outcome::JobFailed,
        (ErrorKind::File, _) => Outcome::Unforeseen,
        (ErrorKind::Deadline, _) | (_, Some(429 | 500..)) => Outcome::Unreached,
        (ErrorKind::Api, _) | (_, Some(400..)) => Outcome::Refused,
        (
            ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Unreadable | ErrorKind::Upload,
            _,
        ) => Outcome::Unreached,
        _ => Outcome::Unforeseen,
    }
}
