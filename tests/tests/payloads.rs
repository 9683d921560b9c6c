//! The documented answers through the SDK, every field asserted.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::collections::BTreeSet;
use std::time::Duration;

use httpmock::MockServer;
use musicgpt_api::Request;
use musicgpt_api::types::{Conversion, Submission};
use musicgpt_api::values::{Status, UploadPhase, UploadStatus};
use musicgpt_sdk::{
    AudioFormat, AudioMastering, AudioSource, AudioToMidi, AudioTranscribe, Client, CompleteUpload,
    ConversionType, Cover, CreateUpload, Error, ErrorKind, ExtractKeyBpm, Extraction, FileConvert,
    GetAllVoices, GetById, ImageSource, ImageToSong, JobHandle, MusicAi, Phase, PreprocessUpload,
    PromptToLyrics, Remix, RetryPolicy, SearchVoices, SingOverVocal, SoundGenerator, Submittable,
    TextToSpeech, UploadContentType, VoiceChanger, operations,
};
use musicgpt_tests::payloads;
use musicgpt_tests::recorder::Recorder;
use serde::Serialize;
use serde_json::{Map, Value};

fn audio() -> AudioSource {
    AudioSource::from_url("https://h/a.mp3")
}

/// Acknowledgements that have not been submitted for yet.
struct Rest(Map<String, Value>);

impl Rest {
    /// Submits a feature, and holds what its job tells against the acknowledgement.
    async fn check<F>(&mut self, name: &str, feature: F)
    where
        F: Submittable + Sync + 'static,
        F::Request: Request<Body = Submission>,
    {
        let answer = self.0.remove(name).unwrap();
        let client = Recorder::answering(answer.to_string()).client();
        let job = client.submit(feature).await.unwrap();
        let text = |field: &str| answer[field].as_str();
        assert_eq!(Some(job.task_id()), text("task_id"), "{name}");
        let ids = ["conversion_id_1", "conversion_id_2", "conversion_id"];
        let ids: Vec<&str> = ids.into_iter().filter_map(text).collect();
        assert_eq!(job.conversion_ids(), ids, "{name}");
        let eta = answer["eta"].as_u64().map(Duration::from_secs);
        assert_eq!(job.eta(), eta, "{name}");
        let credits = answer["credit_estimate"].as_f64();
        assert_eq!(job.credit_estimate(), credits, "{name}");
        assert_eq!(job.is_flagged(), answer["is_flagged"] == true, "{name}");
        let reason = text("reason").filter(|reason| !reason.is_empty());
        assert_eq!(job.flag_reason(), reason, "{name}");

        let submission = job.submission().unwrap();
        assert_eq!(submission.success, Some(true), "{name}");
        assert_eq!(submission.message.as_deref(), text("message"), "{name}");
        assert_eq!(submission.eta, answer["eta"].as_f64(), "{name}");
        let in_queue = answer.get("status").map(|_| Status::InQueue);
        assert_eq!(submission.status, in_queue, "{name}");
        assert!(submission.extra.is_empty(), "{name}: {submission:?}");
        assert_whole(name, submission, &answer);
    }
}

/// What was read has the same values as what was sent, and none beside them.
fn assert_whole(name: &str, read: &impl Serialize, sent: &Value) {
    let Value::Object(read) = serde_json::to_value(read).unwrap() else {
        panic!("{name}");
    };
    let names = |object: &Map<String, Value>| -> BTreeSet<String> {
        let fields = object.iter().filter(|(_, value)| !value.is_null());
        fields.map(|(field, _)| field.clone()).collect()
    };
    assert_eq!(names(&read), names(sent.as_object().unwrap()), "{name}");
    for (field, read) in &read {
        // 154 and 154.0 are one number.
        let same = match (read.as_f64(), sent[field].as_f64()) {
            (Some(read), Some(sent)) => read == sent,
            _ => *read == sent[field],
        };
        assert!(same || read.is_null(), "{name}: {field}: {read}");
    }
}

