//! What the handler gets, how often, and what follows when it fails.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::StatusCode;
use musicgpt_receiver::{
    Claim, DedupeWindow, Delivery, DeliveryId, Handler, MemoryWindow, Receiver, SecretKey,
    WindowFuture,
};
use tokio::sync::{Notify, Semaphore};

use crate::{Seen, builder, deliver, post, send, track};

#[tokio::test]
async fn each_event_once() {
    let seen = Seen::default();
    let receiver = builder().handler(seen.handler()).build().unwrap();
    for _ in 0..2 {
        for body in [track("t", "1"), track("t", "2"), track("u", "1")] {
            assert_eq!(deliver(&receiver, "a", body).await, StatusCode::OK);
        }
    }
    // Another address is another job, whoever posts there.
    assert_eq!(
        deliver(&receiver, "b", track("t", "1")).await,
        StatusCode::OK
    );
    assert_eq!(
        seen.all(),
        ["a t 1 track", "a t 2 track", "a u 1 track", "b t 1 track"]
    );
}

#[tokio::test]
async fn what_is_forgotten_is_handled_again() {
    let seen = Seen::default();
    let receiver = builder()
        .dedupe_window(MemoryWindow::new(2))
        .handler(seen.handler())
        .build()
        .unwrap();
    for conversion in ["1", "2", "3", "3", "2", "1"] {
        assert_eq!(
            deliver(&receiver, "a", track("t", conversion)).await,
            StatusCode::OK
        );
    }
    assert_eq!(
        seen.all(),
        ["a t 1 track", "a t 2 track", "a t 3 track", "a t 1 track"]
    );
}

/// Fails in its own way first, then accepts.
async fn fails_then_accepts(handler: impl Handler, seen: &Seen) {
    let receiver = builder().handler(handler).build().unwrap();
    let mut subscription = receiver.subscribe("a");
    let body = track("t", "1");
    assert_eq!(
        deliver(&receiver, "a", body.clone()).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(deliver(&receiver, "a", body.clone()).await, StatusCode::OK);
    assert_eq!(deliver(&receiver, "a", body).await, StatusCode::OK);
    assert_eq!(seen.all(), ["a t 1 track", "a t 1 track"]);

    drop(receiver);
    assert!(subscription.recv().await.is_some());
    assert!(subscription.recv().await.is_none());
}

#[tokio::test]
async fn a_failure_allows_another_try() {
    let seen = Seen::default();
    let handler = {
        let seen = seen.clone();
        move |delivery: Delivery| {
            seen.note(&delivery);
            ready(if seen.all().len() == 1 {
                Err(())
            } else {
                Ok(())
            })
        }
    };
    fails_then_accepts(handler, &seen).await;
}

#[tokio::test]
async fn a_panic_allows_another_try() {
    let seen = Seen::default();
    let handler = {
        let seen = seen.clone();
        move |delivery: Delivery| {
            let seen = seen.clone();
            async move {
                seen.note(&delivery);
                assert_ne!(seen.all().len(), 1, "on purpose");
                Ok::<_, ()>(())
            }
        }
    };
    fails_then_accepts(handler, &seen).await;
}

#[tokio::test]
async fn a_panic_before_its_future_allows_another_try() {
    let seen = Seen::default();
    let handler = {
        let seen = seen.clone();
        move |delivery: Delivery| {
            seen.note(&delivery);
            assert_ne!(seen.all().len(), 1, "on purpose");
            ready(Ok::<_, ()>(()))
        }
    };
    fails_then_accepts(handler, &seen).await;
}

/// A handler that waits to be told how to end.
#[derive(Clone)]
struct Held {
    seen: Seen,
    begun: Arc<Notify>,
    /// One for each handler that may end.
    ends: Arc<Semaphore>,
    failures: Arc<AtomicUsize>,
}

impl Held {
    fn new(failures: usize) -> Self {
        Self {
            seen: Seen::default(),
            begun: Arc::default(),
            ends: Arc::new(Semaphore::new(0)),
            failures: Arc::new(AtomicUsize::new(failures)),
        }
    }
}

impl Handler for Held {
    type Error = String;

    async fn handle(&self, delivery: Delivery) -> Result<(), String> {
        self.seen.note(&delivery);
        self.begun.notify_one();
        self.ends.acquire().await.unwrap().forget();
        let failures = &self.failures;
        match failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        }) {
            Ok(_) => Err("on purpose".to_owned()),
            Err(_) => Ok(()),
        }
    }
}

