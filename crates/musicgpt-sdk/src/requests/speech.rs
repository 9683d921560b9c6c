//! Voices: speech, other voices, covers.

use musicgpt_api::values::{NumericFlag, SpeakerGender};

use super::draft::{declare, setters};
use crate::outputs::AudioFile;
use crate::source::AudioSource;

declare! {
    /// A text, spoken.
    ///
    /// Of the three ways to choose a voice the sample goes first, then the voice model, then the gender.
    TextToSpeech
}

impl super::Submittable for TextToSpeech {
    type Output = AudioFile;
}

impl TextToSpeech {
    /// Speaks with a voice model.
    pub fn with_voice(text: impl Into<String>, voice_id: impl Into<String>) -> Self {
        Self::default().text(text).voice_id(voice_id)
    }

    /// Speaks like a sample, which is given by its address.
    pub fn with_sample(text: impl Into<String>, sample_audio_url: impl Into<String>) -> Self {
        Self::default()
            .text(text)
            .sample_audio_url(sample_audio_url)
    }

    /// Speaks with some voice of a gender.
    pub fn with_gender(text: impl Into<String>, gender: SpeakerGender) -> Self {
        Self::default().text(text).gender(gender)
    }

    setters! {
        /// What to say; the price goes by 100 words.
        text: text;
        /// Voice model that speaks.
        voice_id: text;
        /// Address of a clean recording of the wanted speaker.
        sample_audio_url: text;
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Gender of the voice; weaker than the other two ways.
        gender: SpeakerGender;
    }
}

declare! {
    /// A recording with another voice.
    VoiceChanger
}

impl super::Submittable for VoiceChanger {
    type Output = AudioFile;
}

impl VoiceChanger {
    /// Puts a voice model into a recording.
    pub fn new(audio: AudioSource, voice_id: impl Into<String>) -> Self {
        Self::default().audio(audio).voice_id(voice_id)
    }

    /// The recording. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    /// Whether background noise goes too.
    pub fn remove_background(mut self, remove_background: bool) -> Self {
        self.0.request.remove_background = Some(if remove_background {
            NumericFlag::Flag1
        } else {
            NumericFlag::Flag0
        });
        self
    }

    setters! {
        /// Voice model that is put in.
        voice_id: text;
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Shift of the voice in semitones, from -12 to 12.
        pitch: i64;
    }
}

declare! {
    /// A song, sung by another voice.
    Cover
}

impl super::Submittable for Cover {
    type Output = AudioFile;
}

impl Cover {
    /// Has a voice model sing a song.
    pub fn new(audio: AudioSource, voice_id: impl Into<String>) -> Self {
        Self::default().audio(audio).voice_id(voice_id)
    }

    /// The song. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    setters! {
        /// Voice model that sings.
        voice_id: text;
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Shift of the voice in semitones, from -12 to 12.
        pitch: i64;
    }
}
