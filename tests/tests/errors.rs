//! Every way in which the API says no, or says nothing sensible, and what the SDK makes of it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::sync::Arc;
use std::time::Duration;

use httpmock::prelude::*;
use musicgpt_sdk::{
    Client, Clock, ConversionType, Error, ErrorKind, GetById, MusicAi, RetryPolicy,
};
use musicgpt_tests::clock::Impatient;

const HTML: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head><body><center>nginx/1.18.0</center></body></html>";

fn client(server: &MockServer) -> Client {
    Client::builder()
        .key("the-key")
        .base_url(server.base_url())
        .retry(RetryPolicy::default())
        .clock(Arc::new(Impatient::default()))
        .build()
        .unwrap()
}

/// An answer for everything.
async fn answering(status: u16, headers: &[(&str, &str)], body: &str) -> MockServer {
    let server = MockServer::start_async().await;
    server
        .mock_async(|when, then| {
            when.any_request();
            let mut then = then.status(status).body(body);
            for (name, value) in headers {
                then = then.header(*name, *value);
            }
        })
        .await;
    server
}

async fn submitted(server: &MockServer) -> Error {
    client(server)
        .submit(MusicAi::from_prompt("the-canary"))
        .await
        .unwrap_err()
}

async fn looked_up(server: &MockServer) -> Error {
    let lookup = GetById::task(ConversionType::MusicAi, "t-1");
    client(server).call(lookup).await.unwrap_err()
}

fn describe(label: &str, error: &Error) -> String {
    let secrets = format!("{error} {error:?}");
    assert!(
        !secrets.contains("the-canary") && !secrets.contains("the-key"),
        "{secrets}"
    );
    assert_eq!(error.to_string().lines().count(), 1);
    format!(
        "{label}\n  {error}\n  {:?}, status {:?}, code {:?}, retryable {}, outcome unknown {}, attempts {}\n",
        error.kind(),
        error.status(),
        error.code(),
        error.is_retryable(),
        error.is_outcome_unknown(),
        error.attempts(),
    )
}

