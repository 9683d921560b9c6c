//! Reading a body within bounds. What it says is not looked at here.

use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, BufMut};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body::Body;
use http_body_util::BodyExt;
use tokio::task::coop::consume_budget;
use tokio::time::timeout;

use crate::answer::Answer;

/// How much of a body is read, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyBounds {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

impl BodyBounds {
    /// Whether a body that has not been read says that it is too large.
    pub(crate) fn refuse_unread(&self, headers: &HeaderMap, body: &impl Body) -> bool {
        let announced = headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
            .unwrap_or_default();
        let most = u64::try_from(self.bytes).unwrap_or(u64::MAX);
        announced.max(body.size_hint().lower()) > most
    }

    pub(crate) async fn read<B: Body>(&self, body: B) -> Result<Vec<u8>, Answer> {
        timeout(self.time, collect(body, self.bytes))
            .await
            .unwrap_or(Err(Answer::TooSlow))
    }
}

/// Copies frame by frame into one buffer that grows as bytes come: to keep the
/// frames would let a sender of single bytes occupy many times what it sends, and
/// to trust an announced length, much more than it ever sends.
async fn collect<B: Body>(body: B, most: usize) -> Result<Vec<u8>, Answer> {
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    loop {
        // A body that is always ready would not let the time run out.
        consume_budget().await;
        let Some(frame) = body.frame().await else {
            return Ok(bytes);
        };
        let frame = frame.map_err(|_| Answer::BrokenOff)?;
        let Ok(data) = frame.into_data() else {
            continue; // trailers
        };
        if data.remaining() > most - bytes.len() {
            return Err(Answer::TooLarge);
        }
        bytes.put(data);
    }
}
