//! Webhook posts as a wait meets them: where they come from, and the inbox of one job.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures_core::Stream;
use futures_util::FutureExt;
use musicgpt_webhooks::Event;
use tokio::sync::watch;

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
    /// Rings when a post is there, or was taken by any wait.
    rung: watch::Receiver<()>,
}

struct Shared {
    task_id: String,
    /// Locked while it is polled only, so that a wait that is left lying blocks no other.
    events: Mutex<Option<Events>>,
    posts: Mutex<Posts>,
    bell: Arc<Bell>,
}

/// Wakes every wait, not just the one that polled last.
struct Bell(watch::Sender<()>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.send_replace(());
    }
}

impl Inbox {
    pub(crate) fn new(handle: &JobHandle, events: Events) -> Self {
        let (ring, rung) = watch::channel(());
        let shared = Shared {
            task_id: handle.task_id.clone(),
            events: Mutex::new(Some(events)),
            posts: Mutex::default(),
            bell: Arc::new(Bell(ring)),
        };
        Self {
            shared: Arc::new(shared),
            rung,
        }
    }

    /// Takes the next event of the job in, if one is there; the bell rings when there is another.
    pub(crate) fn take(&mut self) -> Option<Arc<Event>> {
        // Many events at once are no reason to leave some of them lying.
        let event = tokio::task::unconstrained(async { self.shared.take() });
        let event = event.now_or_never().flatten()?;
        self.shared.posts().add(&event);
        self.shared.bell.wake_by_ref();
        // This wait knows.
        self.rung.mark_unchanged();
        Some(event)
    }

    /// Ends when something may be new since the last call, or the last event that was taken.
    pub(crate) async fn rung(&mut self) {
        // The bell lives as long as what is shared.
        let _ = self.rung.changed().await;
    }

    /// What the posts have told so far.
    pub(crate) fn posts(&self) -> MutexGuard<'_, Posts> {
        self.shared.posts()
    }
}

impl Shared {
    fn take(&self) -> Option<Arc<Event>> {
        let waker = Waker::from(Arc::clone(&self.bell));
        let mut context = Context::from_waker(&waker);
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match events.as_mut()?.as_mut().poll_next(&mut context) {
                Poll::Ready(Some(event)) => {
                    if event.task_id().is_none_or(|task| task == self.task_id) {
                        return Some(event);
                    }
                    tracing::warn!(
                        task = self.task_id,
                        "a post to this task's address is of another task"
                    );
                }
                Poll::Ready(None) => *events = None,
                Poll::Pending => return None,
            }
        }
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
