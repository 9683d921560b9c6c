//! The one error type, and how an answer becomes one.

use std::fmt;
use std::time::Duration;

use crate::failure::Failure;
use crate::job::JobHandle;
use crate::validation::Violation;

/// What the functions of this crate give back.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, with all that is known about it.
///
/// `Display` is one line and never shows the key, a prompt, lyrics or a webhook's address.
pub struct Error(Box<Details>);

/// The sort of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client cannot be built, or a handle does not fit.
    Configuration,
    /// The request breaks a rule of the API; nothing was sent. See [`Error::violations`].
    Validation,
    /// The API refused: an error status, or `success: false` with any status.
    Api,
    /// The answer is not the API's: a page of a proxy, or a body that does not decode.
    Unreadable,
    /// The connection failed, or broke.
    Network,
    /// The service was silent for too long.
    Timeout,
    /// The wait was given up; the job goes on. See [`Error::handle`].
    Deadline,
    /// The job failed, or ended without a file. See [`Error::handle`].
    Job,
    /// A result's file could not be fetched; the job is done. See [`Error::handle`].
    Download,
    /// The storage did not take a file; nothing was submitted.
    Upload,
    /// A file could not be read or written.
    File,
}

pub(crate) struct Details {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    pub(crate) operation: Option<&'static str>,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) retryable: bool,
    pub(crate) outcome_unknown: bool,
    pub(crate) task_id: Option<String>,
    pub(crate) violations: Vec<Violation>,
    pub(crate) handle: Option<JobHandle>,
    pub(crate) source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind,
            message: message.into(),
            operation: None,
            status: None,
            code: None,
            body: None,
            attempts: 0,
            retry_after: None,
            retryable: false,
            outcome_unknown: false,
            task_id: None,
            violations: Vec::new(),
            handle: None,
            source: None,
        }))
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    pub(crate) fn validation(operation: &'static str, violations: Vec<Violation>) -> Self {
        let lines: Vec<String> = violations.iter().map(Violation::to_string).collect();
        let mut error = Self::new(ErrorKind::Validation, lines.join("; "));
        error.0.operation = Some(operation);
        error.0.violations = violations;
        error
    }

    /// The API's own refusal.
    pub(crate) fn api(status: u16, failure: Failure, body: String) -> Self {
        let message = match (&failure.message, &failure.code) {
            (Some(message), _) => message.clone(),
            (None, Some(code)) => code.clone(),
            (None, None) => "the API gives no reason".to_owned(),
        };
        let mut error = Self::new(ErrorKind::Api, message);
        error.0.status = Some(status);
        error.0.code = failure.code;
        error.0.task_id = failure.task_id;
        error.0.body = Some(body);
        error.0.retryable = is_retryable(status);
        error
    }

    pub(crate) fn file(what: impl fmt::Display, error: std::io::Error) -> Self {
        Self::new(ErrorKind::File, format!("{what}: {error}")).caused_by(error)
    }

    pub(crate) fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Details)) -> Self {
        change(&mut self.0);
        self
    }

    /// The sort of error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The API's code, such as `INSUFFICIENT_CREDITS`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// What went wrong, without operation and status.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The id of the operation.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation
    }

    /// The first part of the answer's body, as text. It is the API's own; log it with care.
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// How many requests were sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the API asks to wait before the next request.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may go well later, and would not pay twice.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable && !self.0.outcome_unknown
    }

    /// Whether the API may have accepted the task although it did not say so. Submitting again may
    /// pay twice: look in the dashboard, or wait for the webhook, first.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
    }

    /// The task, where the answer names one: its credits are spent.
    pub fn task_id(&self) -> Option<&str> {
        self.0.task_id.as_deref()
    }

    /// The rules that the request breaks, all of them.
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// What is needed to wait for the job again.
    pub fn handle(&self) -> Option<&JobHandle> {
        self.0.handle.as_ref()
    }
}

/// Statuses that pass by themselves.
pub(crate) fn is_retryable(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &self.0;
        if let Some(operation) = details.operation {
            write!(f, "{operation}: ")?;
        }
        match (details.status, &details.code) {
            (Some(status), Some(code)) if *code != details.message => {
                write!(f, "{status} {code}: ")?;
            }
            (Some(status), _) => write!(f, "{status}: ")?,
            (None, _) => {}
        }
        // One line, whatever the API says.
        let words: Vec<&str> = details.message.split_whitespace().collect();
        f.write_str(&words.join(" "))?;
        if details.outcome_unknown {
            f.write_str(
                "; the task may have been accepted and paid: look it up before submitting again",
            )?;
        }
        if let Some(pause) = details.retry_after {
            write!(f, "; try again in {} s", pause.as_secs_f64().ceil())?;
        }
        if let Some(task) = &details.task_id {
            write!(f, " (task {task})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &self.0;
        f.debug_struct("Error")
            .field("kind", &details.kind)
            .field("operation", &details.operation)
            .field("status", &details.status)
            .field("code", &details.code)
            .field("message", &details.message)
            .field("attempts", &details.attempts)
            .field("retry_after", &details.retry_after)
            .field("outcome_unknown", &details.outcome_unknown)
            .field("task_id", &details.task_id)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }
}
