//! [`Embedded`]: a value that the API sends now as JSON, now as a string with
//! JSON inside, now as a string with none. Kept as it came; decoded when asked.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::Link;

/// Text, or an array or object.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(untagged)]
#[non_exhaustive]
pub enum Embedded {
    /// A string, which may hold JSON.
    Text(String),
    /// An array or object that came as such.
    #[cfg_attr(feature = "schemars", schemars(extend("type" = ["array", "object"])))]
    Tree(Value),
}

impl Embedded {
    /// The text, if it came as text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Embedded::Text(text) => Some(text),
            Embedded::Tree(_) => None,
        }
    }

    /// The array or object; none if the text holds neither (`"..."`).
    pub fn decode(&self) -> Option<Cow<'_, Value>> {
        match self {
            Embedded::Tree(value) => Some(Cow::Borrowed(value)),
            Embedded::Text(text) => decode_text(text).map(Cow::Owned),
        }
    }

    /// The text as a link, if it is one.
    pub fn link(&self) -> Option<Link> {
        self.text().and_then(Link::new)
    }

    /// Every link inside, by the key of an object or the number in an array.
    pub(crate) fn links(&self) -> Vec<(String, Link)> {
        let link = |value: &Value| value.as_str().and_then(Link::new);
        match self.decode().as_deref() {
            Some(Value::Object(map)) => map
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), link(value)?)))
                .collect(),
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .filter_map(|(index, value)| Some((index.to_string(), link(value)?)))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Embedded::Text(text) => text.trim().is_empty(),
            Embedded::Tree(Value::Array(items)) => items.is_empty(),
            Embedded::Tree(Value::Object(map)) => map.is_empty(),
            Embedded::Tree(_) => true,
        }
    }
}

/// An array or object in a string, or in a string in a string.
fn decode_text(text: &str) -> Option<Value> {
    match serde_json::from_str(text).ok()? {
        value @ (Value::Array(_) | Value::Object(_)) => Some(value),
        Value::String(inner) => serde_json::from_str(&inner)
            .ok()
            .filter(|value: &Value| value.is_array() || value.is_object()),
        _ => None,
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Embedded::Text(_) => "Text(..)",
            Embedded::Tree(_) => "Tree(..)",
        })
    }
}
