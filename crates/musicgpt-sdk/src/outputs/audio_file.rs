//! One audio file.

use std::time::Duration;

use super::Output;
use crate::conversion::{COVER, Conversion};
use crate::job::JobHandle;
use crate::media::{Media, Role};

/// The audio file of a job that makes one.
///
/// Source:
#[doc = musicgpt_api::origin!(GetById)]
#[doc = musicgpt_api::origin!(TextToSpeech)]
#[doc = musicgpt_api::origin!(VoiceChanger)]
#[doc = musicgpt_api::origin!(Cover)]
#[doc = musicgpt_api::origin!(SoundGenerator)]
#[doc = musicgpt_api::origin!(FileConvert)]
#[doc = musicgpt_api::origin!(AudioCutter)]
#[doc = musicgpt_api::origin!(AudioSpeedChanger)]
#[doc = musicgpt_api::origin!(AudioMastering)]
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AudioFile {
    /// The task.
    pub task_id: String,
    /// Its conversion.
    pub conversion_id: Option<String>,
    /// The title that the service gives it.
    pub title: Option<String>,
    /// The file; none where the job ended without one.
    pub file: Option<Media>,
    /// The lossless file, where there is one beside the other.
    pub wav: Option<Media>,
    /// The cover picture, where one was made.
    pub cover: Option<Media>,
    /// Its length.
    pub duration: Option<Duration>,
    conversion: Conversion,
}

impl AudioFile {
    /// The answer that this was read from.
    pub fn conversion(&self) -> &Conversion {
        &self.conversion
    }
}

impl Output for AudioFile {
    fn from_conversion(handle: &JobHandle, conversion: Conversion) -> Self {
        let fields = conversion.take(1);
        let id = fields.conversion_id().map(str::to_owned);
        let file = fields
            .file(1)
            .map(|url| Media::new(handle, Role::Output, "mp3", &url));
        let wav = fields
            .wav(1)
            .map(|url| Media::new(handle, Role::OutputWav, "wav", &url))
            // Some features give a lossless file as the main one.
            .filter(|wav| {
                file.as_ref()
                    .is_some_and(|file| file.format() != wav.format())
            });
        Self {
            task_id: handle.task_id.clone(),
            conversion_id: id.or_else(|| handle.conversion_ids.first().cloned()),
            title: fields.title().map(str::to_owned),
            file,
            wav,
            cover: conversion
                .link(COVER)
                .map(|url| Media::new(handle, Role::Cover, "jpg", url)),
            duration: fields.duration(1),
            conversion,
        }
    }
}

#[cfg(test)]
mod tests {
    use musicgpt_api::operations;
    use serde_json::json;

    use super::super::testing::read;
    use super::*;

    #[test]
    fn all_spellings() {
        for name in [
            "conversion_path",
            "output_file",
            "output_file_path",
            "audio_url",
        ] {
            let fields = json!({"status": "COMPLETED", name: "https://h/x.flac?sig=1"});
            let output: AudioFile = read(&operations::AUDIO_CUTTER, fields);
            let file = output.file.unwrap();
            assert_eq!(file.file_name(), "output.flac", "{name}");
            assert!(!format!("{file:?}").contains("sig"));
        }
    }

    #[test]
    fn sounds_by_their_conversion() {
        let output: AudioFile = read(
            &operations::SOUND_GENERATOR,
            json!({
                "conversion_paths": {"c-1": "https://h/c-1_sound.mp3"},
                "conversion_paths_wav": {"c-1": null},
                "conversion_duration": 2.5,
                "album_cover_path": "https://h/cover.jpg",
            }),
        );
        assert_eq!(output.file.unwrap().url(), "https://h/c-1_sound.mp3");
        assert!(output.wav.is_none());
        assert_eq!(output.duration, Some(Duration::from_millis(2500)));
        assert_eq!(output.cover.unwrap().file_name(), "cover.jpg");
    }

    #[test]
    fn a_lossless_file_beside_the_other() {
        let fields = json!({
            "conversion_path": "https://h/x.mp3", "conversion_path_wav": "https://h/x.wav",
            "conversion_durations": {"c-1": 30.0},
        });
        let output: AudioFile = read(&operations::SOUND_GENERATOR, fields);
        assert_eq!(output.wav.unwrap().file_name(), "output.wav");
        assert_eq!(output.duration, Some(Duration::from_secs(30)));
        let fields = json!({
            "audio_url": "https://h/y.wav", "conversion_path_wav": "https://h/x.wav",
        });
        let output: AudioFile = read(&operations::SOUND_GENERATOR, fields);
        assert_eq!(output.file.unwrap().url(), "https://h/y.wav");
        assert!(output.wav.is_none());
    }
}
