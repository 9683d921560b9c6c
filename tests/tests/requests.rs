//! The shape of every request, pinned.
//!
//! To add an operation: two cases or more, together with every field in them. The coverage tests
//! below name what is missing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::collections::BTreeSet;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use musicgpt_sdk::requests::Submittable;
use musicgpt_sdk::{
    AudioCutter, AudioFormat, AudioMastering, AudioSource, AudioSpeedChanger, AudioToMidi,
    AudioTranscribe, BitDepth, Client, ConversionType, Cover, Deecho, Denoise, Dereverb, Extend,
    ExtractKeyBpm, Extraction, ExtractionV1, FileConvert, Gender, GetById, ImageGenerator,
    ImageSource, ImageToSong, Inpaint, MusicAi, MusicAiV2, MusicModel, PreprocessingStep, Remix,
    SampleRate, SingOverInstrumental, SingOverVocal, SoundGenerator, SpeakerGender, Stem,
    TextToSpeech, TranscriptionFormat, VoiceChanger, operations,
};
use musicgpt_tests::recorder::Recorder;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";
const MP3: &[u8] = b"ID3\x04 and so on";
const URL: &str = "https://example.com/a.mp3";
const WEBHOOK: &str = "https://example.com/hook?token=1";

type Run = Box<dyn Fn(Client) -> Pin<Box<dyn Future<Output = ()>>>>;

struct Case {
    operation: &'static str,
    name: &'static str,
    run: Run,
}

