//! The family documents as one document, with every reference inside it.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::problem::{Problem, Result};
use crate::yaml::{self, Entry, Node, Value};

/// The document whose `info` and components the others share.
const SHARED: &str = "shared.yaml";

/// Reads every spec in `openapi/` below the root and merges them, `shared.yaml` first and the
/// others by name. The text is what they were made from, as `sha256sum` writes it.
pub fn load(root: &Path) -> Result<(Node, String)> {
    let folder = root.join("openapi");
    let mut documents = BTreeMap::new();
    let mut hashes = BTreeMap::new();
    let entries =
        std::fs::read_dir(&folder).map_err(|error| Problem::new(format!("openapi: {error}")))?;
    for entry in entries {
        let path = entry
            .map_err(|error| Problem::new(format!("openapi: {error}")))?
            .path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if path.extension().is_none_or(|extension| extension != "yaml") || name == "redocly.yaml" {
            continue;
        }
        let file = format!("openapi/{name}");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Problem::new(format!("{file}: {error}")))?;
        let hash = Sha256::digest(text.as_bytes());
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        hashes.insert(name.to_owned(), hash);
        documents.insert(name.to_owned(), yaml::parse(&file, &text)?);
    }
    let hashes = hashes
        .iter()
        .map(|(name, hash)| format!("{hash}  {name}\n"));
    let hashes = hashes.collect();
    Ok((merge(documents)?, hashes))
}

/// Merges documents by file name.
pub fn merge(mut documents: BTreeMap<String, Node>) -> Result<Node> {
    for (name, document) in &documents {
        check_references(document, name, &documents)?;
    }
    let shared = documents
        .remove(SHARED)
        .ok_or_else(|| Problem::new(format!("openapi/{SHARED}: missing")))?;
    let mut bundle = Bundle {
        at: shared.at.clone(),
        header: Vec::new(),
        sections: Vec::new(),
    };
    bundle.add(shared)?;
    for document in documents.into_values() {
        bundle.add(document)?;
    }
    Ok(bundle.finish())
}

struct Bundle {
    at: yaml::Position,
    /// What must be said by all documents alike, from the first one.
    header: Vec<Entry>,
    /// `paths`, `webhooks`, and one section per kind of component, in this order.
    sections: Vec<(String, Vec<Entry>)>,
}

