//! Sound that is the answer itself, not a file behind an address.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::{StreamExt, stream};

use crate::error::{Error, Result};
use crate::saving::{self, broken, retryable, within};

/// Sound as it comes: a stream of bytes that ends with an error when the service breaks off or is
/// silent for longer than [`Timeouts::stall`](crate::Timeouts::stall).
pub struct SoundStream {
    content_type: Option<String>,
    bytes: Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>,
}

impl SoundStream {
    pub(crate) fn new(sound: musicgpt_api::SoundStream, stall: Duration) -> Self {
        Self {
            content_type: sound.content_type().map(str::to_owned),
            bytes: Box::pin(stream::unfold(Some(sound), move |sound| async move {
                let mut sound = sound?;
                let chunk = match within(stall, sound.next()).await {
                    Ok(chunk) => chunk?.map_err(broken),
                    Err(error) => Err(error),
                };
                let goes_on = chunk.is_ok();
                Some((chunk, goes_on.then_some(sound)))
            })),
        }
    }

    /// The media type, where the service gave one; the documentation does not say which.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Saves the sound under a path. A file that is there already is replaced once the new one is
    /// whole.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves no file behind.
    pub async fn save_as(mut self, path: impl AsRef<Path>) -> Result<()> {
        saving::save(path.as_ref(), async |file| {
            let mut is_empty = true;
            while let Some(chunk) = self.next().await {
                file.write_all(&chunk?)
                    .map_err(|error| Error::file("the download", error))?;
                is_empty = false;
            }
            if is_empty {
                return Err(retryable("no sound came".to_owned()));
            }
            Ok(())
        })
        .await
    }
}

impl Stream for SoundStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.bytes.as_mut().poll_next(context)
    }
}

impl fmt::Debug for SoundStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoundStream")
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}
