//! The HTTP server: connections, and which part answers which path.
//!
//! | path                 | what                                               |
//! |----------------------|----------------------------------------------------|
//! | `/api/public/…`      | the API (the base path is the API description's)   |
//! | `/media/<task>/<file>` | the files of tasks; no key                       |
//! | `/storage/`          | where files are uploaded; no key                   |
//! | `/sim/requests`      | the request log as JSON                            |
//! | `/sim/deliveries`    | the webhook deliveries as JSON                     |

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use http::{Method, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::answers::{self, Outcome};
use crate::faults::{Fault, Stage};
use crate::library::{self, File};
use crate::log::RequestRecord;
use crate::reply::{Reply, ReplyBody};
use crate::state::State;
use crate::storage;
use crate::uploads;

/// The name of downloads where a fault rule names an operation.
const MEDIA: &str = "media";
/// The name of uploads to the storage there.
const STORAGE: &str = "storage";

/// Serves until it is dropped; the connections end with it.
pub(crate) async fn serve(listener: TcpListener, state: Arc<State>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A connection that failed before it began concerns nobody.
                if let Ok((stream, _)) = accepted {
                    let state = Arc::clone(&state);
                    connections.spawn(async move {
                        let service = service_fn(|request| handle(Arc::clone(&state), request));
                        // Ends with an error on purpose where a fault says so.
                        let _ = http1::Builder::new()
                            .serve_connection(TokioIo::new(stream), service)
                            .await;
                    });
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed on purpose")
    }
}

impl std::error::Error for Closed {}

async fn handle(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<ReplyBody>, Closed> {
    let (parts, mut body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    match path.as_str() {
        "/sim/requests" => return Ok(listing(&state.log.requests()).into_response()),
        "/sim/deliveries" => return Ok(listing(&state.log.deliveries()).into_response()),
        _ => {}
    }

    let mut record = RequestRecord {
        at: state.clock.now(),
        method: parts.method.to_string(),
        path: path.clone(),
        ..RequestRecord::default()
    };
    let outcome = if let Some(file) = path.strip_prefix("/media/") {
        record.leaked_key = parts.headers.contains_key(&state.spec.key_header);
        download(&state, file, &parts).await
    } else if path.starts_with(uploads::STORAGE) {
        record.leaked_key = parts.headers.contains_key(&state.spec.key_header);
        upload(&state, &parts, &mut body, &mut record).await
    } else if let Some(path) = path.strip_prefix(&state.spec.base_path) {
        answers::answer(&state, path, &parts, &mut body, &mut record).await
    } else {
        let error = state
            .spec
            .error(404, "The requested resource was not found.");
        Reply::json(404, &error).into()
    };
    match outcome {
        Outcome::Reply(reply) => {
            // A client that is still sending would take an early answer for a
            // broken connection.
            while let Some(Ok(_)) = body.frame().await {}
            record.status = reply.status;
            state.log.request(record);
            Ok(reply.into_response())
        }
        Outcome::Reset => {
            state.log.request(record);
            Err(Closed)
        }
        Outcome::Stall => {
            state.log.request(record);
            std::future::pending().await
        }
    }
}

fn listing(entries: &impl Serialize) -> Reply {
    match serde_json::to_string(entries) {
        Ok(json) => Reply::new(200, "application/json", json),
        Err(_) => Reply::html(500),
    }
}

/// Answers an upload as a storage service would.
async fn upload(
    state: &State,
    parts: &http::request::Parts,
    body: &mut Incoming,
    record: &mut RequestRecord,
) -> Outcome {
    let asked = answers::faults_asked(parts).unwrap_or_default();
    let mut asked = asked.into_iter();
    let fault = asked.find(|fault| fault.stage() == Stage::Answer);
    let fault = fault.or_else(|| state.strike(Stage::Answer, STORAGE).first().copied());
    match fault {
        Some(Fault::Reset) => return Outcome::Reset,
        Some(Fault::Stall) => return Outcome::Stall,
        _ => {}
    }
    match fault.and_then(|fault| fault.reply(&state.spec, None)) {
        Some(reply) => reply.into(),
        None => storage::store(state, parts, body, record).await.into(),
    }
}

/// Answers the download of `<task>/<file>` as a storage service would.
async fn download(state: &State, path: &str, parts: &http::request::Parts) -> Outcome {
    if parts.method != Method::GET && parts.method != Method::HEAD {
        return Reply::storage_refusal("Method not allowed").into();
    }
    let asked = answers::faults_asked(parts).unwrap_or_default();
    let fault = asked.into_iter().find(|fault| fault.stage() != Stage::Task);
    let fault = fault.or_else(|| state.strike(Stage::Media, MEDIA).first().copied());
    match fault {
        Some(Fault::MediaExpired) => return Reply::storage_refusal("Request has expired").into(),
        Some(Fault::Reset) => return Outcome::Reset,
        Some(Fault::Stall) => return Outcome::Stall,
        _ => {}
    }
    if let Some(reply) = fault.and_then(|fault| fault.reply(&state.spec, None)) {
        return reply.into();
    }
    let denied = || Reply::storage_refusal("Access Denied");
    let Some((task_id, name)) = path.split_once('/') else {
        return denied().into();
    };
    let name = form_urlencoded::parse(name.as_bytes())
        .next()
        .unwrap_or_default()
        .0
        .into_owned();
    let Some(task) = state.task(task_id).filter(|task| task.id == task_id) else {
        return denied().into();
    };
    let Some(file) = File::named(&task, &name) else {
        return denied().into();
    };
    let age = task.age(state.clock.now());
    if !task.timeline.has_by(file.ready(&task), age) {
        return denied().into();
    }
    match state.library.open(&task, &name, &file).await {
        Ok(bytes) => {
            let mut reply = library::serve(&file, bytes, &parts.headers);
            reply.cut = fault == Some(Fault::Truncate);
            reply.into()
        }
        Err(_) => Reply::html(500).into(),
    }
}
