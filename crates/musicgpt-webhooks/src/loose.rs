//! [`Loose`]: one value of any type, straight from the parser, and how a field
//! reads it ([`Lenient`]). A value that a field cannot use comes back untouched.

use std::borrow::Cow;
use std::mem;

use serde_json::{Number, Value};

use crate::{Embedded, Link};

/// A value as it came.
#[derive(Clone, Default)]
pub(crate) enum Loose<'de> {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    /// Borrowed from the body unless there is an escape in it.
    Text(Cow<'de, str>),
    /// An array or object, or the JSON text of a value that nothing else holds. In
    /// a box, since few values are one and all would be as large.
    Tree(Box<Value>),
}

impl Loose<'_> {
    /// The value for a raw map.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Loose::Null => Value::Null,
            Loose::Bool(flag) => Value::Bool(flag),
            Loose::Number(number) => Value::Number(number),
            Loose::Text(text) => Value::String(text.into_owned()),
            Loose::Tree(value) => *value,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Loose::Null)
    }
}

/// A field's type: what it takes out of a value; if none, the value stays as it
/// was.
pub(crate) trait Lenient: Sized {
    fn read(loose: &mut Loose<'_>) -> Option<Self>;
}

/// Text; an integer is written out, since ids and titles may be digits only.
impl Lenient for String {
    fn read(loose: &mut Loose<'_>) -> Option<Self> {
        match loose {
            Loose::Text(text) => Some(mem::take(text).into_owned()),
            Loose::Number(number) if !number.is_f64() => Some(number.to_string()),
            _ => None,
        }
    }
}

/// A finite number, or text that is one (`"0.48"`, `"0"`).
impl Lenient for f64 {
    fn read(loose: &mut Loose<'_>) -> Option<Self> {
        let number = match loose {
            Loose::Number(number) => number.as_f64(),
            Loose::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.filter(|number| number.is_finite())
    }
}

/// A boolean, or its word as text.
impl Lenient for bool {
    fn read(loose: &mut Loose<'_>) -> Option<Self> {
        match loose {
            Loose::Bool(flag) => Some(*flag),
            Loose::Text(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
            Loose::Text(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
}

impl Lenient for Link {
    fn read(loose: &mut Loose<'_>) -> Option<Self> {
        match loose {
            Loose::Text(text) => Link::take(text),
            _ => None,
        }
    }
}

impl Lenient for Embedded {
    fn read(loose: &mut Loose<'_>) -> Option<Self> {
        match loose {
            Loose::Text(text) if !text.trim().is_empty() => {
                Some(Embedded::Text(mem::take(text).into_owned()))
            }
            Loose::Tree(value) if !value.is_string() => Some(Embedded::Tree(value.take())),
            _ => None,
        }
    }
}
