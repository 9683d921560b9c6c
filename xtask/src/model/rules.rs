//! Rules between fields: a small set of JSON Schema shapes.
//!
//! ```yaml
//! oneOf: [{required: [a]}, {required: [b]}]                        # exactly one
//! anyOf: [{required: [a]}, {required: [b, c]}]                     # at least one group
//! not: {required: [a, b], properties: {a: {const: true}, b: {}}}   # with a = true no b
//! dependentRequired: {a: [b]}                                      # with a also b
//! allOf: [...]                                                     # several of them
//! ```

use super::Rule;
use super::object::{self, Object};
use crate::problem::{Problem, Result};
use crate::yaml::Node;

/// The keywords that rules are made of.
pub(super) const KEYWORDS: &[&str] = &["oneOf", "anyOf", "not", "dependentRequired", "allOf"];

/// Reads the rules of a schema; `fields` are the names that they may use.
pub(super) fn read(schema: &Object<'_>, fields: &[&str]) -> Result<Vec<Rule>> {
    let mut rules = Vec::new();
    for (keyword, node) in schema.entries() {
        match keyword {
            "oneOf" => rules.push(exactly_one(node, fields)?),
            "anyOf" => rules.push(Rule::AnyOf(groups(node, fields)?)),
            "not" => rules.push(excludes(node, fields)?),
            "dependentRequired" => {
                for entry in schema.map("dependentRequired")? {
                    known(&entry.key, entry.at.clone(), fields)?;
                    let others = required(object::list(&entry.node)?, fields)?;
                    rules.push(Rule::Requires(entry.key.clone(), others));
                }
            }
            "allOf" => {
                for part in object::list(node)? {
                    rules.extend(read(&Object::read(part, "rule", KEYWORDS)?, fields)?);
                }
            }
            _ => {}
        }
    }
    Ok(rules)
}

fn exactly_one(node: &Node, fields: &[&str]) -> Result<Rule> {
    groups(node, fields)?
        .into_iter()
        .map(|mut group| match (group.pop(), group.is_empty()) {
            (Some(field), true) => Ok(field),
            _ => Err(Problem::at(
                &node.at,
                "`oneOf` must have one field in each part",
            )),
        })
        .collect::<Result<_>>()
        .map(Rule::ExactlyOne)
}

fn groups(node: &Node, fields: &[&str]) -> Result<Vec<Vec<String>>> {
    object::list(node)?
        .iter()
        .map(|part| {
            let part = Object::read(part, "rule", &["required"])?;
            required(object::list(part.required("required")?)?, fields)
        })
        .collect()
}

fn excludes(node: &Node, fields: &[&str]) -> Result<Rule> {
    let object = Object::read(node, "rule", &["required", "properties"])?;
    let names = required(object.list("required")?, fields)?;
    let [first, second] = names.as_slice() else {
        return Err(Problem::at(&node.at, "`not` must require two fields"));
    };
    let mut value = None;
    for entry in object.map("properties")? {
        let property = Object::read(&entry.node, "rule", &["const"])?;
        match property.get("const") {
            None => {}
            Some(node) if entry.key == *first => value = Some(object::flag(node)?),
            Some(node) => {
                return Err(Problem::at(
                    &node.at,
                    "only the first field of `not` may have a `const`",
                ));
            }
        }
    }
    Ok(Rule::Excludes(first.clone(), value, second.clone()))
}

fn required(nodes: &[Node], fields: &[&str]) -> Result<Vec<String>> {
    nodes
        .iter()
        .map(|node| {
            let name = object::text(node)?;
            known(&name, node.at.clone(), fields)?;
            Ok(name)
        })
        .collect()
}

fn known(name: &str, at: crate::yaml::Position, fields: &[&str]) -> Result<()> {
    if fields.contains(&name) {
        return Ok(());
    }
    Err(Problem::at(
        &at,
        format!("`{name}` is no field of this request"),
    ))
}
