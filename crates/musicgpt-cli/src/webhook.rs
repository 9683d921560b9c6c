//! `mgpt webhook`: how a payload is understood, from a file or as it arrives.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use clap::ArgMatches;
use musicgpt_sdk::webhooks::Event;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::failure::{Failure, Outcome};
use crate::{listen, output};

pub(crate) async fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    match matches.subcommand() {
        Some(("listen", matches)) => listen::run(matches).await,
        Some(("show", matches)) => show(matches),
        _ => Err(Failure::usage(
            "webhook listen or webhook show; see mgpt webhook --help",
        )),
    }
}

fn show(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let file = matches
        .get_one::<String>("file")
        .map(String::as_str)
        .unwrap_or_default();
    let body = read(file).map_err(|error| Failure::usage(format!("{file}: {error}")))?;
    let event =
        Event::from_slice(&body).map_err(|error| Failure::usage(format!("{file}: {error}")))?;
    let mut shown = understood(&event);
    // An event keeps no nulls; whoever looks at a payload wants to see them.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
    let came: BTreeMap<String, Option<IgnoredAny>> =
        serde_json::from_slice(body).unwrap_or_default();
    if let Some(fields) = shown["fields"].as_object_mut() {
        let nulls = came.into_iter().filter(|(_, value)| value.is_none());
        fields.extend(nulls.map(|(name, _)| (name, Value::Null)));
    }
    output::json(&shown)?;
    Ok(Outcome::Done)
}

fn read(file: &str) -> std::io::Result<Vec<u8>> {
    if file == "-" {
        let mut body = Vec::new();
        std::io::stdin().lock().read_to_end(&mut body)?;
        return Ok(body);
    }
    std::fs::read(Path::new(file))
}

/// How an event is understood. Every field that came with a value is among the `fields`, also those
/// that the kind does not have, which `unknown_fields` names.
pub(crate) fn understood(event: &Event) -> Value {
    let mut fields = event.fields();
    let unknown = event.unknown_fields();
    fields.extend(
        unknown
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    json!({
        "kind": event.kind(),
        "feature": event.feature(),
        "task_id": event.task_id(),
        "conversion_id": event.conversion_id(),
        "dedupe_key": event.dedupe_key().to_string(),
        "fields": fields,
        "unknown_fields": unknown.keys().collect::<Vec<_>>(),
    })
}
