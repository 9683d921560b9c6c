//! Uploads in three steps: a place is reserved, the file goes to the storage
//! with a signed form, and then it is checked.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::document::Template;
use crate::log::lock;
use crate::operation::Operation;
use crate::reply::Reply;
use crate::seed::{digest, mix, uuid};
use crate::song;
use crate::state::State;
use crate::vocabulary::{
    CONTENT_TYPE, EXPIRES, FILE_NAME, FORM, LYRICS, PHASE, SHA256, SIZE, UPLOAD_ID, UPLOAD_URL,
    WAIT,
};

/// Where the storage is, beside the API.
pub(crate) const STORAGE: &str = "/storage/";
/// The field of the form by which the storage knows the place.
pub(crate) const KEY: &str = "key";
/// An archive, which only can be completed.
const ARCHIVE: &str = "application/zip";
/// Simulated time for each phase of the work on a file but the last.
const PHASE_LENGTH: Duration = Duration::from_secs(8);
/// How long a form or a file can be used where the example does not say.
const USUAL_LIFE: Duration = Duration::from_secs(900);

/// All uploads.
#[derive(Default)]
pub(crate) struct Uploads(Mutex<HashMap<String, Upload>>);

/// A reserved place. There is no `Debug`: it holds signatures.
#[derive(Clone)]
pub(crate) struct Upload {
    seed: u64,
    /// The form that has to come with the file, verbatim.
    pub(crate) form: BTreeMap<String, String>,
    pub(crate) size: u64,
    /// The digest that the file must have, as hex or Base64, where one was announced.
    pub(crate) sha256: Option<String>,
    content_type: String,
    /// When the form is of no use any more.
    pub(crate) expires: Duration,
    stored: Option<Duration>,
    /// When the work on the file began.
    prepared: Option<Duration>,
}

impl Uploads {
    /// The place whose form has this key.
    pub(crate) fn by_key(&self, key: &str) -> Option<(String, Upload)> {
        let uploads = lock(&self.0);
        let mut uploads = uploads.iter();
        let found = uploads.find(|(_, upload)| upload.form.get(KEY).is_some_and(|own| own == key));
        found.map(|(id, upload)| (id.clone(), upload.clone()))
    }

    /// The file of an upload has come.
    pub(crate) fn store(&self, id: &str, now: Duration) {
        if let Some(upload) = lock(&self.0).get_mut(id) {
            upload.stored = Some(now);
        }
    }
}

/// Reserves a place and answers with its form.
pub(crate) fn reserve(state: &State, operation: &Operation, request: &Map<String, Value>) -> Reply {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let mut body = operation.answer.example.clone();
    let mut uploads = lock(&state.uploads.0);
    let number = uploads.len() as u64;
    let seed = mix(
        state.seed,
        digest(UPLOAD_ID.as_bytes()).wrapping_add(number),
    );
    let id = format!("upl_{:016x}", mix(seed, 0));
    let content_type = text(CONTENT_TYPE).unwrap_or_default();
    let ending = text(FILE_NAME).and_then(|name| name.rsplit_once('.'));
    let ending = ending.map_or("bin", |(_, ending)| ending);

    let names = body.get(FORM).and_then(Value::as_object);
    let names = names.into_iter().flatten().map(|(name, _)| name);
    let form: BTreeMap<_, _> = names
        .map(|name| {
            let value = match name.as_str() {
                KEY => format!("publicApiUploads/sim/{}.{ending}", uuid(seed, 1)),
                "Content-Type" => content_type.to_owned(),
                // Of the letters that a form could spoil.
                other => {
                    let number = mix(seed, digest(other.as_bytes()));
                    format!("{number:016x}+/{:016x}==", mix(number, 1))
                }
            };
            (name.clone(), value)
        })
        .collect();
    body.insert(UPLOAD_ID.to_owned(), id.as_str().into());
    let url = format!("{}{STORAGE}", state.origin);
    body.insert(UPLOAD_URL.to_owned(), url.into());
    let fields = form
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()));
    body.insert(FORM.to_owned(), Value::Object(fields.collect()));
    let upload = Upload {
        seed,
        form,
        size: request.get(SIZE).and_then(Value::as_u64).unwrap_or(0),
        sha256: text(SHA256).map(str::to_owned),
        content_type: content_type.to_owned(),
        expires: state.clock.now() + life(&body),
        stored: None,
        prepared: None,
    };
    uploads.insert(id, upload);
    Reply::json(200, &Value::Object(body))
}

