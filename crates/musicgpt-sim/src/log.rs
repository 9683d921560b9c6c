//! What the simulator remembers: requests that it got, posts that it sent.
//!
//! Names, never values: a record can be printed anywhere.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Serialize, Serializer};

/// A request that the simulator got.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct RequestRecord {
    /// Simulated time since the start, in seconds.
    #[serde(serialize_with = "seconds")]
    pub at: Duration,
    /// The HTTP method.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The status answered; 0 if the connection was closed or left without
    /// an answer.
    pub status: u16,
    /// The operation's id in the API description; none for a path that is no
    /// operation's, and for media and uploads to the storage.
    pub operation: Option<String>,
    /// The names of all fields sent, in the query or the body.
    pub fields: Vec<String>,
    /// Those of them that the operation does not have.
    pub unknown_fields: Vec<String>,
    /// A key was sent where none belongs: with the download of a file.
    pub leaked_key: bool,
}

/// An attempt to deliver a webhook.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Delivery {
    /// Simulated time since the start, in seconds.
    #[serde(serialize_with = "seconds")]
    pub at: Duration,
    /// The task that it tells of.
    pub task_id: String,
    /// The take, counted from 1; none for a post about the whole task.
    pub take: Option<usize>,
    /// The kind of post, such as `cover`, `lyrics`, `track` or `failure`.
    pub kind: String,
    /// Which attempt this was, from 1.
    pub attempt: u32,
    /// The receiver's status; none if it could not be reached.
    pub status: Option<u16>,
    /// Whether the receiver took it.
    pub delivered: bool,
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

type Listener = Box<dyn Fn(&RequestRecord) + Send + Sync>;

#[derive(Default)]
pub(crate) struct Log {
    requests: Mutex<Vec<RequestRecord>>,
    deliveries: Mutex<Vec<Delivery>>,
    listener: Option<Listener>,
}

impl Log {
    pub(crate) fn new(listener: Option<Listener>) -> Self {
        Self {
            listener,
            ..Self::default()
        }
    }

    pub(crate) fn request(&self, record: RequestRecord) {
        if let Some(listener) = &self.listener {
            listener(&record);
        }
        lock(&self.requests).push(record);
    }

    pub(crate) fn delivery(&self, delivery: Delivery) {
        lock(&self.deliveries).push(delivery);
    }

    pub(crate) fn requests(&self) -> Vec<RequestRecord> {
        lock(&self.requests).clone()
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.deliveries).clone()
    }
}

/// Locks; a panic elsewhere does not make the data unusable here, because
/// every change under these locks is a single step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
