//! Answers that differ from what is documented, and what a wait makes of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::sync::Arc;
use std::time::Duration;

use httpmock::prelude::*;
use musicgpt_api::types;
use musicgpt_sdk::{Client, ConversionType, GetById, JobHandle, MusicAi, Phase};
use musicgpt_tests::clock::Impatient;
use musicgpt_tests::payloads;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The documented song, with a number inside a text, a null and times that end before they begin.
fn wobbling_song() -> Value {
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
async fn the_wobbling_song() {
    let (_server, client) = looked_up(&wobbling_song()).await;
    let conversion = client
        .call(GetById::task(ConversionType::MusicAi, "t"))
        .await
        .unwrap();
    assert_eq!(
        Value::Object(conversion.fields().clone()),
        wobbling_song(),
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
    for (name, acknowledgement) in payloads::acknowledgements() {
        survives::<types::Submission>(&name, &acknowledgement);
    }
    survives::<types::Conversion>("Conversion", &wobbling_song());
    let answer = json!({"success": true, "conversion": wobbling_song()});
    survives::<types::GetByIdAnswer>("GetByIdAnswer", &answer);
}
