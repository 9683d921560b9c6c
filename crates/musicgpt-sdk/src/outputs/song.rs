//! Songs, in takes.

use std::time::Duration;

use musicgpt_webhooks::TimedLyrics;

use super::Output;
use crate::conversion::{COVER, Conversion};
use crate::job::JobHandle;
use crate::media::{Media, Role};

/// A song: its takes and its cover.
///
/// Source:
#[doc = musicgpt_api::origin!(GetById)]
#[doc = musicgpt_api::origin!(MusicAi)]
#[doc = musicgpt_api::origin!(MusicAiV2)]
#[doc = musicgpt_api::origin!(Remix)]
#[doc = musicgpt_api::origin!(Extend)]
#[doc = musicgpt_api::origin!(Inpaint)]
#[doc = musicgpt_api::origin!(SingOverInstrumental)]
#[doc = musicgpt_api::origin!(SingOverVocal)]
#[doc = musicgpt_api::origin!(ImageToSong)]
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Song {
    /// The task.
    pub task_id: String,
    /// The cover picture, where one was made.
    pub cover: Option<Media>,
    takes: Vec<Take>,
    missing: Vec<usize>,
    conversion: Conversion,
}

/// One take of a song.
///
/// Source:
#[doc = musicgpt_api::origin!(GetById)]
#[doc = musicgpt_api::origin!(MusicAiV2)]
#[derive(Clone)]
#[non_exhaustive]
pub struct Take {
    /// Its number, from one.
    pub number: usize,
    /// Its conversion.
    pub conversion_id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its compressed file.
    pub mp3: Media,
    /// Its lossless file, which the service keeps for a shorter time, if at all.
    pub wav: Option<Media>,
    /// Its length.
    pub duration: Option<Duration>,
    /// Its words, with section headers in brackets; none for an instrumental.
    pub lyrics: Option<String>,
    /// Its words with times.
    pub timed_lyrics: Option<TimedLyrics>,
}

impl Song {
    /// The takes that have a file.
    pub fn takes(&self) -> &[Take] {
        &self.takes
    }

    /// The numbers of the takes that have none: they failed, though the others did not.
    pub fn missing(&self) -> &[usize] {
        &self.missing
    }

    /// The answer that this was read from.
    pub fn conversion(&self) -> &Conversion {
        &self.conversion
    }
}

impl Output for Song {
    fn from_conversion(handle: &JobHandle, conversion: Conversion) -> Self {
        let outputs = handle.outputs();
        let mut takes = Vec::new();
        let mut missing = Vec::new();
        for number in 1..=outputs {
            let fields = conversion.take(number);
            let Some(audio) = fields.file(outputs) else {
                missing.push(number);
                continue;
            };
            let id = fields.conversion_id().map(str::to_owned);
            takes.push(Take {
                number,
                conversion_id: id.or_else(|| handle.conversion_ids.get(number - 1).cloned()),
                title: fields.title().map(str::to_owned),
                mp3: Media::new(handle, Role::Audio(number), "mp3", &audio),
                wav: fields
                    .wav(outputs)
                    .filter(|wav| *wav != audio)
                    .map(|url| Media::new(handle, Role::Wav(number), "wav", &url)),
                duration: fields.duration(outputs),
                lyrics: fields.lyrics().map(str::to_owned),
                timed_lyrics: fields.timed_lyrics(),
            });
        }
        let cover = conversion
            .link(COVER)
            .map(|url| Media::new(handle, Role::Cover, "jpg", url));
        Self {
            task_id: handle.task_id.clone(),
            cover,
            takes,
            missing,
            conversion,
        }
    }
}

/// Shows no words.
impl std::fmt::Debug for Take {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Take")
            .field("number", &self.number)
            .field("conversion_id", &self.conversion_id)
            .field("mp3", &self.mp3)
            .field("wav", &self.wav)
            .field("duration", &self.duration)
            .finish_non_exhaustive()
    }
}
