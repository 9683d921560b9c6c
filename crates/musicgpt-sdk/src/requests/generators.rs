//! Sounds and pictures from a prompt.

use std::time::Duration;

use super::draft::{declare, setters};
use crate::outputs::{AudioFile, ImageFile};

declare! {
    /// A sound from a prompt.
    SoundGenerator
}

impl super::Submittable for SoundGenerator {
    type Output = AudioFile;
}

impl SoundGenerator {
    /// Makes what the prompt says.
    pub fn new(prompt: impl Into<String>) -> Self {
        Self::default().prompt(prompt)
    }

    /// Wanted length, from 5 to 120 seconds; the API knows whole seconds, so it is rounded.
    pub fn audio_length(mut self, length: Duration) -> Self {
        let half = Duration::from_millis(500);
        let seconds = length.saturating_add(half).as_secs();
        self.0.request.audio_length = Some(i64::try_from(seconds).unwrap_or(i64::MAX));
        self
    }

    setters! {
        /// What should be heard.
        prompt: text;
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Make a cover picture too.
        generate_album_cover: bool;
    }
}

declare! {
    /// A picture from a prompt.
    ///
    /// The operation is documented but stands in no list, price table or rate limit, and no page says under
    /// which word its tasks are looked up; the wait uses the most likely one.
    ImageGenerator
}

impl super::Submittable for ImageGenerator {
    type Output = ImageFile;
}

impl ImageGenerator {
    /// Makes what the prompt says.
    pub fn new(prompt: impl Into<String>) -> Self {
        Self::default().prompt(prompt)
    }

    setters! {
        /// What should be seen.
        prompt: text;
        /// Style, such as `Standard`, `Anime`, `Nature`, `Abstract`, `Minimal` or `Dark`.
        style_preset: text;
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Height in pixels, a multiple of 16.
        height: i64;
        /// Width in pixels, a multiple of 16.
        width: i64;
        /// Start of the random numbers; the same one gives the same picture.
        seed: i64;
    }
}
