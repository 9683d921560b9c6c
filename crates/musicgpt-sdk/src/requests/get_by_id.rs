//! Looking a task up.

use musicgpt_api::types;
use musicgpt_api::values::ConversionType;

use super::draft::declare;
use crate::client::Client;
use crate::conversion::Conversion;
use crate::error::{Error, ErrorKind, Result};

declare! {
    /// Status and results of a task.
    GetById
}

impl GetById {
    /// By the task.
    pub fn task(conversion_type: ConversionType, task_id: impl Into<String>) -> Self {
        let mut request = Self::default();
        request.0.request.conversion_type = Some(conversion_type);
        request.0.request.task_id = super::draft::text(task_id);
        request
    }

    /// By one of its outputs.
    pub fn conversion(conversion_type: ConversionType, conversion_id: impl Into<String>) -> Self {
        let mut request = Self::default();
        request.0.request.conversion_type = Some(conversion_type);
        request.0.request.conversion_id = super::draft::text(conversion_id);
        request
    }
}

impl super::Lookup for GetById {
    type Answer = Conversion;

    fn answer(body: types::GetByIdAnswer, _client: &Client) -> Result<Conversion> {
        match body.conversion {
            Some(serde_json::Value::Object(fields)) => Ok(Conversion::new(fields)),
            _ => Err(Error::new(
                ErrorKind::Unreadable,
                "the answer has no `conversion` object",
            )
            // Perhaps not yet.
            .with(|details| details.retryable = true)),
        }
    }
}
