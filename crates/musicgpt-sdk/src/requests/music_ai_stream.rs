//! Hearing a take while it is made.

use super::draft::declare;
use crate::client::Client;
use crate::error::Result;
use crate::sound::SoundStream;

declare! {
    /// The sound of a take of [`MusicAiV2`](super::MusicAiV2). Deprecated by the service since
    /// August 2026, which now posts an address in its place.
    ///
    /// While there is no sound yet the call ends with an error; ask again later.
    MusicAiStream
}

impl MusicAiStream {
    /// Of a take, by its task and its conversion.
    pub fn new(task_id: impl Into<String>, conversion_id: impl Into<String>) -> Self {
        let mut request = Self::default();
        request.0.request.task_id = super::draft::text(task_id);
        request.0.request.conversion_id = super::draft::text(conversion_id);
        request
    }
}

impl super::Lookup for MusicAiStream {
    type Answer = SoundStream;

    fn answer(body: musicgpt_api::SoundStream, client: &Client) -> Result<SoundStream> {
        Ok(SoundStream::new(body, client.timeouts().stall))
    }
}
