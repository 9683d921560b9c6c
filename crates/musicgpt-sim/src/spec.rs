//! The API, read from the bundle at start-up: operations, webhooks, status
//! words and error codes. Nothing else in this crate knows a path or a limit.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use crate::document::{Document, Template};
use crate::limits::{self, Limits};
use crate::operation::Operation;
use crate::vocabulary::{component, kind};

/// The bundle, a copy of `openapi/generated/openapi-3.1.json`.
const BUNDLE: &str = include_str!("generated/openapi-3.1.json");

/// What the simulator knows of the API.
#[derive(Debug)]
pub(crate) struct Spec {
    /// The path under which all operations stand, such as `/api/public`.
    pub(crate) base_path: String,
    /// The request header that carries the key.
    pub(crate) key_header: String,
    pub(crate) operations: Vec<Arc<Operation>>,
    /// The post that tells of a failed task.
    pub(crate) failure: Option<Template>,
    pub(crate) statuses: Statuses,
    codes: BTreeMap<u16, String>,
    envelope: Template,
}

/// A word for each state of a task.
#[derive(Debug)]
pub(crate) struct Statuses {
    pub(crate) waiting: String,
    pub(crate) running: String,
    pub(crate) done: String,
    pub(crate) failed: String,
}

/// Why a bundle cannot be simulated.
#[derive(Debug)]
pub(crate) struct SpecError(pub(crate) String);

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the API description cannot be used: {}", self.0)
    }
}

impl std::error::Error for SpecError {}

impl Spec {
    /// Reads the crate's own bundle, or the one given.
    pub(crate) fn parse(bundle: Option<&str>, limits: &Limits) -> Result<Self, SpecError> {
        let document = serde_json::from_str(bundle.unwrap_or(BUNDLE))
            .map_err(|error| SpecError(error.to_string()))?;
        Self::read(document, limits)
    }

    /// Reads a bundle and holds it to a set of limits.
    fn read(mut bundle: Value, limits: &Limits) -> Result<Self, SpecError> {
        if let Limits::Edition(edition) = limits {
            let known = limits::editions(&bundle);
            if !known.contains(edition) {
                let known: Vec<_> = known.iter().map(String::as_str).collect();
                return Err(SpecError(format!(
                    "no edition of the limits is called `{edition}` (there are: original, {}, latest, unchecked)",
                    known.join(", ")
                )));
            }
        }
        limits.apply(&mut bundle);
        accept_inferred_types(&mut bundle);
        let document = Document(bundle);
        let mut operations = Vec::new();
        for (path, item) in document.0["paths"].as_object().into_iter().flatten() {
            for (method, node) in item.as_object().into_iter().flatten() {
                if let Some(method) = method_named(method) {
                    let operation = Operation::read(&document, path, method, node)?;
                    operations.push(Arc::new(operation));
                }
            }
        }
        // A path without parameters wins over one that could match it too.
        operations.sort_by_key(|operation| operation.path.contains('{'));
        Ok(Self {
            base_path: base_path(&document),
            key_header: key_header(&document).unwrap_or_else(|| "authorization".to_owned()),
            operations,
            failure: failure_post(&document),
            statuses: Statuses::read(&document)?,
            codes: error_codes(&document),
            envelope: envelope(&document),
        })
    }

    /// The error code that goes with an HTTP status.
    pub(crate) fn code(&self, status: u16) -> &str {
        self.codes.get(&status).map_or("", String::as_str)
    }

    /// An error body in the shape of the newest pages.
    pub(crate) fn error(&self, status: u16, message: &str) -> Value {
        let mut body = self.envelope.example.clone();
        body.insert("error_code".to_owned(), self.code(status).into());
        body.insert("message".to_owned(), message.into());
        Value::Object(body)
    }
}

impl Statuses {
    fn read(document: &Document) -> Result<Self, SpecError> {
        let groups = &document.0["components"]["schemas"]["Status"]["x-status"];
        let words = |group: &str| -> Vec<&str> {
            let words = groups[group].as_array();
            words
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect()
        };
        let first = |group: &str| {
            let word = words(group).first().copied().map(str::to_owned);
            word.ok_or_else(|| SpecError(format!("no status word for `{group}`")))
        };
        // Of the words for a running task the pages use one, and real answers
        // too; it need not be the first of the group.
        let usual = words("running")
            .into_iter()
            .find(|word| *word == "IN_PROGRESS");
        Ok(Self {
            waiting: first("waiting")?,
            running: usual.map_or_else(|| first("running"), |word| Ok(word.to_owned()))?,
            done: first("done")?,
            failed: first("failed")?,
        })
    }
}

/// Adds the conversion types that are only inferred to the words that requests
/// may use: nobody knows better.
fn accept_inferred_types(bundle: &mut Value) {
    let operations = bundle["paths"].as_object().into_iter().flatten();
    let operations = operations.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let inferred: Vec<_> = operations
        .filter_map(|(_, operation)| operation.get("x-conversion-type-inferred").cloned())
        .collect();
    let words = &mut bundle["components"]["schemas"][component::CONVERSION_TYPE]["enum"];
    if let Some(words) = words.as_array_mut() {
        for word in inferred {
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
}

fn method_named(name: &str) -> Option<Method> {
    const METHODS: [(&str, Method); 5] = [
        ("get", Method::GET),
        ("post", Method::POST),
        ("put", Method::PUT),
        ("patch", Method::PATCH),
        ("delete", Method::DELETE),
    ];
    METHODS
        .into_iter()
        .find(|(word, _)| *word == name)
        .map(|(_, method)| method)
}

fn base_path(document: &Document) -> String {
    let server = document.0["servers"][0]["url"].as_str().unwrap_or_default();
    let path = url::Url::parse(server).map(|url| url.path().to_owned());
    path.unwrap_or_default().trim_end_matches('/').to_owned()
}

fn key_header(document: &Document) -> Option<String> {
    let schemes = document.0["components"]["securitySchemes"].as_object()?;
    let scheme = schemes.values().find(|scheme| scheme["in"] == "header")?;
    Some(scheme["name"].as_str()?.to_ascii_lowercase())
}

fn failure_post(document: &Document) -> Option<Template> {
    let mut posts = document.0["webhooks"].as_object()?.values();
    let post = posts.find(|item| item["post"]["x-kind"] == kind::FAILURE)?;
    webhook_template(document, post)
}

/// The payload of a webhook of the document's `webhooks` section.
pub(crate) fn webhook_template(document: &Document, item: &Value) -> Option<Template> {
    let content = document.json_content(item.get("post")?.get("requestBody")?)?;
    let (_, example) = content.examples.first()?;
    Some(document.template(content.schema, example))
}

fn error_codes(document: &Document) -> BTreeMap<u16, String> {
    let codes = &document.0["components"]["schemas"]["ErrorCode"]["x-http-status"];
    let codes = codes.as_object().into_iter().flatten();
    codes
        .filter_map(|(code, status)| Some((u16::try_from(status.as_u64()?).ok()?, code.clone())))
        .collect()
}

/// The first documented error body that has a code.
fn envelope(document: &Document) -> Template {
    let responses = document.0["components"]["responses"].as_object();
    let documented = responses
        .into_iter()
        .flat_map(|responses| responses.values())
        .filter_map(|response| document.json_content(response))
        .flat_map(|content| content.examples)
        .find(|(_, example)| example.get("error_code").is_some());
    let fallback = json!({"success": false});
    document.template(None, documented.map_or(&fallback, |(_, example)| example))
}
