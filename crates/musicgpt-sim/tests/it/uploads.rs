//! Files on their way in.

use musicgpt_sim::Simulator;
use reqwest::Client;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{World, send};

const SIZE: usize = 2048;

async fn reserve(world: &World, content_type: &str) -> Value {
    let request = json!({"content_type": content_type, "size_bytes": SIZE, "filename": "a.wav"});
    let (status, body) = send(world.post("/v2/upload_audio").json(&request)).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// The signed fields of a reservation.
fn fields(reservation: &Value) -> Vec<(String, String)> {
    let fields = reservation["fields"].as_object().unwrap().iter();
    fields
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

fn form(fields: &[(String, String)]) -> Form {
    fields.iter().fold(Form::new(), |form, (name, value)| {
        form.text(name.clone(), value.clone())
    })
}

fn file(size: usize) -> Part {
    Part::bytes(vec![7; size]).file_name("a.wav")
}

async fn put(world: &World, reservation: &Value, form: Form) -> (u16, String) {
    let url = reservation["upload_url"].as_str().unwrap();
    let response = world.client.post(url).multipart(form).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

fn path(reservation: &Value, rest: &str) -> String {
    let id = reservation["upload_id"].as_str().unwrap();
    format!("/v2/upload_audio/{id}/{rest}")
}

#[tokio::test]
async fn an_upload_is_reserved_stored_and_completed() {
    let world = World::new().await;
    let reservation = reserve(&world, "audio/wav").await;
    assert_eq!(reservation["message"], "Upload prepared");
    assert_eq!(reservation["expires_in_seconds"], 900);
    let id = &reservation["upload_id"];
    assert!(id.as_str().unwrap().starts_with("upl_"));
    assert_eq!(reservation["fields"]["Content-Type"], "audio/wav");
    assert!(
        reservation["fields"]["key"]
            .as_str()
            .unwrap()
            .ends_with(".wav")
    );
    let url = reservation["upload_url"].as_str().unwrap();
    assert!(!url.contains("/api/public"));
    assert_ne!(id, &reserve(&world, "audio/wav").await["upload_id"]);

    let complete = path(&reservation, "complete");
    let (status, body) = send(world.post(&complete)).await;
    assert_eq!((status, &body["error_code"]), (400, &json!("BAD_REQUEST")));

    let good = form(&fields(&reservation)).part("file", file(SIZE));
    assert_eq!(put(&world, &reservation, good).await, (204, String::new()));
    assert!(!world.sim.requests().last().unwrap().leaked_key);
    for _ in 0..2 {
        let (status, body) = send(world.post(&complete)).await;
        let wanted = json!({"success": true, "message": "Upload ready", "upload_id": id, "expires_in_seconds": 86400});
        assert_eq!((status, body), (200, wanted));
    }

    world.advance(86_401.0).await;
    assert_eq!(send(world.post(&complete)).await.0, 404);
    let unknown = send(world.post("/v2/upload_audio/upl_0/complete")).await;
    assert_eq!(unknown.0, 404);
    assert_eq!(unknown.1["error_code"], "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn the_storage_takes_only_what_was_signed() {
    let world = World::new().await;
    let reservation = reserve(&world, "audio/mpeg").await;
    let good = fields(&reservation);
    let changed = |name: &str, value: &str| {
        let mut fields = good.clone();
        for field in &mut fields {
            if field.0 == name {
                value.clone_into(&mut field.1);
            }
        }
        form(&fields).part("file", file(SIZE))
    };
    let cases = [
        (
            "another type",
            changed("Content-Type", "audio/wav"),
            403,
            "Content-Type",
        ),
        ("a spoilt signature", changed("policy", "x"), 403, "policy"),
        ("another place", changed("key", "x"), 403, "key"),
        (
            "a missing field",
            form(&good[1..]).part("file", file(SIZE)),
            403,
            "AccessDenied",
        ),
        (
            "a field too many",
            form(&good)
                .text("acl", "public-read")
                .part("file", file(SIZE)),
            403,
            "Extra input fields",
        ),
        (
            "the file before a field",
            form(&good[1..])
                .part("file", file(SIZE))
                .text(good[0].0.clone(), good[0].1.clone()),
            403,
            "AccessDenied",
        ),
        (
            "too large",
            form(&good).part("file", file(SIZE + 1)),
            400,
            "EntityTooLarge",
        ),
        (
            "too small",
            form(&good).part("file", file(SIZE - 1)),
            400,
            "EntityTooSmall",
        ),
        ("no file", form(&good), 400, "InvalidArgument"),
    ];
    for (what, form, status, words) in cases {
        let answer = put(&world, &reservation, form).await;
        assert_eq!(answer.0, status, "{what}");
        assert!(answer.1.contains(words), "{what}: {}", answer.1);
    }
    let complete = path(&reservation, "complete");
    assert_eq!(send(world.post(&complete)).await.0, 400);

    // S3 takes no body whose length it is not told.
    assert_eq!(chunked(&world).await, "HTTP/1.1 501 Not Implemented");

    world.advance(901.0).await;
    let late = put(&world, &reservation, form(&good).part("file", file(SIZE))).await;
    assert_eq!(late.0, 403);
    assert!(late.1.contains("expired"));
}

#[tokio::test]
async fn the_storage_takes_only_the_file_that_was_announced() {
    // Of 2048 bytes of 7, as `sha256sum` and `openssl dgst` say.
    let hex = "e4fde89f39bc53b90e9935a8015b80dd6e4135485e894094a3517fa250e344ae";
    let base64 = "5P3onzm8U7kOmTWoAVuA3W5BNUheiUCUo1F/olDjRK4=";
    let world = World::new().await;
    let announce = |sha256: &str| {
        let request = json!({"content_type": "audio/wav", "size_bytes": SIZE, "sha256": sha256});
        send(world.post("/v2/upload_audio").json(&request))
    };
    for good in [hex, &hex.to_uppercase(), base64] {
        let (status, reservation) = announce(good).await;
        assert_eq!(status, 200, "{reservation}");
        let fields = fields(&reservation);
        let other = Part::bytes(vec![8; SIZE]).file_name("a.wav");
        let refused = put(&world, &reservation, form(&fields).part("file", other)).await;
        assert_eq!(refused.0, 400);
        assert!(
            refused.1.contains("<Code>BadDigest</Code>"),
            "{}",
            refused.1
        );
        let complete = path(&reservation, "complete");
        assert_eq!(send(world.post(&complete)).await.0, 400, "it is not kept");
        let right = form(&fields).part("file", file(SIZE));
        assert_eq!(put(&world, &reservation, right).await.0, 204);
        assert_eq!(send(world.post(&complete)).await.0, 200);
    }
    let (_, reservation) = announce("nonsense").await;
    let form = form(&fields(&reservation)).part("file", file(SIZE));
    assert_eq!(put(&world, &reservation, form).await.0, 400);
}

/// Sends an upload in chunks and gives the status line of the answer.
async fn chunked(world: &World) -> String {
    let mut stream = TcpStream::connect(world.sim.address()).await.unwrap();
    let request = "POST /storage/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
        content-type: multipart/form-data; boundary=b\r\n\
        transfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn preparing_goes_through_its_phases() {
    let world = World::new().await;
    let reservation = reserve(&world, "audio/flac").await;
    let prepare = path(&reservation, "complete/pre-process");
    assert_eq!(send(world.post(&prepare)).await.0, 400);
    put(
        &world,
        &reservation,
        form(&fields(&reservation)).part("file", file(SIZE)),
    )
    .await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        let (status, body) = send(world.post(&prepare).query(&[("wait_seconds", "1")])).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(body["upload_id"], reservation["upload_id"]);
        assert_eq!(body["expires_in_seconds"], 86400);
        let sings = body["lyrics"] != "";
        seen.push((body["status"].clone(), body["phase"].clone(), sings));
        world.advance(8.0).await;
    }
    let wanted = [
        ("processing", "pending", false),
        ("processing", "uploading", false),
        ("processing", "transcribing", false),
        ("completed", "ready", true),
        ("completed", "ready", true),
    ];
    assert_eq!(
        seen,
        wanted.map(|(status, phase, sings)| (status.into(), phase.into(), sings))
    );

    let archive = reserve(&world, "application/zip").await;
    put(
        &world,
        &archive,
        form(&fields(&archive)).part("file", file(SIZE)),
    )
    .await;
    let prepare = path(&archive, "complete/pre-process");
    assert_eq!(send(world.post(&prepare)).await.0, 422);
    assert_eq!(send(world.post(&path(&archive, "complete"))).await.0, 200);
}

#[tokio::test]
async fn preparing_can_be_waited_for_on_a_running_clock() {
    let sim = Simulator::builder().speed(200.0).start().await.unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let world = World { sim, client };
    let reservation = reserve(&world, "audio/wav").await;
    let fields = fields(&reservation);
    put(&world, &reservation, form(&fields).part("file", file(SIZE))).await;
    let prepare = path(&reservation, "complete/pre-process");
    let (_, body) = send(world.post(&prepare).query(&[("wait_seconds", "60")])).await;
    assert_eq!(body["phase"], "ready");
}
