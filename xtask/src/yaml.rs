//! YAML as a tree whose nodes know where they stand.
//!
//! Order is kept; duplicate keys, tags and keys that are no text are refused; aliases are resolved. Nothing here
//! knows OpenAPI.

use std::fmt;
use std::rc::Rc;

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};
use serde_json::Value as Json;

use crate::problem::{Problem, Result};

/// A place in a spec; lines and columns count from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The file, relative to the workspace.
    pub file: Rc<str>,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where the value begins.
    pub at: Position,
    /// The value.
    pub value: Value,
}

/// What a node holds.
#[derive(Debug, Clone)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<Entry>),
}

/// One entry of a mapping.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key begins.
    pub at: Position,
    /// The value.
    pub node: Node,
}

/// Reads the one document of a file; `file` names it in problems.
pub fn parse(file: &str, text: &str) -> Result<Node> {
    let file: Rc<str> = file.into();
    let mut documents = MarkedYaml::load_from_str(text).map_err(|error| {
        let at = position(&file, error.marker());
        Problem::at(&at, error.info())
    })?;
    match (documents.pop(), documents.is_empty()) {
        (Some(document), true) => convert(&file, document),
        _ => Err(Problem::new(format!("{file}: want one YAML document"))),
    }
}

fn convert(file: &Rc<str>, yaml: MarkedYaml<'_>) -> Result<Node> {
    let at = position(file, &yaml.span.start);
    let value = match yaml.data {
        YamlData::Value(Scalar::Null) => Value::Null,
        YamlData::Value(Scalar::Boolean(value)) => Value::Bool(value),
        YamlData::Value(Scalar::Integer(value)) => Value::Integer(value),
        YamlData::Value(Scalar::FloatingPoint(value)) => Value::Number(value.into_inner()),
        YamlData::Value(Scalar::String(text)) => Value::Text(text.into_owned()),
        YamlData::Sequence(items) => Value::List(
            items
                .into_iter()
                .map(|item| convert(file, item))
                .collect::<Result<_>>()?,
        ),
        YamlData::Mapping(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, node)| {
                    let at = position(file, &key.span.start);
                    let YamlData::Value(Scalar::String(key)) = key.data else {
                        return Err(Problem::at(&at, "a key must be a text; quote it"));
                    };
                    Ok(Entry {
                        key: key.into_owned(),
                        at,
                        node: convert(file, node)?,
                    })
                })
                .collect::<Result<_>>()?,
        ),
        YamlData::Tagged(tag, _) => {
            return Err(Problem::at(
                &at,
                format!("YAML tag `{tag}` is not understood"),
            ));
        }
        YamlData::Alias(_) => return Err(Problem::at(&at, "this alias is not understood")),
        YamlData::Representation(..) | YamlData::BadValue => {
            return Err(Problem::at(&at, "this value is not understood"));
        }
    };
    Ok(Node { at, value })
}

fn position(file: &Rc<str>, marker: &saphyr::Marker) -> Position {
    Position {
        file: Rc::clone(file),
        line: marker.line(),
        column: marker.col() + 1,
    }
}

impl Node {
    /// The entries, where this is a mapping.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value under a key, where this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.node)
    }

    /// The same value as JSON; the order of keys is lost.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => (*value).into(),
            Value::Integer(value) => (*value).into(),
            Value::Number(value) => (*value).into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.node.to_json()))
                .collect(),
        }
    }

    /// The same value as JSON text, keys in the order of the file.
    pub fn to_json_text(&self) -> String {
        let mut text = String::new();
        self.write_json(&mut text, 0);
        text.push('\n');
        text
    }

    fn write_json(&self, text: &mut String, depth: usize) {
        match &self.value {
            Value::Map(entries) if !entries.is_empty() => {
                let keys = entries.iter().map(|entry| Some(entry.key.as_str()));
                let nodes = entries.iter().map(|entry| &entry.node);
                write_block(text, depth, ['{', '}'], keys.zip(nodes));
            }
            Value::List(items) if !items.is_empty() => {
                write_block(
                    text,
                    depth,
                    ['[', ']'],
                    items.iter().map(|item| (None, item)),
                );
            }
            _ => text.push_str(&self.to_json().to_string()),
        }
    }
}

fn write_block<'a>(
    text: &mut String,
    depth: usize,
    brackets: [char; 2],
    items: impl Iterator<Item = (Option<&'a str>, &'a Node)>,
) {
    let indent = |text: &mut String, depth: usize| {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", depth));
    };
    text.push(brackets[0]);
    for (index, (key, node)) in items.enumerate() {
        if index > 0 {
            text.push(',');
        }
        indent(text, depth + 1);
        if let Some(key) = key {
            text.push_str(&Json::from(key).to_string());
            text.push_str(": ");
        }
        node.write_json(text, depth + 1);
    }
    indent(text, depth);
    text.push(brackets[1]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        parse("a.yaml", text).unwrap_err().to_string()
    }

    #[test]
    fn order_survives_into_the_text() {
        let node = parse("a.yaml", "b: 1\na: [x, 2.5, null, true, {}]\n").unwrap();
        assert_eq!(
            node.to_json_text(),
            "{\n  \"b\": 1,\n  \"a\": [\n    \"x\",\n    2.5,\n    null,\n    true,\n    {}\n  ]\n}\n"
        );
    }

    #[test]
    fn duplicate_keys_are_refused_with_their_place() {
        let message = problem("a: 1\nb: 2\na: 3\n");
        assert!(message.starts_with("a.yaml:3:1: "), "{message}");
        assert!(message.contains('a'), "{message}");
    }

    #[test]
    fn keys_that_are_no_text_are_refused() {
        assert_eq!(
            problem("a:\n  200: x\n"),
            "a.yaml:2:3: a key must be a text; quote it"
        );
    }

    #[test]
    fn broken_yaml_names_the_place() {
        assert!(
            problem("a: [1\nb: 2\n").starts_with("a.yaml:2"),
            "{}",
            problem("a: [1\nb: 2\n")
        );
    }
}