#[tokio::test]
async fn two_at_once_are_handled_once() {
    let held = Held::new(0);
    let receiver = builder().handler(held.clone()).build().unwrap();
    let posts = || {
        let receiver = receiver.clone();
        tokio::spawn(async move { deliver(&receiver, "a", track("t", "1")).await })
    };
    let (one, two) = (posts(), posts());
    held.begun.notified().await;
    held.ends.add_permits(1);
    assert_eq!(one.await.unwrap(), StatusCode::OK);
    assert_eq!(two.await.unwrap(), StatusCode::OK);
    assert_eq!(held.seen.all(), ["a t 1 track"]);
}

#[tokio::test]
async fn of_two_at_once_one_takes_over_when_the_other_fails() {
    let held = Held::new(1);
    let receiver = builder().handler(held.clone()).build().unwrap();
    let posts = || {
        let receiver = receiver.clone();
        tokio::spawn(async move { deliver(&receiver, "a", track("t", "1")).await })
    };
    let (one, two) = (posts(), posts());
    held.ends.add_permits(2);
    let mut statuses = [one.await.unwrap(), two.await.unwrap()];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE]);
    assert_eq!(held.seen.all().len(), 2);
}

#[tokio::test]
async fn a_sender_that_hangs_up_stops_nothing() {
    let held = Held::new(0);
    let receiver = builder().handler(held.clone()).build().unwrap();
    let mut subscription = receiver.subscribe("a");
    let url = receiver.mint_for("a").unwrap();
    let mut sending = Box::pin(send(&receiver, post(url.as_str(), track("t", "1"))));
    tokio::select! {
        _ = &mut sending => panic!("answered before it was handled"),
        () = held.begun.notified() => {}
    }
    drop(sending);
    held.ends.add_permits(1);
    assert_eq!(subscription.recv().await.unwrap().task_id(), Some("t"));
    assert_eq!(
        deliver(&receiver, "a", track("t", "1")).await,
        StatusCode::OK
    );
    assert_eq!(held.seen.all(), ["a t 1 track"]);
}

#[tokio::test]
async fn events_in_hand_are_counted() {
    let held = Held::new(0);
    let receiver = builder()
        .handler(held.clone())
        .max_in_hand(1)
        .build()
        .unwrap();
    let first = {
        let receiver = receiver.clone();
        tokio::spawn(async move { deliver(&receiver, "a", track("t", "1")).await })
    };
    held.begun.notified().await;
    let second = || deliver(&receiver, "a", track("t", "2"));
    assert_eq!(second().await, StatusCode::SERVICE_UNAVAILABLE);
    held.ends.add_permits(2);
    assert_eq!(first.await.unwrap(), StatusCode::OK);
    assert_eq!(second().await, StatusCode::OK);
}

/// A window whose store is out of reach.
struct Unreachable;

impl DedupeWindow for Unreachable {
    fn reserve(&self, _: DeliveryId) -> WindowFuture<'_, Claim> {
        Box::pin(ready(Claim::Unclear))
    }

    fn commit(&self, _: DeliveryId) -> WindowFuture<'_, ()> {
        Box::pin(pending())
    }

    fn release(&self, _: DeliveryId) {}
}

#[tokio::test]
async fn a_window_that_cannot_tell() {
    let seen = Seen::default();
    let receiver = builder()
        .dedupe_window(Unreachable)
        .handler(seen.handler())
        .build()
        .unwrap();
    assert_eq!(
        deliver(&receiver, "a", track("t", "1")).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(seen.all(), [""; 0]);
}

#[tokio::test]
async fn a_key_can_be_changed() {
    let key = |byte| SecretKey::from_bytes([byte; 32]).unwrap();
    let old = builder().build().unwrap();
    let new = Receiver::builder("https://hooks.example.com/musicgpt", key(8))
        .former_key(key(7))
        .build()
        .unwrap();
    let url = old.mint().unwrap();
    let status = send(&new, post(url.as_str(), "{}")).await.status();
    assert_eq!(status, StatusCode::OK);
    let url = new.mint().unwrap();
    let status = send(&old, post(url.as_str(), "{}")).await.status();
    assert_eq!(status, StatusCode::NOT_FOUND);
}