/// Answers whether the file of an upload is there.
pub(crate) fn complete(
    state: &State,
    operation: &Operation,
    request: &Map<String, Value>,
) -> Reply {
    let body = operation.answer.example.clone();
    match usable(state, request, life(&body)) {
        Ok((id, _)) => with_id(body, id),
        Err(refusal) => *refusal,
    }
}

/// Begins the work on an uploaded file and answers how far it is. A request
/// may wait for the end, in real time; on a clock that stands still there is
/// nothing to wait for.
pub(crate) async fn prepare(
    state: &State,
    operation: &Operation,
    phases: &[String],
    request: &Map<String, Value>,
) -> Reply {
    let (id, upload) = match usable(state, request, life(&operation.answer.example)) {
        Ok(found) => found,
        Err(refusal) => return *refusal,
    };
    if upload.content_type == ARCHIVE {
        let message = "An archive cannot be prepared.";
        return Reply::json(422, &state.spec.error(422, message));
    }
    let begun = {
        let now = state.clock.now();
        let mut uploads = lock(&state.uploads.0);
        let upload = uploads.get_mut(id);
        upload.map_or(now, |upload| *upload.prepared.get_or_insert(now))
    };
    let last = phases.len().saturating_sub(1);
    let end = begun + PHASE_LENGTH * u32::try_from(last).unwrap_or(0);
    let patience = Duration::from_secs(request.get(WAIT).and_then(Value::as_u64).unwrap_or(0));
    if let Some(wait) = state.clock.real_time_until(end) {
        tokio::time::sleep(wait.min(patience)).await;
    }

    let worked = state.clock.now().saturating_sub(begun);
    let place = usize::try_from(worked.as_secs() / PHASE_LENGTH.as_secs()).unwrap_or(last);
    let place = if state.clock.now() >= end {
        last
    } else {
        place.min(last)
    };
    let phase = phases.get(place).map_or("", String::as_str);
    // A phase without an example looks like another on the way.
    let shows = |template: &&Template, wanted: Option<&String>| {
        template.example.get(PHASE).and_then(Value::as_str) == wanted.map(String::as_str)
    };
    let mut examples = operation.answers.iter();
    let own = examples.find(|template| shows(template, phases.get(place)));
    let mut examples = operation.answers.iter();
    let similar = || examples.find(|template| !shows(template, phases.last()));
    let template = own.or_else(similar).unwrap_or(&operation.answer);
    let mut body = template.example.clone();
    body.insert(PHASE.to_owned(), phase.into());
    if place == last && body.contains_key(LYRICS) {
        body.insert(LYRICS.to_owned(), song::lyrics(upload.seed).into());
    }
    with_id(body, id)
}

/// The upload that a request names, if its file is there and not too old.
fn usable<'a>(
    state: &State,
    request: &'a Map<String, Value>,
    life: Duration,
) -> Result<(&'a str, Upload), Box<Reply>> {
    let refuse = |status, message| {
        let body = state.spec.error(status, message);
        Err(Box::new(Reply::json(status, &body)))
    };
    let id = request.get(UPLOAD_ID).and_then(Value::as_str);
    let id = id.unwrap_or_default();
    let now = state.clock.now();
    let Some(upload) = lock(&state.uploads.0).get(id).cloned() else {
        return refuse(404, "No upload has this id.");
    };
    match upload.stored {
        Some(stored) if now > stored + life => refuse(404, "The upload has expired."),
        Some(_) => Ok((id, upload)),
        None => refuse(400, "Nothing was uploaded yet."),
    }
}

fn life(example: &Map<String, Value>) -> Duration {
    let seconds = example.get(EXPIRES).and_then(Value::as_u64);
    seconds.map_or(USUAL_LIFE, Duration::from_secs)
}

fn with_id(mut body: Map<String, Value>, id: &str) -> Reply {
    body.insert(UPLOAD_ID.to_owned(), id.into());
    Reply::json(200, &Value::Object(body))
}
