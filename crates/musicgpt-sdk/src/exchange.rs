//! Sending a request, possibly again, and reading what comes back.
//!
//! The rule that all of this serves: a request that submits a task is sent a second time only when
//! the first one provably was not accepted. Whatever leaves a doubt is an error that says so.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use musicgpt_api::multipart::UploadError;
use musicgpt_api::{Body, ByteStream, Request, ResponseValue};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Map, Value};

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result, is_retryable};
use crate::failure::{Failure, excerpt, page_title};
use crate::raw::RawRequest;
use crate::requests::Prepared;
use crate::retry::retry_after;
use crate::watch::Watch;

/// How long the body of an answer that the specs do not have may take.
const ERROR_BODY: Duration = Duration::from_secs(10);

/// A failed attempt.
struct Failed {
    error: Error,
    /// Whether the API certainly did not take the request.
    not_accepted: bool,
}

/// Sends a request until it is answered or may not be sent again.
pub(crate) async fn exchange<R>(
    client: &Client,
    prepared: Prepared<R>,
    deadline: Option<Duration>,
) -> Result<R::Body>
where
    R: Request,
{
    let operation = R::OPERATION;
    let paid = operation.paid;
    let mut policy = client.retry();
    policy.budget = policy.budget.min(deadline.unwrap_or(Duration::MAX));
    let clock = client.clock();
    let start = clock.now();
    let mut sent = 0;
    loop {
        sent += 1;
        let Failed {
            error,
            not_accepted,
        } = match attempt(client, prepared.request.clone()).await {
            Ok(body) => return Ok(body),
            Err(failed) => failed,
        };
        let may_pass = if paid {
            not_accepted
        } else {
            error.is_retryable()
        };
        let again = may_pass && prepared.replayable;
        let elapsed = clock.now().saturating_sub(start);
        let pause = policy.pause(sent, elapsed, error.retry_after(), fastrand::f64());
        match pause.filter(|_| again) {
            Some(pause) => {
                tracing::debug!(operation = operation.id, sent, ?pause, %error, "trying again");
                clock.sleep(pause).await;
            }
            None => {
                return Err(finish(client, error, operation.id, sent));
            }
        }
    }
}

async fn attempt<R>(client: &Client, request: R) -> std::result::Result<R::Body, Failed>
where
    R: Request,
{
    let operation = R::OPERATION;
    // What changes something may take longer than what only looks.
    let slow = operation.method != Method::GET.as_str();
    watched(client, operation.paid, slow, async |api| {
        request.send(&api).await
    })
    .await
}

/// Sends a request of no operation, once.
pub(crate) async fn raw(client: &Client, request: RawRequest) -> Result<Value> {
    let paid = request.method != Method::GET;
    let RawRequest {
        method,
        path,
        query,
        body,
    } = request;
    let answer = watched(client, paid, paid, async |api| {
        api.raw(method, &path, &query, body.as_ref()).await
    });
    answer
        .await
        .map_err(|failed| finish(client, failed.error, "raw", 1))
}

/// An error as it is given out.
fn finish(client: &Client, error: Error, operation: &'static str, sent: u32) -> Error {
    error.with(|details| {
        details.operation = Some(operation);
        details.attempts = sent;
        // Some servers say which key they refuse.
        details.message = client.without_key(&details.message);
        details.body = details.body.as_deref().map(|body| client.without_key(body));
    })
}

/// Sends something under a watch and reads what comes back.
async fn watched<B>(
    client: &Client,
    paid: bool,
    slow: bool,
    send: impl AsyncFnOnce(musicgpt_api::Client) -> musicgpt_api::Answer<B>,
) -> std::result::Result<B, Failed>
where
    B: Body,
{
    let watch = Watch::new(client.timeouts(), slow);
    let api = client.api_through(&watch);
    let answer = tokio::select! {
        answer = send(api) => answer,
        silence = watch.expired() => {
            let error = Error::new(ErrorKind::Timeout, silence).with(|details| {
                details.retryable = true;
                details.outcome_unknown = paid;
            });
            return Err(Failed { error, not_accepted: false });
        }
    };
    // An error's body is nice to have; without it there is still the status.
    read(answer, paid, client.timeouts().stall.min(ERROR_BODY)).await
}

