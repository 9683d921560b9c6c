//! Songs from songs.

use musicgpt_api::values::Gender;

use super::draft::{declare, setters};
use crate::outputs::Song;
use crate::source::AudioSource;

declare! {
    /// A song turned into another by a prompt, in two takes.
    Remix
}

impl super::Submittable for Remix {
    type Output = Song;
}

impl Remix {
    /// Turns a song into what the prompt says.
    pub fn new(audio: AudioSource, prompt: impl Into<String>) -> Self {
        Self::default().audio(audio).prompt(prompt)
    }

    /// The song. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    setters! {
        /// How the song should change.
        prompt: text;
        /// Words to be sung.
        lyrics: text;
        /// Title that the result should have.
        title: text;
        /// Address that receives the results; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Gender of the singing voice.
        gender: Gender;
        /// Make a cover picture too.
        generate_album_cover: bool;
        /// Time the lyrics line by line.
        lyrics_timestamps: bool;
    }
}
