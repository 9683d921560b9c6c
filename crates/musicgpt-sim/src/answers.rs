//! The answers of the API's operations: a key checked, a request validated,
//! a task accepted or looked up.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::request::Parts;
use hyper::body::Incoming;
use serde_json::{Map, Value};

use crate::clock::scale;
use crate::faults::{FAULT_HEADER, Fault, Stage};
use crate::fill::Filler;
use crate::form::Form;
use crate::library::{self, File};
use crate::lists;
use crate::log::RequestRecord;
use crate::lookup;
use crate::operation::{Lookup, Operation};
use crate::purpose::Purpose;
use crate::reply::Reply;
use crate::seed::uuid;
use crate::state::State;
use crate::task::Task;
use crate::uploads;
use crate::vocabulary::{Name, Role};

/// The key that is refused.
const BAD_KEY: &str = "bad-key";
/// Tells a client which of its fields no operation has.
const UNKNOWN_FIELDS_HEADER: &str = "x-sim-unknown-fields";

/// What becomes of a request.
pub(crate) enum Outcome {
    Reply(Reply),
    /// The connection closes without an answer.
    Reset,
    /// Nothing ever comes.
    Stall,
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}

/// Answers a request to a path below the API's base path.
pub(crate) async fn answer(
    state: &State,
    path: &str,
    parts: &Parts,
    body: &mut Incoming,
    record: &mut RequestRecord,
) -> Outcome {
    let error = |status, message: &str| Reply::json(status, &state.spec.error(status, message));
    let mut operations = state.spec.operations.iter();
    let found = operations.find_map(|operation| {
        let parameters = operation.match_path(path)?;
        (operation.method == parts.method).then_some((operation, parameters))
    });
    let Some((operation, parameters)) = found else {
        return error(404, "The requested resource was not found.").into();
    };
    record.operation = Some(operation.id.clone());
    if operation.needs_key && !has_good_key(state, parts) {
        return error(401, "The API key is missing or invalid.").into();
    }
    let asked = match faults_asked(parts) {
        Ok(asked) => asked,
        Err(message) => return error(400, &message).into(),
    };

    let form = Form::read(operation, parameters, parts, body).await;
    record.fields = form.names.iter().cloned().collect();
    record.unknown_fields = form.unknown(operation);

    let at_answer = asked
        .iter()
        .copied()
        .find(|fault| fault.stage() == Stage::Answer);
    let at_answer =
        at_answer.or_else(|| state.strike(Stage::Answer, &operation.id).first().copied());
    match at_answer {
        Some(Fault::Reset) => return Outcome::Reset,
        Some(Fault::Stall) => return Outcome::Stall,
        _ => {}
    }
    let instead = at_answer.and_then(|fault| fault.reply(&state.spec, Some(operation)));
    let mut reply = match instead {
        Some(reply) => reply,
        None => respond(state, operation, form, &asked).await,
    };
    reply.cut = at_answer == Some(Fault::Truncate);
    if !record.unknown_fields.is_empty() {
        reply = reply.with_header(UNKNOWN_FIELDS_HEADER, &header_list(&record.unknown_fields));
    }
    reply.into()
}

/// The raw key alone is right: no scheme in front of it.
fn has_good_key(state: &State, parts: &Parts) -> bool {
    let key = parts
        .headers
        .get(&state.spec.key_header)
        .and_then(|value| value.to_str().ok());
    key.map(str::trim).is_some_and(|key| {
        let has_scheme = key
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case("bearer "));
        !key.is_empty() && key != BAD_KEY && !has_scheme
    })
}

/// The faults that a request asks for itself.
pub(crate) fn faults_asked(parts: &Parts) -> Result<Vec<Fault>, String> {
    let headers = parts.headers.get_all(FAULT_HEADER).into_iter();
    let names = headers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','));
    names
        .map(|name| {
            name.parse::<Fault>()
                .map_err(|error| format!("{FAULT_HEADER}: {error}"))
        })
        .collect()
}

/// Names in a form that a header can carry.
fn header_list(names: &[String]) -> String {
    let encoded = names
        .iter()
        .map(|name| form_urlencoded::byte_serialize(name.as_bytes()));
    encoded
        .map(Iterator::collect::<String>)
        .collect::<Vec<_>>()
        .join(", ")
}

async fn respond(state: &State, operation: &Arc<Operation>, form: Form, asked: &[Fault]) -> Reply {
    let mut violations = form.violations;
    // Without a readable body there is nothing to hold against the schema.
    let readable = !violations
        .iter()
        .any(|line| line.starts_with("body:") || line.starts_with("content-type:"));
    if readable {
        violations.extend(operation.rules.violations(&operation.fields, &form.fields));
    }
    if !violations.is_empty() {
        return Reply::json(422, &state.spec.error(422, &violations.join("; ")));
    }
    if let Some(found) = &operation.lookup {
        return look_up(state, found, &form.fields);
    }
    let fields = &form.fields;
    match &operation.purpose {
        Purpose::Tasks(list) => return lists::tasks(state, operation, list, fields),
        Purpose::Voices(list) => return lists::voices(operation, list, fields),
        Purpose::Reserve => return uploads::reserve(state, operation, fields),
        Purpose::Complete => return uploads::complete(state, operation, fields),
        Purpose::Prepare(phases) => {
            return uploads::prepare(state, operation, phases, fields).await;
        }
        Purpose::Sound => return sound(state, fields).await,
        Purpose::Other => {}
    }
    if operation.outputs.is_some() {
        let mut faults: Vec<_> = asked
            .iter()
            .copied()
            .filter(|fault| fault.stage() == Stage::Task)
            .collect();
        faults.extend(state.strike(Stage::Task, &operation.id));
        let task = state.accept(operation, form.fields, &faults);
        return Reply::json(200, &acknowledgement(state, &task));
    }
    Reply::json(200, &result(state, operation, form.fields))
}

