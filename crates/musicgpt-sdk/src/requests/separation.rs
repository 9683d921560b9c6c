//! Taking recordings apart: the parts of a mix, and what does not belong in it.

use musicgpt_api::values::{PreprocessingStep, Stem};

use super::draft::{declare, setters};
use crate::outputs::{CleanedAudio, Stems};
use crate::source::AudioSource;

declare! {
    /// The parts of a mix.
    Extraction
}

impl super::Submittable for Extraction {
    type Output = Stems;
}

impl Extraction {
    /// Takes a mix apart into parts; none means drums, bass, piano and guitar.
    pub fn new(audio: AudioSource, stems: impl IntoIterator<Item = Stem>) -> Self {
        Self::default().audio(audio).stems(stems)
    }

    /// The mix. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    /// Parts that are wanted.
    pub fn stems(mut self, stems: impl IntoIterator<Item = Stem>) -> Self {
        let stems: Vec<Stem> = stems.into_iter().collect();
        self.0.request.stems = Some(stems).filter(|stems| !stems.is_empty());
        self
    }

    /// What is done to the audio before.
    pub fn preprocessing_options(
        mut self,
        steps: impl IntoIterator<Item = PreprocessingStep>,
    ) -> Self {
        let steps: Vec<PreprocessingStep> = steps.into_iter().collect();
        self.0.request.preprocessing_options = Some(steps).filter(|steps| !steps.is_empty());
        self
    }

    setters! {
        /// Work on the parts side by side, which is faster.
        eco_mode: bool;
    }

    setters! {
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }
}

declare! {
    /// The parts of a mix, the older way.
    ///
    /// Deprecated by the vendor in favour of [`Extraction`].
    ExtractionV1
}

impl super::Submittable for ExtractionV1 {
    type Output = Stems;
}

impl ExtractionV1 {
    /// Takes a mix apart into parts; none means drums, bass, piano and guitar.
    pub fn new(audio: AudioSource, stems: impl IntoIterator<Item = Stem>) -> Self {
        Self::default().audio(audio).stems(stems)
    }

    /// The mix. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    /// Parts that are wanted.
    pub fn stems(mut self, stems: impl IntoIterator<Item = Stem>) -> Self {
        let stems: Vec<Stem> = stems.into_iter().collect();
        self.0.request.stems = Some(stems).filter(|stems| !stems.is_empty());
        self
    }

    /// What is done to the audio before.
    pub fn preprocessing_options(
        mut self,
        steps: impl IntoIterator<Item = PreprocessingStep>,
    ) -> Self {
        let steps: Vec<PreprocessingStep> = steps.into_iter().collect();
        self.0.request.preprocessing_options = Some(steps).filter(|steps| !steps.is_empty());
        self
    }

    setters! {
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }
}

declare! {
    /// A recording without its noise.
    Denoise
}

impl super::Submittable for Denoise {
    type Output = CleanedAudio;
}

impl Denoise {
    /// Takes the noise out of a recording.
    pub fn new(audio: AudioSource) -> Self {
        Self::default().audio(audio)
    }

    /// The recording. A file and an address are fields of their own; setting both is refused.
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
    /// A recording without its echo.
    Deecho
}

impl super::Submittable for Deecho {
    type Output = CleanedAudio;
}

impl Deecho {
    /// Takes the echo out of a recording.
    pub fn new(audio: AudioSource) -> Self {
        Self::default().audio(audio)
    }

    /// The recording. A file and an address are fields of their own; setting both is refused.
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
    /// A recording without its reverb.
    Dereverb
}

impl super::Submittable for Dereverb {
    type Output = CleanedAudio;
}

impl Dereverb {
    /// Takes the reverb out of a recording.
    pub fn new(audio: AudioSource) -> Self {
        Self::default().audio(audio)
    }

    /// The recording. A file and an address are fields of their own; setting both is refused.
    pub fn audio(mut self, audio: AudioSource) -> Self {
        self.0.source("audio", audio);
        self
    }

    setters! {
        /// Address that receives the result; https, or http to this machine.
        webhook_url: text;
    }
}
