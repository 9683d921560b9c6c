//! Watching an exchange for silence: an upload may take as long as it needs while bytes move, and
//! an answer must begin within a while after the last byte was handed over.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body, Frame, SizeHint};
use musicgpt_api::{Operation, Sending, Transport};

/// The body of an answer.
pub(crate) type BodyStream = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send + Sync>>;

/// How long the service may be silent, phase by phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// For a connection to be made.
    pub connect: Duration,
    /// From the last byte of a look-up to the first one of its answer.
    pub answer: Duration,
    /// From the last byte of anything else, such as a submission, to the first one of its answer.
    pub acceptance: Duration,
    /// Between two bytes of a transfer.
    pub stall: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            // The service reads the whole upload before it answers.
            acceptance: Duration::from_secs(120),
            stall: Duration::from_secs(60),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Sending,
    Waiting,
    Receiving,
}

/// Watches one exchange.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    state: Arc<Mutex<(Phase, Instant)>>,
    timeouts: Timeouts,
    /// Whether what is sent is more than a look-up.
    slow: bool,
}

impl Watch {
    pub(crate) fn new(timeouts: Timeouts, slow: bool) -> Self {
        Self {
            state: Arc::new(Mutex::new((Phase::Waiting, Instant::now()))),
            timeouts,
            slow,
        }
    }

    fn enter(&self, phase: Phase) {
        // Nothing panics while it holds the lock.
        if let Ok(mut state) = self.state.lock() {
            *state = (phase, Instant::now());
        }
    }

    fn limit(&self, phase: Phase) -> (Duration, &'static str) {
        match phase {
            Phase::Sending => (self.timeouts.stall, "the upload stalled"),
            Phase::Waiting if self.slow => (self.timeouts.acceptance, "no answer in time"),
            Phase::Waiting => (self.timeouts.answer, "no answer in time"),
            Phase::Receiving => (self.timeouts.stall, "the answer stalled"),
        }
    }

    /// A body that is watched while it is sent.
    pub(crate) fn body(&self, body: reqwest::Body, tell: Option<Tell>) -> reqwest::Body {
        reqwest::Body::wrap(WatchedBody {
            body,
            watch: self.clone(),
            sent: 0,
            tell,
        })
    }

    /// Ends when the silence has become too long, with what happened.
    pub(crate) async fn expired(&self) -> String {
        loop {
            let Ok((phase, since)) = self.state.lock().map(|state| *state) else {
                return std::future::pending().await;
            };
            let (limit, what) = self.limit(phase);
            let left = limit.saturating_sub(since.elapsed());
            if left.is_zero() {
                return format!("{what}: silence for {} s", limit.as_secs());
            }
            tokio::time::sleep(left).await;
        }
    }
}

/// A transport that tells a watch what happens.
pub(crate) struct Watched {
    pub(crate) inner: Arc<dyn Transport>,
    pub(crate) watch: Watch,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Transport for Watched {
    fn send<'a>(
        &'a self,
        client: &'a reqwest::Client,
        mut request: reqwest::Request,
        operation: Option<&'static Operation>,
    ) -> Sending<'a> {
        // A body in memory is handed over at once; a stream is watched while it moves.
        if let Some(body) = request.body_mut().take() {
            let body = match body.as_bytes() {
                Some(_) => body,
                None => self.watch.body(body, None),
            };
            *request.body_mut() = Some(body);
        }
        Box::pin(async move {
            let response = self.inner.send(client, request, operation).await;
            self.watch.enter(Phase::Receiving);
            response
        })
    }
}

/// Is told how many bytes of a body were handed over.
pub(crate) type Tell = Box<dyn Fn(u64) + Send + Sync>;

struct WatchedBody {
    body: reqwest::Body,
    watch: Watch,
    sent: u64,
    tell: Option<Tell>,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        let phase = match frame {
            Some(_) if !self.body.is_end_stream() => Phase::Sending,
            _ => Phase::Waiting,
        };
        self.watch.enter(phase);
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.sent += data.len() as u64;
            if let Some(tell) = &self.tell {
                tell(self.sent);
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
