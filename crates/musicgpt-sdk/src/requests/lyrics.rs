//! Lyrics, written at once.

use musicgpt_api::types;

use super::draft::{declare, setters};
use crate::client::Client;
use crate::error::Result;

declare! {
    /// Lyrics about a theme.
    ///
    /// Asking again with the same prompt costs again, and may bring other words.
    PromptToLyrics
}

impl PromptToLyrics {
    /// Writes about a theme or an idea.
    pub fn new(prompt: impl Into<String>) -> Self {
        Self::default().prompt(prompt)
    }

    setters! {
        /// Theme or idea of the lyrics.
        prompt: text;
    }
}

impl super::Lookup for PromptToLyrics {
    type Answer = types::PromptToLyricsAnswer;

    fn answer(body: types::PromptToLyricsAnswer, _client: &Client) -> Result<Self::Answer> {
        Ok(body)
    }
}
