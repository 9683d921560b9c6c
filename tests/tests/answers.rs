//! The documented answers, every field asserted, and answers that differ from what is documented.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::sync::Arc;
use std::time::Duration;

use httpmock::prelude::*;
use musicgpt_api::types;
use musicgpt_api::values::Status;
use musicgpt_sdk::outputs::Song;
use musicgpt_sdk::{
    AudioFormat, AudioSource, Client, ConversionType, FileConvert, GetById, ImageSource,
    ImageToSong, Job, JobHandle, MusicAi, Phase, Remix,
};
use musicgpt_tests::clock::Impatient;
use musicgpt_tests::recorder::Recorder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const ACK_OLDER: &str = r#"{"success":true,"message":"Message published to queue",
    "task_id":"4fc2cdba-005d-4d14-a208-5fb02a2809da",
    "conversion_id_1":"05092d5c-f8b1-4c96-a4a3-45bc00de6268",
    "conversion_id_2":"52fcd3b6-3925-41ed-b4c6-aee17a29e40b","eta":154}"#;
const ACK_2026: &str = r#"{"success":true,"message":"Message published to queue",
    "task_id":"50c04348-7077-5ffd-a407-55f031db20ef","eta":154,
    "conversion_id_1":"5a2c6385-e2e1-5531-a530-aab3ff040a3c",
    "conversion_id_2":"e3c65d75-d1fd-549c-9e63-4b303a01cd23",
    "is_flagged":false,"reason":"","credit_estimate":0.06}"#;
const ACK_REMIX: &str = r#"{"success":true,"message":"Remix request submitted successfully",
    "task_id":"2e70b1bc-0af7-45b2-bca5-5d951bd6a8fb",
    "conversion_id_1":"64a38c01-d5b9-4ffa-99d1-e38d957e7048",
    "conversion_id_2":"d12445e4-2605-4c4b-98a0-82efb36ad512","is_flagged":false,"reason":"",
    "eta":300,"status":"IN_QUEUE","credit_estimate":0.1,"error_message":"",
    "error_message_detail":"","missing_input_fields":"","predicted_user_intent":""}"#;
const ACK_REMIX_ORIGINAL: &str = r#"{"success":true,"message":"Remix request submitted successfully",
    "task_id":"task-remix-001","conversion_id_1":"remix-a1b2","conversion_id_2":"remix-c3d4",
    "eta":42,"credit_estimate":47.5}"#;
const ACK_IMAGE: &str = r#"{"success":true,"message":"Message Published To Queue",
    "task_id":"task-xyz-123","conversion_id_1":"image-abc","conversion_id_2":"image-def",
    "eta":40,"credit_estimate":45}"#;
const ACK_CONVERT: &str = r#"{"success":true,"task_id":"7024eac0-02e2-4811-96e3-7031f007f97f",
    "conversion_id":"a1286a84-d886-47d9-a717-77af15894cb9","eta":-1,"credit_estimate":19.833,
    "message":"","status":"IN_QUEUE"}"#;
const ACK_CONVERT_2025: &str = r#"{"success":true,"task_id":"convert789","conversion_id":"conv456",
    "output_path":"https://storage.example.com/converted/audio.wav","credit_estimate":100.1}"#;
const ACK_FLAGGED: &str =
    r#"{"success":true,"task_id":"t","is_flagged":true,"reason":"A famous name"}"#;

async fn music(answer: &'static str) -> Job<Song> {
    let client = Recorder::answering(answer).client();
    client.submit(MusicAi::from_prompt("x")).await.unwrap()
}