#[tokio::test]
async fn acknowledgements() {
    let mut rest = Rest(payloads::acknowledgements());
    let song = || MusicAi::from_prompt("x");
    rest.check("music_ai", song()).await;
    rest.check("music_ai, older", song()).await;
    rest.check("minimal", song()).await;
    rest.check("flagged", song()).await;
    rest.check("remix", Remix::new(audio(), "x")).await;
    rest.check("remix, original", Remix::new(audio(), "x"))
        .await;
    rest.check("sing_over_vocal", SingOverVocal::new(audio(), "x"))
        .await;
    let picture = ImageSource::from_url("https://h/i.png");
    rest.check("image_to_song", ImageToSong::new(picture)).await;
    rest.check("extraction", Extraction::new(audio(), [])).await;
    rest.check("cover", Cover::new(audio(), "v")).await;
    rest.check("text_to_speech", TextToSpeech::with_voice("x", "v"))
        .await;
    rest.check("voice_changer", VoiceChanger::new(audio(), "v"))
        .await;
    rest.check("sound_generator", SoundGenerator::new("x"))
        .await;
    rest.check("audio_transcribe", AudioTranscribe::new(audio()))
        .await;
    rest.check("audio_to_midi", AudioToMidi::new(audio())).await;
    rest.check("extract_key_bpm", ExtractKeyBpm::new(audio()))
        .await;
    let convert = || FileConvert::new(audio(), AudioFormat::Wav);
    rest.check("file_convert", convert()).await;
    rest.check("file_convert, 2025", convert()).await;
    rest.check("audio_mastering", AudioMastering::new(audio(), audio()))
        .await;
    let left: Vec<&String> = rest.0.keys().collect();
    assert!(left.is_empty(), "no feature is submitted for {left:?}");
}

fn answer(name: &str) -> (Value, Client) {
    let answer = payloads::answers()[name].clone();
    let client = Recorder::answering(answer.to_string()).client();
    (answer, client)
}

#[tokio::test]
async fn the_look_up_of_a_song() {
    let (sent, client) = answer("get_by_id, song");
    let typed: Conversion = serde_json::from_value(sent["conversion"].clone()).unwrap();
    assert!(typed.extra.is_empty(), "{:?}", typed.extra);
    assert_whole("conversion", &typed, &sent["conversion"]);

    let conversion = client
        .call(GetById::task(ConversionType::MusicAi, "t"))
        .await
        .unwrap();
    assert_eq!(
        Value::Object(conversion.fields().clone()),
        sent["conversion"]
    );
    assert_eq!(conversion.phase(), Some(Phase::Done));
    let task = "15b6437f-e3af-5b5d-b2f4-14cb141f313a";
    assert_eq!(conversion.task_id(), Some(task));

    let handle = JobHandle::new(&operations::MUSIC_AI, task);
    let song = client.resume::<MusicAi>(handle).unwrap().wait().await;
    let song = song.unwrap();
    assert_eq!(song.takes().len(), 2);
    let takes = [
        ("5400f093-4321-56ab-84df-6630f448ff52", 208.28),
        ("ac5e80ee-504c-58c4-b028-265effb05ff7", 247.84),
    ];
    for (take, (id, duration)) in song.takes().iter().zip(takes) {
        assert_eq!(take.conversion_id.as_deref(), Some(id));
        assert_eq!(take.title.as_deref(), Some("Sugar Cup"));
        assert_eq!(take.lyrics.as_deref(), Some(".."));
        assert!(take.timed_lyrics.is_none(), "a text that is no JSON");
        assert_eq!(take.duration, Some(Duration::from_secs_f64(duration)));
        let place = "https://cdn1.wav.com/conversions/api";
        assert_eq!(take.mp3.url(), format!("{place}/standard/{id}/{id}.mp3"));
        let wav = take.wav.as_ref().unwrap();
        assert_eq!(wav.url(), format!("{place}/hq/{id}/{id}.wav"));
    }
    let cover = format!("https://cdn1.wav.com/img-gen-pipeline/api/{task}.jpg");
    assert_eq!(song.cover.as_ref().unwrap().url(), cover);
}

