//! `cargo xtask compare FILE`: our specs against another OpenAPI document of the same API, such as
//! the vendor's: every operation and field of it must be in ours, with the same type, words, default
//! and limits. Ours may have more.
//!
//! What differs on purpose stands in `openapi/differences.txt`, a line each, with its reason.

use std::path::Path;

use serde_json::Value;

use crate::bundle;
use crate::model::{Api, Field, Kind, Operation, WordSet};
use crate::problem::{Problem, Result};

const EXPLAINED: &str = "openapi/differences.txt";

/// Compares; unexplained differences are a problem, a line each.
pub fn run(root: &Path, file: &Path) -> Result<String> {
    let named =
        |error: &dyn std::fmt::Display| Problem::new(format!("{}: {error}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| named(&error))?;
    let other: Value = serde_json::from_str(&text).map_err(|error| named(&error))?;
    let (bundle, _) = bundle::load(root)?;
    let api = Api::read(&bundle)?;
    let found = differences(&api, &other);
    let explained = std::fs::read_to_string(root.join(EXPLAINED)).unwrap_or_default();
    let is_explained = |difference: &String| {
        explained.lines().any(|line| {
            let what = line.split(" # ").next().unwrap_or_default().trim();
            !what.is_empty() && difference.starts_with(what)
        })
    };
    let (known, new): (Vec<String>, Vec<String>) = found.into_iter().partition(is_explained);
    if new.is_empty() {
        return Ok(format!(
            "compare: no difference but {} that {EXPLAINED} explains",
            known.len()
        ));
    }
    Err(Problem::new(new.join("\n")))
}

/// Everything that the other document has and ours has not, or has otherwise.
pub fn differences(api: &Api, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (path, item) in entries(&other["paths"]) {
        for (method, theirs) in entries(item) {
            let ours = api
                .operations
                .iter()
                .find(|ours| ours.path == *path && ours.method == *method);
            match ours {
                Some(ours) => operation(api, ours, theirs, other, &mut found),
                None => found.push(format!("{method} {path}: missing")),
            }
        }
    }
    found
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn operation(
    api: &Api,
    ours: &Operation,
    theirs: &Value,
    document: &Value,
    found: &mut Vec<String>,
) {
    let body = entries(&theirs["requestBody"]["content"]).next();
    if let Some((_, content)) = body {
        let schema = resolve(&content["schema"], document);
        let required: Vec<&str> = texts(&schema["required"]);
        for (name, field) in entries(&schema["properties"]) {
            let required = required.contains(&name.as_str());
            compare(api, ours, name, field, required, document, found);
        }
    }
    for parameter in theirs["parameters"].as_array().into_iter().flatten() {
        let parameter = resolve(parameter, document);
        let name = parameter["name"].as_str().unwrap_or_default();
        let required = parameter["required"] == true;
        compare(
            api,
            ours,
            name,
            &parameter["schema"],
            required,
            document,
            found,
        );
    }
    if theirs["deprecated"] == true && !ours.deprecated {
        found.push(format!("{}: deprecated there", ours.id));
    }
}

fn resolve<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    value["$ref"]
        .as_str()
        .and_then(|target| document.pointer(target.trim_start_matches('#')))
        .unwrap_or(value)
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn compare(
    api: &Api,
    operation: &Operation,
    name: &str,
    theirs: &Value,
    required: bool,
    document: &Value,
    found: &mut Vec<String>,
) {
    let theirs = resolve(theirs, document);
    let about = format!("{}.{name}", operation.id);
    let Some(ours) = operation.field(name) else {
        found.push(format!("{about}: missing"));
        return;
    };
    let mut differ = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            found.push(format!("{about}: {what} {ours}, there {theirs}"));
        }
    };
    if required && !ours.required {
        differ("required", "false".to_owned(), "true".to_owned());
    }
    if let Some(word) = theirs["type"].as_str() {
        let word = if theirs["format"] == "binary" {
            "file"
        } else {
            word
        };
        differ("type", kind(api, ours), word.to_owned());
    }
    if let Some(words) = theirs["enum"].as_array() {
        let set = |words: &mut Vec<String>| {
            words.sort();
            words.join(" ")
        };
        let plain = |word: &Value| {
            word.as_str()
                .map_or_else(|| word.to_string(), str::to_owned)
        };
        let mut listed = words_of(api, ours);
        differ(
            "words",
            set(&mut listed),
            set(&mut words.iter().map(plain).collect()),
        );
    }
    if !theirs["default"].is_null() {
        let shown = |value: &Value| value.to_string().trim_end_matches(".0").to_owned();
        let own = ours.default.as_ref().map(shown).unwrap_or_default();
        differ("default", own, shown(&theirs["default"]));
    }
    if let Some(limit) = theirs["maxLength"].as_i64() {
        // Any edition's figure will do.
        let figures = ours
            .later_limits
            .iter()
            .map(|(_, limit)| *limit)
            .chain(ours.max_length);
        let figures: Vec<String> = figures.map(|limit| limit.to_string()).collect();
        if !figures.contains(&limit.to_string()) {
            differ("maxLength", figures.join(" or "), limit.to_string());
        }
    }
    for (what, own) in [("minimum", ours.minimum), ("maximum", ours.maximum)] {
        if let Some(bound) = theirs[what].as_f64() {
            differ(
                what,
                own.map(|own| own.to_string()).unwrap_or_default(),
                bound.to_string(),
            );
        }
    }
    if let Some(least) = theirs["minLength"].as_i64() {
        let own = ours
            .min_length
            .map(|own| own.to_string())
            .unwrap_or_default();
        differ("minLength", own, least.to_string());
    }
    if let Some(step) = theirs["multipleOf"].as_i64() {
        let own = ours
            .multiple_of
            .map(|own| own.to_string())
            .unwrap_or_default();
        differ("multipleOf", own, step.to_string());
    }
}

fn set<'a>(api: &'a Api, field: &Field) -> Option<&'a WordSet> {
    match &field.kind {
        Kind::Word(name) | Kind::Words(name) => api.word_sets.iter().find(|set| set.name == *name),
        _ => None,
    }
}

fn words_of(api: &Api, field: &Field) -> Vec<String> {
    set(api, field)
        .map(|set| set.words.clone())
        .unwrap_or_default()
}

fn kind(api: &Api, field: &Field) -> String {
    match &field.kind {
        Kind::Text => "string",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Boolean => "boolean",
        Kind::File => "file",
        Kind::Json => "object",
        Kind::Words(_) => "array",
        Kind::Word(_) => match set(api, field) {
            Some(WordSet {
                numbers: Some(_), ..
            }) => "integer",
            _ => "string",
        },
    }
    .to_owned()
}
