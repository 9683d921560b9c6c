//! The OpenAPI 3.0 document that progenitor reads.
//!
//! It is written from the model, not edited out of the bundle, so it holds only what progenitor
//! handles well:
//!
//! - Requests carry no length, bound, default or `required`: those stand in the operation table,
//!   where a limit set or an escape can lift them, and nothing unasked is sent.
//! - A multipart body is an octet stream with a `content-type` parameter, under the id `<id>_raw`.
//! - Named word sets are plain here; the generator puts our open enums in their place.
//! - Fields of answers are optional, and what is unknown stays reachable in `extra`.
//! - Errors are raw: a typed one would lose the status of a body that is no JSON.

use serde_json::{Map, Value, json};

use crate::emit;
use crate::model::{Api, Field, Kind, Media, Operation, SOUND, Schema, Shape, WordSet};
use crate::names::pascal;

/// Writes the document.
pub fn document(api: &Api) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for set in &api.word_sets {
        schemas.insert(set.name.clone(), word_set(set));
    }
    for (name, schema) in &api.schemas {
        schemas.insert(name.clone(), lower(schema));
    }
    for operation in &api.operations {
        if let Some((name, schema)) = body_schema(operation) {
            schemas.insert(name, schema);
        }
        if !matches!(operation.answer.shape, Shape::Named(_) | Shape::Sound) {
            let mut answer = lower(&operation.answer);
            let description = answer["description"].as_str().map(str::to_owned);
            let description =
                description.unwrap_or_else(|| format!("Answer of `{}`.", operation.id));
            answer["description"] = with_origin(&description, operation).into();
            schemas.insert(answer_name(operation), answer);
        }
        let item = paths
            .entry(operation.path.clone())
            .or_insert_with(|| json!({}));
        item[operation.method.as_str()] = lower_operation(operation);
    }
    json!({
        "openapi": "3.0.3",
        "info": { "title": "MusicGPT API", "version": "1.0.0" },
        "servers": api.servers.iter().map(|url| json!({ "url": url })).collect::<Vec<_>>(),
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

/// A description, and where its facts are from.
fn with_origin(description: &str, operation: &Operation) -> String {
    format!("{description}\n\n{}", emit::origin(operation))
}

/// The type of an operation's answer.
pub(crate) fn answer_name(operation: &Operation) -> String {
    match &operation.answer.shape {
        Shape::Named(name) => name.clone(),
        _ => format!("{}Answer", pascal(&operation.id)),
    }
}

/// The type of an operation's body, where progenitor makes one.
pub(crate) fn body_name(operation: &Operation) -> String {
    format!("{}Body", pascal(&operation.id))
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn word_set(set: &WordSet) -> Value {
    let kind = if set.numbers.is_some() {
        "integer"
    } else {
        "string"
    };
    json!({ "type": kind, "description": set.description })
}

fn body_schema(operation: &Operation) -> Option<(String, Value)> {
    if !matches!(operation.media, Media::Json | Media::Form) || operation.fields.is_empty() {
        return None;
    }
    let properties: Map<String, Value> = operation
        .fields
        .iter()
        .map(|field| (field.name.clone(), request_field(field)))
        .collect();
    let schema = json!({
        "type": "object",
        "description": with_origin(&format!("Body of `{}`.", operation.id), operation),
        "properties": properties,
        "additionalProperties": {},
    });
    Some((body_name(operation), schema))
}

fn request_field(field: &Field) -> Value {
    let mut schema = match &field.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Integer => json!({ "type": "integer" }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Word(name) => return reference(name),
        Kind::Words(name) => json!({ "type": "array", "items": reference(name), "nullable": true }),
        Kind::File | Kind::Json => json!({}),
    };
    schema["description"] = field.description.as_str().into();
    schema
}

fn lower_operation(operation: &Operation) -> Value {
    let multipart = operation.media == Media::Multipart;
    let mut lowered = json!({
        "operationId": if multipart { format!("{}_raw", operation.id) } else { operation.id.clone() },
        "summary": operation.summary,
        "responses": {
            "200": answer(operation),
            "4XX": raw_error(),
            "5XX": raw_error(),
        },
    });
    if let Some(description) = &operation.description {
        lowered["description"] = description.as_str().into();
    }
    match operation.media {
        Media::Query => {
            lowered["parameters"] = operation.fields.iter().map(parameter).collect();
        }
        Media::Json if !operation.fields.is_empty() => {
            lowered["requestBody"] = body("application/json", reference(&body_name(operation)));
        }
        Media::Form if !operation.fields.is_empty() => {
            let media = "application/x-www-form-urlencoded";
            lowered["requestBody"] = body(media, reference(&body_name(operation)));
        }
        Media::Json | Media::Form => {}
        Media::Multipart => {
            lowered["parameters"] = json!([{
                "name": "content-type",
                "in": "header",
                "required": true,
                "description": "`multipart/form-data` with the boundary of the body.",
                "schema": { "type": "string" },
            }]);
            let stream = json!({ "type": "string", "format": "binary" });
            lowered["requestBody"] = body("application/octet-stream", stream);
        }
    }
    lowered
}

fn answer(operation: &Operation) -> Value {
    if matches!(operation.answer.shape, Shape::Sound) {
        return json!({ "description": "Sound.", "content": { SOUND: { "schema": {} } } });
    }
    json!({
        "description": "Accepted.",
        "content": { "application/json": { "schema": reference(&answer_name(operation)) } },
    })
}

fn raw_error() -> Value {
    json!({ "description": "An error, raw.", "content": { "*/*": { "schema": {} } } })
}

fn parameter(field: &Field) -> Value {
    json!({
        "name": field.name,
        "in": if field.in_path { "path" } else { "query" },
        "required": field.in_path,
        "description": field.description,
        "schema": request_field(field),
    })
}

fn body(media: &str, schema: Value) -> Value {
    json!({ "required": true, "content": { media: { "schema": schema } } })
}

fn lower(schema: &Schema) -> Value {
    let mut lowered = match &schema.shape {
        _ if schema.verbatim => json!({}),
        Shape::Any | Shape::Sound => json!({}),
        Shape::Text => json!({ "type": "string" }),
        Shape::Integer => json!({ "type": "integer" }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Named(name) => return reference(name),
        // Nullable, for an absent list and a null one must both be none.
        Shape::List(item) => json!({ "type": "array", "items": lower(item), "nullable": true }),
        Shape::Table(value) => {
            json!({ "type": "object", "additionalProperties": lower(value), "nullable": true })
        }
        Shape::Object(fields) => {
            let properties: Map<String, Value> = fields
                .iter()
                .map(|(name, field)| (name.clone(), lower(field)))
                .collect();
            json!({ "type": "object", "properties": properties, "additionalProperties": {} })
        }
    };
    if let Some(description) = &schema.description {
        lowered["description"] = description.as_str().into();
    }
    lowered
}
