//! [`Builder`]: how a receiver is set up, and the defaults.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::address::{Mint, PublicUrl};
use crate::body::BodyBounds;
use crate::dedupe::{DedupeWindow, MemoryWindow};
use crate::delivery::{AnyHandler, Handler};
use crate::receiver::{Inner, Receiver};
use crate::subscription::Subscriptions;
use crate::{Error, SecretKey};

/// Sets up a [`Receiver`].
#[must_use]
pub struct Builder {
    public_url: String,
    mounted_at: Option<String>,
    key: SecretKey,
    former_keys: Vec<SecretKey>,
    handler: Option<Arc<dyn AnyHandler>>,
    window: Arc<dyn DedupeWindow>,
    bounds: BodyBounds,
    max_in_hand: usize,
}

impl Builder {
    pub(crate) fn new(public_url: String, key: SecretKey) -> Self {
        Self {
            public_url,
            mounted_at: None,
            key,
            former_keys: Vec::new(),
            handler: None,
            window: Arc::new(MemoryWindow::default()),
            bounds: BodyBounds {
                bytes: 1024 * 1024,
                time: Duration::from_secs(10),
            },
            max_in_hand: 256,
        }
    }

    /// What takes the events. Without it they go to subscriptions only.
    pub fn handler(mut self, handler: impl Handler) -> Self {
        self.handler = Some(Arc::new(handler));
        self
    }

    /// Accepts addresses that were signed with another key, too. To change the
    /// key, build with the new one and name the old one here until its jobs have
    /// ended.
    pub fn former_key(mut self, key: SecretKey) -> Self {
        self.former_keys.push(key);
        self
    }

    /// Which path requests arrive at, if a proxy in between changes it; the path
    /// of the public URL otherwise.
    pub fn mounted_at(mut self, path: impl Into<String>) -> Self {
        self.mounted_at = Some(path.into());
        self
    }

    /// The most bytes of a body; 1 MiB by default.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.bounds.bytes = bytes;
        self
    }

    /// How long a body may take from its first byte to its last; 10 s by default.
    pub fn body_timeout(mut self, time: Duration) -> Self {
        self.bounds.time = time;
        self
    }

    /// How many events may be in hand at once, from the first byte of the body
    /// until they are handled; 256 by default. Times the body limit, that bounds
    /// the bodies; once parsed, one made of very many small values takes some
    /// thirty times its size.
    pub fn max_in_hand(mut self, events: usize) -> Self {
        self.max_in_hand = events;
        self
    }

    /// What remembers the events that have been handled; a [`MemoryWindow`] by
    /// default.
    pub fn dedupe_window(mut self, window: impl DedupeWindow) -> Self {
        self.window = Arc::new(window);
        self
    }

    /// The receiver.
    ///
    /// # Errors
    ///
    /// If the public URL or the mount path will not do.
    pub fn build(self) -> Result<Receiver, Error> {
        let public_url = PublicUrl::parse(&self.public_url)?;
        let mut mount = match self.mounted_at {
            None => public_url.path().to_owned(),
            Some(path) if path.starts_with('/') => path,
            Some(_) => return Err(Error::MountPath),
        };
        if !mount.ends_with('/') {
            mount.push('/');
        }
        Ok(Receiver {
            inner: Arc::new(Inner {
                mint: Mint {
                    public_url,
                    key: self.key,
                    former_keys: self.former_keys,
                },
                mount,
                handler: self.handler,
                window: self.window,
                bounds: self.bounds,
                places: Arc::new(Semaphore::new(self.max_in_hand.min(Semaphore::MAX_PERMITS))),
                subscriptions: Arc::new(Subscriptions::default()),
            }),
        })
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL has not been looked at: it may hold a password.
        f.debug_struct("Builder").finish_non_exhaustive()
    }
}
