//! What is in a recording: key and tempo, words, notes.

use musicgpt_api::values::TranscriptionFormat;

use super::draft::{declare, setters};
use crate::outputs::{KeyBpm, MidiFiles, Transcription};
use crate::source::AudioSource;

declare! {
    /// Key and tempo of a song.
    ExtractKeyBpm
}

impl super::Submittable for ExtractKeyBpm {
    type Output = KeyBpm;
}

impl ExtractKeyBpm {
    /// Finds key and tempo of a song.
    pub fn new(audio: AudioSource) -> Self {
        Self::default().audio(audio)
    }

    /// The song. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    setters! {
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }
}

declare! {
    /// The words of a recording.
    AudioTranscribe
}

impl super::Submittable for AudioTranscribe {
    type Output = Transcription;
}

impl AudioTranscribe {
    /// Writes down what is said or sung.
    pub fn new(audio: AudioSource) -> Self {
        Self::default().audio(audio)
    }

    /// The recording. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    setters! {
        /// Code of the language that is spoken, such as `en`; left out it is found out.
        language: text;
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Translate into English too.
        translate: bool;
        /// How the words are written down.
        transcription_format: TranscriptionFormat;
        /// How the translation is written down; without effect so far, says the documentation.
        translation_format: TranscriptionFormat;
        /// Give the time of each word.
        word_timestamps: bool;
    }
}

declare! {
    /// The notes of a recording.
    AudioToMidi
}

impl super::Submittable for AudioToMidi {
    type Output = MidiFiles;
}

impl AudioToMidi {
    /// Writes down the notes.
    pub fn new(audio: AudioSource) -> Self {
        Self::default().audio(audio)
    }

    /// The recording. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    setters! {
        /// Render the notes as a WAV file too.
        sonify_midi: bool;
        /// Write the notes into a CSV file too.
        save_note_events: bool;
    }

    setters! {
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }
}
