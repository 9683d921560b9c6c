//! Requests decoded: query, JSON, urlencoded or multipart in, one JSON object
//! with typed values out.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::request::Parts;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::{Map, Value};

use crate::operation::{Field, Operation};

/// The most that is read of a body without files. Files are counted and
/// thrown away as they arrive, and may have any size.
const MOST_TEXT: usize = 16 * 1024 * 1024;

/// Stands for an uploaded file in the decoded request.
const FILE: &str = "(file)";

/// A decoded request.
#[derive(Default)]
pub(crate) struct Form {
    /// Typed values; a file is a placeholder, an empty string is left out.
    pub(crate) fields: Map<String, Value>,
    /// The names of all fields sent.
    pub(crate) names: BTreeSet<String>,
    /// What cannot be understood, a line each.
    pub(crate) violations: Vec<String>,
}

impl Form {
    /// Reads parameters and body. What is wrong with them is not an error
    /// here but a list of violations.
    pub(crate) async fn read(
        operation: &Operation,
        path: Vec<(&str, String)>,
        parts: &Parts,
        body: &mut Incoming,
    ) -> Self {
        let mut form = Self::default();
        for (name, value) in path {
            form.insert_text(operation, name, &value);
        }
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            form.insert_text(operation, &name, &value);
        }
        if !operation.media_types.is_empty()
            && let Err(violation) = form.read_body(operation, parts, body).await
        {
            form.violations.push(violation);
        }
        form
    }

    /// The names that the operation does not have.
    pub(crate) fn unknown(&self, operation: &Operation) -> Vec<String> {
        let names = self.names.iter();
        names
            .filter(|name| !operation.fields.contains_key(*name))
            .cloned()
            .collect()
    }

    async fn read_body(
        &mut self,
        operation: &Operation,
        parts: &Parts,
        body: &mut Incoming,
    ) -> Result<(), String> {
        let header = parts.headers.get(http::header::CONTENT_TYPE);
        let content_type = header
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let sent = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if !operation.media_types.contains(&sent) {
            let wanted = operation.media_types.join(" or ");
            return Err(format!("content-type: this operation takes {wanted}"));
        }
        match sent.as_str() {
            "multipart/form-data" => self.read_multipart(operation, content_type, body).await,
            "application/x-www-form-urlencoded" => {
                for (name, value) in form_urlencoded::parse(&read_text(body).await?) {
                    self.insert_text(operation, &name, &value);
                }
                Ok(())
            }
            _ => self.read_json(&read_text(body).await?),
        }
    }

    fn read_json(&mut self, body: &[u8]) -> Result<(), String> {
        let value: Value =
            serde_json::from_slice(body).map_err(|_| "body: must be valid JSON".to_owned())?;
        let Value::Object(object) = value else {
            return Err("body: must be a JSON object".to_owned());
        };
        for (name, value) in object {
            self.names.insert(name.clone());
            if value != "" {
                self.fields.insert(name, value);
            }
        }
        Ok(())
    }

    async fn read_multipart(
        &mut self,
        operation: &Operation,
        content_type: &str,
        body: &mut Incoming,
    ) -> Result<(), String> {
        let broken = |_| "body: must be valid multipart/form-data".to_owned();
        let boundary = multer::parse_boundary(content_type)
            .map_err(|_| "content-type: has no boundary".to_owned())?;
        let mut parts = multer::Multipart::new(body.into_data_stream(), boundary);
        while let Some(mut part) = parts.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            let is_file = part.file_name().is_some();
            let wants_file = operation.fields.get(&name).map(|field| field.is_file);
            self.names.insert(name.clone());
            if is_file || wants_file == Some(true) {
                let mut length = 0;
                while let Some(chunk) = part.chunk().await.map_err(broken)? {
                    length += chunk.len();
                }
                match (is_file, wants_file) {
                    (true, Some(true)) if length == 0 => {
                        self.violations.push(format!("{name}: the file is empty"));
                    }
                    (false, _) if length == 0 => continue,
                    (false, _) => self.violations.push(format!("{name}: must be a file part")),
                    (true, Some(false)) => {
                        self.violations
                            .push(format!("{name}: must not be a file part"));
                    }
                    _ => {}
                }
                // Present all the same, so that it is not called missing too.
                self.fields.insert(name, FILE.into());
            } else {
                match part.text().await {
                    Ok(text) => self.insert_text(operation, &name, &text),
                    Err(_) => return Err(format!("{name}: must be UTF-8 text")),
                }
            }
        }
        Ok(())
    }

    fn insert_text(&mut self, operation: &Operation, name: &str, text: &str) {
        self.names.insert(name.to_owned());
        if text.is_empty() {
            return;
        }
        let value = match operation.fields.get(name) {
            Some(field) => coerce(field, text),
            None => Some(text.into()),
        };
        match value {
            Some(value) => {
                self.fields.insert(name.to_owned(), value);
            }
            // As text it would break the schema's type, so the message is the
            // schema's own.
            None => {
                self.fields.insert(name.to_owned(), text.into());
            }
        }
    }
}

/// Form text as the JSON value that the field's type asks for.
fn coerce(field: &Field, text: &str) -> Option<Value> {
    if field.types.is_empty() {
        return Some(text.into());
    }
    field.types.iter().find_map(|kind| match kind.as_str() {
        "string" => Some(text.into()),
        "integer" => text.parse::<i64>().ok().map(Value::from),
        "number" => {
            let whole = text.parse::<i64>().ok().map(Value::from);
            whole.or_else(|| Some(serde_json::Number::from_f64(text.parse().ok()?)?.into()))
        }
        "boolean" => match text {
            "true" | "1" => Some(true.into()),
            "false" | "0" => Some(false.into()),
            _ => None,
        },
        "array" => serde_json::from_str(text).ok().filter(Value::is_array),
        "object" => serde_json::from_str(text).ok().filter(Value::is_object),
        _ => None,
    })
}

async fn read_text(body: &mut Incoming) -> Result<Bytes, String> {
    let body = Limited::new(body, MOST_TEXT).collect().await;
    body.map(http_body_util::Collected::to_bytes)
        .map_err(|_| "body: could not be read to its end".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(kind: &str) -> Field {
        Field {
            types: vec![kind.to_owned()],
            ..Field::default()
        }
    }

    #[test]
    fn text_takes_the_type_of_its_field() {
        let cases = [
            ("integer", "12", Some(json!(12))),
            ("integer", "1.5", None),
            ("number", "1.5", Some(json!(1.5))),
            ("number", "2", Some(json!(2))),
            ("number", "NaN", None),
            ("boolean", "1", Some(json!(true))),
            ("boolean", "false", Some(json!(false))),
            ("boolean", "yes", None),
            ("array", r#"["a"]"#, Some(json!(["a"]))),
            ("array", "a", None),
            ("object", r#"{"a":1}"#, Some(json!({"a": 1}))),
            ("string", "1", Some(json!("1"))),
        ];
        for (kind, text, value) in cases {
            assert_eq!(coerce(&field(kind), text), value, "{kind} {text}");
        }
    }
}
