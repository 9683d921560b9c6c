//! `cargo xtask coverage`: which operation is in which layer, and what is missing where.
//!
//! An operation counts in a layer when the layer has it and all its fields. The layers are read as
//! text: a tool that depended on them could not run while one of them is incomplete.

use std::fmt::Write;
use std::path::Path;

use crate::model::{Api, Field, Operation};
use crate::names::{pascal, snake};
use crate::problem::{Problem, Result};
use crate::{bundle, docs};

/// The layers, in the order of the table.
const LAYERS: [&str; 7] = [
    "spec",
    "generated",
    "sdk",
    "cli",
    "sim",
    "snapshots",
    "docs",
];

/// The table, or the problem that some of its cells are empty, with the table before it.
pub fn run(root: &Path) -> Result<String> {
    let (bundle, _) = bundle::load(root)?;
    let api = Api::read(&bundle)?;
    let layers = Layers::read(root)?;
    let mut table = format!("{:<24}", "operation");
    for layer in LAYERS {
        let _ = write!(table, " {layer:<9}");
    }
    let mut missing = Vec::new();
    for operation in &api.operations {
        let _ = write!(table, "\n{:<24}", operation.id);
        for layer in LAYERS {
            let lacks = layers.lacks(layer, operation);
            let cell = if lacks.is_empty() { "yes" } else { "-" };
            let _ = write!(table, " {cell:<9}");
            missing.extend(lacks.iter().map(|what| format!("{what}: not in {layer}")));
        }
    }
    let table: Vec<&str> = table.lines().map(str::trim_end).collect();
    let table = table.join("\n");
    if missing.is_empty() {
        return Ok(format!(
            "{table}\n\n{} operations, no cell is empty",
            api.operations.len()
        ));
    }
    Err(Problem::new(format!("{table}\n\n{}", missing.join("\n"))))
}

/// The text of the layers.
struct Layers {
    generated: String,
    sdk: Vec<String>,
    cli: String,
    sim: String,
    snapshots: Vec<(String, String)>,
    docs: String,
}

impl Layers {
    fn read(root: &Path) -> Result<Self> {
        let join = |files: Vec<(String, String)>| {
            let texts: Vec<String> = files.into_iter().map(|(_, text)| text).collect();
            texts.join("\n")
        };
        let sdk = files(&root.join("crates/musicgpt-sdk/src"))?;
        let snapshots = files(&root.join("tests/tests/snapshots"))?
            .into_iter()
            .filter(|(name, _)| name.starts_with("shapes__"))
            .collect();
        Ok(Self {
            generated: join(files(
                &root.join("crates/musicgpt-api/src/generated/requests"),
            )?),
            sdk: sdk.into_iter().map(|(_, text)| text).collect(),
            cli: join(files(&root.join("crates/musicgpt-cli/src"))?),
            sim: join(files(&root.join("crates/musicgpt-sim/src/generated"))?),
            snapshots,
            docs: docs::current(root)?,
        })
    }

    /// What a layer lacks of an operation: the operation itself, or some of its fields.
    fn lacks(&self, layer: &str, operation: &Operation) -> Vec<String> {
        let name = pascal(&operation.id);
        let whole = |there: bool| {
            if there {
                Vec::new()
            } else {
                vec![operation.id.clone()]
            }
        };
        match layer {
            // It is from there that we know of it.
            "spec" => Vec::new(),
            "generated" => match body_of(&self.generated, &format!("pub struct {name} {{")) {
                Some(body) => fields(operation, |field| {
                    body.contains(&format!("pub {}:", rust(field)))
                }),
                None => whole(false),
            },
            "sdk" => match self
                .sdk
                .iter()
                .find(|text| text.contains(&format!("\n    {name}\n}}")))
            {
                Some(text) => fields(operation, |field| is_set(text, field)),
                None => whole(false),
            },
            // Options come from the table, so a verb has all fields.
            "cli" => whole(has_word(&self.cli, &name)),
            "sim" => whole(
                self.sim
                    .contains(&format!("\"operationId\": \"{}\"", operation.id)),
            ),
            "docs" => whole(self.docs.contains(&format!("| `{}` |", operation.id))),
            _ => {
                let prefix = format!("shapes__{}__", operation.id);
                let texts: Vec<&str> = self
                    .snapshots
                    .iter()
                    .filter(|(name, _)| name.starts_with(&prefix))
                    .map(|(_, text)| text.as_str())
                    .collect();
                match texts.len() {
                    0 | 1 => whole(false),
                    _ => fields(operation, |field| {
                        texts.iter().any(|text| is_sent(text, field))
                    }),
                }
            }
        }
    }
}

fn fields(operation: &Operation, has: impl Fn(&Field) -> bool) -> Vec<String> {
    let lacking = operation.fields.iter().filter(|field| !has(field));
    lacking
        .map(|field| format!("{}.{}", operation.id, field.name))
        .collect()
}

/// The field's name as an identifier.
fn rust(field: &Field) -> String {
    crate::names::ident(&snake(&field.name)).to_string()
}

/// Whether a feature's file sets a field: by its name, or a source by its stem.
fn is_set(text: &str, field: &Field) -> bool {
    let stem = field
        .name
        .strip_suffix("_file")
        .or(field.name.strip_suffix("_url"));
    has_word(text, &rust(field))
        || stem.is_some_and(|stem| text.contains(&format!("source(\"{stem}\"")))
}

/// Whether a snapshot shows a field.
fn is_sent(text: &str, field: &Field) -> bool {
    let name = &field.name;
    let shown = [
        format!("\"{name}\": "),
        format!("\n{name}: "),
        format!("\n{name}="),
        format!("\n  {name}="),
    ];
    shown.iter().any(|shape| text.contains(shape))
        || (field.in_path && text.contains(&format!("some%20{name}")))
}

fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text
            .get(at + word.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

/// What stands between a beginning and the next line that closes it.
fn body_of<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let from = text.find(start)? + start.len();
    let rest = text.get(from..)?;
    rest.get(..rest.find("\n}")?)
}

/// The files below a folder with their texts, in order.
fn files(folder: &Path) -> Result<Vec<(String, String)>> {
    let failed = |error: std::io::Error| Problem::new(format!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(found); // a layer that is not there has nothing
    };
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if let (Ok(text), Some(name)) = (std::fs::read_to_string(&path), path.file_name()) {
            found.push((name.to_string_lossy().into_owned(), text));
        }
    }
    found.sort();
    Ok(found)
}
