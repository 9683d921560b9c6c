//! [`Subscription`]: the events of one address, beside the handler. Best effort:
//! what nobody takes in time is lost here, and polling finds it.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};

use futures_core::Stream;
use musicgpt_webhooks::Event;
use tokio::sync::mpsc;
use tracing::warn;

/// How many events wait in a subscription: several times what any job has.
const BUFFER: usize = 64;

/// The events that come to one address from now on, as a stream.
///
/// Each event comes once. It ends when the last clone of the receiver is gone;
/// dropping it unsubscribes. Up to 64 events wait in it; beyond these, new ones
/// are lost to it.
pub struct Subscription {
    nonce: String,
    events: mpsc::Receiver<Arc<Event>>,
    subscriptions: Weak<Subscriptions>,
}

impl Subscription {
    /// The nonce of the address.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The next event; none if there will be no more. Nothing is lost if the
    /// returned future is dropped.
    pub async fn recv(&mut self) -> Option<Arc<Event>> {
        self.events.recv().await
    }
}

impl Stream for Subscription {
    type Item = Arc<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Arc<Event>>> {
        self.events.poll_recv(context)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.events.close();
        if let Some(subscriptions) = self.subscriptions.upgrade() {
            subscriptions.forget_closed(&self.nonce);
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("nonce", &self.nonce)
            .finish_non_exhaustive()
    }
}

/// Who listens to which address.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    by_nonce: Mutex<ByNonce>,
}

type ByNonce = HashMap<String, Vec<mpsc::Sender<Arc<Event>>>>;

impl Subscriptions {
    pub(crate) fn subscribe(self: &Arc<Self>, nonce: &str) -> Subscription {
        let (sender, events) = mpsc::channel(BUFFER);
        self.by_nonce()
            .entry(nonce.to_owned())
            .or_default()
            .push(sender);
        Subscription {
            nonce: nonce.to_owned(),
            events,
            subscriptions: Arc::downgrade(self),
        }
    }

    pub(crate) fn publish(&self, nonce: &str, event: &Arc<Event>) {
        for sender in self.by_nonce().get(nonce).into_iter().flatten() {
            if let Err(mpsc::error::TrySendError::Full(_)) = sender.try_send(Arc::clone(event)) {
                warn!(nonce, "a subscription is full and misses a webhook");
            }
        }
    }

    fn forget_closed(&self, nonce: &str) {
        let mut by_nonce = self.by_nonce();
        if let Some(senders) = by_nonce.get_mut(nonce) {
            senders.retain(|sender| !sender.is_closed());
            if senders.is_empty() {
                by_nonce.remove(nonce);
            }
        }
    }

    fn by_nonce(&self) -> MutexGuard<'_, ByNonce> {
        self.by_nonce.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt};

    use super::*;

    fn event(task: usize) -> Arc<Event> {
        Arc::new(Event::from_slice(format!(r#"{{"task_id": "{task}"}}"#).as_bytes()).unwrap())
    }

    #[test]
    fn events_of_its_own_nonce_in_order() {
        let subscriptions = Arc::new(Subscriptions::default());
        let mut one = subscriptions.subscribe("a");
        let mut two = subscriptions.subscribe("a");
        let mut other = subscriptions.subscribe("b");
        for task in 0..3 {
            subscriptions.publish("a", &event(task));
            subscriptions.publish("c", &event(task));
        }
        for task in ["0", "1", "2"] {
            let event = one.recv().now_or_never().flatten().unwrap();
            assert_eq!(event.task_id(), Some(task));
            assert!(two.next().now_or_never().flatten().is_some());
        }
        assert!(one.recv().now_or_never().is_none());
        assert!(other.recv().now_or_never().is_none());
    }

    #[test]
    fn dropped_is_unsubscribed() {
        let subscriptions = Arc::new(Subscriptions::default());
        let one = subscriptions.subscribe("a");
        let mut two = subscriptions.subscribe("a");
        drop(one);
        assert_eq!(subscriptions.by_nonce()["a"].len(), 1);
        subscriptions.publish("a", &event(1));
        assert!(two.recv().now_or_never().flatten().is_some());
        drop(two);
        assert!(subscriptions.by_nonce().is_empty());
    }

    #[test]
    fn a_full_one_misses_what_is_new() {
        let subscriptions = Arc::new(Subscriptions::default());
        let mut subscription = subscriptions.subscribe("a");
        for task in 0..BUFFER + 10 {
            subscriptions.publish("a", &event(task));
        }
        drop(subscriptions);
        let mut tasks = Vec::new();
        while let Some(event) = subscription.recv().now_or_never().unwrap() {
            tasks.push(event.task_id().unwrap().to_owned());
        }
        assert_eq!(tasks.len(), BUFFER);
        assert_eq!(tasks.last().unwrap(), &(BUFFER - 1).to_string());
    }
}
