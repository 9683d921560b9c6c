//! What can go wrong, always as one line.

use std::fmt;

use crate::yaml::Position;

/// A reason to stop, with the place in a spec where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    at: Option<Position>,
    message: String,
}

/// What the stages of the generator give back.
pub type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    /// A problem with a place in a spec.
    pub fn at(position: &Position, message: impl Into<String>) -> Self {
        Self {
            at: Some(position.clone()),
            message: message.into(),
        }
    }

    /// A problem without a place.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            at: None,
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Some(at) => write!(f, "{at}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Problem {}
