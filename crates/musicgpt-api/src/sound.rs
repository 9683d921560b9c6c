//! Sound as an answer: what the streaming look-up gives in place of JSON.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use crate::{Answer, Body, ByteStream, Error, ResponseValue};

/// Sound as it comes, and its media type. A stream of bytes.
pub struct SoundStream {
    content_type: Option<String>,
    bytes: ByteStream,
}

impl SoundStream {
    /// An answer as sound; one that says that it is text of some kind is an error, whatever its
    /// status.
    #[expect(clippy::result_large_err, reason = "progenitor's error")]
    pub(crate) fn of(answer: ResponseValue<ByteStream>) -> Answer<Self> {
        let content_type = answer
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let is_text = content_type.as_deref().is_some_and(|kind| {
            let kind = kind.to_ascii_lowercase();
            kind.starts_with("text/") || kind.starts_with("application/json")
        });
        if is_text {
            return Err(Error::ErrorResponse(answer));
        }
        answer.map(|bytes| Self {
            content_type,
            bytes,
        })
    }

    /// The media type, where the service gave one.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }
}

impl Stream for SoundStream {
    type Item = reqwest::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.bytes.as_mut().poll_next(context)
    }
}

impl Body for SoundStream {
    fn to_json(&self) -> Option<Value> {
        None
    }

    fn from_json(_: Value) -> Option<Self> {
        None
    }
}

impl fmt::Debug for SoundStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoundStream")
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}
