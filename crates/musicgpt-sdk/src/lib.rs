//! An SDK for the MusicGPT API: AI music and audio, submitted now and answered minutes later.
//!
//! ```no_run
//! use musicgpt_sdk::{Client, MusicAi};
//!
//! # async fn run() -> musicgpt_sdk::Result<()> {
//! let client = Client::from_env()?; // MUSICGPT_API_KEY
//! let job = client.submit(MusicAi::from_prompt("a song about greenery, nature and forest")).await?;
//! println!("{} takes {:?}", job.task_id(), job.eta());
//! let song = job.wait().await?;
//! for take in song.takes() {
//!     take.mp3.save_to_dir(&client, "out").await?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | part | what |
//! |---|---|
//! | [`Client`], [`ClientBuilder`] | connections, key and settings |
//! | [`requests`]: [`MusicAiV2`], [`TextToSpeech`], [`Extraction`] … | one type per feature |
//! | [`AudioSource`], [`ImageSource`] | inputs: path, bytes, reader or URL, each by name |
//! | [`Submit`], [`Job`], [`JobHandle`] | submission, and the wait for it, here or elsewhere |
//! | [`EventSource`] | webhooks, which end a wait as well as look-ups do |
//! | [`Client::voices`], [`Client::upload`], [`SoundStream`] | voice models as a stream; files straight to the storage; sound as it comes |
//! | [`outputs`] | what jobs end with; [`Media`] are its files |
//! | [`Error`], [`ErrorKind`] | what went wrong, and whether trying again may pay twice |
//! | [`LimitSet`], [`Violation`], [`Warning`] | validation, before anything is sent |
//! | [`RetryPolicy`], [`Timeouts`], [`Clock`] | patience |
//! | [`Feature::extra_field`], [`RawRequest`] | fields and paths that the specs do not have |
//!
//! Two promises are kept everywhere. A request that submits a task is sent again only when the
//! first one provably was not accepted, so nothing is paid twice; where that is in doubt the error
//! says so ([`Error::is_outcome_unknown`]). And once a task is accepted its id is never lost: every
//! later error carries the [`JobHandle`].
//!
//! Neither `Debug`, nor logs, nor errors show the key, prompts, lyrics or webhook addresses.

mod client;
mod clock;
mod conversion;
mod error;
mod events;
mod exchange;
mod failure;
mod job;
mod media;
pub mod outputs;
mod posts;
mod raw;
pub mod requests;
mod retry;
mod saving;
mod schedule;
mod sound;
mod source;
mod submit;
mod uploads;
mod validation;
mod voices;
mod wait;
mod watch;

pub use client::{Client, ClientBuilder, env};
pub use clock::{Clock, Pause, SystemClock};
pub use conversion::Conversion;
pub use error::{Error, ErrorKind, Result};
pub use events::{EventSource, Events, Expected};
pub use job::{Job, JobHandle, JobStatus, Update, WaitOptions};
pub use media::Media;
pub use raw::RawRequest;
pub use requests::{
    AudioCutter, AudioMastering, AudioSpeedChanger, AudioToMidi, AudioTranscribe, CompleteUpload,
    Cover, CreateUpload, Deecho, Denoise, Dereverb, Extend, ExtractKeyBpm, Extraction,
    ExtractionV1, Feature, FileConvert, GetAllVoices, GetById, GetByUser, ImageGenerator,
    ImageToSong, Inpaint, Lookup, MusicAi, MusicAiStream, MusicAiV2, PreprocessUpload,
    PromptToLyrics, Remix, SearchVoices, SingOverInstrumental, SingOverVocal, SoundGenerator,
    Submittable, TaskPage, TextToSpeech, VoiceChanger,
};
pub use retry::RetryPolicy;
pub use sound::SoundStream;
pub use source::{Audio, AudioSource, Image, ImageSource, Source};
pub use submit::Submit;
pub use uploads::{Upload, UploadedFile};
pub use validation::{Violation, Warning, validate};
pub use watch::Timeouts;

pub use musicgpt_api::values::{
    AudioFormat, BitDepth, ConversionType, Gender, MusicModel, PreprocessingStep, SampleRate,
    SortOrder, SpeakerGender, Status, Stem, TranscriptionFormat, UploadContentType, UploadPhase,
    UploadPurpose, UploadStatus,
};
pub use musicgpt_api::{LimitSet, Phase, operation, operations, types};
pub use musicgpt_webhooks::{self as webhooks, TimedLyrics};
pub use reqwest;
