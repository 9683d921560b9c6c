//! Response schemas: what may stand in one, and nothing else.

use super::object::{self, Object};
use super::{Operation, WordSet, component};
use crate::bundle;
use crate::problem::{Problem, Result};
use crate::yaml::{Node, Position, Value};

/// The media type of an answer that is sound.
pub(crate) const SOUND: &str = "audio/*";

/// A schema of an answer.
#[derive(Debug, Clone)]
pub struct Schema {
    /// What it means.
    pub description: Option<String>,
    /// What it holds.
    pub shape: Shape,
    /// Whether logs must not show it.
    pub private: bool,
    /// Whether the value is to be passed on as it came, whatever its schema says.
    pub verbatim: bool,
}

/// What a schema of an answer holds.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// Several types.
    Any,
    /// A component, by name.
    Named(String),
    /// A list.
    List(Box<Schema>),
    /// An object without fixed fields.
    Table(Box<Schema>),
    /// An object.
    Object(Vec<(String, Schema)>),
    /// Sound, which is no JSON and so may only be a whole answer.
    Sound,
}

/// The schema of the 200 answer, and where it stands.
pub(super) fn answer(bundle: &Node, node: &Node) -> Result<(Schema, Position)> {
    let entries = node
        .entries()
        .ok_or_else(|| Problem::at(&node.at, "responses must be a mapping"))?;
    let mut answer = None;
    for entry in entries {
        // Other answers are errors, which are never typed: see the lowering.
        let is_error = entry.key.len() == 3 && entry.key.starts_with(['4', '5']);
        if component(&entry.node, "responses")?.is_some() && is_error {
            continue;
        }
        let response = Object::read(&entry.node, "response", &["description", "content"])?;
        let [content] = response.map("content")? else {
            return Err(Problem::at(
                &entry.at,
                "a response must have one media type",
            ));
        };
        if content.key == SOUND && !is_error && answer.is_none() {
            Object::read(&content.node, "media type of sound", &[])?;
            let schema = Schema {
                description: response.text("description")?,
                shape: Shape::Sound,
                private: false,
                verbatim: false,
            };
            answer = Some((schema, content.at.clone()));
            continue;
        }
        if content.key != "application/json" {
            return Err(Problem::at(
                &content.at,
                format!("response media type `{}` is not understood", content.key),
            ));
        }
        let media = Object::read(
            &content.node,
            "media type",
            &["schema", "example", "examples"],
        )?;
        let schema = media.required("schema")?;
        match (entry.key.as_str(), answer.is_none()) {
            ("200", true) => answer = Some((read(bundle, schema)?, schema.at.clone())),
            _ if is_error => {}
            (status, _) => {
                return Err(Problem::at(
                    &entry.at,
                    format!("response `{status}` is not understood"),
                ));
            }
        }
    }
    answer.ok_or_else(|| Problem::at(&node.at, "there is no `200` response"))
}

/// Component schemas that the answers use, word sets aside.
pub(super) fn named(
    bundle: &Node,
    operations: &[Operation],
    word_sets: &[WordSet],
) -> Result<Vec<(String, Schema)>> {
    let entries = bundle
        .get("components")
        .and_then(|components| components.get("schemas"))
        .and_then(Node::entries)
        .unwrap_or_default();
    let mut wanted = Vec::new();
    for operation in operations {
        uses(&operation.answer, &mut wanted);
    }
    let mut found: Vec<(String, Schema)> = Vec::new();
    while let Some(name) = wanted.pop() {
        let is_set = word_sets.iter().any(|set| set.name == name);
        if is_set || found.iter().any(|(known, _)| *known == name) {
            continue;
        }
        // References were checked with the bundle.
        if let Some(entry) = entries.iter().find(|entry| entry.key == name) {
            let schema = read(bundle, &entry.node)?;
            uses(&schema, &mut wanted);
            found.push((name, schema));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

fn uses(schema: &Schema, wanted: &mut Vec<String>) {
    match &schema.shape {
        Shape::Named(name) => wanted.push(name.clone()),
        Shape::List(inner) | Shape::Table(inner) => uses(inner, wanted),
        Shape::Object(fields) => fields.iter().for_each(|(_, field)| uses(field, wanted)),
        _ => {}
    }
}

fn read(bundle: &Node, node: &Node) -> Result<Schema> {
    let object = Object::read(
        node,
        "schema",
        &[
            "$ref",
            "type",
            "format",
            "description",
            "properties",
            "required",
            "items",
            "additionalProperties",
            "x-private",
            "x-media",
            "x-schemes",
            "x-verbatim",
            // For the simulator, which reads the bundle itself.
            "x-dropped-when",
            "x-sent-when",
        ],
    )?;
    let mut schema = Schema {
        description: None,
        private: false,
        verbatim: object.flag("x-verbatim")?,
        shape: Shape::Any,
    };
    if let Some(name) = component(node, "schemas")? {
        let target = bundle::resolve(bundle, &format!("#/components/schemas/{name}"), node)?;
        if target.get("enum").is_some() || target.get("properties").is_some() {
            schema.shape = Shape::Named(name.to_owned());
        } else {
            // A plain value needs no type of its own.
            schema = read(bundle, target)?;
        }
    } else {
        schema.shape = shape(bundle, &object)?;
    }
    schema.description = object.text("description")?.or(schema.description);
    // The address of a file may be signed.
    schema.private |= object.flag("x-private")? || object.get("x-media").is_some();
    Ok(schema)
}

fn shape(bundle: &Node, object: &Object<'_>) -> Result<Shape> {
    let node = object.required("type")?;
    let words = match &node.value {
        Value::Text(word) => vec![word.clone()],
        Value::List(items) => object::texts(items)?,
        _ => {
            return Err(Problem::at(
                &node.at,
                "`type` must be a word or a list of words",
            ));
        }
    };
    // Every field of an answer may be null, so the word adds nothing.
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| *word != "null")
        .collect();
    match words.as_slice() {
        ["string"] => Ok(Shape::Text),
        ["integer"] => Ok(Shape::Integer),
        ["number"] => Ok(Shape::Number),
        ["boolean"] => Ok(Shape::Boolean),
        ["array"] => Ok(Shape::List(Box::new(read(
            bundle,
            object.required("items")?,
        )?))),
        ["object"] => match object.get("additionalProperties") {
            Some(inner) if object.get("properties").is_some() => Err(Problem::at(
                &inner.at,
                "`additionalProperties` beside `properties` is not understood",
            )),
            Some(inner) => Ok(Shape::Table(Box::new(read(bundle, inner)?))),
            None => object
                .map("properties")?
                .iter()
                .map(|entry| Ok((entry.key.clone(), read(bundle, &entry.node)?)))
                .collect::<Result<_>>()
                .map(Shape::Object),
        },
        [_, _, ..] => Ok(Shape::Any),
        _ => Err(Problem::at(
            &node.at,
            format!("type `{}` is not understood", words.join(" ")),
        )),
    }
}
