//! Voices as a stream, uploads in three steps, and jobs of which fewer takes are asked.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::sync::{Arc, Mutex};

use futures_util::{StreamExt, TryStreamExt};
use httpmock::Method::{GET, POST};
use httpmock::MockServer;
use musicgpt_sdk::{AudioSource, Client, ErrorKind, Extend, MusicAiStream, RetryPolicy};
use musicgpt_tests::clock::Impatient;
use serde_json::json;

fn client(server: &MockServer) -> Client {
    Client::builder()
        .key("test-key-0123")
        .base_url(server.base_url())
        .retry(RetryPolicy::none())
        .clock(Arc::new(Impatient::default()))
        .build()
        .unwrap()
}

#[tokio::test]
async fn voices_are_asked_for_as_they_are_read() {
    let server = MockServer::start_async().await;
    let page = |number: usize, voices: usize| {
        let voices = vec![json!({"voice_id": "v", "voice_name": "V"}); voices];
        server.mock(|when, then| {
            when.method(GET)
                .path("/v1/getAllVoices")
                .query_param("page", number.to_string());
            then.status(200)
                .json_body(json!({"success": true, "voices": voices, "total": 3}));
        })
    };
    let (first, second, third) = (page(0, 2), page(1, 1), page(2, 1));
    let client = client(&server);
    let mut stream = std::pin::pin!(client.voices());
    assert!(stream.next().await.unwrap().is_ok());
    assert_eq!((first.calls(), second.calls()), (1, 0));
    let rest: Vec<_> = stream.try_collect().await.unwrap();
    assert_eq!((rest.len(), second.calls(), third.calls()), (2, 1, 0));
}

#[tokio::test]
async fn an_error_ends_the_voices() {
    let server = MockServer::start_async().await;
    server.mock(|when, then| {
        when.method(GET)
            .path("/v1/searchVoices")
            .query_param("query", "joji");
        then.status(401).json_body(json!({"success": false}));
    });
    let found: Vec<_> = client(&server).search_voices("joji").collect().await;
    assert_eq!(found.len(), 1);
    assert!(found.iter().all(std::result::Result::is_err));
}

#[tokio::test]
async fn half_an_answer_is_an_error_and_not_the_end() {
    for (second, fits) in [
        (json!({"voice_id": 5, "voice_name": "V"}), true),
        (json!({"voice_id": "v", "voice_name": ["V"]}), false),
    ] {
        let server = MockServer::start_async().await;
        server.mock(|when, then| {
            when.method(GET).path("/v1/getAllVoices");
            let voices = [json!({"voice_id": "v", "voice_name": "V"}), second];
            then.status(200)
                .json_body(json!({"success": true, "voices": voices, "total": 2}));
        });
        let voices: Vec<_> = client(&server).voices().collect().await;
        if fits {
            let ids: Vec<_> = voices
                .iter()
                .map(|voice| voice.as_ref().unwrap().voice_id.clone())
                .collect();
            assert_eq!(ids, [Some("v".to_owned()), Some("5".to_owned())]);
        } else {
            assert_eq!(voices.len(), 1);
            let error = voices[0].as_ref().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unreadable);
        }
    }
}

#[tokio::test]
async fn a_place_without_its_form_takes_no_file() {
    for (fields, message) in [
        (json!({}), "the answer has no `fields`"),
        (json!(null), "the answer has no `fields`"),
        (json!([1]), "the answer is not what the API documents"),
    ] {
        let server = MockServer::start_async().await;
        server.mock(|when, then| {
            when.method(POST).path("/v2/upload_audio");
            then.status(200).json_body(json!({
                "success": true, "upload_id": "upl_1", "upload_url": server.url("/storage"),
                "fields": fields,
            }));
        });
        let stored = server.mock(|when, then| {
            when.path("/storage");
            then.status(204);
        });
        let error = client(&server).upload(source()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::Unreadable, message)
        );
        assert_eq!(stored.calls(), 0);
    }
}

#[tokio::test]
async fn sound_comes_as_it_is() {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.method(GET)
            .path("/v2/MusicAI/stream")
            .query_param("task_id", "t-1")
            .query_param("conversion_id", "c-1");
        then.status(200)
            .header("content-type", "audio/aac")
            .body([0xff, 0xf1, 1, 2, 3]);
    });
    let client = client(&server);
    let ask = || MusicAiStream::new("t-1", "c-1");
    let sound = client.call(ask()).await.unwrap();
    assert_eq!(sound.content_type(), Some("audio/aac"));
    let chunks: Vec<_> = sound.try_collect().await.unwrap();
    assert_eq!(chunks.concat(), [0xff, 0xf1, 1, 2, 3]);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/take.aac");
    let sound = client.call(ask()).await.unwrap();
    sound.save_as(&path).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), [0xff, 0xf1, 1, 2, 3]);
    assert_eq!(
        std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
        1
    );
    assert_eq!(mock.calls(), 2);
}