/// The sound of a take, once there is any.
async fn sound(state: &State, request: &Map<String, Value>) -> Reply {
    let id = |wanted: Role| {
        let mut fields = request.iter();
        let (_, value) = fields.find(|(name, _)| Name::parse(name).role == wanted)?;
        value.as_str()
    };
    let found = id(Role::TaskId)
        .and_then(|task| state.task(task))
        .zip(id(Role::ConversionId))
        .and_then(|(task, conversion)| {
            let (file, name) = File::streamed(&task, conversion)?;
            let age = task.age(state.clock.now());
            let is_there = task.timeline.has_by(file.ready(&task), age);
            is_there.then_some((task, file, name))
        });
    let Some((task, file, name)) = found else {
        let message = "There is no sound of this conversion yet.";
        return Reply::json(404, &state.spec.error(404, message));
    };
    match state.library.open(&task, &name, &file).await {
        Ok(bytes) => library::serve(&file, bytes, &HeaderMap::new()),
        Err(message) => Reply::json(500, &state.spec.error(500, &message)),
    }
}

fn look_up(state: &State, lookup: &Lookup, request: &Map<String, Value>) -> Reply {
    let mut ids = request
        .iter()
        .filter(|(name, _)| matches!(Name::parse(name).role, Role::TaskId | Role::ConversionId));
    let task = ids.find_map(|(_, id)| state.task(id.as_str()?));
    let Some(task) = task.filter(|task| lookup::names(task, lookup, request)) else {
        let message = "No conversion of this type has this id.";
        return Reply::json(404, &state.spec.error(404, message));
    };
    let now = state.clock.now();
    let conversion = lookup::conversion(&task, lookup, &state.spec, &state.origin, now);
    let mut body = Map::new();
    // A failed task is found too: the answer is a success about a failure.
    body.insert("success".to_owned(), true.into());
    body.insert(lookup.wrapper.clone(), conversion);
    Reply::json(200, &Value::Object(body))
}

/// The documented acknowledgement with this task's ids and its ETA.
fn acknowledgement(state: &State, task: &Task) -> Value {
    let template = &task.operation.answer;
    let filler = Filler {
        task,
        origin: &state.origin,
    };
    let fields = template.example.iter().filter_map(|(name, example)| {
        let value = match Name::parse(name).role {
            Role::TaskId | Role::ConversionId => filler.value(template, name, example, 0)?,
            Role::Eta => eta(example, state.clock.speed()),
            _ if template.media.contains_key(name) => filler.value(template, name, example, 0)?,
            _ => example.clone(),
        };
        Some((name.clone(), value))
    });
    Value::Object(fields.collect())
}

/// The documented ETA in real seconds; -1 and the like stay as they are.
fn eta(example: &Value, speed: Option<f64>) -> Value {
    match (example.as_f64(), speed) {
        (Some(eta), Some(speed)) if eta > 0.0 => {
            let real = scale(Duration::from_secs_f64(eta), 1.0 / speed).as_secs_f64();
            // Whole and small, so nothing is lost.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let seconds = real.ceil() as u64;
            seconds.into()
        }
        _ => example.clone(),
    }
}

/// The documented answer of an operation that answers at once. If it makes
/// something, there is a finished task behind it, so that what it links to is
/// there; a list gives back the page that was asked for.
fn result(state: &State, operation: &Arc<Operation>, request: Map<String, Value>) -> Value {
    let template = &operation.answer;
    let mut names = template.example.keys();
    let makes = operation.method == http::Method::POST
        || names.any(|name| Name::parse(name).role == Role::TaskId);
    if !makes {
        let fields = template
            .example
            .iter()
            .map(|(name, example)| (name.clone(), request.get(name).unwrap_or(example).clone()));
        return Value::Object(fields.collect());
    }
    let task = state.accept(operation, request, &[]);
    let filler = Filler {
        task: &task,
        origin: &state.origin,
    };
    let fields = template.example.iter().filter_map(|(name, example)| {
        let is_new_id = Name::parse(name).role == Role::Other
            && name.ends_with("_id")
            && !task.request.contains_key(name);
        let value = if is_new_id {
            uuid(task.seed, task.draw(name)).into()
        } else {
            filler.value(template, name, example, 0)?
        };
        Some((name.clone(), value))
    });
    Value::Object(fields.collect())
}
