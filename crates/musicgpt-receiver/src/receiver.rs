//! [`Receiver`]: addresses and subscriptions. What it does with a request is in
//! `service`.

use std::fmt;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::address::Mint;
use crate::body::BodyBounds;
use crate::dedupe::DedupeWindow;
use crate::delivery::AnyHandler;
use crate::subscription::Subscriptions;
use crate::{Builder, Error, SecretKey, Subscription, WebhookUrl};

/// Mints addresses for webhooks, and serves them as a
/// [tower service](tower_service::Service). Clones share everything.
///
/// It must be called within a tokio runtime.
#[derive(Clone)]
pub struct Receiver {
    pub(crate) inner: Arc<Inner>,
}

impl Receiver {
    /// Sets up a receiver.
    ///
    /// `public_url` is how the world reaches it: `https` (or `http` to a loopback
    /// host), a host, and perhaps a path under which all addresses are.
    pub fn builder(public_url: impl Into<String>, key: SecretKey) -> Builder {
        Builder::new(public_url.into(), key)
    }

    /// A new address, for one job.
    ///
    /// Events may come to it before [`subscribe`](Self::subscribe) is called;
    /// [`expect`](Self::expect) misses none.
    ///
    /// # Errors
    ///
    /// If the system gives no random bytes.
    pub fn mint(&self) -> Result<WebhookUrl, Error> {
        self.inner.mint.mint()
    }

    /// The address of a nonce: the same for the same nonce, key and public URL, in
    /// any process. The nonce may be an id of yours, and need not be secret.
    ///
    /// # Errors
    ///
    /// If the nonce has other than letters, digits, `-` and `_`, or more than 128.
    pub fn mint_for(&self, nonce: &str) -> Result<WebhookUrl, Error> {
        self.inner.mint.mint_for(nonce)
    }

    /// The events that come to the address of a nonce from now on.
    ///
    /// The nonce may have been minted by another process with the same key, or may
    /// yet be.
    pub fn subscribe(&self, nonce: &str) -> Subscription {
        self.inner.subscriptions.subscribe(nonce)
    }

    /// A new address and all the events that come to it.
    ///
    /// # Errors
    ///
    /// As [`mint`](Self::mint).
    pub fn expect(&self) -> Result<(WebhookUrl, Subscription), Error> {
        let webhook = self.mint()?;
        let subscription = self.subscribe(webhook.nonce());
        Ok((webhook, subscription))
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("public_url", &self.inner.mint.public_url.as_str())
            .field("mounted_at", &self.inner.mount)
            .field("bounds", &self.inner.bounds)
            .finish_non_exhaustive()
    }
}

pub(crate) struct Inner {
    pub(crate) mint: Mint,
    /// The path before the token, with a slash at both ends.
    pub(crate) mount: String,
    pub(crate) handler: Option<Arc<dyn AnyHandler>>,
    pub(crate) window: Arc<dyn DedupeWindow>,
    pub(crate) bounds: BodyBounds,
    /// One for each event that may be in hand.
    pub(crate) places: Arc<Semaphore>,
    pub(crate) subscriptions: Arc<Subscriptions>,
}
