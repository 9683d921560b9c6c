//! From `openapi/` to every generated file, written or compared by one function.
//!
//! One of the files comes from Rust: the JSON Schemas of the webhook payloads, which the crate
//! derives from its types. So this tool is built with that crate, generated vocabulary included. A
//! stale vocabulary does no harm, for no schema depends on it, and one run writes both. One that does
//! not compile must be mended or checked out first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::problem::{Problem, Result};
use crate::{bundle, emit, lower, model};

/// What to do with the generated text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Write what differs.
    Write,
    /// Fail on what differs.
    Check,
}

const COMMAND: &str = "cargo xtask codegen";
const API: &str = "crates/musicgpt-api/src/generated";
const WEBHOOKS: &str = "crates/musicgpt-webhooks/src/generated";
const SIM: &str = "crates/musicgpt-sim/src/generated";
const BUNDLES: &str = "openapi/generated";

/// Generates from `openapi/` below the root and writes or compares what belongs there. Nothing is
/// written unless everything was generated.
pub fn run(root: &Path, mode: Mode) -> Result<String> {
    let files = generate(root)?;
    let stale = leftovers(root, &files)?;
    match mode {
        Mode::Write => write(root, &files, &stale),
        Mode::Check => check(root, &files, &stale),
    }
}

/// Every generated file by its path below the root.
pub fn generate(root: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let (bundle, hashes) = bundle::load(root)?;
    let api = model::Api::read(&bundle)?;
    let bundle_text = bundle.to_json_text();
    let lowered = lower::document(&api);
    let mut files = BTreeMap::new();
    files.insert(
        Path::new(BUNDLES).join("openapi-3.0.json"),
        pretty(&lowered)?,
    );
    files.insert(
        Path::new(BUNDLES).join("openapi-3.1.json"),
        bundle_text.clone(),
    );
    files.insert(Path::new(SIM).join("openapi-3.1.json"), bundle_text);
    // So that any change of a spec, be it a comment, is seen by a check.
    files.insert(Path::new(BUNDLES).join("sources.sha256"), hashes);
    files.insert(
        Path::new(BUNDLES).join("webhooks.schema.json"),
        webhook_schemas()?,
    );
    for (name, text) in emit::api_crate(&api, &lowered)? {
        files.insert(Path::new(API).join(name), text);
    }
    for (name, text) in emit::webhooks_crate(&api)? {
        files.insert(Path::new(WEBHOOKS).join(name), text);
    }
    Ok(files)
}

fn pretty(value: &serde_json::Value) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| Problem::new(error.to_string()))
}

/// The schema of an event, with that of each payload among its definitions.
fn webhook_schemas() -> Result<String> {
    serde_json::to_string_pretty(&schemars::schema_for!(musicgpt_webhooks::Event))
        .map(|text| text + "\n")
        .map_err(|error| Problem::new(error.to_string()))
}

/// Files in the generated folders that nothing generates any more.
fn leftovers(root: &Path, files: &BTreeMap<PathBuf, String>) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = [API, WEBHOOKS, SIM, BUNDLES].map(PathBuf::from).into();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(root.join(&folder)) else {
            continue; // not there yet
        };
        for entry in entries {
            let entry =
                entry.map_err(|error| Problem::new(format!("{}: {error}", folder.display())))?;
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else if !files.contains_key(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn write(root: &Path, files: &BTreeMap<PathBuf, String>, stale: &[PathBuf]) -> Result<String> {
    let failed =
        |path: &Path, error: std::io::Error| Problem::new(format!("{}: {error}", path.display()));
    let mut written = 0;
    for (path, text) in files {
        let target = root.join(path);
        if std::fs::read_to_string(&target).is_ok_and(|known| known == *text) {
            continue;
        }
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(|error| failed(path, error))?;
        }
        std::fs::write(&target, text).map_err(|error| failed(path, error))?;
        written += 1;
    }
    for path in stale {
        std::fs::remove_file(root.join(path)).map_err(|error| failed(path, error))?;
    }
    Ok(format!(
        "codegen: {} files, {written} written, {} removed",
        files.len(),
        stale.len()
    ))
}

fn check(root: &Path, files: &BTreeMap<PathBuf, String>, stale: &[PathBuf]) -> Result<String> {
    let differing = files.iter().filter(|(path, text)| {
        std::fs::read_to_string(root.join(path)).map_or(true, |known| known != **text)
    });
    let mut paths: Vec<String> = differing
        .map(|(path, _)| path)
        .chain(stale)
        .map(|path| path.display().to_string())
        .collect();
    if paths.is_empty() {
        return Ok(format!("codegen: {} files are up to date", files.len()));
    }
    paths.sort();
    Err(Problem::new(format!(
        "stale: {}; run `{COMMAND}`",
        paths.join(", ")
    )))
}