#[tokio::test]
async fn what_is_no_sound_is_an_error() {
    for (status, kind, body, want) in [
        (
            401,
            "application/json",
            r#"{"detail": "Upgrade Plans to access Streaming"}"#,
            ErrorKind::Api,
        ),
        (
            200,
            "application/json",
            r#"{"success": false, "message": "not yet"}"#,
            ErrorKind::Api,
        ),
        (
            200,
            "text/html; charset=utf-8",
            "<html><title>Welcome</title></html>",
            ErrorKind::Unreadable,
        ),
    ] {
        let server = MockServer::start_async().await;
        server.mock(|when, then| {
            when.method(GET);
            then.status(status).header("content-type", kind).body(body);
        });
        let call = client(&server).call(MusicAiStream::new("t-1", "c-1")).await;
        let error = call.unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (want, Some(status)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_empty_stream_leaves_no_file() {
    let server = MockServer::start_async().await;
    server.mock(|when, then| {
        when.method(GET);
        then.status(200).header("content-type", "audio/mpeg");
    });
    let client = client(&server);
    let sound = client.call(MusicAiStream::new("t-1", "c-1")).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("take.mp3");
    let error = sound.save_as(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Download);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn reserve(server: &MockServer) {
    server.mock(|when, then| {
        when.method(POST).path("/v2/upload_audio").json_body(
            json!({"content_type": "audio/mpeg", "size_bytes": 2048, "filename": "song.mp3"}),
        );
        then.status(200).json_body(json!({
            "success": true, "upload_id": "upl_1", "upload_url": server.url("/storage"),
            "fields": {"key": "k/1.mp3", "policy": "p"}, "expires_in_seconds": 900,
        }));
    });
}

fn source() -> AudioSource {
    let mut song = vec![0; 2048];
    song[..3].copy_from_slice(b"ID3");
    AudioSource::from_bytes("song.mp3", song)
}

#[tokio::test]
async fn three_steps() {
    let server = MockServer::start_async().await;
    reserve(&server);
    let storage = server.mock(|when, then| {
        when.method(POST).path("/storage").is_true(|request| {
            let has = |name: &str| {
                let mut headers = request.headers_vec().iter();
                headers.any(|(known, _)| known.eq_ignore_ascii_case(name))
            };
            let body = String::from_utf8_lossy(request.body_ref()).into_owned();
            let at = |text: &str| body.find(text);
            at("name=\"key\"") < at("name=\"file\"")
                && at("name=\"policy\"") < at("name=\"file\"")
                && at("name=\"key\"").is_some()
                && has("content-length")
                && !has("authorization")
                && !body.contains("test-key-0123")
        });
        then.status(204);
    });
    let complete = server.mock(|when, then| {
        when.method(POST).path("/v2/upload_audio/upl_1/complete");
        then.status(200)
            .json_body(json!({"success": true, "upload_id": "upl_1", "expires_in_seconds": 86400}));
    });
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let uploaded = client(&server)
        .upload(source())
        .on_progress(move |sent, of| told.lock().unwrap().push((sent, of)))
        .await
        .unwrap();
    assert_eq!(uploaded.upload_id, "upl_1");
    assert_eq!(uploaded.expires_in.unwrap().as_secs(), 86400);
    assert_eq!((storage.calls(), complete.calls()), (1, 1));
    assert_eq!(seen.lock().unwrap().last(), Some(&(2048, 2048)));
}

#[tokio::test]
async fn a_storage_that_refuses() {
    let server = MockServer::start_async().await;
    reserve(&server);
    server.mock(|when, then| {
        when.method(POST).path("/storage");
        then.status(400)
            .body("<Error><Code>EntityTooLarge</Code></Error>");
    });
    let error = client(&server).upload(source()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Upload);
    assert_eq!(error.code(), Some("EntityTooLarge"));
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn one_take_where_one_is_asked() {
    let server = MockServer::start_async().await;
    server.mock(|when, then| {
        when.method(POST).path("/v1/extend");
        then.status(200)
            .json_body(json!({"success": true, "task_id": "t-1", "eta": 1}));
    });
    server.mock(|when, then| {
        when.method(GET).path("/v1/byId");
        then.status(200)
            .json_body(json!({"success": true, "conversion": {
                "status": "IN_PROGRESS", "conversion_path_1": "https://h/1.mp3",
            }}));
    });
    let audio = AudioSource::from_url("https://h/x.mp3");
    let extend = Extend::new(audio, std::time::Duration::from_secs(9)).num_outputs(1);
    let job = client(&server).submit(extend).await.unwrap();
    assert_eq!(job.handle().outputs, Some(1));
    let song = job.wait().await.unwrap();
    assert_eq!(song.takes().len(), 1);
    assert!(song.missing().is_empty());
}