async fn read<B>(
    answer: musicgpt_api::Answer<B>,
    paid: bool,
    limit: Duration,
) -> std::result::Result<B, Failed>
where
    B: Body,
{
    use musicgpt_api::Error as Low;
    match answer {
        Ok(answer) => check_success(answer),
        Err(Low::InvalidResponsePayload(body, error)) => salvage(200, &body, Some(error), paid),
        Err(Low::ErrorResponse(response)) => Err(refused(response, paid, limit).await),
        Err(Low::UnexpectedResponse(response)) => unexpected(response, paid, limit).await,
        Err(Low::CommunicationError(error)) => Err(broken(error, paid)),
        Err(Low::ResponseBodyError(error) | Low::InvalidUpgrade(error)) => Err(broken(error, paid)),
        Err(Low::InvalidRequest(message) | Low::Custom(message)) => Err(Failed {
            error: Error::configuration(message),
            not_accepted: true,
        }),
    }
}

/// An answer that decoded may still say no.
fn check_success<B: Body>(answer: ResponseValue<B>) -> std::result::Result<B, Failed> {
    let status = answer.status().as_u16();
    let body = answer.into_inner();
    if let Some(Value::Object(fields)) = body.to_json()
        && says_no(&fields)
    {
        let text = Value::Object(fields.clone()).to_string();
        return Err(no(status, &fields, &text));
    }
    Ok(body)
}

fn says_no(fields: &Map<String, Value>) -> bool {
    match fields.get("success") {
        Some(Value::Bool(success)) => !success,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("false"),
        _ => false,
    }
}

fn no(status: u16, fields: &Map<String, Value>, body: &str) -> Failed {
    let failure = Failure::of(fields).unwrap_or_default();
    Failed {
        error: Error::api(status, failure, excerpt(body.as_bytes())),
        not_accepted: false,
    }
}

/// A success that does not decode as it should. Each field is taken by itself, a number for a text
/// and a text for a number where that fits. Where a task was paid, a field that does not fit is left
/// out: what the answer says of the task must not be lost. Elsewhere it is an error, for half an
/// answer would pass for a whole one.
fn salvage<B: Body>(
    status: u16,
    body: &[u8],
    error: Option<serde_json::Error>,
    paid: bool,
) -> std::result::Result<B, Failed> {
    let unreadable = |task_id: Option<String>| {
        let text = excerpt(body);
        let message = page_title(&text).map_or_else(
            || "the answer is not what the API documents".to_owned(),
            |title| format!("the answer is a page, \"{title}\""),
        );
        let mut failure = Error::new(ErrorKind::Unreadable, message).with(|details| {
            details.status = Some(status);
            details.body = Some(text);
            details.retryable = true;
            details.outcome_unknown = paid;
            details.task_id = task_id;
        });
        // serde's words may quote the value; its place in the text may not.
        if let Some(error) = &error {
            failure =
                failure.caused_by(format!("line {}, column {}", error.line(), error.column()));
        }
        Failed {
            error: failure,
            not_accepted: false,
        }
    };
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
        return Err(unreadable(None));
    };
    if says_no(&fields) {
        return Err(no(status, &fields, &excerpt(body)));
    }
    let fits = |name: &str, value: &Value| {
        let alone: Map<String, Value> = [(name.to_owned(), value.clone())].into_iter().collect();
        B::from_json(Value::Object(alone)).is_some()
    };
    let task_id = fields.get("task_id").map(plain);
    let mut kept = Map::new();
    for (name, value) in fields {
        let other = match &value {
            Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            Value::Array(_) | Value::Object(_) => with_texts(&value),
            other => Value::String(plain(other)),
        };
        match [value, other].into_iter().find(|value| fits(&name, value)) {
            Some(value) => drop(kept.insert(name, value)),
            None if paid => tracing::warn!(field = name, "a field of an answer does not fit"),
            None => return Err(unreadable(task_id)),
        }
    }
    B::from_json(Value::Object(kept)).ok_or_else(|| unreadable(task_id))
}

