//! One type per feature: constructors for what is required and for the documented modes, setters
//! for the rest.
//!
//! The types are thin: what they hold is the generated request, and what may be in it stands in the
//! operation table. A type's `Default` has nothing set; validation says what is missing.

mod analysis;
mod draft;
mod editing;
mod file_convert;
mod generators;
mod get_by_id;
mod get_by_user;
mod image_to_song;
mod lyrics;
mod music_ai;
mod music_ai_v2;
mod remix;
mod reworks;
mod separation;
mod speech;
mod uploads;
mod voices;

pub use analysis::{AudioToMidi, AudioTranscribe, ExtractKeyBpm};
pub(crate) use draft::{Draft, Prepared};
pub use draft::{Feature, Lookup, Submittable};
pub use editing::{AudioCutter, AudioMastering, AudioSpeedChanger};
pub use file_convert::FileConvert;
pub use generators::{ImageGenerator, SoundGenerator};
pub use get_by_id::GetById;
pub use get_by_user::{GetByUser, TaskPage};
pub use image_to_song::ImageToSong;
pub use lyrics::PromptToLyrics;
pub use music_ai::MusicAi;
pub use music_ai_v2::MusicAiV2;
pub use remix::Remix;
pub use reworks::{Extend, Inpaint, SingOverInstrumental, SingOverVocal};
pub use separation::{Deecho, Denoise, Dereverb, Extraction, ExtractionV1};
pub use speech::{Cover, TextToSpeech, VoiceChanger};
pub use uploads::{CompleteUpload, CreateUpload, PreprocessUpload};
pub use voices::{GetAllVoices, SearchVoices};