#[tokio::test]
async fn the_look_up_of_any_conversion() {
    let (sent, client) = answer("get_by_id, generic");
    let typed: Conversion = serde_json::from_value(sent["conversion"].clone()).unwrap();
    assert!(typed.extra.is_empty(), "{:?}", typed.extra);
    assert_whole("conversion", &typed, &sent["conversion"]);

    let task = "12345678-abcd-1234-efgh-567890abcdef";
    let handle = JobHandle::new(&operations::FILE_CONVERT, task);
    let file = client.resume::<FileConvert>(handle).unwrap().wait().await;
    let file = file.unwrap();
    assert_eq!(file.task_id, task);
    let conversion = "87654321-dcba-4321-hgfe-098765fedcba";
    assert_eq!(file.conversion_id.as_deref(), Some(conversion));
    assert_eq!(file.title.as_deref(), Some("Generated Song"));
    let url = "https://lalals.s3.amazonaws.com/audiofile.mp3";
    assert_eq!(file.file.unwrap().url(), url);
    assert_eq!(file.duration, None);
    // For a song it is the one take that there is, once the others had their time.
    let handle = JobHandle::new(&operations::MUSIC_AI, task);
    let song = client.resume::<MusicAi>(handle).unwrap().wait().await;
    let song = song.unwrap();
    assert_eq!((song.takes().len(), song.missing()), (1, [2].as_slice()));
    let lyrics = song.takes()[0].lyrics.as_deref();
    assert_eq!(lyrics, Some("[Verse 1]..."));
}

#[tokio::test]
async fn lyrics_come_at_once() {
    let (sent, client) = answer("prompt_to_lyrics");
    let read = client.call(PromptToLyrics::new("x")).await.unwrap();
    assert_eq!(read.success, Some(true));
    assert_eq!(read.task_id.as_deref(), Some("task-lyrics-2345"));
    let message = "Lyrics generated successfully";
    assert_eq!(read.message.as_deref(), Some(message));
    let lyrics = "Under the silver moonlight we sway...\n...\n";
    assert_eq!(read.lyrics.as_deref(), Some(lyrics));
    assert_eq!(read.credit_estimate, Some(0.01));
    assert!(read.extra.is_empty());
    assert_whole("prompt_to_lyrics", &read, &sent);
}

#[tokio::test]
async fn voices() {
    let all = [
        ("00126f62-1f31-434a-abc6-a5e958a737e3", "Joji"),
        ("0031cf05-6d3d-4c15-9115-d8236590b957", "Amy Winehouse"),
    ];
    let (_, client) = answer("get_all_voices");
    let read = client.call(GetAllVoices::new(0)).await.unwrap();
    let (_, client) = answer("search_voices");
    let found = client.call(SearchVoices::new("x")).await.unwrap();
    for (page, voices, total) in [
        (read, all.as_slice(), 3108),
        // The total is not what it lists.
        (found, [("JustinBieber", "Justin Bieber")].as_slice(), 2),
    ] {
        assert_eq!(page.success, Some(true));
        assert_eq!((page.limit, page.page), (Some(20), Some(0)));
        assert_eq!(page.total, Some(total));
        let read = page.voices.unwrap();
        let read: Vec<_> = read
            .iter()
            .map(|voice| {
                (
                    voice.voice_id.as_deref().unwrap(),
                    voice.voice_name.as_deref().unwrap(),
                )
            })
            .collect();
        assert_eq!(read, voices);
        assert!(page.extra.is_empty());
    }
}

