//! Songs by a chosen model.

use musicgpt_api::values::{Gender, MusicModel};

use super::draft::{declare, setters};
use crate::outputs::Song;

declare! {
    /// A song by a chosen model, in two takes.
    ///
    /// Without a prompt, lyrics or a style the API refuses.
    MusicAiV2
}

impl super::Submittable for MusicAiV2 {
    type Output = Song;
}

impl MusicAiV2 {
    /// Prompt mode: the service writes everything.
    pub fn from_prompt(prompt: impl Into<String>) -> Self {
        Self::default().prompt(prompt)
    }

    /// Custom mode: lyrics of your own, and how they should sound.
    pub fn with_lyrics(lyrics: impl Into<String>, prompt: impl Into<String>) -> Self {
        Self::default().lyrics(lyrics).prompt(prompt)
    }

    /// Custom mode as the older pages have it: lyrics of your own in a style.
    pub fn custom(lyrics: impl Into<String>, music_style: impl Into<String>) -> Self {
        Self::default().lyrics(lyrics).music_style(music_style)
    }

    setters! {
        /// What the song is about and how it should sound, without names of artists.
        prompt: text;
        /// Genre or style, such as `Rock` or `Lo-fi`.
        music_style: text;
        /// Words to be sung, with section headers in brackets.
        lyrics: text;
        /// Title that the song should have.
        title: text;
        /// Voice model that sings. The model is v6 then, whatever was asked for.
        voice_id: text;
        /// Address that receives the results; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Leave the voice out.
        make_instrumental: bool;
        /// Leave the instruments out. The model is v6 then, whatever was asked for.
        vocal_only: bool;
        /// Gender of the singing voice.
        gender: Gender;
        /// Make a cover picture too.
        generate_album_cover: bool;
        /// Time the lyrics line by line.
        lyrics_timestamps: bool;
        /// Model that composes. The plan decides which ones may be used; the pro ones stream.
        model: MusicModel;
    }
}
