//! A JSON object that is no kind that we know: kept whole.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::flat::{Field, Flat};
use crate::loose::Lenient;

/// A JSON object of no known kind.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct UnknownEvent {
    /// The task, if it names one.
    #[serde(skip)]
    pub task_id: Option<String>,
    /// The conversion, if it names one.
    #[serde(skip)]
    pub conversion_id: Option<String>,
    /// The operation in the API's words, if it names one.
    #[serde(skip)]
    pub conversion_type: Option<String>,
    /// Everything that came, the ids included.
    #[serde(flatten)]
    pub raw: Map<String, Value>,
}

impl UnknownEvent {
    pub(crate) fn from_flat(flat: Flat<'_>) -> Self {
        let text = |field| String::read(&mut flat.get(field).clone());
        let (task_id, conversion_id, conversion_type) = (
            text(Field::TaskId),
            text(Field::ConversionId),
            text(Field::ConversionType),
        );
        let (values, mut raw) = flat.into_parts();
        raw.extend(
            values
                .into_iter()
                .map(|(field, value)| (field.name().to_owned(), value.into_value())),
        );
        Self {
            task_id,
            conversion_id,
            conversion_type,
            raw,
        }
    }
}

impl fmt::Debug for UnknownEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownEvent")
            .field("task_id", &self.task_id)
            .field("conversion_type", &self.conversion_type)
            .field("set", &self.raw.keys().collect::<Vec<_>>())
            .finish()
    }
}
