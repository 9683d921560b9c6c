//! Showing that something is there without showing what.

use std::fmt;

use serde_json::{Map, Value};

/// `Some(..)` or `None` in a `Debug`, the value left out.
pub(crate) struct Presence(bool);

impl Presence {
    pub(crate) fn of(value: &impl Present) -> Self {
        Self(value.is_present())
    }
}

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "Some(..)" } else { "None" })
    }
}

/// What may be there or not.
pub(crate) trait Present {
    fn is_present(&self) -> bool;
}

impl<T> Present for Option<T> {
    fn is_present(&self) -> bool {
        self.is_some()
    }
}

impl<T: Present, E> Present for Result<T, E> {
    fn is_present(&self) -> bool {
        self.as_ref().is_ok_and(T::is_present)
    }
}

impl Present for Map<String, Value> {
    fn is_present(&self) -> bool {
        !self.is_empty()
    }
}