#[tokio::test]
async fn acknowledgements() {
    let job = music(ACK_OLDER).await;
    assert_eq!(job.task_id(), "4fc2cdba-005d-4d14-a208-5fb02a2809da");
    assert_eq!(
        job.conversion_ids(),
        [
            "05092d5c-f8b1-4c96-a4a3-45bc00de6268",
            "52fcd3b6-3925-41ed-b4c6-aee17a29e40b"
        ]
    );
    assert_eq!(job.eta(), Some(Duration::from_secs(154)));
    assert_eq!(job.credit_estimate(), None);
    let submission = job.submission().unwrap();
    assert_eq!(submission.success, Some(true));
    assert_eq!(
        submission.message.as_deref(),
        Some("Message published to queue")
    );

    let job = music(ACK_2026).await;
    assert_eq!(job.credit_estimate(), Some(0.06));
    assert_eq!((job.is_flagged(), job.flag_reason()), (false, None));
    assert_eq!(job.eta(), Some(Duration::from_secs(154)));
    assert_eq!(job.conversion_ids().len(), 2);

    let job = music(ACK_FLAGGED).await;
    assert_eq!(
        (job.is_flagged(), job.flag_reason()),
        (true, Some("A famous name"))
    );

    for (answer, task, eta, credits) in [
        (ACK_REMIX, "2e70b1bc-0af7-45b2-bca5-5d951bd6a8fb", 300, 0.1),
        (ACK_REMIX_ORIGINAL, "task-remix-001", 42, 47.5),
    ] {
        let client = Recorder::answering(answer).client();
        let remix = Remix::new(AudioSource::from_url("https://h/a.mp3"), "x");
        let job = client.submit(remix).await.unwrap();
        assert_eq!(job.task_id(), task);
        assert_eq!(job.eta(), Some(Duration::from_secs(eta)));
        assert_eq!(job.credit_estimate(), Some(credits));
        assert_eq!(job.conversion_ids().len(), 2);
        let submission = job.submission().unwrap();
        if answer == ACK_REMIX {
            assert_eq!(submission.status, Some(Status::InQueue));
            for empty in [
                &submission.error_message,
                &submission.error_message_detail,
                &submission.missing_input_fields,
                &submission.predicted_user_intent,
            ] {
                assert_eq!(empty.as_deref(), Some(""));
            }
        }
    }

    let client = Recorder::answering(ACK_IMAGE).client();
    let image = ImageToSong::new(ImageSource::from_url("https://h/i.png"));
    let job = client.submit(image).await.unwrap();
    assert_eq!(job.task_id(), "task-xyz-123");
    assert_eq!(job.conversion_ids(), ["image-abc", "image-def"]);
    assert_eq!(job.credit_estimate(), Some(45.0));

    for (answer, id, credits) in [
        (ACK_CONVERT, "a1286a84-d886-47d9-a717-77af15894cb9", 19.833),
        (ACK_CONVERT_2025, "conv456", 100.1),
    ] {
        let client = Recorder::answering(answer).client();
        let convert = FileConvert::new(AudioSource::from_url("https://h/a.mp3"), AudioFormat::Wav);
        let job = client.submit(convert).await.unwrap();
        assert_eq!(job.conversion_ids(), [id]);
        assert_eq!(job.eta(), None);
        assert_eq!(job.credit_estimate(), Some(credits));
    }
    let path = "https://storage.example.com/converted/audio.wav";
    let submission: types::Submission = serde_json::from_str(ACK_CONVERT_2025).unwrap();
    assert_eq!(submission.output_path.as_deref(), Some(path));
}

fn documented_song() -> Value {
    json!({
        "task_id": "15b6437f-e3af-5b5d-b2f4-14cb141f313a", "feature": "MUSIC_AI", "status": "COMPLETED",
        "message": "Audio conversion completed", "webhook_url": "https://example.com/webhook",
        "createdAt": "2026-08-17T17:07:40.557077+00:00", "updatedAt": "2026-08-17T17:11:35.746277+00:00",
        "conversion_id_1": "5400f093", "conversion_id_2": "ac5e80ee",
        "title_1": "Sugar Cup", "lyrics_1": "..", "sounds_1": "",
        "conversion_path_1": "https://cdn1.wav.com/conversions/api/standard/5400f093/5400f093.mp3",
        "lyrics_timestamped_1": "...", "conversion_duration_1": 208.28,
        "conversion_path_wav_1": "https://cdn1.wav.com/conversions/api/hq/5400f093/5400f093.wav",
        "title_2": "Sugar Cup", "lyrics_2": "...", "sounds_2": "",
        "conversion_path_2": "https://cdn1.wav.com/conversions/api/standard/ac5e80ee/ac5e80ee.mp3",
        "lyrics_timestamped_2": "[{\"index\":0,\"text\":\"[Verse 1]\",\"start\":8173,\"end\":8173},{\"index\":1,\"text\":\"Sugar\",\"start\":195419,\"end\":176843}]",
        "conversion_duration_2": "247.84",
        "conversion_path_wav_2": null,
        "album_cover_path": "https://cdn1.wav.com/img-gen-pipeline/api/15b6437f.jpg",
        "album_cover_thumbnail": "https://cdn1.wav.com/img-gen-pipeline/api/15b6437f_thumb.jpg",
        "is_streaming_request": true, "is_streaming_available": true,
        "generation_completed_at": "2026-08-17 17:11:27.054 +0000"
    })
}

