//! Mappings with an allow-list of keys.

use super::When;
use crate::problem::{Problem, Result};
use crate::yaml::{Entry, Node, Value};

/// A mapping whose keys are all understood.
pub(crate) struct Object<'a> {
    node: &'a Node,
    what: &'a str,
    entries: &'a [Entry],
}

impl<'a> Object<'a> {
    /// Takes a mapping; `what` names it in problems, as in `schema keyword`.
    pub(crate) fn read(node: &'a Node, what: &'a str, keys: &[&str]) -> Result<Self> {
        let entries = node
            .entries()
            .ok_or_else(|| Problem::at(&node.at, format!("a {what} must be a mapping")))?;
        if let Some(entry) = entries
            .iter()
            .find(|entry| !keys.contains(&entry.key.as_str()))
        {
            return Err(Problem::at(
                &entry.at,
                format!("{what} keyword `{}` is not understood", entry.key),
            ));
        }
        Ok(Self {
            node,
            what,
            entries,
        })
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Node)> {
        self.entries
            .iter()
            .map(|entry| (entry.key.as_str(), &entry.node))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key)
    }

    pub(crate) fn required(&self, key: &str) -> Result<&'a Node> {
        self.get(key)
            .ok_or_else(|| Problem::at(&self.node.at, format!("this {} has no `{key}`", self.what)))
    }

    pub(crate) fn text(&self, key: &str) -> Result<Option<String>> {
        self.get(key).map(text).transpose()
    }

    pub(crate) fn required_text(&self, key: &str) -> Result<String> {
        text(self.required(key)?)
    }

    pub(crate) fn flag(&self, key: &str) -> Result<bool> {
        self.get(key).map_or(Ok(false), flag)
    }

    pub(crate) fn integer(&self, key: &str) -> Result<Option<i64>> {
        self.get(key).map(integer).transpose()
    }

    pub(crate) fn number(&self, key: &str) -> Result<Option<f64>> {
        self.get(key)
            .map(|node| match node.value {
                Value::Integer(value) => Ok(value as f64),
                Value::Number(value) => Ok(value),
                _ => Err(Problem::at(&node.at, format!("`{key}` must be a number"))),
            })
            .transpose()
    }

    /// The items under a key; none where the key is missing.
    pub(crate) fn list(&self, key: &str) -> Result<&'a [Node]> {
        self.get(key).map_or(Ok(&[]), list)
    }

    /// The entries under a key; none where the key is missing.
    pub(crate) fn map(&self, key: &str) -> Result<&'a [Entry]> {
        self.get(key).map_or(Ok(&[]), |node| {
            node.entries()
                .ok_or_else(|| Problem::at(&node.at, format!("`{key}` must be a mapping")))
        })
    }

    /// Entries such as `{ model: [v6, v7], vocal_only: true }`.
    pub(crate) fn conditions(&self, key: &str) -> Result<Vec<(String, When)>> {
        self.map(key)?
            .iter()
            .map(|entry| {
                let when = match &entry.node.value {
                    Value::Bool(value) => When::Is(*value),
                    Value::Text(word) => When::OneOf(vec![word.clone()]),
                    Value::List(words) => When::OneOf(texts(words)?),
                    _ => {
                        let want = "want true, false, a word or a list of words here";
                        return Err(Problem::at(&entry.node.at, want));
                    }
                };
                Ok((entry.key.clone(), when))
            })
            .collect()
    }

    /// Entries such as `{ make_instrumental: true }`.
    pub(crate) fn switches(&self, key: &str) -> Result<Vec<(String, bool)>> {
        self.map(key)?
            .iter()
            .map(|entry| Ok((entry.key.clone(), flag(&entry.node)?)))
            .collect()
    }
}

pub(crate) fn text(node: &Node) -> Result<String> {
    match &node.value {
        Value::Text(text) => Ok(text.clone()),
        _ => Err(Problem::at(&node.at, "want a text here")),
    }
}

pub(crate) fn flag(node: &Node) -> Result<bool> {
    match node.value {
        Value::Bool(value) => Ok(value),
        _ => Err(Problem::at(&node.at, "want true or false here")),
    }
}

pub(crate) fn integer(node: &Node) -> Result<i64> {
    match node.value {
        Value::Integer(value) => Ok(value),
        _ => Err(Problem::at(&node.at, "want a whole number here")),
    }
}

pub(crate) fn list(node: &Node) -> Result<&[Node]> {
    match &node.value {
        Value::List(items) => Ok(items),
        _ => Err(Problem::at(&node.at, "want a list here")),
    }
}

pub(crate) fn texts(nodes: &[Node]) -> Result<Vec<String>> {
    nodes.iter().map(text).collect()
}
