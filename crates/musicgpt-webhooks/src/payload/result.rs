//! The result of an operation with one output: a file, a few related files, or
//! an answer in words (key and tempo, a transcription).

use std::collections::HashSet;

use crate::payload::payload;
use crate::{Embedded, Link};

payload! {
    /// The result of an operation with one output. Each operation sets a few of
    /// these fields; [`FileResult::outputs`] gathers whatever files there are.
    FileResult in any form {
        /// The conversion.
        conversion_id: String = ConversionId,
        /// Cost in the account's currency.
        conversion_cost: f64 = ConversionCost,
        /// Length in seconds.
        conversion_duration: f64 = ConversionDuration,
        /// A name for the result.
        title: String = Title,
        /// A sentence for people.
        message: String = Message,
        /// File conversion: the file.
        output_file_path: Link = OutputFilePath,
        /// Cutter, speed changer, mastering: the file.
        output_file: Link = OutputFile,
        /// Speech, voice, cover, sound, image: the file.
        conversion_path: Link = ConversionPath,
        /// Sound: the WAV.
        conversion_path_wav: Link = ConversionPathWav,
        /// Sound: files by conversion id.
        conversion_paths: Embedded = ConversionPaths,
        /// Sound: WAV files by conversion id.
        conversion_paths_wav: Embedded = ConversionPathsWav,
        /// Sound: lengths in seconds by conversion id.
        conversion_durations: Embedded = ConversionDurations,
        /// Extraction: an object of files by stem, usually inside a string; in
        /// the generic form, one URL.
        audio_url: Embedded = AudioUrl,
        /// Extraction: the same as WAV, in name.
        audio_url_wav: Embedded = AudioUrlWav,
        /// The input file, often as a path without a host.
        audio_path: Link = AudioPath,
        /// Denoise: the cleaned audio.
        no_noise: Link = NoNoise,
        /// Denoise: what was removed.
        noise: Link = Noise,
        /// Denoise: what was removed, as WAV.
        noise_wav: Link = NoiseWav,
        /// De-echo: the cleaned audio.
        no_echo: Link = NoEcho,
        /// De-echo: the cleaned audio, as WAV.
        no_echo_wav: Link = NoEchoWav,
        /// De-echo: what was removed.
        echo: Link = Echo,
        /// Dereverb: the cleaned audio.
        noreverb: Link = Noreverb,
        /// Dereverb: what was removed.
        reverb: Link = Reverb,
        /// Dereverb: what was removed, as WAV.
        reverb_wav: Link = ReverbWav,
        /// Key and tempo: lists of keys by range of seconds (`0-120`).
        key_changes: Embedded = KeyChanges,
        /// Key and tempo: the main key.
        dominant_key: String = DominantKey,
        /// Key and tempo: beats per minute.
        bpm: f64 = Bpm,
        /// Transcription: the text.
        transcription: String = Transcription,
        /// Transcription: the text in English, if asked for.
        translation: String = Translation,
        /// Transcription: the language code.
        detected_language: String = DetectedLanguage,
        /// Transcription: words with times in milliseconds, if asked for.
        word_timestamps: Embedded = WordTimestamps,
        /// MIDI: the MIDI file.
        midi_file_path: Link = MidiFilePath,
        /// MIDI: the notes played, if asked for.
        sonify_file_path: Link = SonifyFilePath,
        /// MIDI: the notes as a table, if asked for.
        notes_file_path: Link = NotesFilePath,
    }
}

/// A file of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Output {
    /// The name of the field, followed by the key inside it if it holds several:
    /// `noise`, `audio_url.vocals`.
    pub name: String,
    /// Where the file is.
    pub link: Link,
}

impl FileResult {
    /// Every file of the result, each address once. The input is not one.
    pub fn outputs(&self) -> Vec<Output> {
        let mut outputs: Vec<Output> = Vec::new();
        let mut seen = HashSet::new();
        let mut add = |name: String, link: Link| {
            if seen.insert(link.clone()) {
                outputs.push(Output { name, link });
            }
        };
        for (name, link) in self.single_links() {
            if let Some(link) = link {
                add(name.to_owned(), link.clone());
            }
        }
        for (name, embedded) in [
            ("audio_url", &self.audio_url),
            ("audio_url_wav", &self.audio_url_wav),
            ("conversion_paths", &self.conversion_paths),
            ("conversion_paths_wav", &self.conversion_paths_wav),
        ] {
            let Some(embedded) = embedded else { continue };
            for (key, link) in embedded.links() {
                add(format!("{name}.{key}"), link);
            }
            if let Some(link) = embedded.link() {
                add(name.to_owned(), link);
            }
        }
        outputs
    }

    /// Whether there is neither a file nor an answer in words.
    pub(crate) fn is_empty(&self) -> bool {
        let words = [&self.dominant_key, &self.transcription];
        let trees = [&self.key_changes, &self.word_timestamps];
        self.bpm.is_none()
            && words.iter().all(|word| word.is_none())
            && trees.iter().all(|tree| tree.is_none())
            && self.outputs().is_empty()
    }

    /// The stems of an extraction with their files, in the order of their names.
    pub fn stems(&self) -> Vec<(String, Link)> {
        self.audio_url
            .as_ref()
            .map(Embedded::links)
            .unwrap_or_default()
    }

    fn single_links(&self) -> [(&'static str, Option<&Link>); 16] {
        [
            ("output_file_path", self.output_file_path.as_ref()),
            ("output_file", self.output_file.as_ref()),
            ("conversion_path", self.conversion_path.as_ref()),
            ("conversion_path_wav", self.conversion_path_wav.as_ref()),
            ("no_noise", self.no_noise.as_ref()),
            ("noise", self.noise.as_ref()),
            ("noise_wav", self.noise_wav.as_ref()),
            ("no_echo", self.no_echo.as_ref()),
            ("no_echo_wav", self.no_echo_wav.as_ref()),
            ("echo", self.echo.as_ref()),
            ("noreverb", self.noreverb.as_ref()),
            ("reverb", self.reverb.as_ref()),
            ("reverb_wav", self.reverb_wav.as_ref()),
            ("midi_file_path", self.midi_file_path.as_ref()),
            ("sonify_file_path", self.sonify_file_path.as_ref()),
            ("notes_file_path", self.notes_file_path.as_ref()),
        ]
    }
}
