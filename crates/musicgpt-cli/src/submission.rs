//! Submitting a task, waiting for it, and delivering what it made.

use std::io::Read;
use std::path::PathBuf;
use std::time::Instant;

use clap::ArgMatches;
use futures_util::StreamExt;
use musicgpt_sdk::operation::{Kind, Operation};
use musicgpt_sdk::requests::Submittable;
use musicgpt_sdk::{
    Error, Feature, Job, JobHandle, MusicAi, MusicAiV2, Source, Update, Violation, WaitOptions,
};
use serde_json::{Value, json};

use crate::arguments::{self, POSITIONALS};
use crate::context::{Context, Patience};
use crate::delivery::{Delivered, Delivery};
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::progress::Progress;
use crate::verbs::{self, Positional, VERBS, Verb};

/// A feature whose output the program can save.
pub(crate) trait Deliverable: Submittable<Output: Delivery> + Sync + 'static {
    async fn submit(self, context: &Context) -> Result<Job<Self::Output>, Error>;
}

impl<F> Deliverable for F
where
    F: Submittable<Output: Delivery> + Sync + 'static,
    musicgpt_sdk::Submit<F>: IntoFuture<Output = Result<Job<F::Output>, Error>>,
{
    async fn submit(self, context: &Context) -> Result<Job<F::Output>, Error> {
        context.client.submit(self).await
    }
}

/// Runs a verb from its arguments.
pub(crate) async fn run<F: Deliverable>(
    verb: &'static Verb,
    matches: &ArgMatches,
) -> Result<Outcome, Failure> {
    let context = Context::new(matches).await?;
    let (feature, violations) = read::<F>(verb, matches)?;
    check(&context, &feature, violations).await?;
    if context.patience == Patience::UntilDone {
        // Better to know now than with a song in hand.
        std::fs::create_dir_all(&context.out)
            .map_err(|error| Failure::usage(format!("--out {}: {error}", context.out.display())))?;
    }
    let job = feature.submit(&context).await?;
    if job.is_flagged() {
        let reason = job.flag_reason().unwrap_or("no reason is given");
        output::warning(&format_args!("the input was flagged: {reason}"));
    }
    follow(&context, &job).await
}

/// Says everything that is wrong with a request, or warns of what is unwise.
pub(crate) async fn check<F: Feature>(
    context: &Context,
    feature: &F,
    mut violations: Vec<Violation>,
) -> Result<(), Failure> {
    let checked = context.client.check(feature).await;
    if violations.is_empty() {
        for warning in &checked? {
            output::warning(warning);
        }
        return Ok(());
    }
    // All that is wrong is said at once; what did not even parse counts as present.
    if let Err(error) = checked {
        let known: Vec<String> = violations
            .iter()
            .flat_map(|violation| violation.fields.clone())
            .collect();
        let more = error
            .violations()
            .iter()
            .filter(|violation| !violation.fields.iter().any(|field| known.contains(field)))
            .cloned();
        violations.extend(more);
    }
    Err(Failure::violations(&violations))
}

/// Runs `mgpt song`: the first version of the operation, or the second one where it is asked for.
pub(crate) async fn song(verb: &'static Verb, matches: &ArgMatches) -> Result<Outcome, Failure> {
    let second: &'static Verb = &verbs::SECOND_SONG;
    let version = matches
        .get_one::<String>(arguments::API)
        .map(String::as_str);
    let wants_second =
        version == Some("v2") || (version.is_none() && matches.contains_id(arguments::MODEL));
    let (chosen, other) = if wants_second {
        (second, verb)
    } else {
        (verb, second)
    };
    for field in other.operation.fields {
        if chosen.operation.field(field.name).is_none() && matches.contains_id(field.name) {
            let line = format!(
                "{}: only with --api {}",
                field.name,
                if wants_second { "v1" } else { "v2" }
            );
            return Err(Failure::usage(line));
        }
    }
    if wants_second {
        run::<MusicAiV2>(chosen, matches).await
    } else {
        run::<MusicAi>(chosen, matches).await
    }
}

/// Runs `mgpt wait`, or, for one look, `mgpt download`.
pub(crate) async fn wait(matches: &ArgMatches, patience: Patience) -> Result<Outcome, Failure> {
    let text = matches
        .get_one::<String>("handle")
        .map(String::as_str)
        .unwrap_or_default();
    let handle = read_handle(text)?;
    let Some(verb) = VERBS
        .iter()
        .find(|verb| verb.operation.id == handle.operation)
    else {
        return Err(Failure::usage(format!(
            "the handle is of {}, which no verb submits",
            handle.operation
        )));
    };
    let mut context = Context::new(matches).await?;
    context.patience = patience;
    match verb.resume {
        Some(resume) => resume(&context, handle).await,
        None => Err(Failure::usage(format!("{} has no jobs", handle.operation))),
    }
}