fn submits<F>(name: &'static str, feature: F) -> Case
where
    F: Submittable + Clone + Sync + 'static,
    musicgpt_sdk::Submit<F>:
        IntoFuture<Output = musicgpt_sdk::Result<musicgpt_sdk::Job<F::Output>>>,
{
    Case {
        operation: F::OPERATION.id,
        name,
        run: Box::new(move |client| {
            let feature = feature.clone();
            Box::pin(async move {
                client.submit(feature).await.unwrap();
            })
        }),
    }
}

fn asks(name: &'static str, lookup: GetById) -> Case {
    Case {
        operation: operations::GET_BY_ID.id,
        name,
        run: Box::new(move |client| {
            let lookup = lookup.clone();
            Box::pin(async move {
                client.call(lookup).await.unwrap();
            })
        }),
    }
}

fn song() -> AudioSource {
    AudioSource::from_bytes("so\"ng é.mp3", MP3)
}

fn picture() -> ImageSource {
    ImageSource::from_bytes("image.png", PNG)
}

fn cases(folder: &Path) -> Vec<Case> {
    let path = folder.join("on disk.mp3");
    std::fs::write(&path, MP3).unwrap();
    let picture_path = folder.join("on disk.png");
    std::fs::write(&picture_path, PNG).unwrap();
    vec![
        submits("required", MusicAi::from_prompt("a song")),
        submits("style_only", MusicAi::default().music_style("Lo-fi")),
        submits(
            "documented",
            MusicAi::from_prompt("song about a football match between Man City and Arsenal")
                .music_style("Pop")
                .webhook_url("https://abcd.requestcatcher.com/")
                .lyrics("")
                .voice_id("Drake"),
        ),
        submits(
            "every_field",
            MusicAi::custom("[Verse]\nGreen \u{201c}leaves\u{201d}", "Lo-fi")
                .prompt("a song")
                .title("Greenery")
                .make_instrumental(false)
                .vocal_only(true)
                .gender(Gender::Neutral)
                .voice_id("v-1")
                .output_length(Duration::from_millis(90_500))
                .generate_album_cover(true)
                .negative_tags("drums")
                .webhook_url(WEBHOOK),
        ),
        submits(
            "unlisted_gender",
            MusicAi::from_prompt("a song").gender(Gender::unlisted("robot")),
        ),
        submits("required_file", Remix::new(song(), "lo-fi")),
        submits("path", Remix::new(AudioSource::from_path(&path), "lo-fi")),
        submits(
            "reader",
            Remix::new(
                AudioSource::from_reader("live.mp3", "audio/mpeg", MP3.len() as u64, MP3),
                "lo-fi",
            ),
        ),
        submits(
            "url",
            Remix::new(AudioSource::from_url("s3://bucket/song.mp3"), "lo-fi"),
        ),
        submits(
            "documented",
            Remix::new(
                AudioSource::from_url("https://mybucket.s3.amazonaws.com/song.mp3"),
                "Make it sound like Lo-fi with chill beats",
            )
            .lyrics("It's a brand new day")
            .gender(Gender::Female)
            .webhook_url("https://example.com/my-webhook"),
        ),
        submits(
            "every_field",
            Remix::new(song(), "lo-fi")
                .lyrics("Line one\nLine two")
                .title("Again")
                .gender(Gender::Male)
                .generate_album_cover(false)
                .lyrics_timestamps(true)
                .webhook_url(WEBHOOK),
        ),
        submits("required_file", ImageToSong::new(picture())),
        submits(
            "path",
            ImageToSong::new(ImageSource::from_path(&picture_path)),
        ),
        submits(
            "reader",
            ImageToSong::new(ImageSource::from_reader(
                "live.png",
                "image/png",
                PNG.len() as u64,
                PNG,
            )),
        ),
        submits(
            "url",
            ImageToSong::new(ImageSource::from_url("https://example.com/i.png")),
        ),
        submits(
            "documented",
            ImageToSong::new(ImageSource::from_url(
                "https://mybucket.s3.amazonaws.com/image.png",
            ))
            .prompt("Generate a relaxing acoustic track inspired by this scene.")
            .lyrics("Let the colors of the sunset fill your heart.")
            .make_instrumental(false)
            .vocal_only(false)
            .key("C major")
            .bpm(120)
            .webhook_url("https://example.com/webhook")
            .voice_id("voice_123"),
        ),
        submits(
            "every_field",
            ImageToSong::new(picture())
                .prompt("calm")
                .lyrics("words")
                .negative_tags("no heavy metal")
                .make_instrumental(true)
                .vocal_only(false)
                .key("A minor")
                .bpm(0)
                .voice_id("v-1")
                .webhook_url(WEBHOOK),
        ),
        submits("required_file", FileConvert::new(song(), AudioFormat::Wav)),
        submits(
            "path",
            FileConvert::new(AudioSource::from_path(&path), AudioFormat::Aac),
        ),
        submits(
            "reader",
            FileConvert::new(
                AudioSource::from_reader("live.mp3", "audio/mpeg", MP3.len() as u64, MP3),
                AudioFormat::Webm,
            ),
        ),
        submits(
            "url",
            FileConvert::new(
                AudioSource::from_url("https://example.com/audio.mp3"),
                AudioFormat::Ogg,
            ),
        ),
        submits(
            "documented_url",
            FileConvert::new(
                AudioSource::from_url("https://example.com/audio.mp3"),
                AudioFormat::Wav,
            )
            .target_sr(SampleRate::Hz44100)
            .webhook_url("https://your-webhook-url.com/callback"),
        ),
        submits(
            "documented_file",
            FileConvert::new(song(), AudioFormat::Flac)
                .target_bit_depth(BitDepth::Bits24)
                .webhook_url("https://your-webhook-url.com/callback"),
        ),
        submits(
            "every_field",
            FileConvert::new(song(), AudioFormat::Flac)
                .target_sr(SampleRate::Hz192000)
                .target_bit_depth(BitDepth::Bits32)
                .webhook_url(WEBHOOK),
        ),
        submits("required", MusicAiV2::from_prompt("a song")),
        submits(
            "every_field",
            MusicAiV2::custom("words", "Lo-fi")
                .prompt("a song")
                .title("Greenery")
                .make_instrumental(false)
                .vocal_only(false)
                .gender(Gender::Male)
                .voice_id("v-1")
                .generate_album_cover(true)
                .lyrics_timestamps(true)
                .model(MusicModel::V7Pro)
                .webhook_url(WEBHOOK),
        ),
        submits("required", Extend::new(song(), Duration::from_secs(30))),
        submits(
            "every_field",
            Extend::new(AudioSource::from_url(URL), Duration::from_millis(30_500))
                .prompt("longer")
                .lyrics("words")
                .lyrics_section_to_extend("more words")
                .gender(Gender::Female)
                .title("Again")
                .num_outputs(2)
                .generate_album_cover(true)
                .lyrics_timestamps(true)
                .webhook_url(WEBHOOK),
        ),
        submits(
            "required",
            Inpaint::new(
                song(),
                "softer",
                Duration::from_secs(10),
                Duration::from_secs(20),
            ),
        ),
        submits(
            "every_field",
            Inpaint::new(
                AudioSource::from_url(URL),
                "softer",
                Duration::from_millis(10_250),
                Duration::from_secs(20),
            )
            .lyrics("words")
            .lyrics_section_to_replace("other words")
            .gender(Gender::Female)
            .title("Again")
            .num_outputs(1)
            .generate_album_cover(true)
            .lyrics_timestamps(true)
            .webhook_url(WEBHOOK),
        ),
        submits(
            "required",
            SingOverInstrumental::new(song(), "softly", "words"),
        ),
        submits(
            "every_field",
            SingOverInstrumental::new(AudioSource::from_url(URL), "softly", "words")
                .gender(Gender::Female)
                .title("Again")
                .generate_album_cover(true)
                .lyrics_timestamps(true)
                .webhook_url(WEBHOOK),
        ),
        submits("required", SingOverVocal::new(song(), "words")),
        submits(
            "every_field",
            SingOverVocal::new(AudioSource::from_url(URL), "words")
                .prompt("softly")
                .gender(Gender::Female)
                .make_instrumental(false)
                .title("Again")
                .generate_album_cover(true)
                .lyrics_timestamps(true)
                .webhook_url(WEBHOOK),
        ),
        submits("voice", TextToSpeech::with_voice("Good morning", "v-1")),
        submits(
            "sample",
            TextToSpeech::with_sample("Good morning", URL).webhook_url(WEBHOOK),
        ),
        submits(
            "gender",
            TextToSpeech::with_gender("Good morning", SpeakerGender::Female),
        ),
        submits("required", VoiceChanger::new(song(), "v-1")),
        submits(
            "every_field",
            VoiceChanger::new(AudioSource::from_url(URL), "v-1")
                .remove_background(true)
                .pitch(-12)
                .webhook_url(WEBHOOK),
        ),
        submits("required", Cover::new(song(), "v-1")),
        submits(
            "every_field",
            Cover::new(AudioSource::from_url(URL), "v-1")
                .pitch(12)
                .webhook_url(WEBHOOK),
        ),
        submits("required", SoundGenerator::new("rain")),
        submits(
            "every_field",
            SoundGenerator::new("rain")
                .audio_length(Duration::from_secs(30))
                .generate_album_cover(true)
                .webhook_url(WEBHOOK),
        ),
        submits("required", ImageGenerator::new("a forest")),
        submits(
            "every_field",
            ImageGenerator::new("a forest")
                .style_preset("Anime")
                .height(960)
                .width(544)
                .seed(7)
                .webhook_url(WEBHOOK),
        ),
        submits("required", Extraction::new(song(), [Stem::Vocals])),
        submits(
            "every_field",
            Extraction::new(
                AudioSource::from_url(URL),
                [Stem::Vocals, Stem::Instrumental],
            )
            .preprocessing_options([PreprocessingStep::Denoise])
            .eco_mode(true)
            .webhook_url(WEBHOOK),
        ),
        submits("required", ExtractionV1::new(song(), [Stem::Vocals])),
        submits(
            "every_field",
            ExtractionV1::new(AudioSource::from_url(URL), [Stem::unlisted("whistle")])
                .preprocessing_options([PreprocessingStep::Denoise])
                .webhook_url(WEBHOOK),
        ),
        submits("required", Denoise::new(song())),
        submits(
            "every_field",
            Denoise::new(AudioSource::from_url(URL)).webhook_url(WEBHOOK),
        ),
        submits("required", Deecho::new(song())),
        submits(
            "every_field",
            Deecho::new(AudioSource::from_url(URL)).webhook_url(WEBHOOK),
        ),
        submits("required", Dereverb::new(song())),
        submits(
            "every_field",
            Dereverb::new(AudioSource::from_url(URL)).webhook_url(WEBHOOK),
        ),
        submits("required", ExtractKeyBpm::new(song())),
        submits(
            "every_field",
            ExtractKeyBpm::new(AudioSource::from_url(URL)).webhook_url(WEBHOOK),
        ),
        submits("required", AudioTranscribe::new(song())),
        submits(
            "every_field",
            AudioTranscribe::new(AudioSource::from_url(URL))
                .language("en")
                .translate(true)
                .transcription_format(TranscriptionFormat::Srt)
                .translation_format(TranscriptionFormat::Srt)
                .word_timestamps(true)
                .webhook_url(WEBHOOK),
        ),
        submits("required", AudioToMidi::new(song())),
        submits(
            "every_field",
            AudioToMidi::new(AudioSource::from_url(URL))
                .sonify_midi(true)
                .save_note_events(true)
                .webhook_url(WEBHOOK),
        ),
        submits(
            "required",
            AudioCutter::new(song(), Duration::from_secs(1), Duration::from_millis(2500)),
        ),
        submits(
            "every_field",
            AudioCutter::new(
                AudioSource::from_url(URL),
                Duration::ZERO,
                Duration::from_secs(90),
            )
            .output_extension(AudioFormat::Flac)
            .webhook_url(WEBHOOK),
        ),
        submits("required", AudioSpeedChanger::new(song(), 0.25)),
        submits(
            "every_field",
            AudioSpeedChanger::new(AudioSource::from_url(URL), 4.0)
                .output_extension(AudioFormat::Ogg)
                .webhook_url(WEBHOOK),
        ),
        submits("required", AudioMastering::new(song(), song())),
        submits(
            "every_field",
            AudioMastering::new(AudioSource::from_url(URL), AudioSource::from_url(URL))
                .output_extension(AudioFormat::Wav)
                .webhook_url(WEBHOOK),
        ),
        asks("task", GetById::task(ConversionType::MusicAi, "t 1&/é")),
        asks(
            "conversion",
            GetById::conversion(ConversionType::FileConvert, "c-1"),
        ),
        asks(
            "unlisted_type",
            GetById::task(ConversionType::unlisted("NEW_THING"), "t-1"),
        ),
    ]
}

/// The name of a case's snapshot.
fn snapshot(case: &Case) -> String {
    format!("{}__{}", case.operation, case.name)
}

fn snapshots() -> std::path::PathBuf {
    let tests = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it");
    Path::new(&tests).join("tests/snapshots")
}

#[tokio::test]
async fn every_case_is_as_pinned() {
    let folder = tempfile::tempdir().unwrap();
    for case in cases(folder.path()) {
        let recorder = Recorder::accepting();
        (case.run)(recorder.client()).await;
        let kept = recorder.kept();
        assert_eq!(kept.len(), 1, "{}", snapshot(&case));
        assert_eq!(kept[0].operation, Some(case.operation));
        let operation = musicgpt_api::Operation::by_id(case.operation).unwrap();
        assert_eq!(kept[0].head.method, operation.method);
        assert!(kept[0].head.uri.path().ends_with(operation.path));
        insta::assert_snapshot!(snapshot(&case), kept[0].render().await);
    }
}

#[tokio::test]
async fn undocumented_fields_are_sent_as_they_are() {
    let recorder = Recorder::accepting();
    let client = recorder.client();
    client
        .submit(MusicAi::from_prompt("a song"))
        .extra_field("num_outputs", 1)
        .await
        .unwrap();
    client
        .submit(Remix::new(song(), "lo-fi"))
        .extra_field("mode", "REMIX")
        .extra_field("stems", serde_json::json!(["vocals"]))
        .await
        .unwrap();
    let kept = recorder.kept();
    let body: serde_json::Value = serde_json::from_slice(&kept[0].body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"prompt": "a song", "num_outputs": 1})
    );
    let parts = kept[1].render().await;
    assert!(parts.contains("mode: \"REMIX\"\n"), "{parts}");
    assert!(parts.contains("stems: \"[\\\"vocals\\\"]\"\n"), "{parts}");
}