/// A list or object whose numbers are texts.
fn with_texts(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(with_texts).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            Value::Object(
                fields
                    .map(|(name, value)| (name.clone(), with_texts(value)))
                    .collect(),
            )
        }
        Value::Number(number) => Value::String(number.to_string()),
        other => other.clone(),
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// An error status.
async fn refused(response: ResponseValue<ByteStream>, paid: bool, limit: Duration) -> Failed {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body = collect(response.into_inner_stream(), limit).await;
    status_error(status, &headers, &body, paid)
}

fn status_error(status: u16, headers: &HeaderMap, body: &[u8], paid: bool) -> Failed {
    let error = match Failure::read(body) {
        Some(failure) => Error::api(status, failure, excerpt(body)),
        None => {
            let text = excerpt(body);
            let message = match page_title(&text) {
                Some(title) => format!("the answer is a page, \"{title}\""),
                None if text.trim().is_empty() => "the answer has no body".to_owned(),
                None => "the answer is not the API's".to_owned(),
            };
            Error::new(ErrorKind::Unreadable, message).with(|details| {
                details.status = Some(status);
                details.body = Some(text);
                details.retryable = is_retryable(status);
            })
        }
    };
    Failed {
        error: error.with(|details| {
            details.retry_after = retry_after(headers, SystemTime::now());
            // Behind a server error the task may have been accepted all the same.
            details.outcome_unknown = paid && (status >= 500 || status == 408);
        }),
        not_accepted: status == 429,
    }
}

/// A status that the specs do not have.
async fn unexpected<B: Body>(
    response: reqwest::Response,
    paid: bool,
    limit: Duration,
) -> std::result::Result<B, Failed> {
    let status = response.status();
    let headers = response.headers().clone();
    let body = collect(Box::pin(response.bytes_stream()), limit).await;
    if status.is_success() {
        return salvage(status.as_u16(), &body, None, paid);
    }
    Err(status_error(status.as_u16(), &headers, &body, paid))
}

/// A connection that failed.
fn broken(error: reqwest::Error, paid: bool) -> Failed {
    if error.is_builder() {
        return Failed {
            error: Error::configuration("the request cannot be built")
                .caused_by(error.without_url()),
            not_accepted: true,
        };
    }
    if let Some(cause) = upload_error(&error) {
        // The announced length was never sent, so the API cannot have accepted the request.
        let message = format!("the upload was given up: {cause}");
        return Failed {
            error: Error::new(ErrorKind::File, message),
            not_accepted: false,
        };
    }
    // Refused, no such host, no TLS: nothing of the request was sent.
    let not_accepted = error.is_connect();
    let (kind, what) = match () {
        () if not_accepted && error.is_timeout() => (ErrorKind::Timeout, "no connection in time"),
        () if not_accepted => (ErrorKind::Network, "no connection"),
        () if error.is_timeout() => (ErrorKind::Timeout, "no answer in time"),
        () => (ErrorKind::Network, "the connection broke"),
    };
    let message = match innermost(&error) {
        Some(cause) => format!("{what}: {cause}"),
        None => what.to_owned(),
    };
    Failed {
        error: Error::new(kind, message)
            .with(|details| {
                details.retryable = true;
                details.outcome_unknown = paid && !not_accepted;
            })
            .caused_by(error.without_url()),
        not_accepted,
    }
}

/// The fault of a file that was being sent, where that is the cause.
fn upload_error(error: &reqwest::Error) -> Option<&UploadError> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<UploadError>() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// The last cause in a chain, which names the fault; the ones before only say where.
fn innermost(error: &reqwest::Error) -> Option<String> {
    let mut cause = std::error::Error::source(error)?;
    while let Some(next) = cause.source() {
        cause = next;
    }
    Some(cause.to_string())
}

/// As much of a body as comes within reason.
async fn collect(mut stream: crate::watch::BodyStream, limit: Duration) -> Bytes {
    use futures_util::StreamExt;

    /// No error says more than this.
    const MOST: usize = 64 * 1024;
    let mut body = Vec::new();
    let reading = async {
        while let Some(Ok(chunk)) = stream.next().await {
            body.extend_from_slice(&chunk);
            if body.len() > MOST {
                break;
            }
        }
    };
    // A body that stalls is cut short; the status stands without it.
    if tokio::time::timeout(limit, reading).await.is_err() {
        tracing::debug!("the body of an answer stalled");
    }
    body.into()
}
