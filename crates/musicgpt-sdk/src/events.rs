//! Webhook posts as a wait meets them: where they come from, and the inbox of one job.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, MutexGuard, PoisonError};

use futures_core::Stream;
use futures_util::StreamExt;
use musicgpt_webhooks::Event;
use tokio::sync::{Mutex, watch};

use crate::error::Result;
use crate::job::JobHandle;
use crate::posts::Posts;

/// The events of one job, as they come. The stream ends when no more can come.
pub type Events = Pin<Box<dyn Stream<Item = Arc<Event>> + Send>>;

/// Takes in the webhook posts of jobs, for [`Submit::with_receiver`](crate::Submit::with_receiver).
///
/// It is `musicgpt_receiver::Receiver` with the feature `receiver`, or whatever stands between your
/// endpoint and your process, such as a queue.
///
/// A source is believed: the service signs nothing, so it is the source that has to see to it that
/// only the service can post. A wait can still be told to believe the look-up alone, with
/// [`WaitOptions::confirmed`](crate::WaitOptions::confirmed).
pub trait EventSource: fmt::Debug + Send + Sync {
    /// Makes an address for the posts of one job, and begins to collect them.
    fn expect(&self) -> Result<Expected>;

    /// Collects the posts to an address that was made before, here or in another process.
    fn subscribe(&self, token: &str) -> Result<Events>;
}

/// An address for the posts of one job.
#[non_exhaustive]
pub struct Expected {
    /// Where the service is to post to. Whoever knows it can post.
    pub url: String,
    /// What tells the address from others; no secret, for a [`JobHandle`](crate::JobHandle) holds it.
    pub token: String,
    /// What comes.
    pub events: Events,
}

impl Expected {
    /// An address, its token and what comes there.
    pub fn new(url: impl Into<String>, token: impl Into<String>, events: Events) -> Self {
        Self {
            url: url.into(),
            token: token.into(),
            events,
        }
    }
}

/// Shows neither the address nor events.
impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expected")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// The events of a job and what they have told, shared by its waits: no post comes twice.
#[derive(Clone)]
pub(crate) struct Inbox {
    shared: Arc<Shared>,
    /// Tells this wait what the others took.
    told: watch::Receiver<()>,
}

struct Shared {
    task_id: String,
    events: Mutex<Option<Events>>,
    posts: std::sync::Mutex<Posts>,
    tell: watch::Sender<()>,
}

impl Inbox {
    pub(crate) fn new(handle: &JobHandle, events: Events) -> Self {
        let (tell, told) = watch::channel(());
        let shared = Shared {
            task_id: handle.task_id.clone(),
            events: Mutex::new(Some(events)),
            posts: std::sync::Mutex::default(),
            tell,
        };
        Self {
            shared: Arc::new(shared),
            told,
        }
    }

    /// The next event of the job; nothing where another wait took one. Never ends where none can
    /// come any more.
    pub(crate) async fn next(&mut self) -> Option<Arc<Event>> {
        let event = tokio::select! {
            biased;
            event = self.shared.next() => event,
            // The sender lives as long as what is shared.
            _ = self.told.changed() => return None,
        };
        self.told.mark_unchanged();
        Some(event)
    }

    /// What the posts have told so far.
    pub(crate) fn posts(&self) -> MutexGuard<'_, Posts> {
        self.shared.posts()
    }
}

impl Shared {
    async fn next(&self) -> Arc<Event> {
        let mut events = self.events.lock().await;
        while let Some(stream) = events.as_mut() {
            match stream.next().await {
                Some(event) if event.task_id().is_none_or(|task| task == self.task_id) => {
                    self.posts().add(&event);
                    self.tell.send_replace(());
                    return event;
                }
                Some(_) => tracing::warn!(
                    task = self.task_id,
                    "a post to this task's address is of another task"
                ),
                None => *events = None,
            }
        }
        drop(events);
        std::future::pending().await
    }

    fn posts(&self) -> MutexGuard<'_, Posts> {
        // What a panic interrupted is at worst a post that was half taken in.
        self.posts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "receiver")]
mod receiver {
    //! The workspace's own receiver as a source.

    use musicgpt_receiver::Receiver;

    use super::{EventSource, Events, Expected};
    use crate::error::{Error, Result};

    impl EventSource for Receiver {
        fn expect(&self) -> Result<Expected> {
            let (webhook, events) = Receiver::expect(self)
                .map_err(|error| Error::configuration(format!("the receiver: {error}")))?;
            let token = webhook.nonce().to_owned();
            Ok(Expected::new(webhook, token, Box::pin(events)))
        }

        fn subscribe(&self, token: &str) -> Result<Events> {
            Ok(Box::pin(Receiver::subscribe(self, token)))
        }
    }
}
