//! `mgpt`: the MusicGPT API from the command line.
//!
//! - `arguments`, `commands`: the command line; what is of an operation is made from its table.
//! - `verbs`: which verb is which operation.
//! - `context`: the client, and the simulator where one is asked for.
//! - `submission`, `delivery`, `lookup`, `get`, `upload`, `webhook`, `listen`, `sim`: what the verbs
//!   do.
//! - `output`, `progress`: what is printed.
//! - `failure`: error lines and exit codes.

mod arguments;
mod commands;
mod context;
mod delivery;
mod failure;
mod get;
mod listen;
mod lookup;
mod output;
mod progress;
mod sim;
mod submission;
mod upload;
mod verbs;
mod webhook;

use std::process::ExitCode;

use context::Patience;
use failure::{Failure, Outcome};

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return report(Failure::unforeseen(format!("no runtime: {error}"))),
    };
    match runtime.block_on(run()) {
        Ok(code) => code.into(),
        Err(failure) => report(failure),
    }
}

async fn run() -> Result<Outcome, Failure> {
    let matches = match arguments::parse() {
        Ok(matches) => matches,
        Err(error) => return arguments::refuse(&error),
    };
    let Some((name, matches)) = matches.subcommand() else {
        return Err(Failure::usage("no verb; see mgpt --help"));
    };
    match name {
        "get" => get::run(matches).await,
        "wait" => submission::wait(matches, Patience::UntilDone).await,
        "download" => submission::wait(matches, Patience::OneLook).await,
        "sim" => sim::run(matches).await,
        "webhook" => webhook::run(matches).await,
        "upload" => upload::run(matches).await,
        name => match verbs::VERBS.iter().find(|verb| verb.name == name) {
            Some(verb) => (verb.run)(verb, matches).await,
            None => Err(Failure::usage(format!(
                "{name} is no verb; see mgpt --help"
            ))),
        },
    }
}

fn report(failure: Failure) -> ExitCode {
    for line in &failure.lines {
        output::error(line);
    }
    if let Some(hint) = &failure.hint {
        output::note(hint);
    }
    failure.outcome.into()
}