async fn looked_up(conversion: &Value) -> (MockServer, Client) {
    let server = MockServer::start_async().await;
    let body = json!({"success": true, "conversion": conversion});
    server
        .mock_async(|when, then| {
            when.method(GET).path_suffix("/byId");
            then.status(200).json_body(body);
        })
        .await;
    let client = Client::builder()
        .key("k")
        .base_url(server.base_url())
        .clock(Arc::new(Impatient::default()))
        .build()
        .unwrap();
    (server, client)
}

fn handle(operation: &str) -> JobHandle {
    serde_json::from_value(json!({"operation": operation, "task_id": "t"})).unwrap()
}

#[tokio::test]
async fn the_documented_song() {
    let (_server, client) = looked_up(&documented_song()).await;
    let conversion = client
        .call(GetById::task(ConversionType::MusicAi, "t"))
        .await
        .unwrap();
    assert_eq!(
        Value::Object(conversion.fields().clone()),
        documented_song(),
        "as it was sent"
    );
    assert_eq!(conversion.phase(), Some(Phase::Done));
    assert_eq!(
        conversion.task_id(),
        Some("15b6437f-e3af-5b5d-b2f4-14cb141f313a")
    );
    let song = client
        .resume::<MusicAi>(handle("music_ai"))
        .unwrap()
        .wait()
        .await
        .unwrap();
    let [one, two] = song.takes() else {
        panic!("{song:?}");
    };
    assert_eq!(one.conversion_id.as_deref(), Some("5400f093"));
    assert_eq!(one.title.as_deref(), Some("Sugar Cup"));
    assert_eq!(one.lyrics.as_deref(), Some(".."));
    assert_eq!(one.duration, Some(Duration::from_secs_f64(208.28)));
    assert!(one.timed_lyrics.is_none(), "a text that is no JSON");
    assert_eq!(
        one.mp3.url(),
        "https://cdn1.wav.com/conversions/api/standard/5400f093/5400f093.mp3"
    );
    assert_eq!(one.wav.as_ref().unwrap().format(), "wav");
    assert_eq!(
        two.duration,
        Some(Duration::from_secs_f64(247.84)),
        "a number in a text"
    );
    assert!(two.wav.is_none());
    let lyrics = two.timed_lyrics.as_ref().unwrap();
    assert_eq!(
        lyrics.sung().count(),
        1,
        "a line that ends before it begins is a line"
    );
    let cover = song.cover.as_ref().unwrap();
    assert_eq!((cover.format(), cover.take()), ("jpg", None));
    assert_eq!(cover.file_name(), "cover.jpg");
}

#[tokio::test]
async fn the_documented_generic_answer() {
    let (_server, client) = looked_up(&json!({
        "task_id": "12345678-abcd-1234-efgh-567890abcdef", "conversion_id": "87654321",
        "status": "COMPLETED", "status_msg": "Conversion successful",
        "audio_url": "https://lalals.s3.amazonaws.com/audiofile.mp3", "conversion_cost": 1.25,
        "title": "Generated Song", "lyrics": "[Verse 1]...", "music_style": "Pop",
        "createdAt": "2025-01-01T12:00:00Z", "updatedAt": "2025-01-01T12:05:00Z"
    }))
    .await;
    let file = client
        .resume::<FileConvert>(handle("file_convert"))
        .unwrap()
        .wait()
        .await
        .unwrap();
    assert_eq!(file.conversion_id.as_deref(), Some("87654321"));
    assert_eq!(file.title.as_deref(), Some("Generated Song"));
    assert_eq!(
        file.file.unwrap().url(),
        "https://lalals.s3.amazonaws.com/audiofile.mp3"
    );
    assert_eq!(file.task_id, "t");
    // The same for a song gives the one take that there is, once the others had their time.
    let song = client
        .resume::<MusicAi>(handle("music_ai"))
        .unwrap()
        .wait()
        .await
        .unwrap();
    assert_eq!((song.takes().len(), song.missing()), (1, [2].as_slice()));
}

