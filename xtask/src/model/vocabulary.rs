//! Sets of words, and the words that tell webhooks apart.

use super::object::{self, Object};
use super::{Webhook, WordSet};
use crate::names::pascal;
use crate::problem::{Problem, Result};
use crate::yaml::{Node, Value};

/// What a status can stand for.
const PHASES: &[&str] = &["waiting", "running", "done", "failed"];
/// What a post can bring.
const KINDS: &[&str] = &["track", "lyrics", "cover", "stream", "result", "failure"];

/// Every component schema with an `enum`.
pub(super) fn word_sets(bundle: &Node) -> Result<Vec<WordSet>> {
    let schemas = bundle
        .get("components")
        .and_then(|components| components.get("schemas"))
        .and_then(Node::entries)
        .unwrap_or_default();
    schemas
        .iter()
        .filter(|entry| entry.node.get("enum").is_some())
        .map(|entry| word_set(&entry.key, &entry.node))
        .collect()
}

fn word_set(name: &str, node: &Node) -> Result<WordSet> {
    let object = Object::read(
        node,
        "enum schema",
        &[
            "type",
            "description",
            "enum",
            "x-variant-prefix",
            "x-status",
            "x-http-status",
        ],
    )?;
    let numbers = match object.required_text("type")?.as_str() {
        "string" => None,
        "integer" => Some(object.required_text("x-variant-prefix")?),
        other => {
            return Err(Problem::at(
                &node.at,
                format!("an enum of type `{other}` is not understood"),
            ));
        }
    };
    let words = object
        .list("enum")?
        .iter()
        .map(|node| match (&node.value, &numbers) {
            (Value::Text(word), None) => Ok(word.clone()),
            (Value::Integer(number), Some(_)) => Ok(number.to_string()),
            _ => Err(Problem::at(
                &node.at,
                "this member is not of the enum's type",
            )),
        })
        .collect::<Result<Vec<_>>>()?;
    check_variants(&object, &words, numbers.as_deref())?;
    let phases = object
        .map("x-status")?
        .iter()
        .map(|entry| {
            if !PHASES.contains(&entry.key.as_str()) {
                return Err(Problem::at(
                    &entry.at,
                    format!("phase `{}` is not understood", entry.key),
                ));
            }
            for node in object::list(&entry.node)? {
                let word = object::text(node)?;
                if !words.contains(&word) {
                    return Err(Problem::at(
                        &node.at,
                        format!("`{word}` is not in the enum"),
                    ));
                }
            }
            Ok((
                entry.key.clone(),
                object::texts(object::list(&entry.node)?)?,
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    if !phases.is_empty()
        && let Some(word) = words
            .iter()
            .find(|word| phases.iter().filter(|(_, set)| set.contains(word)).count() != 1)
    {
        return Err(Problem::at(
            &node.at,
            format!("`{word}` must be in one list of `x-status`"),
        ));
    }
    Ok(WordSet {
        name: name.to_owned(),
        description: object.required_text("description")?,
        numbers,
        words,
        phases,
    })
}

/// Words must become different variants that Rust takes.
fn check_variants(object: &Object<'_>, words: &[String], prefix: Option<&str>) -> Result<()> {
    let mut known = vec!["Unlisted".to_owned()];
    for (node, word) in object.list("enum")?.iter().zip(words) {
        let variant = match prefix {
            Some(prefix) => format!("{prefix}{word}"),
            None => pascal(word),
        };
        if syn::parse_str::<syn::Ident>(&variant).is_err() || known.contains(&variant) {
            return Err(Problem::at(
                &node.at,
                format!("`{word}` gives no variant of its own: `{variant}`"),
            ));
        }
        known.push(variant);
    }
    Ok(())
}

/// One entry of the webhooks section.
pub(super) fn webhook(name: &str, node: &Node) -> Result<Webhook> {
    let item = Object::read(node, "webhook", &["post"])?;
    let post = Object::read(
        item.required("post")?,
        "webhook operation",
        &[
            "security",
            "operationId",
            "summary",
            "description",
            "requestBody",
            "responses",
            "x-kind",
            "x-feature",
            "x-webhook-conversion-type",
            "x-webhook-conversion-type-inferred",
            "x-subtype",
        ],
    )?;
    let word = kind(post.required("x-kind")?)?;
    Ok(Webhook {
        at: node.at.clone(),
        name: name.to_owned(),
        kind: word,
        feature: post.text("x-feature")?,
        conversion_type: match post.text("x-webhook-conversion-type")? {
            Some(word) => Some(word),
            None => post.text("x-webhook-conversion-type-inferred")?,
        },
        subtype: post.text("x-subtype")?,
    })
}

/// A kind of post.
pub(super) fn kind(node: &Node) -> Result<String> {
    let word = object::text(node)?;
    if KINDS.contains(&word.as_str()) {
        return Ok(word);
    }
    Err(Problem::at(
        &node.at,
        format!("webhook kind `{word}` is not understood"),
    ))
}