/// Takes a job up.
pub(crate) async fn resume<F: Deliverable>(
    context: &Context,
    handle: JobHandle,
) -> Result<Outcome, Failure> {
    let job = context.client.resume::<F>(handle)?;
    follow(context, &job).await
}

fn read_handle(text: &str) -> Result<JobHandle, Failure> {
    let unreadable = |error: std::io::Error| Failure::usage(format!("HANDLE: {text}: {error}"));
    let text = if text == "-" {
        let mut held = String::new();
        std::io::stdin()
            .read_to_string(&mut held)
            .map_err(unreadable)?;
        held
    } else if text.trim_start().starts_with('{') {
        text.to_owned()
    } else {
        std::fs::read_to_string(text).map_err(unreadable)?
    };
    // A handle as it is printed, or inside the JSON that a verb prints.
    let value: Value = serde_json::from_str(text.trim())
        .map_err(|error| Failure::usage(format!("HANDLE: not a JSON object: {error}")))?;
    let inner = value.get("handle").cloned().unwrap_or(value);
    serde_json::from_value(inner).map_err(|error| Failure::usage(format!("HANDLE: {error}")))
}

/// Waits for a job and delivers its output.
async fn follow<O: Delivery>(context: &Context, job: &Job<O>) -> Result<Outcome, Failure> {
    let handle = json!(job.handle());
    let eta = match job.eta() {
        Some(eta) => format!("{} s", eta.as_secs_f64().ceil()),
        None => "unknown".to_owned(),
    };
    output::note(&format_args!("task {}, ETA {eta}", job.task_id()));
    output::note(&handle);
    let head = json!({
        "task_id": job.task_id(),
        "eta": job.handle().eta,
        "credit_estimate": job.credit_estimate(),
        "handle": handle,
    });
    if context.patience == Patience::None {
        let line = if context.json {
            head.to_string()
        } else {
            handle.to_string()
        };
        output::line(&line)?;
        return Ok(Outcome::Done);
    }
    let start = Instant::now();
    let finished = match context.patience {
        Patience::OneLook => look(job).await?,
        _ => await_output(context, job).await?,
    };
    let folder = context.out.join(safe_name(job.task_id()));
    let delivery = finished.deliver(context, &folder);
    let delivered = match context.deadline {
        None => delivery.await?,
        // The one deadline holds for the files too.
        Some(deadline) => {
            let left = deadline.saturating_sub(start.elapsed());
            match tokio::time::timeout(left, delivery).await {
                Ok(delivered) => delivered?,
                Err(_) => {
                    let line = "the deadline came before all files";
                    let failure = Failure::new(Outcome::Unreached, line);
                    return Err(failure.hinting(again(job.handle())));
                }
            }
        }
    };
    show(context, job.handle(), head, delivered)
}

async fn look<O: Delivery>(job: &Job<O>) -> Result<O, Failure> {
    let failure = match job.look().await {
        Ok(Update::Done(finished)) => return Ok(finished),
        Ok(Update::Pending(status)) => {
            let word = status.word.as_deref().unwrap_or("unknown");
            let line = format!(
                "not done yet: status {}, {} of {} results",
                output::plain(word),
                status.ready,
                status.outputs
            );
            Failure::new(Outcome::Unreached, line)
        }
        Ok(_) => Failure::unforeseen("the look-up gave no result"),
        Err(error) => error.into(),
    };
    Err(failure.hinting(again(job.handle())))
}

async fn await_output<O: Delivery>(context: &Context, job: &Job<O>) -> Result<O, Failure> {
    let progress = Progress::start(job.eta());
    let mut options = WaitOptions::default();
    options.deadline = context.deadline;
    let mut updates = std::pin::pin!(job.updates_with(options));
    while let Some(update) = updates.next().await {
        match update {
            Ok(Update::Done(finished)) => {
                progress.done();
                return Ok(finished);
            }
            Ok(Update::Pending(status)) => progress.show(&status),
            Ok(_) => {}
            Err(error) => {
                progress.clear();
                return Err(Failure::from(error).hinting(again(job.handle())));
            }
        }
    }
    Err(Failure::unforeseen("the wait ended without a result"))
}

/// How to take a job up again.
fn again(handle: &JobHandle) -> String {
    format!("take the job up again with: mgpt wait '{}'", json!(handle))
}

