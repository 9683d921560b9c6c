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
mod music_ai_stream;
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
pub use music_ai_stream::MusicAiStream;
pub use music_ai_v2::MusicAiV2;
pub use remix::Remix;
pub use reworks::{Extend, Inpaint, SingOverInstrumental, SingOverVocal};
pub use separation::{Deecho, Denoise, Dereverb, Extraction, ExtractionV1};
pub use speech::{Cover, TextToSpeech, VoiceChanger};
pub use uploads::{CompleteUpload, CreateUpload, PreprocessUpload};
pub use voices::{GetAllVoices, SearchVoices};

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use musicgpt_api::Request;
    use musicgpt_api::values::Stem;

    use super::draft::sealed::Holds;
    use super::*;
    use crate::source::AudioSource;

    fn sent(feature: &impl Holds, field: &str) -> Option<String> {
        feature.draft().request.fields().get(field)?.text()
    }

    fn audio() -> AudioSource {
        AudioSource::from_url("https://h/x.mp3")
    }

    #[test]
    fn times_have_the_units_of_the_wire() {
        let start = Duration::from_millis(1_234);
        let end = Duration::from_secs(60);
        let cut = AudioCutter::new(audio(), start, end);
        assert_eq!(sent(&cut, "start_time").as_deref(), Some("1234"));
        assert_eq!(sent(&cut, "end_time").as_deref(), Some("60000"));
        let inpaint = Inpaint::new(audio(), "calmer", start, end);
        assert_eq!(sent(&inpaint, "replace_start_at").as_deref(), Some("1.234"));
        assert_eq!(sent(&inpaint, "replace_end_at").as_deref(), Some("60"));
        let extend = Extend::new(audio(), end);
        assert_eq!(sent(&extend, "extend_after").as_deref(), Some("60"));
        let sound = SoundGenerator::new("rain").audio_length(Duration::from_millis(29_700));
        assert_eq!(sent(&sound, "audio_length").as_deref(), Some("30"));
    }

    #[test]
    fn lists_and_flags() {
        let stems = [Stem::Vocals, Stem::unlisted("triangle")];
        let extraction = Extraction::new(audio(), stems);
        assert_eq!(
            sent(&extraction, "stems").as_deref(),
            Some(r#"["vocals","triangle"]"#)
        );
        let default = Extraction::new(audio(), []);
        assert_eq!(sent(&default, "stems"), None);
        let voice = VoiceChanger::new(audio(), "v-1").remove_background(true);
        assert_eq!(sent(&voice, "remove_background").as_deref(), Some("1"));
        let master = AudioMastering::new(audio(), audio());
        assert_eq!(
            sent(&master, "reference_audio_url").as_deref(),
            Some("https://h/x.mp3")
        );
    }

    #[test]
    fn nothing_private_is_shown() {
        let speech = TextToSpeech::with_sample("secret words", "https://secret/x.mp3");
        let song = MusicAiV2::custom("secret words", "Lo-fi").webhook_url("https://secret");
        let lyrics = PromptToLyrics::new("secret words");
        let shown = format!("{speech:?} {song:?} {lyrics:?}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
