//! The receiver as a service: every answer, and what is handled when.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod answers;
mod bodies;
mod handling;
mod servers;
mod subscriptions;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use musicgpt_receiver::{Builder, Delivery, Receiver, ResponseBody, SecretKey};
use serde_json::json;
use tower::ServiceExt;

fn builder() -> Builder {
    let key = SecretKey::from_bytes([7; 32]).unwrap();
    Receiver::builder("https://hooks.example.com/musicgpt", key)
}

/// The take of a song.
fn track(task: &str, conversion: &str) -> Bytes {
    let body = json!({
        "success": true,
        "conversion_type": "Music AI",
        "subtype": "music_ai",
        "task_id": task,
        "conversion_id": conversion,
        "conversion_path": format!("https://cdn.example.invalid/{conversion}.mp3"),
    });
    Bytes::from(body.to_string())
}

fn post(url: impl AsRef<str>, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::post(url.as_ref())
        .body(Full::new(body.into()))
        .unwrap()
}

async fn send<B>(receiver: &Receiver, request: Request<B>) -> Response<ResponseBody>
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    receiver.clone().oneshot(request).await.unwrap()
}

/// Posts a body to the address of a nonce.
async fn deliver(receiver: &Receiver, nonce: &str, body: impl Into<Bytes>) -> StatusCode {
    let url = receiver.mint_for(nonce).unwrap();
    send(receiver, post(url.as_str(), body)).await.status()
}

async fn text(response: Response<ResponseBody>) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

/// What a handler was given, as `nonce task conversion kind`.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn note(&self, delivery: &Delivery) {
        let event = &delivery.event;
        self.0.lock().unwrap().push(format!(
            "{} {} {} {}",
            delivery.nonce,
            event.task_id().unwrap_or("-"),
            event.conversion_id().unwrap_or("-"),
            event.kind(),
        ));
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// A handler that notes and accepts everything.
    fn handler(&self) -> impl Fn(Delivery) -> std::future::Ready<Result<(), ()>> + use<> {
        let seen = self.clone();
        move |delivery| {
            seen.note(&delivery);
            std::future::ready(Ok(()))
        }
    }
}
