//! Every answer there is, and that a body is not read before the address is right.

use std::convert::Infallible;
use std::fmt::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body::{Body, Frame};
use http_body_util::Full;
use musicgpt_receiver::Delivery;

use crate::{Seen, builder, deliver, post, send, text, track};

/// A body that tells whether it was asked for anything, and never comes.
#[derive(Clone, Default)]
struct Untouched(Arc<AtomicBool>);

impl Untouched {
    fn was_read(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Body for Untouched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.store(true, Ordering::SeqCst);
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn all() {
    let receiver = builder()
        .body_limit(500)
        .body_timeout(Duration::from_secs(1))
        .handler(|delivery: Delivery| async move {
            match delivery.event.task_id() {
                Some("fails") => Err(()),
                _ => Ok(()),
            }
        })
        .build()
        .unwrap();
    let full = builder().max_in_hand(0).build().unwrap();
    let webhook = receiver.mint_for("job-1").unwrap();
    let url = webhook.as_str();
    let get = |method| {
        Request::builder()
            .method(method)
            .uri(url)
            .body(Full::default())
            .unwrap()
    };
    let mut typed = post(url, track("typed", "c"));
    typed
        .headers_mut()
        .insert("content-type", "image/png".parse().unwrap());

    let mut told = String::new();
    for (what, receiver, request) in [
        ("an event", &receiver, post(url, track("t", "c"))),
        ("the same again", &receiver, post(url, track("t", "c"))),
        ("under another media type", &receiver, typed),
        ("of unknown kind", &receiver, post(url, r#"{"new": [1]}"#)),
        ("an empty object", &receiver, post(url, " {} ")),
        (
            "a query after the token",
            &receiver,
            post(format!("{url}?a=b"), "{}"),
        ),
        ("no JSON", &receiver, post(url, "task_id=t")),
        ("nothing", &receiver, post(url, "")),
        ("half of it", &receiver, post(url, r#"{"task_id": "#)),
        ("an array", &receiver, post(url, "[{}]")),
        ("a wrong token", &receiver, post(format!("{url}A"), "{}")),
        ("a GET", &receiver, get(Method::GET)),
        ("a HEAD", &receiver, get(Method::HEAD)),
        ("too large", &receiver, post(url, vec![b' '; 501])),
        (
            "the handler fails",
            &receiver,
            post(url, track("fails", "c")),
        ),
        ("too much to do", &full, post(url, track("t", "c"))),
    ] {
        let response = send(receiver, request).await;
        let header = |name| Some(response.headers().get(name)?.to_str().unwrap().to_owned());
        let (allow, retry) = (header("allow"), header("retry-after"));
        write!(told, "{what}: {}", response.status().as_u16()).unwrap();
        if let Some(allow) = allow {
            write!(told, ", allow {allow}").unwrap();
        }
        if let Some(retry) = retry {
            write!(told, ", retry after {retry} s").unwrap();
        }
        write!(told, ": {}", text(response).await).unwrap();
    }
    let slow = Request::post(url).body(Untouched::default()).unwrap();
    let response = send(&receiver, slow).await;
    write!(told, "too slow: {}: ", response.status().as_u16()).unwrap();
    told.push_str(&text(response).await);

    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn no_body_is_read_before_the_address_is_right() {
    let receiver = builder().body_limit(500).build().unwrap();
    let webhook = receiver.mint_for("job-1").unwrap();
    let url = webhook.as_str();
    let host = "https://hooks.example.com";
    let other = builder()
        .build()
        .unwrap()
        .mint_for("job-2")
        .unwrap()
        .as_str()
        .replace("job-2", "job-1");
    for (request, status) in [
        (Request::post(format!("{url}A")), 404),
        (Request::post(&url[..url.len() - 1]), 404),
        (Request::post(format!("{url}/")), 404),
        (Request::post(format!("{url}/x")), 404),
        (Request::post(url.replace("job-1", "job-2")), 404),
        (Request::post(url.replace("job-1.", "job-1")), 404),
        (Request::post(url.replace("job-1.", ".")), 404),
        (Request::post(url.replace("musicgpt", "other")), 404),
        (Request::post(url.replace("/musicgpt", "")), 404),
        (Request::post(url.replace("/musicgpt", "//musicgpt")), 404),
        (Request::post(other), 404),
        (Request::post(host), 404),
        (Request::post(format!("{host}/musicgpt/")), 404),
        (Request::post(format!("{host}/musicgpt/.")), 404),
        (Request::get(format!("{url}A")), 404),
        (Request::put(url), 405),
        (Request::post(url).header("content-length", "501"), 413),
    ] {
        let body = Untouched::default();
        let request = request.body(body.clone()).unwrap();
        let (method, path) = (request.method().clone(), request.uri().clone());
        let response = send(&receiver, request).await;
        assert_eq!(response.status(), status, "{method} {path}");
        assert!(!body.was_read(), "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_of_just_the_limit() {
    let seen = Seen::default();
    let receiver = builder()
        .body_limit(500)
        .handler(seen.handler())
        .build()
        .unwrap();
    let mut body = track("t", "c").to_vec();
    body.resize(500, b' ');
    assert_eq!(deliver(&receiver, "a", body.clone()).await, StatusCode::OK);
    body.push(b' ');
    let status = deliver(&receiver, "b", body).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(seen.all(), ["a t c track"]);
}

#[tokio::test]
async fn a_proxy_may_change_the_path() {
    let proxied = builder().mounted_at("/").build().unwrap();
    let webhook = proxied.mint_for("job-1").unwrap();
    assert!(webhook.as_str().contains("/musicgpt/job-1."));
    let status = send(&proxied, post(webhook.as_str(), "{}")).await.status();
    assert_eq!(status, StatusCode::NOT_FOUND);
    let status = send(
        &proxied,
        post(webhook.as_str().replace("/musicgpt", ""), "{}"),
    )
    .await
    .status();
    assert_eq!(status, StatusCode::OK);
    assert!(builder().mounted_at("musicgpt").build().is_err());
}
