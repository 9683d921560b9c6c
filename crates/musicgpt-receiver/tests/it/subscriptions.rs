//! Events as a stream, beside a handler or without one.

use futures_util::{FutureExt, StreamExt};
use http::StatusCode;

use crate::{Seen, builder, deliver, post, send, track};

#[tokio::test]
async fn what_comes_before_anybody_looks_is_kept() {
    let receiver = builder().build().unwrap();
    let (webhook, mut subscription) = receiver.expect().unwrap();
    assert_eq!(webhook.nonce(), subscription.nonce());
    for conversion in ["1", "1", "2"] {
        let request = post(webhook.as_str(), track("t", conversion));
        assert_eq!(send(&receiver, request).await.status(), StatusCode::OK);
    }
    drop(receiver);
    let events: Vec<_> = subscription.by_ref().collect().await;
    let conversions: Vec<_> = events.iter().map(|event| event.conversion_id()).collect();
    assert_eq!(conversions, [Some("1"), Some("2")]);
    assert!(subscription.recv().await.is_none());
}

#[tokio::test]
async fn another_process_with_the_key_and_the_nonce() {
    let submitting = builder().build().unwrap();
    let webhook = submitting.mint().unwrap();
    let receiving = builder().build().unwrap();
    let mut subscription = receiving.subscribe(webhook.nonce());
    let request = post(webhook.as_str(), track("t", "1"));
    assert_eq!(send(&receiving, request).await.status(), StatusCode::OK);
    assert!(subscription.recv().await.is_some());
}

#[tokio::test]
async fn without_a_subscription_the_handler_gets_it() {
    let seen = Seen::default();
    let receiver = builder().handler(seen.handler()).build().unwrap();
    let mut other = receiver.subscribe("b");
    drop(receiver.subscribe("a"));
    assert_eq!(
        deliver(&receiver, "a", track("t", "1")).await,
        StatusCode::OK
    );
    assert_eq!(seen.all(), ["a t 1 track"]);
    assert!(other.recv().now_or_never().is_none());
}

#[tokio::test]
async fn subscribed_before_the_address_is_minted() {
    let receiver = builder().build().unwrap();
    let mut subscription = receiver.subscribe("order-17");
    let status = deliver(&receiver, "order-17", track("t", "1")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(subscription.recv().now_or_never().flatten().is_some());
}