#[tokio::test]
async fn every_shape_gives_the_same_typed_error() {
    let mut text = String::new();
    for status in [400, 401, 402, 403, 404, 409, 422, 424, 500, 503] {
        for (shape, body) in [
            (
                "code",
                r#"{"success":false,"error_code":"SOME_CODE","message":"Some words"}"#,
            ),
            (
                "code alone",
                r#"{"success":false,"error_code":"SOME_CODE","message":""}"#,
            ),
            ("error", r#"{"success":false,"error":"Some words"}"#),
            ("message", r#"{"success":false,"message":"Some words"}"#),
            (
                "error object",
                r#"{"success":false,"error":{"code":"SOME_CODE","message":"Some words","details":{}}}"#,
            ),
            (
                "detail list",
                r#"{"detail":[{"loc":["query","conversionType"],"msg":"Some words","type":"missing"}]}"#,
            ),
            ("detail text", r#"{"detail":"Some words"}"#),
        ] {
            let server = answering(status, &[], body).await;
            let error = submitted(&server).await;
            assert_eq!(error.kind(), ErrorKind::Api, "{status} {shape}");
            assert_eq!(error.status(), Some(status), "{status} {shape}");
            assert_eq!(
                error.attempts(),
                1,
                "a submission is never repeated after {status}"
            );
            assert_eq!(
                error.is_outcome_unknown(),
                status >= 500,
                "{status} {shape}"
            );
            assert!(error.body().is_some());
            if [402, 422, 500].contains(&status) {
                text.push_str(&describe(&format!("{status} {shape}"), &error));
            }
        }
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn what_is_no_answer_of_the_api() {
    let mut text = String::new();
    for (label, status, body) in [
        ("502 page", 502, HTML),
        ("408", 408, ""),
        ("404 page", 404, "<html><title>404 Not Found</title></html>"),
        (
            "413 page",
            413,
            "<html><title>413 Request Entity Too Large</title></html>",
        ),
        ("200 page", 200, HTML),
        ("500 empty", 500, ""),
        ("200 empty", 200, ""),
        ("200 list", 200, "[]"),
        ("200 without a task", 200, r#"{"success":true}"#),
        (
            "200 success false",
            200,
            r#"{"success":false,"error":"Insufficient credit balance"}"#,
        ),
        (
            "200 success false with a task",
            200,
            r#"{"success":false,"task_id":"t-9","message":"No"}"#,
        ),
        (
            "200 success \"false\"",
            200,
            r#"{"success":"false","message":"No"}"#,
        ),
        ("302", 302, ""),
        ("201 page", 201, HTML),
    ] {
        let server = answering(status, &[], body).await;
        text.push_str(&describe(
            &format!("submit, {label}"),
            &submitted(&server).await,
        ));
        if label != "200 without a task" {
            text.push_str(&describe(
                &format!("look up, {label}"),
                &looked_up(&server).await,
            ));
        }
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn a_success_that_wobbles_is_a_success() {
    for (status, body, task) in [
        (200, r#"{"success":true,"task_id":"x"}"#, "x"),
        (200, r#"{"task_id":"x","eta":null,"message":null}"#, "x"),
        (
            200,
            r#"{"success":true,"task_id":12,"eta":"76","credit_estimate":"0.5"}"#,
            "12",
        ),
        (
            200,
            r#"{"success":"true","task_id":"x","is_flagged":"no","conversion_id_1":[1]}"#,
            "x",
        ),
        (201, r#"{"success":true,"task_id":"x"}"#, "x"),
        (
            202,
            r#"{"success":true,"task_id":"x","new_field":{"a":1}}"#,
            "x",
        ),
    ] {
        let server = answering(status, &[], body).await;
        let job = client(&server).submit(MusicAi::from_prompt("x")).await;
        assert_eq!(job.unwrap().task_id(), task, "{body}");
    }
    let server = answering(
        200,
        &[],
        r#"{"task_id":12,"eta":"76.5","credit_estimate":"0.5"}"#,
    )
    .await;
    let job = client(&server)
        .submit(MusicAi::from_prompt("x"))
        .await
        .unwrap();
    assert_eq!(job.eta(), Some(Duration::from_millis(76_500)));
    assert_eq!(job.credit_estimate(), Some(0.5));
}

#[tokio::test]
async fn a_429_is_tried_again_in_all_forms_of_asking() {
    let date = httpdate(Duration::from_secs(2));
    for headers in [
        vec![],
        vec![("retry-after", "1")],
        vec![("retry-after-ms", "1500")],
        vec![("retry-after", date.as_str())],
    ] {
        let body = r#"{"success":false,"error_code":"TOO_MANY_REQUESTS","message":"Slow down"}"#;
        let server = answering(429, &headers, body).await;
        let clock = Arc::new(Impatient::default());
        let client = Client::builder()
            .key("the-key")
            .base_url(server.base_url())
            .clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .build()
            .unwrap();
        let error = client
            .submit(MusicAi::from_prompt("the-canary"))
            .await
            .unwrap_err();
        let asked = error.retry_after().unwrap_or_default();
        assert!(
            clock.now() >= asked * 2,
            "waited {:?} for {asked:?}",
            clock.now()
        );
        assert_eq!(error.attempts(), 3, "{headers:?}");
        assert_eq!(error.status(), Some(429));
        assert!(error.is_retryable() && !error.is_outcome_unknown());
        assert_eq!(
            error.retry_after().is_some(),
            !headers.is_empty(),
            "{headers:?}"
        );
    }
    let server = answering(429, &[("retry-after", "3600")], "{}").await;
    let error = submitted(&server).await;
    assert_eq!(error.attempts(), 1, "an hour is not within the budget");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
}

fn httpdate(later: Duration) -> String {
    let time = std::time::SystemTime::now() + later;
    // The one date format of HTTP, by the library that reads it elsewhere.
    httpdate::fmt_http_date(time)
}

#[tokio::test]
async fn look_ups_are_tried_again_and_submissions_are_not() {
    for (status, body) in [
        (500, "{}"),
        (502, HTML),
        (503, ""),
        (504, HTML),
        (200, HTML),
    ] {
        let server = answering(status, &[], body).await;
        assert_eq!(looked_up(&server).await.attempts(), 3, "{status}");
        let error = submitted(&server).await;
        assert_eq!(error.attempts(), 1, "{status}");
        assert!(error.is_outcome_unknown(), "{status}");
        assert!(!error.is_retryable(), "{status}");
    }
    for status in [400, 401, 403, 404, 422] {
        let server = answering(status, &[], "{}").await;
        assert_eq!(looked_up(&server).await.attempts(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_connection_that_was_never_made_is_no_doubt() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::builder()
        .key("the-key")
        .base_url(format!("http://{address}/api/public"))
        .clock(Arc::new(Impatient::default()))
        .build()
        .unwrap();
    let error = client.submit(MusicAi::from_prompt("x")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert_eq!(error.attempts(), 3);
    assert!(error.is_retryable() && !error.is_outcome_unknown());
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_doubt() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            // Reads something, says nothing, hangs up.
            let mut buffer = [0; 16];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut buffer).await;
        }
    });
    let client = Client::builder()
        .key("the-key")
        .base_url(format!("http://{address}/api/public"))
        .clock(Arc::new(Impatient::default()))
        .build()
        .unwrap();
    let error = client.submit(MusicAi::from_prompt("x")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    assert!(error.is_outcome_unknown());
    assert_eq!(
        count.load(std::sync::atomic::Ordering::SeqCst),
        1,
        "sent once"
    );
}

#[tokio::test]
async fn a_key_that_the_server_repeats_is_not_shown() {
    let body = r#"{"success":false,"message":"bad key secret-key-123 given"}"#;
    let server = answering(401, &[], body).await;
    let client = Client::builder()
        .key("secret-key-123")
        .base_url(server.base_url())
        .build();
    let error = client
        .unwrap()
        .submit(MusicAi::from_prompt("x"))
        .await
        .unwrap_err();
    assert_eq!(error.message(), "bad key (the key) given");
    assert!(!error.body().unwrap().contains("secret-key-123"));
}

#[test]
fn settings_are_checked() {
    let mut text = String::new();
    for builder in [
        Client::builder(),
        Client::builder().key("two\nlines"),
        Client::builder()
            .key("k")
            .base_url("http://example.com/api/public"),
        Client::builder().key("k").base_url("nonsense"),
        Client::builder()
            .key("k")
            .base_url("https://:the-key@example.com/api"),
        Client::builder()
            .key("k")
            .base_url("https://user@example.com/api"),
    ] {
        text.push_str(&format!("{}\n", builder.build().unwrap_err()));
    }
    insta::assert_snapshot!(text);
}
