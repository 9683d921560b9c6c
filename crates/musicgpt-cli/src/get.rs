//! `mgpt get`: one look-up, printed as the server sends it.

use clap::ArgMatches;
use musicgpt_sdk::{ConversionType, Feature, GetById};
use serde_json::Value;

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::output;

/// The task and its type.
pub(crate) async fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let text = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let field = GetById::OPERATION
        .fields
        .iter()
        .find(|field| field.required);
    let name = field.map_or("type", |field| field.name);
    let conversion_type: ConversionType = text("type")
        .to_ascii_uppercase()
        .parse()
        .map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    let context = Context::new(matches).await?;
    let lookup = GetById::task(conversion_type, text("task"));
    let conversion = context.client.call(lookup).await?;
    output::json(&Value::Object(conversion.into_fields()))?;
    Ok(Outcome::Done)
}
