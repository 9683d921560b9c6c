//! What the generated request types have in common.

use std::borrow::Cow;
use std::future::Future;

use serde_json::{Map, Value};

use crate::multipart::FilePart;
use crate::operation::Operation;
use crate::{ByteStream, Client, Error, NotListed, ResponseValue};

/// What comes back: the decoded body, or an error whose body is still to be read.
pub type Answer<B> = Result<ResponseValue<B>, Error<ByteStream>>;

/// The body of an answer.
pub trait Body: std::fmt::Debug + Send + Sized {
    /// The body as JSON; nothing where it is none.
    fn to_json(&self) -> Option<Value>;

    /// A body from JSON; nothing where it does not fit.
    fn from_json(value: Value) -> Option<Self>;
}

impl<B> Body for B
where
    B: serde::Serialize + serde::de::DeserializeOwned + std::fmt::Debug + Send,
{
    fn to_json(&self) -> Option<Value> {
        serde_json::to_value(self).ok()
    }

    fn from_json(value: Value) -> Option<Self> {
        serde_json::from_value(value).ok()
    }
}

/// A request of one operation. The types are in [`crate::requests`].
pub trait Request: Clone + Default + std::fmt::Debug + Send + Sync {
    /// The operation.
    const OPERATION: &'static Operation;

    /// The body of its answer.
    type Body: Body;

    /// The fields that are set, in the order of the specs.
    fn fields(&self) -> Fields<'_>;

    /// Sets a field from text, by its wire name; words must be listed ones. Files are no text.
    fn set(&mut self, field: &str, text: &str) -> Result<(), FieldError>;

    /// Sets a file, by its wire name.
    fn set_file(&mut self, field: &str, file: FilePart) -> Result<(), FieldError>;

    /// Fields that the specs do not know, sent as they are.
    fn extra_mut(&mut self) -> &mut Map<String, Value>;

    /// Sends it as it is, once.
    fn send(self, client: &Client) -> impl Future<Output = Answer<Self::Body>> + Send;
}

/// Does something with a request type that is known by its operation only; see
/// [`dispatch`](crate::requests::dispatch).
pub trait Visitor {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<R: Request + 'static>(self) -> Self::Output;
}

/// The set fields of a request.
#[derive(Debug)]
pub struct Fields<'a> {
    known: Vec<(&'static str, FieldValue<'a>)>,
    extra: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(extra: &'a Map<String, Value>) -> Self {
        Self {
            known: Vec::new(),
            extra,
        }
    }

    pub(crate) fn push(&mut self, name: &'static str, slot: &'a Option<impl FieldSource>) {
        if let Some(value) = slot {
            self.known.push((name, value.value()));
        }
    }

    /// The value of a field that the specs know.
    pub fn get(&self, name: &str) -> Option<&FieldValue<'a>> {
        self.known
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// The fields that the specs know.
    pub fn known(&self) -> impl Iterator<Item = (&'static str, &FieldValue<'a>)> {
        self.known.iter().map(|(name, value)| (*name, value))
    }

    /// The fields that they do not know.
    pub fn extra(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.extra
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }
}

/// The value of a field.
#[derive(Clone)]
#[non_exhaustive]
pub enum FieldValue<'a> {
    /// A text.
    Text(&'a str),
    /// A word or number of a named set.
    Word {
        /// As it stands on the wire.
        text: Cow<'a, str>,
        /// Whether the specs list it.
        listed: bool,
    },
    /// Several words of a named set.
    Words {
        /// As they stand on the wire.
        texts: Vec<Cow<'a, str>>,
        /// Whether the specs list all of them.
        listed: bool,
    },
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A file.
    File(&'a FilePart),
    /// An array or object.
    Json(&'a Value),
}

impl FieldValue<'_> {
    /// The value as a form has it; nothing for a file.
    pub fn text(&self) -> Option<String> {
        Some(match self {
            Self::Text(text) => (*text).to_owned(),
            Self::Word { text, .. } => text.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Boolean(value) => value.to_string(),
            // Lists travel as JSON inside a form.
            Self::Words { texts, .. } => Value::from_iter(texts.iter().cloned()).to_string(),
            Self::Json(value) => form_text(value),
            Self::File(_) => return None,
        })
    }
}

/// What a value is, and never the value: it may be a prompt.
impl std::fmt::Debug for FieldValue<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text",
            Self::Word { .. } => "Word",
            Self::Words { .. } => "Words",
            Self::Integer(_) => "Integer",
            Self::Number(_) => "Number",
            Self::Boolean(_) => "Boolean",
            Self::File(_) => "File",
            Self::Json(_) => "Json",
        })
    }
}

