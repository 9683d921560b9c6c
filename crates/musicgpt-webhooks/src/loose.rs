//! [`Loose`]: one value of any type, straight from the parser, and how a field
//! reads it ([`Lenient`]). A value that a field cannot use comes back untouched.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::{Embedded, Link};

/// A value as it came.
#[derive(Clone, Default)]
pub(crate) enum Loose {
    /// The key was not there.
    #[default]
    Absent,
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Tree(Value),
}

impl Loose {
    /// The value for the raw map; none if the key was not there.
    pub(crate) fn into_value(self) -> Option<Value> {
        match self {
            Loose::Absent => None,
            Loose::Null => Some(Value::Null),
            Loose::Bool(flag) => Some(Value::Bool(flag)),
            Loose::Number(number) => Some(Value::Number(number)),
            Loose::Text(text) => Some(Value::String(text)),
            Loose::Tree(value) => Some(value),
        }
    }

    /// Whether the key was there with something other than null.
    pub(crate) fn is_set(&self) -> bool {
        !matches!(self, Loose::Absent | Loose::Null)
    }
}

/// A field's type: what it makes of a value, or the value back.
pub(crate) trait Lenient: Sized {
    fn read(loose: Loose) -> Result<Self, Loose>;
}

/// Text; an integer is written out, since ids and titles may be digits only.
impl Lenient for String {
    fn read(loose: Loose) -> Result<Self, Loose> {
        match loose {
            Loose::Text(text) => Ok(text),
            Loose::Number(number) if !number.is_f64() => Ok(number.to_string()),
            other => Err(other),
        }
    }
}

/// A finite number, or text that is one (`"0.48"`, `"0"`).
impl Lenient for f64 {
    fn read(loose: Loose) -> Result<Self, Loose> {
        let number = match &loose {
            Loose::Number(number) => number.as_f64(),
            Loose::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.filter(|number| number.is_finite()).ok_or(loose)
    }
}

/// A boolean, or its word as text.
impl Lenient for bool {
    fn read(loose: Loose) -> Result<Self, Loose> {
        match &loose {
            Loose::Bool(flag) => Ok(*flag),
            Loose::Text(text) if text.trim().eq_ignore_ascii_case("true") => Ok(true),
            Loose::Text(text) if text.trim().eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(loose),
        }
    }
}

impl Lenient for Link {
    fn read(loose: Loose) -> Result<Self, Loose> {
        match &loose {
            Loose::Text(text) => Link::new(text).ok_or(loose),
            _ => Err(loose),
        }
    }
}

impl Lenient for Embedded {
    fn read(loose: Loose) -> Result<Self, Loose> {
        match loose {
            Loose::Text(text) if !text.trim().is_empty() => Ok(Embedded::Text(text)),
            Loose::Tree(value) => Ok(Embedded::Tree(value)),
            other => Err(other),
        }
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Loose, E> {
        Ok(Loose::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Loose, E> {
        Ok(Loose::Bool(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Loose, E> {
        Ok(Loose::Number(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Loose, E> {
        Ok(Loose::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Loose, E> {
        Ok(Number::from_f64(number).map_or(Loose::Null, Loose::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Loose, E> {
        Ok(Loose::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Loose, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(seq)).map(Loose::Tree)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Loose, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(map)).map(Loose::Tree)
    }
}