/// Every feature has a case with all its fields, so that every setter is known to do its work.
#[test]
fn every_field_of_a_feature_is_in_a_snapshot() {
    let mut missing = Vec::new();
    for operation in operations::ALL
        .iter()
        .filter(|operation| operation.outputs > 0)
    {
        let texts: Vec<String> = snapshot_files()
            .into_iter()
            .filter(|name| name.starts_with(&format!("requests__{}__", operation.id)))
            .map(|name| std::fs::read_to_string(snapshots().join(name)).unwrap())
            .collect();
        for field in operation.fields {
            let shapes = [
                format!("\"{}\": ", field.name),
                format!("\n{}: ", field.name),
                format!("\n{}=", field.name),
            ];
            if !texts
                .iter()
                .any(|text| shapes.iter().any(|shape| text.contains(shape)))
            {
                missing.push(format!("{}.{}", operation.id, field.name));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "fields that no case sets: {}",
        missing.join(", ")
    );
}

#[test]
fn every_snapshot_belongs_to_a_case() {
    let folder = tempfile::tempdir().unwrap();
    let known: BTreeSet<String> = cases(folder.path())
        .iter()
        .map(|case| format!("requests__{}.snap", snapshot(case)))
        .collect();
    let orphans: Vec<String> = snapshot_files()
        .into_iter()
        .filter(|name| !known.contains(name))
        .collect();
    assert!(
        orphans.is_empty(),
        "snapshots without a case: {}",
        orphans.join(", ")
    );
}

fn snapshot_files() -> Vec<String> {
    std::fs::read_dir(snapshots())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("requests__") && name.ends_with(".snap"))
        .collect()
}
