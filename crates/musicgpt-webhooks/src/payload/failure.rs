//! A task that failed. Nobody has published such a post, so every place where a
//! reason was seen or expected is read.

use serde_json::Value;

use crate::classify::subtype_named;
use crate::flat::Field;
use crate::payload::payload;
use crate::{Embedded, Kind};

payload! {
    /// The task, or one take of it, has failed.
    Failure in any form {
        /// The take, if only one has failed.
        conversion_id: String = ConversionId,
        /// The first take of the task.
        conversion_id_1: String = ConversionId1,
        /// The second take of the task.
        conversion_id_2: String = ConversionId2,
        /// Why it failed.
        reason: String = Reason,
        /// A sentence for people.
        message: String = Message,
        /// Whether moderation has flagged the request.
        is_flagged: bool = IsFlagged,
        /// The API's code for the failure.
        error_code: String = ErrorCode,
        /// The error: text, or an object with a message.
        error: Embedded = Error,
        /// The error in the form of the API's web framework: text, or a list.
        detail: Embedded = Detail,
    }
}

impl Failure {
    /// What could not be made, where the post says so: with a companion such as the cover or the
    /// stream the song itself may do well.
    pub fn failed_kind(&self) -> Option<Kind> {
        let subtype = self.subtype.as_deref().unwrap_or_default();
        if let Some(known) = subtype_named(subtype.trim()) {
            return Some(known.kind);
        }
        let has = |field: Field| self.unknown_fields.contains_key(field.name());
        if has(Field::StreamingUrl) {
            return Some(Kind::Stream);
        }
        let is_cover = [
            Field::AlbumCoverGeneratorOutput,
            Field::ImagePath,
            Field::ImagePaths,
        ];
        is_cover.into_iter().any(has).then_some(Kind::Cover)
    }

    /// Why it failed: the first that is not blank of `reason`, `status_msg`,
    /// `message`, `error`, `detail` and `error_code`.
    ///
    /// The text is the server's and may quote the request: do not log it
    /// unasked.
    pub fn explanation(&self) -> Option<String> {
        let text = |text: &Option<String>| -> Option<String> {
            text.as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        text(&self.reason)
            .or_else(|| text(&self.status_msg))
            .or_else(|| text(&self.message))
            .or_else(|| self.error.as_ref().and_then(words))
            .or_else(|| self.detail.as_ref().and_then(words))
            .or_else(|| text(&self.error_code))
    }
}

/// The words of an error: text as it is, of objects the member that speaks.
fn words(embedded: &Embedded) -> Option<String> {
    if embedded.is_blank() {
        return None;
    }
    match embedded.decode() {
        Some(value) => value_words(&value).or_else(|| Some(value.to_string())),
        None => embedded.text().map(|text| text.trim().to_owned()),
    }
}

fn value_words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Object(map) => ["message", "msg", "reason", "detail", "error", "code"]
            .iter()
            .find_map(|name| map.get(*name).and_then(value_words)),
        Value::Array(items) => {
            let words: Vec<String> = items.iter().filter_map(value_words).collect();
            (!words.is_empty()).then(|| words.join("; "))
        }
        _ => None,
    }
}