/// A JSON value as a form has it: a text without quotes, anything else as JSON.
pub(crate) fn form_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What can stand in a field.
pub(crate) trait FieldSource {
    fn value(&self) -> FieldValue<'_>;
}

impl FieldSource for String {
    fn value(&self) -> FieldValue<'_> {
        FieldValue::Text(self)
    }
}

impl FieldSource for i64 {
    fn value(&self) -> FieldValue<'_> {
        FieldValue::Integer(*self)
    }
}

impl FieldSource for f64 {
    fn value(&self) -> FieldValue<'_> {
        FieldValue::Number(*self)
    }
}

impl FieldSource for bool {
    fn value(&self) -> FieldValue<'_> {
        FieldValue::Boolean(*self)
    }
}

impl<T: FieldSource> FieldSource for Vec<T> {
    fn value(&self) -> FieldValue<'_> {
        let mut all = true;
        let texts = self
            .iter()
            .filter_map(|item| match item.value() {
                FieldValue::Word { text, listed } => {
                    all &= listed;
                    Some(text)
                }
                _ => None,
            })
            .collect();
        FieldValue::Words { texts, listed: all }
    }
}

impl FieldSource for FilePart {
    fn value(&self) -> FieldValue<'_> {
        FieldValue::File(self)
    }
}

impl FieldSource for Value {
    fn value(&self) -> FieldValue<'_> {
        FieldValue::Json(self)
    }
}

/// Why a text cannot become the value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldError {
    /// The operation has no such field, or it is a file.
    Unknown,
    /// The text is not of the field's kind; says what would be.
    Invalid(String),
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown => f.write_str("the operation has no such field"),
            Self::Invalid(wanted) => f.write_str(wanted),
        }
    }
}

impl std::error::Error for FieldError {}

impl From<std::num::ParseIntError> for FieldError {
    fn from(_: std::num::ParseIntError) -> Self {
        Self::Invalid("must be a whole number".to_owned())
    }
}

impl From<std::num::ParseFloatError> for FieldError {
    fn from(_: std::num::ParseFloatError) -> Self {
        Self::Invalid("must be a number".to_owned())
    }
}

impl From<std::str::ParseBoolError> for FieldError {
    fn from(_: std::str::ParseBoolError) -> Self {
        Self::Invalid("must be true or false".to_owned())
    }
}

impl From<serde_json::Error> for FieldError {
    fn from(_: serde_json::Error) -> Self {
        Self::Invalid("must be JSON".to_owned())
    }
}

impl From<std::convert::Infallible> for FieldError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl From<NotListed> for FieldError {
    fn from(error: NotListed) -> Self {
        Self::Invalid(error.to_string())
    }
}

/// What can be read from text.
pub(crate) trait FromText: Sized {
    fn from_text(text: &str) -> Result<Self, FieldError>;
}

/// A list: as JSON, or words between commas.
impl<T: FromText> FromText for Vec<T> {
    fn from_text(text: &str) -> Result<Self, FieldError> {
        let words: Vec<String> = serde_json::from_str(text)
            .unwrap_or_else(|_| text.split(',').map(|word| word.trim().to_owned()).collect());
        words.iter().map(|word| T::from_text(word)).collect()
    }
}

/// Whatever reads itself.
macro_rules! from_str {
    ($($kind:ty),+) => {
        $(impl FromText for $kind {
            fn from_text(text: &str) -> Result<Self, FieldError> {
                Ok(text.parse::<$kind>()?)
            }
        })+
    };
}

from_str!(String, i64, f64, bool, Value);

/// Sets a slot from text.
pub(crate) fn assign<T: FromText>(slot: &mut Option<T>, text: &str) -> Result<(), FieldError> {
    *slot = Some(T::from_text(text)?);
    Ok(())
}
