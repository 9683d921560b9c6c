//! Changing a recording.

use std::time::Duration;

use musicgpt_api::values::AudioFormat;

use super::draft::{declare, setters};
use crate::outputs::AudioFile;
use crate::source::AudioSource;

declare! {
    /// A piece of an audio file.
    AudioCutter
}

impl super::Submittable for AudioCutter {
    type Output = AudioFile;
}

impl AudioCutter {
    /// Cuts out the piece between two times, both from the start of the audio.
    pub fn new(audio: AudioSource, start_time: Duration, end_time: Duration) -> Self {
        Self::default()
            .audio(audio)
            .start_time(start_time)
            .end_time(end_time)
    }

    /// The audio. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    /// Where the piece begins.
    pub fn start_time(mut self, start_time: Duration) -> Self {
        self.0.request.start_time = Some(milliseconds(start_time));
        self
    }

    /// Where the piece ends.
    pub fn end_time(mut self, end_time: Duration) -> Self {
        self.0.request.end_time = Some(milliseconds(end_time));
        self
    }

    setters! {
        /// Format of the output.
        output_extension: AudioFormat;
    }

    setters! {
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }
}

/// What the wire has, without the rounding errors of seconds times a thousand.
fn milliseconds(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e6
}

declare! {
    /// An audio file, faster or slower.
    AudioSpeedChanger
}

impl super::Submittable for AudioSpeedChanger {
    type Output = AudioFile;
}

impl AudioSpeedChanger {
    /// Plays audio so many times as fast, from 0.25 to 4.
    pub fn new(audio: AudioSource, speed_change_factor: f64) -> Self {
        Self::default()
            .audio(audio)
            .speed_change_factor(speed_change_factor)
    }

    /// The audio. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    setters! {
        /// How many times as fast; 2 is twice the speed.
        speed_change_factor: f64;
        /// Format of the output.
        output_extension: AudioFormat;
    }

    setters! {
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }
}

declare! {
    /// A recording, mastered after the model of another.
    AudioMastering
}

impl super::Submittable for AudioMastering {
    type Output = AudioFile;
}

impl AudioMastering {
    /// Masters a recording so that it sounds like the reference.
    pub fn new(audio: AudioSource, reference_audio: AudioSource) -> Self {
        Self::default()
            .audio(audio)
            .reference_audio(reference_audio)
    }

    /// The recording. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    /// The model. A file and an address are fields of their own; setting both is refused.
    pub fn reference_audio(mut self, reference_audio: AudioSource) -> Self {
        self.0.source("reference_audio", reference_audio);
        self
    }

    setters! {
        /// Format of the output.
        output_extension: AudioFormat;
    }

    setters! {
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }
}