#[tokio::test]
async fn the_three_answers_of_an_upload() {
    let id = Some("upl_x7Kd2mQ...");
    let (sent, client) = answer("create_upload");
    let create = CreateUpload::new(UploadContentType::AudioMpeg, 2048);
    let place = client.call(create).await.unwrap();
    assert_eq!(place.success, Some(true));
    assert_eq!(place.message.as_deref(), Some("Upload prepared"));
    assert_eq!(place.upload_id.as_deref(), id);
    let url = "https://musicgpt.s3.amazonaws.com/";
    assert_eq!(place.upload_url.as_deref(), Some(url));
    let fields: Vec<_> = place.fields.iter().flatten().collect();
    assert_eq!(fields.len(), 4);
    for (name, value) in fields {
        assert_eq!(sent["fields"][name], **value, "{name}");
    }
    assert_eq!(place.expires_in_seconds, Some(900));
    assert_whole("create_upload", &place, &sent);

    let (sent, client) = answer("complete_upload");
    let complete = client.call(CompleteUpload::new("u")).await.unwrap();
    assert_eq!(complete.success, Some(true));
    assert_eq!(complete.message.as_deref(), Some("Upload ready"));
    assert_eq!(complete.upload_id.as_deref(), id);
    assert_eq!(complete.expires_in_seconds, Some(86400));
    assert_whole("complete_upload", &complete, &sent);

    let (sent, client) = answer("preprocess_upload");
    let ready = client.call(PreprocessUpload::new("u")).await.unwrap();
    assert_eq!(ready.success, Some(true));
    assert_eq!(ready.upload_id.as_deref(), id);
    assert_eq!(ready.status, Some(UploadStatus::Completed));
    assert_eq!(ready.phase, Some(UploadPhase::Ready));
    let lyrics = "I drive the long way home...";
    assert_eq!(ready.lyrics.as_deref(), Some(lyrics));
    assert_eq!(ready.expires_in_seconds, Some(86400));
    assert_whole("preprocess_upload", &ready, &sent);
}

/// What a client makes of a refusal.
async fn refused(name: &str) -> Error {
    let status: u16 = name.get(..3).unwrap().parse().unwrap();
    let server = MockServer::start_async().await;
    let body = payloads::refusals()[name].clone();
    server
        .mock_async(|when, then| {
            when.any_request();
            then.status(status).json_body(body);
        })
        .await;
    let client = Client::builder()
        .key("k")
        .base_url(server.base_url())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    match name {
        "400 get_by_id" => {
            let lookup = GetById::task(ConversionType::MusicAi, "t");
            client.call(lookup).await.unwrap_err()
        }
        "400 prompt_to_lyrics" => client.call(PromptToLyrics::new("x")).await.unwrap_err(),
        "400 download" | "422 no audio" => {
            let convert = FileConvert::new(audio(), AudioFormat::Wav);
            client.submit(convert).await.unwrap_err()
        }
        _ => client.submit(MusicAi::from_prompt("x")).await.unwrap_err(),
    }
}

#[tokio::test]
async fn refusals() {
    let credits = "Insufficient credit balance";
    let cases = [
        (
            "402 error_code",
            402,
            Some("INSUFFICIENT_CREDITS"),
            "Insufficient credits to process this request.",
        ),
        ("402 error", 402, None, credits),
        ("402 message", 402, None, credits),
        ("400 get_by_id", 400, None, "Invalid request parameters"),
        (
            "400 download",
            400,
            None,
            "The file could not be downloaded from the provided URL",
        ),
        (
            "400 prompt_to_lyrics",
            400,
            None,
            "Prompt must be between 1 and 1000 characters.",
        ),
        (
            "422 no audio",
            422,
            None,
            "Both audio_url and audio_file cannot be None",
        ),
        ("500", 500, None, "Internal Server Error"),
    ];
    let names: BTreeSet<&str> = cases.iter().map(|(name, ..)| *name).collect();
    assert!(payloads::refusals().keys().eq(names), "all of them");
    for (name, status, code, message) in cases {
        let error = refused(name).await;
        assert_eq!(error.kind(), ErrorKind::Api, "{name}");
        assert_eq!(error.status(), Some(status), "{name}");
        assert_eq!(error.code(), code, "{name}");
        assert_eq!(error.message(), message, "{name}");
        assert_eq!(error.is_outcome_unknown(), status == 500, "{name}");
        assert!(!error.is_retryable(), "{name}");
    }
}
