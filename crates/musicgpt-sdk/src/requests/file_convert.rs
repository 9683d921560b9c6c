//! Other formats.

use musicgpt_api::values::{AudioFormat, BitDepth, SampleRate};

use super::draft::{declare, setters};
use crate::outputs::AudioFile;
use crate::source::AudioSource;

declare! {
    /// An audio file in another format.
    FileConvert
}

impl super::Submittable for FileConvert {
    type Output = AudioFile;
}

impl FileConvert {
    /// Converts audio to a format.
    pub fn new(audio: AudioSource, target_format: AudioFormat) -> Self {
        Self::default().audio(audio).target_format(target_format)
    }

    /// The audio. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    setters! {
        /// Format of the output.
        target_format: AudioFormat;
        /// Sample rate of the output.
        target_sr: SampleRate;
        /// Bit depth of the output.
        target_bit_depth: BitDepth;
    }

    setters! {
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }
}