impl Bundle {
    fn add(&mut self, mut document: Node) -> Result<()> {
        localise(&mut document);
        let at = document.at.clone();
        let Value::Map(entries) = document.value else {
            return Err(Problem::at(&at, "a spec must be a mapping"));
        };
        for entry in entries {
            match entry.key.as_str() {
                "openapi" | "servers" | "security" => self.agree(entry)?,
                "info" => {
                    if !self.header.iter().any(|known| known.key == "info") {
                        self.header.push(entry);
                    }
                }
                "paths" | "webhooks" => {
                    let section = entry.key.clone();
                    self.extend(&section, entry.node)?;
                }
                "components" => {
                    let at = entry.node.at.clone();
                    let Value::Map(kinds) = entry.node.value else {
                        return Err(Problem::at(&at, "components must be a mapping"));
                    };
                    for kind in kinds {
                        self.extend(&format!("components/{}", kind.key), kind.node)?;
                    }
                }
                word => {
                    return Err(Problem::at(
                        &entry.at,
                        format!("document keyword `{word}` is not understood"),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Takes a header entry from the first document and wants the same from the others.
    fn agree(&mut self, entry: Entry) -> Result<()> {
        match self.header.iter().find(|known| known.key == entry.key) {
            None => self.header.push(entry),
            Some(known) if essence(&known.node) == essence(&entry.node) => {}
            Some(known) => {
                return Err(Problem::at(
                    &entry.at,
                    format!("`{}` differs from the one at {}", entry.key, known.at),
                ));
            }
        }
        Ok(())
    }

    fn extend(&mut self, section: &str, node: Node) -> Result<()> {
        let at = node.at.clone();
        let Value::Map(entries) = node.value else {
            return Err(Problem::at(&at, format!("`{section}` must be a mapping")));
        };
        if !self.sections.iter().any(|(name, _)| name == section) {
            self.sections.push((section.to_owned(), Vec::new()));
        }
        let known = self
            .sections
            .iter_mut()
            .find(|(name, _)| name == section)
            .map(|(_, known)| known)
            .ok_or_else(|| Problem::at(&at, "section lost"))?;
        for entry in entries {
            let itself = format!("#/{section}/{}", entry.key);
            // A document that only names a shared component adds nothing to it.
            if reference(&entry.node) == Some(itself.as_str()) {
                continue;
            }
            if let Some(other) = known.iter().find(|other| other.key == entry.key) {
                return Err(Problem::at(
                    &entry.at,
                    format!("`{}` is defined already at {}", entry.key, other.at),
                ));
            }
            known.push(entry);
        }
        Ok(())
    }

    fn finish(self) -> Node {
        let at = self.at.clone();
        let map = |entries: Vec<Entry>| Node {
            at: at.clone(),
            value: Value::Map(entries),
        };
        let entry = |key: &str, entries: Vec<Entry>| Entry {
            key: key.to_owned(),
            at: at.clone(),
            node: map(entries),
        };
        let mut top = self.header;
        let mut components = Vec::new();
        for (section, entries) in self.sections {
            match section.strip_prefix("components/") {
                Some(kind) => components.push(entry(kind, entries)),
                None => top.push(entry(&section, entries)),
            }
        }
        // paths before webhooks, whatever file came first
        top.sort_by_key(|entry| match entry.key.as_str() {
            "openapi" => 0,
            "info" => 1,
            "servers" => 2,
            "security" => 3,
            "paths" => 4,
            _ => 5,
        });
        top.push(entry("components", components));
        map(top)
    }
}

/// A value without the words about it.
fn essence(node: &Node) -> serde_json::Value {
    let mut value = node.to_json();
    for item in value.as_array_mut().into_iter().flatten() {
        if let Some(item) = item.as_object_mut() {
            item.remove("description");
        }
    }
    value
}

/// The target, where a node is a reference.
pub fn reference(node: &Node) -> Option<&str> {
    match &node.get("$ref")?.value {
        Value::Text(target) => Some(target),
        _ => None,
    }
}

/// Turns `shared.yaml#/x` into `#/x`.
fn localise(node: &mut Node) {
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(localise),
        Value::Map(entries) => {
            for entry in entries {
                match (&mut entry.node.value, entry.key == "$ref") {
                    (Value::Text(target), true) => {
                        if let Some((_, pointer)) = target.split_once('#') {
                            *target = format!("#{pointer}");
                        }
                    }
                    _ => localise(&mut entry.node),
                }
            }
        }
        _ => {}
    }
}

/// Every reference of a document must lead somewhere in the document that it names.
fn check_references(node: &Node, file: &str, documents: &BTreeMap<String, Node>) -> Result<()> {
    match &node.value {
        Value::List(items) => items
            .iter()
            .try_for_each(|item| check_references(item, file, documents)),
        Value::Map(entries) => entries.iter().try_for_each(|entry| {
            if entry.key != "$ref" {
                return check_references(&entry.node, file, documents);
            }
            let at = &entry.node.at;
            let Value::Text(target) = &entry.node.value else {
                return Err(Problem::at(at, "`$ref` must be a text"));
            };
            let Some((other, pointer)) = target.split_once('#') else {
                return Err(Problem::at(at, format!("`{target}` has no `#/` part")));
            };
            let other = match other.strip_prefix("./").unwrap_or(other) {
                "" => file,
                other => other,
            };
            let document = documents
                .get(other)
                .ok_or_else(|| Problem::at(at, format!("`{other}` is no spec in openapi/")))?;
            resolve(document, &format!("#{pointer}"), &entry.node).map(drop)
        }),
        _ => Ok(()),
    }
}

/// What a reference points at; `from` is the node to blame.
pub fn resolve<'a>(bundle: &'a Node, target: &str, from: &Node) -> Result<&'a Node> {
    let missing = || Problem::at(&from.at, format!("`{target}` does not exist"));
    let pointer = target.strip_prefix("#/").ok_or_else(missing)?;
    pointer.split('/').try_fold(bundle, |node, step| {
        node.get(&step.replace("~1", "/").replace("~0", "~"))
            .ok_or_else(missing)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED_TEXT: &str =
        "openapi: 3.1.0\ninfo: {title: x}\ncomponents:\n  schemas:\n    A: {type: string}\n";

    fn merged(documents: &[(&str, &str)]) -> Result<Node> {
        let mut parsed = BTreeMap::new();
        for (name, text) in documents {
            parsed.insert(
                (*name).to_owned(),
                yaml::parse(&format!("openapi/{name}"), text)?,
            );
        }
        merge(parsed)
    }

    #[test]
    fn references_become_local_and_sections_join() {
        let bundle = merged(&[
            (SHARED, SHARED_TEXT),
            (
                "b.yaml",
                "openapi: 3.1.0\npaths:\n  /b: {x: {$ref: 'shared.yaml#/components/schemas/A'}}\n",
            ),
            ("a.yaml", "openapi: 3.1.0\npaths:\n  /a: {}\n"),
        ])
        .unwrap();
        let json = bundle.to_json();
        assert_eq!(json["paths"]["/b"]["x"]["$ref"], "#/components/schemas/A");
        let paths: Vec<_> = bundle
            .get("paths")
            .unwrap()
            .entries()
            .unwrap()
            .iter()
            .map(|e| &e.key)
            .collect();
        assert_eq!(paths, ["/a", "/b"]);
    }

    #[test]
    fn what_cannot_be_merged_names_the_place() {
        for (text, want) in [
            (
                "openapi: 3.0.0\n",
                "openapi/a.yaml:1:1: `openapi` differs from the one at openapi/shared.yaml:1:1",
            ),
            (
                "tags: []\n",
                "openapi/a.yaml:1:1: document keyword `tags` is not understood",
            ),
            (
                "components:\n  schemas:\n    A: {type: integer}\n",
                "openapi/a.yaml:3:5: `A` is defined already at openapi/shared.yaml:5:5",
            ),
            (
                "paths:\n  /a: {$ref: 'x.yaml#/a'}\n",
                "openapi/a.yaml:2:14: `x.yaml` is no spec in openapi/",
            ),
            (
                "paths:\n  /a: {$ref: '#/nowhere'}\n",
                "openapi/a.yaml:2:14: `#/nowhere` does not exist",
            ),
        ] {
            let problem = merged(&[(SHARED, SHARED_TEXT), ("a.yaml", text)]).unwrap_err();
            assert_eq!(problem.to_string(), want);
        }
    }
}