/// Prints what was saved.
fn show(
    context: &Context,
    handle: &JobHandle,
    mut head: Value,
    delivered: Delivered,
) -> Result<Outcome, Failure> {
    for problem in &delivered.problems {
        output::error(problem);
    }
    for warning in &delivered.warnings {
        output::warning(warning);
    }
    if delivered.incomplete || !delivered.warnings.is_empty() {
        output::note(&again(handle));
    }
    if context.json && !delivered.incomplete {
        if let (Value::Object(head), Value::Object(body)) = (&mut head, delivered.json) {
            head.extend(body);
        }
        output::json(&head)?;
    } else if !context.json {
        for line in &delivered.lines {
            output::line(line)?;
        }
    }
    Ok(if delivered.incomplete {
        Outcome::JobFailed
    } else {
        Outcome::Done
    })
}

/// An id as the name of a folder or file.
pub(crate) fn safe_name(id: &str) -> String {
    let name: String = id
        .chars()
        .map(|character| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => character,
            _ => '_',
        })
        .take(100)
        .collect();
    if name.is_empty() {
        "task".to_owned()
    } else {
        name
    }
}

/// Reads a feature from its arguments; what does not parse is a violation.
pub(crate) fn read<F: Feature>(
    verb: &Verb,
    matches: &ArgMatches,
) -> Result<(F, Vec<Violation>), Failure> {
    let mut feature = F::default();
    let mut violations = Vec::new();
    let mut given: Vec<String> = Vec::new();
    let mut once = |name: &str| {
        if given.iter().any(|known| known == name) {
            return Err(Failure::usage(format!("{name}: given twice")));
        }
        given.push(name.to_owned());
        Ok(())
    };
    for (positional, value) in positionals(verb, matches) {
        match positional {
            Positional::Field(name) => {
                once(name)?;
                set(&mut feature, name, &value, &mut violations);
            }
            Positional::Source(stem) if value.contains("://") => {
                once(&format!("{stem}_url"))?;
                feature.set_source::<()>(stem, Source::from_url(value));
            }
            Positional::Source(stem) => {
                once(&format!("{stem}_file"))?;
                feature.set_source::<()>(stem, Source::from_path(value));
            }
        }
    }
    for field in verb.operation.fields {
        if let Kind::File(_) = field.kind {
            if let Some(path) = matches.get_one::<PathBuf>(field.name) {
                once(field.name)?;
                let stem = field.name.strip_suffix("_file").unwrap_or(field.name);
                feature.set_source::<()>(stem, Source::from_path(path));
            }
        } else if let Some(text) = matches.get_one::<String>(field.name) {
            once(field.name)?;
            set(&mut feature, field.name, text, &mut violations);
        }
    }
    Ok((feature, violations))
}

fn set<F: Feature>(feature: &mut F, name: &str, text: &str, violations: &mut Vec<Violation>) {
    if let Err(error) = feature.set(name, text) {
        violations.push(Violation::of(name, error.to_string()));
    }
}

/// The main inputs with their values. Where the source is given by an option, a single main input
/// is the one after it, unless it looks like a source too.
fn positionals(verb: &Verb, matches: &ArgMatches) -> Vec<(Positional, String)> {
    if verb.positionals.is_empty() {
        return Vec::new();
    }
    let values: Vec<String> = matches
        .get_many::<String>(POSITIONALS)
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let mut wanted = verb.positionals;
    if let ([Positional::Source(stem), rest @ ..], [only]) = (wanted, values.as_slice())
        && !rest.is_empty()
        && has_source(verb.operation, stem, matches)
        && !only.contains("://")
        && !std::path::Path::new(only).is_file()
    {
        wanted = rest;
    }
    let given = wanted.iter().copied().zip(values);
    given.filter(|(_, value)| !value.is_empty()).collect()
}

/// The values of the fields that are main inputs, however they were given.
pub(crate) fn given(verb: &Verb, matches: &ArgMatches) -> Vec<(&'static str, String)> {
    let standing = positionals(verb, matches);
    let value = |name: &'static str| {
        let place = standing
            .iter()
            .find(|(at, _)| *at == Positional::Field(name));
        let option = || matches.get_one::<String>(name).cloned();
        place.map(|(_, value)| value.clone()).or_else(option)
    };
    let fields = verb
        .positionals
        .iter()
        .filter_map(|positional| match positional {
            Positional::Field(name) => Some((*name, value(name)?)),
            Positional::Source(_) => None,
        });
    fields.collect()
}

fn has_source(operation: &Operation, stem: &str, matches: &ArgMatches) -> bool {
    ["file", "url"].iter().any(|kind| {
        let name = format!("{stem}_{kind}");
        operation
            .field(&name)
            .is_some_and(|field| matches.contains_id(field.name))
    })
}
