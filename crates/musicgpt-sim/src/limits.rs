//! Which edition of the length limits requests are held to.
//!
//! The pages of the API were re-issued with other figures. The bundle keeps
//! the original figure as `maxLength` and later ones in `x-limits`, by
//! edition; before the schemas are compiled the chosen figure is written over
//! `maxLength`.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde_json::Value;

const MAX_LENGTH: &str = "maxLength";
const EDITIONS: &str = "x-limits";

/// A set of length limits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Limits {
    /// The figures of the original pages: what every edition accepts.
    #[default]
    Original,
    /// The figures of one edition, such as `2026-10`.
    Edition(String),
    /// The newest figure of every field.
    Latest,
    /// No length limits at all.
    Unchecked,
}

impl FromStr for Limits {
    type Err = Infallible;

    /// `original`, `latest` and `unchecked`, or else an edition. Whether the
    /// edition exists is checked when the simulator starts.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "original" => Self::Original,
            "latest" => Self::Latest,
            "unchecked" => Self::Unchecked,
            edition => Self::Edition(edition.to_owned()),
        })
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Original => "original",
            Self::Edition(edition) => edition,
            Self::Latest => "latest",
            Self::Unchecked => "unchecked",
        })
    }
}

impl Limits {
    /// Writes this set's figures over every `maxLength` below `node`.
    pub(crate) fn apply(&self, node: &mut Value) {
        match node {
            Value::Object(object) => {
                if object.get(MAX_LENGTH).is_some_and(Value::is_u64) {
                    match self.figure(object.get(EDITIONS)) {
                        Figure::Keep => {}
                        Figure::Replace(figure) => {
                            object.insert(MAX_LENGTH.to_owned(), figure);
                        }
                        Figure::Remove => {
                            object.remove(MAX_LENGTH);
                        }
                    }
                }
                for (key, child) in object {
                    if !key.starts_with("x-") {
                        self.apply(child);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.apply(item)),
            _ => {}
        }
    }

    fn figure(&self, editions: Option<&Value>) -> Figure {
        let newest_until = |edition: Option<&str>| {
            editions
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                // Editions are year and month, so text order is time order.
                .filter(|(name, _)| edition.is_none_or(|edition| name.as_str() <= edition))
                .max_by_key(|(name, _)| name.as_str())
                .map_or(Figure::Keep, |(_, figure)| Figure::Replace(figure.clone()))
        };
        match self {
            Self::Original => Figure::Keep,
            Self::Edition(edition) => newest_until(Some(edition)),
            Self::Latest => newest_until(None),
            Self::Unchecked => Figure::Remove,
        }
    }
}

enum Figure {
    Keep,
    Replace(Value),
    Remove,
}

/// Every edition that the document names.
pub(crate) fn editions(node: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(node, &mut found);
    found
}

fn collect(node: &Value, found: &mut BTreeSet<String>) {
    match node {
        Value::Object(object) => {
            for (key, child) in object {
                match child.as_object() {
                    Some(editions) if key == EDITIONS => found.extend(editions.keys().cloned()),
                    _ => collect(child, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn figure(limits: &str) -> Value {
        let mut node = json!({"p": {"maxLength": 300, "x-limits": {"2026-08": 500, "2026-10": 1000}, "x-advice": {"maxLength": 280}}});
        let Ok(limits) = limits.parse::<Limits>();
        limits.apply(&mut node);
        assert_eq!(node["p"]["x-advice"]["maxLength"], 280);
        node["p"]["maxLength"].clone()
    }

    #[test]
    fn each_set_has_its_figure() {
        assert_eq!(figure("original"), 300);
        assert_eq!(figure("2026-08"), 500);
        assert_eq!(figure("2026-09"), 500);
        assert_eq!(figure("latest"), 1000);
        assert_eq!(figure("unchecked"), Value::Null);
    }
}
