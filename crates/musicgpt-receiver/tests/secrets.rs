//! Keys, addresses and what a body says reach neither `Debug` nor logs.
//!
//! One test, in a program of its own: what `tracing` shows to a subscriber of one thread depends on
//! what other threads log for the first time just then.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use musicgpt_receiver::{Delivery, Receiver, ResponseBody, SecretKey};
use serde_json::json;
use tower::ServiceExt;
use tracing::field::{Field, Visit};
use tracing::span;

/// 32 bytes, and in everything that is secret here.
const CANARY: &str = "canary-7f3acanary-7f3acanary-7f3";

fn receiver() -> Receiver {
    let key = SecretKey::from_bytes(CANARY).unwrap();
    Receiver::builder("https://hooks.example.com/musicgpt", key)
        .body_limit(2_000)
        .handler(|delivery: Delivery| async move {
            match delivery.event.task_id() {
                Some("fails") => Err(CANARY),
                _ => Ok(()),
            }
        })
        .build()
        .unwrap()
}

/// A webhook that says the canary wherever it may say something.
fn body(task: &str) -> Bytes {
    let body = json!({
        "success": true, "conversion_type": CANARY, "subtype": "music_ai",
        "task_id": task, "conversion_id": CANARY, "title": CANARY, "lyrics": CANARY,
        "conversion_path": format!("https://cdn.example.invalid/{CANARY}.mp3"),
        "canary-7f3a": CANARY,
    });
    Bytes::from(body.to_string())
}

fn clean(text: &str, mac: &str) {
    assert!(!text.is_empty());
    for secret in ["canary-7f3a", mac] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// The part of an address that makes it one.
fn mac(receiver: &Receiver, nonce: &str) -> String {
    let webhook = receiver.mint_for(nonce).unwrap();
    let (_, mac) = webhook.as_str().rsplit_once('.').unwrap();
    mac.to_owned()
}

async fn send(receiver: &Receiver, to: &str, body: impl Into<Bytes>) -> Response<ResponseBody> {
    let request = Request::post(to).body(Full::new(body.into())).unwrap();
    receiver.clone().oneshot(request).await.unwrap()
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    debug().await;
    logs().await;
}

async fn debug() {
    let receiver = receiver();
    let key = SecretKey::from_bytes(CANARY).unwrap();
    let webhook = receiver.mint_for("job-1").unwrap();
    let mut subscription = receiver.subscribe("job-1");
    let mac = mac(&receiver, "job-1");
    let with_password = Receiver::builder(format!("https://u:{CANARY}@h.example"), key.clone());
    let refused = Receiver::builder(format!("https://u:{CANARY}@h.example"), key.clone())
        .build()
        .unwrap_err();
    send(&receiver, webhook.as_str(), body("t")).await;
    let event = subscription.recv().await.unwrap();
    let answering = send(&receiver, webhook.as_str(), "{}").await;
    let shown: [&dyn Debug; 8] = [
        &receiver,
        &key,
        &webhook,
        &subscription,
        &with_password,
        &refused,
        &answering,
        &event.kind(),
    ];
    for value in shown {
        clean(&format!("{value:?}"), &mac);
        clean(&format!("{value:#?}"), &mac);
    }
    assert_eq!(
        format!("{webhook:?} {key:?}"),
        r#"WebhookUrl { nonce: "job-1", .. } SecretKey(..)"#
    );
    clean(&refused.to_string(), &mac);
}

/// Keeps everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut log = self.0.lock().unwrap();
        log.push_str(&format!("{}={value:?} ", field.name()));
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("musicgpt")
    }
    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        attributes.record(&mut self.clone());
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
        self.0.lock().unwrap().push('\n');
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

async fn logs() {
    let log = Log::default();
    let receiver = receiver();
    let url = receiver.mint_for("job-1").unwrap();
    let url = url.as_str();
    let mut large = body("large").to_vec();
    large.resize(2_001, b' ');
    {
        let _logging = tracing::subscriber::set_default(log.clone());
        for (to, body) in [
            (url.to_owned(), body("t")),
            (url.to_owned(), body("t")),
            (url.to_owned(), body("fails")),
            (url.to_owned(), Bytes::from(large)),
            (url.to_owned(), Bytes::from(format!("{{{CANARY}}}"))),
            (url.to_owned(), Bytes::from(format!("[{CANARY:?}]"))),
            (url.replace("job-1", CANARY), body("t")),
        ] {
            send(&receiver, &to, body).await;
        }
    }
    let log = log.0.lock().unwrap();
    clean(&log, &mac(&receiver, "job-1"));
    insta::assert_snapshot!("logs", log.replace(" \n", "\n"));
}
