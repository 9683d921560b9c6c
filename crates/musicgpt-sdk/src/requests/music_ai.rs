//! Songs from a prompt.

use std::time::Duration;

use musicgpt_api::values::Gender;

use super::draft::{declare, setters};
use crate::outputs::Song;

declare! {
    /// A song from a prompt, a style or lyrics, in two takes.
    ///
    /// The vendor deprecated this operation in June 2026 in favour of v2; it still works. Without a
    /// prompt, lyrics or a style the API refuses.
    ///
    /// ```
    /// use musicgpt_sdk::MusicAi;
    ///
    /// let by_prompt = MusicAi::from_prompt("a song about greenery, nature and forest");
    /// let custom = MusicAi::custom("[Verse]\nGreen leaves", "Lo-fi").make_instrumental(false);
    /// # drop((by_prompt, custom));
    /// ```
    MusicAi
}

impl super::Submittable for MusicAi {
    type Output = Song;
}

impl MusicAi {
    /// Prompt mode: the service writes everything.
    pub fn from_prompt(prompt: impl Into<String>) -> Self {
        Self::default().prompt(prompt)
    }

    /// Custom mode: lyrics of your own in a style.
    pub fn custom(lyrics: impl Into<String>, music_style: impl Into<String>) -> Self {
        Self::default().lyrics(lyrics).music_style(music_style)
    }

    setters! {
        /// What the song is about and how it should sound.
        prompt: text;
        /// Genre or style, such as `Rock` or `Lo-fi`.
        music_style: text;
        /// Words to be sung, with section headers in brackets.
        lyrics: text;
        /// Title that the song should have.
        title: text;
        /// Voice model that sings.
        voice_id: text;
        /// What the song should avoid.
        negative_tags: text;
        /// Address that receives the results; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Leave the voice out.
        make_instrumental: bool;
        /// Leave the instruments out.
        vocal_only: bool;
        /// Gender of the singing voice.
        gender: Gender;
        /// Make a cover picture too.
        generate_album_cover: bool;
    }

    /// Wanted length; experimental on the API's side.
    pub fn output_length(mut self, length: Duration) -> Self {
        self.0.request.output_length = Some(length.as_secs_f64());
        self
    }
}
