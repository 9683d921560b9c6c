//! Silence, broken transfers and stubborn hosts, over raw sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use httpmock::MockServer;
use musicgpt_sdk::{
    AudioSource, Client, ConversionType, ErrorKind, FileConvert, GetById, JobHandle, MusicAi,
    RawRequest, Remix, RetryPolicy, Timeouts, operations,
};
use musicgpt_tests::clock::Impatient;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that does the same with every connection, and counts them.
async fn server<F, R>(serve: F) -> (String, Arc<AtomicUsize>)
where
    F: Fn(TcpStream, usize) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream, number));
        }
    });
    (format!("http://{address}"), count)
}

/// Reads up to the end of a request's head.
async fn head(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 1024];
    while !text.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(size) if size > 0 => text.extend_from_slice(&buffer[..size]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn patience(milliseconds: u64) -> Timeouts {
    let mut timeouts = Timeouts::default();
    timeouts.answer = Duration::from_millis(milliseconds);
    timeouts.acceptance = Duration::from_millis(milliseconds);
    timeouts.stall = Duration::from_millis(milliseconds);
    timeouts
}

fn client(base_url: &str) -> Client {
    Client::builder()
        .key("k")
        .base_url(base_url)
        .timeouts(patience(100))
        .clock(Arc::new(Impatient::default()))
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_service_that_says_nothing() {
    let (url, count) = server(|mut stream, _| async move {
        head(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let error = client(&url)
        .submit(MusicAi::from_prompt("x"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let lookup = GetById::task(ConversionType::MusicAi, "t");
    let error = client(&url).call(lookup).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 3));
    assert!(!error.is_outcome_unknown());
}

#[tokio::test]
async fn an_answer_that_stalls() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
        "HTTP/1.1 202 Accepted\r\ncontent-length: 100\r\n\r\n{",
        "HTTP/1.1 500 Oops\r\ncontent-length: 100\r\n\r\n{",
    ] {
        let (url, _) = server(move |mut stream, _| async move {
            head(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        })
        .await;
        let error = client(&url)
            .submit(MusicAi::from_prompt("x"))
            .await
            .unwrap_err();
        assert!(error.is_outcome_unknown(), "{answer}: {error}");
    }
}

#[tokio::test]
async fn an_upload_that_stalls() {
    let (url, _) = server(|stream, _| async move {
        // Takes nothing, so that the socket's buffers fill up.
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let file = AudioSource::from_bytes("a.mp3", [b"ID3".to_vec(), vec![0; 64 << 20]].concat());
    let error = client(&url)
        .submit(Remix::new(file, "x"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.is_outcome_unknown());
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_sent_is_our_own_fault() {
    let (url, count) = server(|mut stream, _| async move {
        let mut sink = tokio::io::sink();
        let _ = tokio::io::copy(&mut stream, &mut sink).await;
    })
    .await;
    let reader = tokio::io::repeat(0).take(500_000);
    let file = AudioSource::from_reader("a.mp3", "audio/mpeg", 1_000_000, reader);
    let error = client(&url)
        .submit(Remix::new(file, "x"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File, "{error}");
    assert!(!error.is_outcome_unknown());
    assert!(error.to_string().contains("shrank"), "{error}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

/// A finished file conversion whose file is at an address.
async fn converted(file: &str) -> (MockServer, Client) {
    let api = MockServer::start_async().await;
    let body =
        json!({"success": true, "conversion": {"status": "COMPLETED", "output_file_path": file}});
    api.mock_async(|when, then| {
        when.path("/v1/byId");
        then.status(200).json_body(body);
    })
    .await;
    let client = client(&api.base_url());
    (api, client)
}

async fn fetched(file: &str) -> Result<Vec<u8>, musicgpt_sdk::Error> {
    let (_api, client) = converted(file).await;
    let handle = JobHandle::new(&operations::FILE_CONVERT, "t");
    let output = client
        .resume::<FileConvert>(handle)
        .unwrap()
        .wait()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let saved = output
        .file
        .unwrap()
        .save_to_dir(&client, folder.path())
        .await;
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(
        names.len(),
        usize::from(saved.is_ok()),
        "nothing temporary is left"
    );
    Ok(std::fs::read(saved?).unwrap())
}

const CONTENT: &[u8] = b"0123456789abcdefghij";

/// The beginning of the file, cut short.
const CUT: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\netag: \"v1\"\r\nconnection: close\r\n\r\n01234567";

#[tokio::test]
async fn a_download_goes_on_where_it_broke_off() {
    let (url, count) = server(|mut stream, number| async move {
        let head = head(&mut stream).await.to_ascii_lowercase();
        assert!(!head.contains("authorization"), "{head}");
        if number == 0 {
            stream.write_all(CUT).await.unwrap();
            return;
        }
        assert!(head.contains("range: bytes=8-") && head.contains("if-range: \"v1\""), "{head}");
        let rest = [
            b"HTTP/1.1 206 Partial Content\r\ncontent-length: 12\r\ncontent-range: bytes 8-19/20\r\n\r\n",
            &CONTENT[8..],
        ]
        .concat();
        stream.write_all(&rest).await.unwrap();
    })
    .await;
    assert_eq!(fetched(&format!("{url}/a.mp3")).await.unwrap(), CONTENT);
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_file_that_changed_begins_anew() {
    let (url, _) = server(|mut stream, number| async move {
        head(&mut stream).await;
        if number == 0 {
            stream.write_all(CUT).await.unwrap();
            return;
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\netag: \"v2\"\r\n\r\nnew")
            .await
            .unwrap();
    })
    .await;
    assert_eq!(fetched(&format!("{url}/a.mp3")).await.unwrap(), b"new");
}

#[tokio::test]
async fn a_host_that_cuts_and_refuses_to_go_on_is_left() {
    let (url, count) = server(|mut stream, _| async move {
        let head = head(&mut stream).await.to_ascii_lowercase();
        let answer: &[u8] = match head.contains("range:") {
            true => b"HTTP/1.1 416 No\r\ncontent-length: 0\r\n\r\n",
            false => CUT,
        };
        stream.write_all(answer).await.unwrap();
    })
    .await;
    let error = fetched(&format!("{url}/a.mp3")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Download);
    assert!(error.handle().is_some(), "the job can be taken up again");
    assert!(count.load(Ordering::SeqCst) <= 6, "{count:?}");
}

#[tokio::test]
async fn a_download_that_stalls_is_tried_again() {
    let (url, count) = server(|mut stream, _| async move {
        head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n0123")
            .await
            .unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let error = fetched(&format!("{url}/a.mp3")).await.unwrap_err();
    assert!(error.to_string().contains("stalled"), "{error}");
    assert!(count.load(Ordering::SeqCst) >= RetryPolicy::default().attempts as usize);
}

#[tokio::test]
async fn an_address_that_is_none() {
    for file in [
        "conversions/relative.mp3",
        "file:///etc/hostname",
        "s3://bucket/a.mp3",
    ] {
        let error = fetched(file).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Download, "{file}: {error}");
    }
}

#[tokio::test]
async fn undocumented_query_parameters_are_sent() {
    use musicgpt_sdk::Feature;

    let api = MockServer::start_async().await;
    let mock = api
        .mock_async(|when, then| {
            when.path("/v1/byId")
                .query_param("task_id", "t")
                .query_param("verbose", "1");
            then.status(200)
                .json_body(json!({"success": true, "conversion": {}}));
        })
        .await;
    let lookup = GetById::task(ConversionType::MusicAi, "t").extra_field("verbose", 1);
    client(&api.base_url()).call(lookup).await.unwrap();
    assert_eq!(mock.calls(), 1);
    let twice = MusicAi::from_prompt("x").extra_field("prompt", "y");
    let error = client(&api.base_url()).submit(twice).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "music_ai: prompt: a known field; set it by its setter"
    );
}

#[tokio::test]
async fn paths_that_the_specs_do_not_have() {
    let api = MockServer::start_async().await;
    let mock = api
        .mock_async(|when, then| {
            when.method("POST")
                .path("/v3/dance")
                .query_param("style", "slow")
                .header("authorization", "k")
                .header_missing("api-version")
                .json_body(json!({"prompt": "x"}));
            then.status(200)
                .json_body(json!({"success": true, "steps": [1, 2]}));
        })
        .await;
    let client = client(&api.base_url());
    let dance = RawRequest::post("/v3/dance", json!({"prompt": "x"})).query("style", "slow");
    assert_eq!(client.raw(dance).await.unwrap()["steps"], json!([1, 2]));
    assert_eq!(mock.calls(), 1);
    let error = client
        .raw(RawRequest::get("/v3/nothing"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.status(), error.operation()),
        (Some(404), Some("raw"))
    );
}

#[tokio::test]
async fn at_the_deadline_there_is_what_there_is() {
    let api = MockServer::start_async().await;
    let body = json!({"success": true, "conversion": {
        "status": "PARTIAL_COMPLETED", "conversion_path_1": "https://h/a.mp3",
    }});
    api.mock_async(|when, then| {
        when.path("/v1/byId");
        then.status(200).json_body(body);
    })
    .await;
    let handle = JobHandle::new(&operations::MUSIC_AI, "t");
    let job = client(&api.base_url()).resume::<MusicAi>(handle).unwrap();
    let song = job.wait().await.unwrap();
    assert_eq!((song.takes().len(), song.missing()), (1, [2].as_slice()));
}

#[tokio::test]
async fn a_look_up_without_an_object_is_looked_up_again() {
    for body in [
        json!({"success": true}),
        json!({"success": true, "conversion": null}),
    ] {
        let api = MockServer::start_async().await;
        api.mock_async(|when, then| {
            when.path("/v1/byId");
            then.status(200).json_body(body);
        })
        .await;
        let handle = JobHandle::new(&operations::MUSIC_AI, "t");
        let job = client(&api.base_url()).resume::<MusicAi>(handle).unwrap();
        assert_eq!(job.wait().await.unwrap_err().kind(), ErrorKind::Deadline);
    }
}
