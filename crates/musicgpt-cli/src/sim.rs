//! `mgpt sim`: the simulator as a server.

use clap::ArgMatches;
use musicgpt_sdk::LimitSet;
use musicgpt_sim::faults::{Fault, FaultRule};
use musicgpt_sim::{Builder, RequestRecord, Simulator};

use crate::failure::{Failure, Outcome};
use crate::{context, output};

/// A simulator under a limit set of the SDK, by its name.
pub(crate) fn builder(limits: LimitSet) -> Result<Builder, Failure> {
    let limits = limits
        .to_string()
        .parse()
        .map_err(|error| Failure::unforeseen(format!("the simulator's limits: {error}")))?;
    Ok(Simulator::builder().limits(limits))
}

/// Runs until it is interrupted.
pub(crate) async fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    let mut builder = builder(context::limits(matches)?)?.on_request(tell);
    if let Some(port) = matches.get_one::<u16>("port") {
        builder = builder.port(*port);
    }
    if let Some(speed) = matches.get_one::<f64>("speed") {
        if !(speed.is_finite() && *speed > 0.0) {
            return Err(Failure::usage("--speed must be a number over 0"));
        }
        builder = builder.speed(*speed);
    }
    if let Some(seed) = matches.get_one::<u64>("seed") {
        builder = builder.seed(*seed);
    }
    for fault in matches.get_many::<Fault>("fault").into_iter().flatten() {
        builder = builder.fault(FaultRule::new(*fault));
    }
    let simulator = builder
        .start()
        .await
        .map_err(|error| Failure::unforeseen(format!("the simulator does not start: {error}")))?;
    output::line(&simulator.base_url())?;
    output::note(&"the simulator runs until it is interrupted; try any key but bad-key");
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| Failure::unforeseen(format!("no signals: {error}")))?;
    Ok(Outcome::Done)
}

/// One line per request; a field that the specs do not know is likely a slip of the caller's.
fn tell(record: &RequestRecord) {
    let operation = record.operation.as_deref().unwrap_or("-");
    let mut line = format!(
        "{} {} {operation} {}",
        record.method, record.path, record.status
    );
    if !record.unknown_fields.is_empty() {
        line.push_str(&format!(
            "; unknown fields: {}",
            record.unknown_fields.join(", ")
        ));
    }
    if record.leaked_key {
        line.push_str("; a key was sent with a download");
    }
    output::note(&line);
}
