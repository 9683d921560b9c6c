//! Songs from recordings: longer, mended, or with another voice.

use std::time::Duration;

use musicgpt_api::values::Gender;

use super::draft::{declare, setters};
use crate::outputs::Song;
use crate::source::AudioSource;

declare! {
    /// A song with a new part after a given time, in two takes or one.
    Extend
}

impl super::Submittable for Extend {
    type Output = Song;
}

impl Extend {
    /// Goes on with a song after a time from its start.
    pub fn new(audio: AudioSource, extend_after: Duration) -> Self {
        Self::default().audio(audio).extend_after(extend_after)
    }

    /// The song. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    /// Where the new part begins, from the start of the song.
    pub fn extend_after(mut self, extend_after: Duration) -> Self {
        self.0.request.extend_after = Some(extend_after.as_secs_f64());
        self
    }

    setters! {
        /// How the new part should sound.
        prompt: text;
        /// Words of the song as it is.
        lyrics: text;
        /// Words of the new part.
        lyrics_section_to_extend: text;
        /// Title that the result should have.
        title: text;
        /// Address that receives the results; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Gender of the singing voice.
        gender: Gender;
        /// How many takes to make, one or two.
        num_outputs: i64;
        /// Make a cover picture too.
        generate_album_cover: bool;
        /// Time the lyrics line by line.
        lyrics_timestamps: bool;
    }
}

declare! {
    /// A song with a part made anew, in two takes or one.
    Inpaint
}

impl super::Submittable for Inpaint {
    type Output = Song;
}

impl Inpaint {
    /// Makes the part between two times, both from the start of the song, anew.
    pub fn new(
        audio: AudioSource,
        prompt: impl Into<String>,
        replace_start_at: Duration,
        replace_end_at: Duration,
    ) -> Self {
        Self::default()
            .audio(audio)
            .prompt(prompt)
            .replace_start_at(replace_start_at)
            .replace_end_at(replace_end_at)
    }

    /// The song. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    /// Where the replaced part begins, from the start of the song.
    pub fn replace_start_at(mut self, replace_start_at: Duration) -> Self {
        self.0.request.replace_start_at = Some(replace_start_at.as_secs_f64());
        self
    }

    /// Where the replaced part ends, from the start of the song.
    pub fn replace_end_at(mut self, replace_end_at: Duration) -> Self {
        self.0.request.replace_end_at = Some(replace_end_at.as_secs_f64());
        self
    }

    setters! {
        /// How the replacement should sound.
        prompt: text;
        /// Words of the whole song as it is.
        lyrics: text;
        /// New words of the replaced part; better together with [`Self::lyrics`].
        lyrics_section_to_replace: text;
        /// Title that the result should have.
        title: text;
        /// Address that receives the results; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Gender of the singing voice.
        gender: Gender;
        /// How many takes to make, one or two.
        num_outputs: i64;
        /// Make a cover picture too.
        generate_album_cover: bool;
        /// Time the lyrics line by line.
        lyrics_timestamps: bool;
    }
}

declare! {
    /// Lyrics sung over an instrumental, in two takes.
    SingOverInstrumental
}

impl super::Submittable for SingOverInstrumental {
    type Output = Song;
}

impl SingOverInstrumental {
    /// Sings lyrics over an instrumental, as the prompt says.
    pub fn new(audio: AudioSource, prompt: impl Into<String>, lyrics: impl Into<String>) -> Self {
        Self::default().audio(audio).prompt(prompt).lyrics(lyrics)
    }

    /// The instrumental. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    setters! {
        /// How the voice should sing.
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

declare! {
    /// Lyrics sung anew over a vocal track, in two takes.
    ///
    /// No page says under which word its tasks are looked up; the wait uses the most likely one.
    SingOverVocal
}

impl super::Submittable for SingOverVocal {
    type Output = Song;
}

impl SingOverVocal {
    /// Sings lyrics over a vocal track.
    pub fn new(audio: AudioSource, lyrics: impl Into<String>) -> Self {
        Self::default().audio(audio).lyrics(lyrics)
    }

    /// The vocal track. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    setters! {
        /// Words to be sung.
        lyrics: text;
        /// How the voice should sing.
        prompt: text;
        /// Title that the result should have.
        title: text;
        /// Address that receives the results; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Gender of the singing voice.
        gender: Gender;
        /// Leave the voice out.
        make_instrumental: bool;
        /// Make a cover picture too.
        generate_album_cover: bool;
        /// Time the lyrics line by line; off for instrumentals.
        lyrics_timestamps: bool;
    }
}
