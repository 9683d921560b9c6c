//! Served over loopback: by hyper without axum, and as a router.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper::client::conn::http1 as client;
use hyper::server::conn::http1 as server;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use crate::{Seen, builder, track};

async fn listener() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.unwrap()
}

/// Posts over a connection of its own.
async fn post(port: u16, path: &str, body: Bytes) -> StatusCode {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut sender, connection) = client::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::post(path)
        .header("host", "hooks.example.com")
        .body(Full::new(body))
        .unwrap();
    sender.send_request(request).await.unwrap().status()
}

fn path(url: &str) -> &str {
    url.strip_prefix("https://hooks.example.com").unwrap()
}

#[tokio::test]
async fn by_hyper() {
    let seen = Seen::default();
    let receiver = builder().handler(seen.handler()).build().unwrap();
    let listener = listener().await;
    let port = listener.local_addr().unwrap().port();
    let service = TowerToHyperService::new(receiver.clone());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let serving = server::Builder::new();
            tokio::spawn(serving.serve_connection(TokioIo::new(stream), service.clone()));
        }
    });
    let webhook = receiver.mint_for("a").unwrap();
    let path = path(webhook.as_str());
    assert_eq!(post(port, path, track("t", "1")).await, 200);
    assert_eq!(post(port, &format!("{path}A"), track("t", "2")).await, 404);
    assert_eq!(seen.all(), ["a t 1 track"]);
}

#[cfg(feature = "axum")]
#[tokio::test]
async fn as_a_router_among_others() {
    let seen = Seen::default();
    let receiver = builder().handler(seen.handler()).build().unwrap();
    let others = axum::Router::new().fallback(|| async { StatusCode::IM_A_TEAPOT });
    let router = others.merge(receiver.router());
    let listener = listener().await;
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let webhook = receiver.mint_for("a").unwrap();
    let path = path(webhook.as_str());
    assert_eq!(post(port, path, track("t", "1")).await, 200);
    assert_eq!(post(port, &format!("{path}A"), track("t", "2")).await, 404);
    assert_eq!(post(port, &format!("{path}/a"), track("t", "2")).await, 418);
    assert_eq!(post(port, "/elsewhere", track("t", "2")).await, 418);
    assert_eq!(seen.all(), ["a t 1 track"]);
}

#[cfg(feature = "axum")]
#[tokio::test]
async fn as_a_router_at_a_path_that_means_something_to_axum() {
    use tower::ServiceExt;

    let receiver = builder().mounted_at("/{a}/:b/*c").build().unwrap();
    let webhook = receiver.mint_for("a").unwrap();
    let token = path(webhook.as_str()).strip_prefix("/musicgpt").unwrap();
    for (mount, status) in [("/{a}/:b/*c", 200), ("/x/:b/*c", 404), ("/{a}/x/*c", 404)] {
        let request = crate::post(format!("{mount}{token}"), "{}").map(axum::body::Body::new);
        let response = receiver.router().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{mount}");
    }
}