#[tokio::test]
async fn done_without_files_is_asked_again_for_a_minute() {
    let unfinished = json!({"status": "COMPLETED", "conversion_path_1": "", "audio_url": "https://bucket.example.com/"});
    let (_server, client) = looked_up(&unfinished).await;
    let error = client
        .resume::<MusicAi>(handle("music_ai"))
        .unwrap()
        .wait()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), musicgpt_sdk::ErrorKind::Job);
    assert_eq!(
        error.to_string(),
        "music_ai: the job says COMPLETED but gives no file (task t)"
    );
    assert!(error.handle().is_some());
}

#[tokio::test]
async fn an_unknown_status_is_neither_done_nor_for_ever() {
    let (_server, client) = looked_up(&json!({"status": "DANCING"})).await;
    let error = client
        .resume::<MusicAi>(handle("music_ai"))
        .unwrap()
        .wait()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), musicgpt_sdk::ErrorKind::Deadline);
    assert!(error.to_string().contains("status DANCING"), "{error}");
}

#[tokio::test]
async fn an_expired_address_is_asked_for_again() {
    let server = MockServer::start_async().await;
    let song = |name: &str| {
        json!({"success": true, "conversion": {
            "status": "COMPLETED",
            "conversion_path_1": server.url(format!("/{name}-1.mp3")),
            "conversion_path_2": server.url(format!("/{name}-2.mp3")),
        }})
    };
    let old = server
        .mock_async(|when, then| {
            when.method(GET).path("/v1/byId");
            then.status(200).json_body(song("old"));
        })
        .await;
    let expired = server
        .mock_async(|when, then| {
            when.path("/old-1.mp3");
            then.status(403)
                .body("<Error><Code>AccessDenied</Code></Error>");
        })
        .await;
    let fresh = server
        .mock_async(|when, then| {
            when.path("/new-1.mp3").header_missing("authorization");
            then.status(200).body("the file");
        })
        .await;
    let client = Client::builder()
        .key("k")
        .base_url(server.base_url())
        .build()
        .unwrap();
    let job = client.resume::<MusicAi>(
        serde_json::from_value(
            json!({"operation": "music_ai", "task_id": "t", "eta": 1, "submitted_at": 0}),
        )
        .unwrap(),
    );
    let finished = job.unwrap().wait().await.unwrap();
    old.delete_async().await;
    server
        .mock_async(|when, then| {
            when.method(GET).path("/v1/byId");
            then.status(200).json_body(song("new"));
        })
        .await;
    let folder = tempfile::tempdir().unwrap();
    let path = finished.takes()[0]
        .mp3
        .save_to_dir(&client, folder.path())
        .await
        .unwrap();
    assert_eq!(std::fs::read(path).unwrap(), b"the file");
    assert_eq!((expired.calls(), fresh.calls()), (1, 1));
}

/// Every field absent, null, or joined by one that nobody knows; every word another.
fn survives<T: DeserializeOwned + Serialize>(name: &str, whole: &Value) {
    let read = |value: &Value| {
        serde_json::from_value::<T>(value.clone())
            .unwrap_or_else(|error| panic!("{name}: {error}: {value}"))
    };
    read(whole);
    for field in whole.as_object().unwrap().keys() {
        let mut other = whole.clone();
        other.as_object_mut().unwrap().remove(field);
        read(&other);
        other[field] = Value::Null;
        read(&other);
    }
    let mut other = whole.clone();
    other["unheard_of"] = json!({"a": [1]});
    let back = serde_json::to_value(read(&other)).unwrap();
    assert_eq!(
        back["unheard_of"],
        json!({"a": [1]}),
        "{name} keeps what it does not know"
    );
    if whole.get("status").is_some() {
        other["status"] = "DANCING".into();
        assert_eq!(
            serde_json::to_value(read(&other)).unwrap()["status"],
            "DANCING"
        );
    }
}

#[test]
fn answers_survive_change() {
    for ack in [
        ACK_OLDER,
        ACK_2026,
        ACK_REMIX,
        ACK_IMAGE,
        ACK_CONVERT,
        ACK_CONVERT_2025,
    ] {
        survives::<types::Submission>("Submission", &serde_json::from_str(ack).unwrap());
    }
    survives::<types::Conversion>("Conversion", &documented_song());
    let answer = json!({"success": true, "conversion": documented_song()});
    survives::<types::GetByIdAnswer>("GetByIdAnswer", &answer);
}
