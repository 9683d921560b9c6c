//! `mgpt upload`: a file in three steps, as one.

use std::path::PathBuf;

use clap::ArgMatches;
use musicgpt_sdk::AudioSource;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::output;

/// Uploads a file and prints its id.
pub(crate) async fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let path = matches
        .get_one::<PathBuf>("file")
        .cloned()
        .unwrap_or_default();
    if path.to_string_lossy().contains("://") {
        let line = format!(
            "FILE: {} is an address, which needs no upload; give it to a verb as it is",
            path.display()
        );
        return Err(Failure::usage(line));
    }
    let context = Context::new(matches).await?;
    let uploaded = context.client.upload(AudioSource::from_path(path)).await?;
    let seconds = uploaded.expires_in.map(|expires| expires.as_secs());
    if context.json {
        output::json(&json!({ "upload_id": uploaded.upload_id, "expires_in_seconds": seconds }))?;
    } else {
        output::line(&output::plain(&uploaded.upload_id))?;
    }
    Ok(Outcome::Done)
}
