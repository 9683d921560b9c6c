//! `cargo xtask docs`: the table of features in the SDK's README, from the operation table.

use std::path::Path;

use crate::bundle;
use crate::codegen::Mode;
use crate::model::{Api, Operation};
use crate::names::pascal;
use crate::problem::{Problem, Result};

const FILE: &str = "crates/musicgpt-sdk/README.md";
const VERBS: &str = "crates/musicgpt-cli/src/verbs.rs";
const START: &str = "<!-- features: written by `cargo xtask docs` -->\n";
const END: &str = "<!-- end of features -->\n";

/// Writes or compares the table.
pub fn run(root: &Path, mode: Mode) -> Result<String> {
    let text = read(root, FILE)?;
    let (before, rest) = text.split_once(START).ok_or_else(|| missing(START))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| missing(END))?;
    let (bundle, _) = bundle::load(root)?;
    let api = Api::read(&bundle)?;
    let fresh = format!(
        "{before}{START}{}{END}{after}",
        table(&api, &read(root, VERBS)?)
    );
    if fresh == text {
        return Ok(format!("docs: {FILE} is up to date"));
    }
    match mode {
        Mode::Check => Err(Problem::new(format!(
            "stale: {FILE}; run `cargo xtask docs`"
        ))),
        Mode::Write => std::fs::write(root.join(FILE), fresh)
            .map(|()| format!("docs: {FILE} written"))
            .map_err(|error| Problem::new(format!("{FILE}: {error}"))),
    }
}

/// The table as it stands.
pub(crate) fn current(root: &Path) -> Result<String> {
    let text = read(root, FILE).unwrap_or_default();
    let table = text
        .split_once(START)
        .and_then(|(_, rest)| rest.split_once(END));
    Ok(table.map(|(table, _)| table.to_owned()).unwrap_or_default())
}

fn read(root: &Path, file: &str) -> Result<String> {
    std::fs::read_to_string(root.join(file))
        .map_err(|error| Problem::new(format!("{file}: {error}")))
}

fn missing(marker: &str) -> Problem {
    Problem::new(format!("{FILE}: there is no line `{}`", marker.trim_end()))
}

fn table(api: &Api, verbs: &str) -> String {
    let mut text = "\n| operation | type | verb | limits | conversion type | webhooks | source |\n|---|---|---|---|---|---|---|\n".to_owned();
    for operation in &api.operations {
        let (page, date) = operation.sources.first().cloned().unwrap_or_default();
        text.push_str(&format!(
            "| `{}` | `{}` | {} | {} | {} | {} | [{date}]({page}) |\n",
            operation.id,
            pascal(&operation.id),
            verb(operation, verbs),
            limits(operation),
            conversion_type(operation),
            webhooks(operation),
        ));
    }
    text.push('\n');
    text
}

/// The verb that names the operation's type in the CLI's table.
fn verb(operation: &Operation, verbs: &str) -> String {
    // Its option is not called as its field, so it stands outside of the table.
    if operation.id == "get_by_id" {
        return "`get`".to_owned();
    }
    let marker = format!("::<{}>(", pascal(&operation.id));
    let name = verbs
        .split_once(&marker)
        .and_then(|(_, rest)| rest.split('"').nth(1))
        .map(|name| format!("`{name}`"));
    name.unwrap_or_else(|| "-".to_owned())
}

fn limits(operation: &Operation) -> String {
    let mut limits: Vec<String> = operation
        .fields
        .iter()
        .filter_map(|field| {
            let original = field.max_length?;
            let later: Vec<String> = field
                .later_limits
                .iter()
                .map(|(edition, length)| format!(", {length} in {edition}"))
                .collect();
            Some(format!("{} {original}{}", field.name, later.concat()))
        })
        .collect();
    limits.extend(operation.fields.iter().filter_map(|field| {
        let bounds = match (field.minimum, field.maximum) {
            (Some(least), Some(most)) => format!("{least} to {most}"),
            (None, Some(most)) => format!("at most {most}"),
            // That nothing is below zero goes without saying.
            _ => return None,
        };
        Some(format!("{} {bounds}", field.name))
    }));
    limits.extend(
        operation
            .max_audio_minutes
            .map(|minutes| format!("audio {minutes} min")),
    );
    if limits.is_empty() {
        "-".to_owned()
    } else {
        limits.join("; ")
    }
}

fn conversion_type(operation: &Operation) -> String {
    match &operation.conversion_type {
        Some((word, false)) => format!("`{word}`"),
        Some((word, true)) => format!("`{word}` (inferred)"),
        None => "-".to_owned(),
    }
}

fn webhooks(operation: &Operation) -> String {
    let hooks: Vec<String> = operation
        .webhooks
        .iter()
        .map(|hook| format!("{} {}", hook.count, hook.kind))
        .collect();
    if hooks.is_empty() {
        "-".to_owned()
    } else {
        hooks.join(", ")
    }
}
