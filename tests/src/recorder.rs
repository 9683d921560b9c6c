//! A transport that keeps requests instead of sending them, and shows them as text.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt;
use musicgpt_api::{Operation, Sending, Session, Transport};
use musicgpt_sdk::{Client, RetryPolicy};

use crate::clock::Impatient;

/// A request that was kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The operation that the transport was told.
    pub operation: Option<&'static str>,
    /// The request without its body.
    pub head: http::request::Parts,
    /// The announced length of the body, where it was exact.
    pub length: Option<u64>,
    /// The body.
    pub body: Bytes,
}

/// Keeps every request and answers each with the same body.
#[derive(Debug)]
pub struct Recorder {
    kept: Mutex<Vec<Kept>>,
    answer: String,
}

impl Recorder {
    /// A recorder that accepts everything.
    pub fn accepting() -> Arc<Self> {
        Self::answering(r#"{"success":true,"task_id":"t-1","conversion":{}}"#)
    }

    /// A recorder with an answer.
    pub fn answering(answer: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            kept: Mutex::default(),
            answer: answer.into(),
        })
    }

    /// A client that sends through the recorder.
    pub fn client(self: &Arc<Self>) -> Client {
        Client::builder()
            .key("the-key")
            .retry(RetryPolicy::none())
            .clock(Arc::new(Impatient::default()))
            .transport(Arc::clone(self) as Arc<dyn Transport>)
            .build()
            .unwrap()
    }

    /// The generated client, sending through the recorder.
    pub fn low_level(self: &Arc<Self>) -> musicgpt_api::Client {
        let session = Session::with_transport("the-key", Arc::clone(self) as Arc<dyn Transport>);
        musicgpt_api::Client::new_with_client(
            "https://api.musicgpt.com/api/public",
            reqwest::Client::new(),
            session.unwrap(),
        )
    }

    /// The requests so far.
    pub fn kept(&self) -> Vec<Kept> {
        self.kept.lock().unwrap().clone()
    }
}

impl Transport for Recorder {
    fn send<'a>(
        &'a self,
        _client: &'a reqwest::Client,
        request: reqwest::Request,
        operation: Option<&'static Operation>,
    ) -> Sending<'a> {
        Box::pin(async move {
            let request: http::Request<reqwest::Body> = request.try_into().unwrap();
            let (head, body) = request.into_parts();
            let length = Body::size_hint(&body).exact();
            let body = body.collect().await.unwrap().to_bytes();
            self.kept.lock().unwrap().push(Kept {
                operation: operation.map(|operation| operation.id),
                head,
                length,
                body,
            });
            Ok(http::Response::new(self.answer.clone()).into())
        })
    }
}

impl Kept {
    /// The request as text: nothing in it changes from run to run.
    pub async fn render(&self) -> String {
        let mut text = String::new();
        let url = &self.head.uri;
        writeln!(text, "{} {}", self.head.method, url.path()).unwrap();
        let mut query: Vec<&str> = url.query().unwrap_or_default().split('&').collect();
        query.sort_unstable();
        for pair in query.iter().filter(|pair| !pair.is_empty()) {
            writeln!(text, "  {pair}").unwrap();
        }
        let mut headers = BTreeMap::new();
        for (name, value) in &self.head.headers {
            let value = if value.is_sensitive() {
                "(the key)"
            } else {
                value.to_str().unwrap()
            };
            headers.insert(name.as_str(), value.to_owned());
        }
        let boundary = headers
            .get("content-type")
            .and_then(|value| multer::parse_boundary(value).ok());
        for (name, value) in &headers {
            let value = match &boundary {
                Some(boundary) => value.replace(boundary, "BOUNDARY"),
                None => value.clone(),
            };
            writeln!(text, "{name}: {value}").unwrap();
        }
        if !self.body.is_empty() {
            assert_eq!(
                self.length,
                Some(self.body.len() as u64),
                "the exact length is announced"
            );
        }
        text.push('\n');
        match boundary {
            Some(boundary) => text.push_str(&parts(self.body.clone(), boundary).await),
            None if self.body.is_empty() => text.push_str("(no body)\n"),
            None if headers
                .get("content-type")
                .is_some_and(|kind| kind.contains("urlencoded")) =>
            {
                let body = std::str::from_utf8(&self.body).unwrap();
                for pair in body.split('&') {
                    writeln!(text, "{pair}").unwrap();
                }
            }
            None => {
                let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
                text.push_str(&serde_json::to_string_pretty(&body).unwrap());
                text.push('\n');
            }
        }
        text
    }
}

/// The parts of a multipart body, decoded by another library than the one that wrote it.
async fn parts(body: Bytes, boundary: String) -> String {
    let stream = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(body)]);
    let mut form = multer::Multipart::new(stream, boundary);
    let mut text = String::new();
    while let Some(part) = form.next_field().await.unwrap() {
        let name = part.name().unwrap().to_owned();
        match part.file_name().map(str::to_owned) {
            Some(file) => {
                let kind = part.content_type().unwrap().to_string();
                let content = part.bytes().await.unwrap();
                let mut hasher = DefaultHasher::new();
                content.hash(&mut hasher);
                writeln!(
                    text,
                    "{name}: file {file:?}, {kind}, {} bytes, hash {:016x}",
                    content.len(),
                    hasher.finish()
                )
                .unwrap();
            }
            None => writeln!(text, "{name}: {:?}", part.text().await.unwrap()).unwrap(),
        }
    }
    text
}
