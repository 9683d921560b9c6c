//! [`DedupeWindow`]: which events have been handled, so that a post that comes
//! twice is handled once; and [`MemoryWindow`], the default. What makes two posts
//! one event is `musicgpt-webhooks`' to say.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use musicgpt_webhooks::DedupeKey;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

/// Tells events apart: a hash of the address's nonce and the event's dedupe key.
///
/// The nonce is in it so that nobody who was given one address can pass off
/// another's events as seen. `Display` gives 43 characters that are good in any
/// store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId([u8; 32]);

impl DeliveryId {
    pub(crate) fn new(nonce: &str, key: &DedupeKey) -> Self {
        // A nonce has no slash.
        Self(Sha256::digest(format!("{nonce}/{key}")).into())
    }

    /// The hash itself.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0))
    }
}

/// What a window says of an event that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// Not seen: the caller is to handle it, then to commit or to release it.
    Fresh,
    /// Handled before: 200, and nothing more is done.
    Seen,
    /// It cannot be told now, or another process has it in hand: 503.
    Unclear,
}

/// What the methods of a [`DedupeWindow`] return.
pub type WindowFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Which events have been handled.
///
/// An implementation over a shared store lets several processes serve the same
/// addresses. If a commit is lost, an event may be handled twice.
pub trait DedupeWindow: Send + Sync + 'static {
    /// Claims an event. Of two callers at once at most one may be told
    /// [`Claim::Fresh`].
    fn reserve(&self, id: DeliveryId) -> WindowFuture<'_, Claim>;

    /// The event was handled: it is seen from now on.
    fn commit(&self, id: DeliveryId) -> WindowFuture<'_, ()>;

    /// The event was not handled: it is to be fresh again. Called from a
    /// destructor, so it must not block; a window that cannot do it at once lets
    /// its reservations lapse.
    fn release(&self, id: DeliveryId);
}

/// A window in memory: the last so many events.
///
/// A post of an event that is being handled waits for how that ends.
#[derive(Debug)]
pub struct MemoryWindow {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Dropping the sender wakes those who wait.
    in_hand: HashMap<DeliveryId, watch::Sender<()>>,
    seen: HashSet<DeliveryId>,
    /// Those seen, the oldest first.
    order: VecDeque<DeliveryId>,
}

impl MemoryWindow {
    /// A window that forgets the oldest event when it has more than `capacity`.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The claim, or what to wait for.
    fn try_reserve(&self, id: DeliveryId) -> Result<Claim, watch::Receiver<()>> {
        let mut state = self.state();
        if state.seen.contains(&id) {
            return Ok(Claim::Seen);
        }
        if let Some(sender) = state.in_hand.get(&id) {
            return Err(sender.subscribe());
        }
        state.in_hand.insert(id, watch::Sender::new(()));
        Ok(Claim::Fresh)
    }
}

impl Default for MemoryWindow {
    /// A window of 10,000 events.
    fn default() -> Self {
        Self::new(10_000)
    }
}

impl DedupeWindow for MemoryWindow {
    fn reserve(&self, id: DeliveryId) -> WindowFuture<'_, Claim> {
        Box::pin(async move {
            loop {
                match self.try_reserve(id) {
                    Ok(claim) => return claim,
                    // An error says that the sender is gone, which is the news.
                    Err(mut ended) => while ended.changed().await.is_ok() {},
                }
            }
        })
    }

    fn commit(&self, id: DeliveryId) -> WindowFuture<'_, ()> {
        let mut state = self.state();
        state.in_hand.remove(&id);
        if state.seen.insert(id) {
            state.order.push_back(id);
        }
        while state.order.len() > self.capacity {
            if let Some(oldest) = state.order.pop_front() {
                state.seen.remove(&oldest);
            }
        }
        Box::pin(std::future::ready(()))
    }

    fn release(&self, id: DeliveryId) {
        self.state().in_hand.remove(&id);
    }
}

/// An event that was claimed; released when dropped, by a panic as well.
pub(crate) struct Reservation {
    window: Arc<dyn DedupeWindow>,
    id: DeliveryId,
    committed: bool,
}

impl Reservation {
    /// None if there is nothing to do, with the claim that says why.
    pub(crate) async fn claim(
        window: &Arc<dyn DedupeWindow>,
        id: DeliveryId,
    ) -> Result<Self, Claim> {
        match window.reserve(id).await {
            Claim::Fresh => Ok(Self {
                window: Arc::clone(window),
                id,
                committed: false,
            }),
            claim => Err(claim),
        }
    }

    pub(crate) async fn commit(mut self) {
        self.window.commit(self.id).await;
        self.committed = true;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !self.committed {
            self.window.release(self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn id(number: u8) -> DeliveryId {
        DeliveryId([number; 32])
    }

    fn claim(window: &MemoryWindow, number: u8) -> Option<Claim> {
        window.reserve(id(number)).now_or_never()
    }

    #[test]
    fn the_oldest_is_forgotten() {
        let window = MemoryWindow::new(2);
        for number in 1..=3 {
            assert_eq!(claim(&window, number), Some(Claim::Fresh));
            window.commit(id(number)).now_or_never().unwrap();
        }
        assert_eq!(claim(&window, 2), Some(Claim::Seen));
        assert_eq!(claim(&window, 3), Some(Claim::Seen));
        assert_eq!(claim(&window, 1), Some(Claim::Fresh));
        let state = window.state();
        assert_eq!((state.seen.len(), state.order.len()), (2, 2));
    }

    #[test]
    fn a_window_of_nothing_remembers_nothing() {
        let window = MemoryWindow::new(0);
        for _ in 0..2 {
            assert_eq!(claim(&window, 1), Some(Claim::Fresh));
            window.commit(id(1)).now_or_never().unwrap();
        }
    }

    #[test]
    fn what_is_in_hand_is_waited_for() {
        let window = MemoryWindow::default();
        assert_eq!(claim(&window, 1), Some(Claim::Fresh));
        let mut second = window.reserve(id(1));
        let mut third = window.reserve(id(1));
        assert_eq!((&mut second).now_or_never(), None);
        assert_eq!((&mut third).now_or_never(), None);

        window.release(id(1));
        assert_eq!(second.now_or_never(), Some(Claim::Fresh));
        assert_eq!((&mut third).now_or_never(), None);

        window.commit(id(1)).now_or_never().unwrap();
        assert_eq!(third.now_or_never(), Some(Claim::Seen));
        assert!(window.state().in_hand.is_empty());
    }

    #[test]
    fn a_reservation_that_is_dropped_is_released() {
        let memory = Arc::new(MemoryWindow::default());
        let window: Arc<dyn DedupeWindow> = Arc::clone(&memory) as _;
        let reservation = Reservation::claim(&window, id(1)).now_or_never().unwrap();
        drop(reservation);
        assert_eq!(claim(&memory, 1), Some(Claim::Fresh));
    }
}
