//! Requests accepted and refused.

use reqwest::multipart::Part;
use serde_json::{Value, json};

use crate::{World, picture, send, song, sound};

#[tokio::test]
async fn a_key_is_needed_as_it_is() {
    let world = World::new().await;
    let url = format!("{}/v1/MusicAI", world.sim.base_url());
    for key in [None, Some(""), Some("bad-key"), Some("Bearer good")] {
        let request = world.client.post(&url).json(&song());
        let request = key
            .into_iter()
            .fold(request, |r, key| r.header("authorization", key));
        let (status, body) = send(request).await;
        assert_eq!(status, 401, "{key:?}");
        assert_eq!(body["error_code"], "UNAUTHORIZED_ACCESS");
        assert_eq!(body["success"], false);
        assert!(!body["message"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_refused_upload_still_gets_its_answer() {
    let world = World::new().await;
    let part = Part::bytes(vec![7; 8 << 20]).file_name("a.mp3");
    let form = reqwest::multipart::Form::new().part("audio_file", part);
    let url = format!("{}/v1/Remix", world.sim.base_url());
    let (status, _) = send(world.client.post(url).multipart(form)).await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_not_found() {
    let world = World::new().await;
    for request in [
        world.get("/v1/nothing"),
        world.get("/v1/MusicAI"),
        world.post("/v1/byId"),
    ] {
        let (status, body) = send(request).await;
        assert_eq!(
            (status, &body["error_code"]),
            (404, &json!("RESOURCE_NOT_FOUND"))
        );
    }
}

#[tokio::test]
async fn limits_are_those_of_the_set() {
    for (set, longest) in [("original", 300), ("2026-10", 1000), ("latest", 1000)] {
        let world = World::limited(set).await;
        for (length, expected) in [(longest, 200), (longest + 1, 422)] {
            // Characters count, not bytes.
            let form = picture().text("prompt", "ä".repeat(length));
            let (status, body) = send(world.post("/v1/image_to_song").multipart(form)).await;
            assert_eq!(status, expected, "{set} {length} {body}");
            if expected == 422 {
                let message = format!("prompt: cannot be more than {longest} characters");
                assert_eq!(body["message"], message);
                assert_eq!(body["error_code"], "UNPROCESSABLE_CONTENT");
            }
        }
    }
    let world = World::limited("unchecked").await;
    let form = picture().text("prompt", "x".repeat(9999));
    let (status, _) = send(world.post("/v1/image_to_song").multipart(form)).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn an_edition_that_is_not_there_is_refused() {
    let builder = musicgpt_sim::Simulator::builder();
    let error = builder
        .limits("1999-01".parse().unwrap())
        .start()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("`1999-01`"), "{error}");
}

#[tokio::test]
async fn exactly_one_source_is_needed() {
    let world = World::new().await;
    let both = picture().text("image_url", "https://host/a.png");
    let neither = reqwest::multipart::Form::new().text("prompt", "x");
    for (form, rest) in [
        (both, "more than one was given"),
        (neither, "none was given"),
    ] {
        let (status, body) = send(world.post("/v1/image_to_song").multipart(form)).await;
        assert_eq!(status, 422);
        let message = format!("image_file or image_url: exactly one is required, {rest}");
        assert_eq!(body["message"], message);
    }
    let empty = sound().text("audio_url", "").text("target_format", "wav");
    let (status, _) = send(world.post("/v1/file_convert").multipart(empty)).await;
    assert_eq!(status, 200, "an empty string counts as absent");
}

#[tokio::test]
async fn what_is_wrong_is_said_without_the_value() {
    let world = World::new().await;
    let cases = [
        (
            json!({}),
            "prompt or music_style or lyrics: at least one is required",
        ),
        (
            json!({"prompt": ""}),
            "prompt or music_style or lyrics: at least one is required",
        ),
        (
            json!({"prompt": "x", "gender": "secret"}),
            "gender: must be one of male, female, neutral",
        ),
        (json!({"prompt": 7}), "prompt: must be of type string"),
        (
            json!({"prompt": "x", "webhook_url": "http://secret.example/x"}),
            "webhook_url: must be an https URL (http only to loopback)",
        ),
    ];
    for (request, message) in cases {
        let (status, body) = send(world.post("/v1/MusicAI").json(&request)).await;
        assert_eq!((status, &body["message"]), (422, &json!(message)));
    }
    let form = picture().text("vocal_only", "true").text("voice_id", "v");
    let (_, body) = send(world.post("/v1/image_to_song").multipart(form)).await;
    assert_eq!(body["message"], "vocal_only, voice_id: cannot be combined");
    let (_, body) = send(world.post("/v1/Remix").multipart(sound())).await;
    assert_eq!(body["message"], "prompt: is required");
    let form = picture()
        .text("bpm", "fast")
        .text("make_instrumental", "maybe");
    let (_, body) = send(world.post("/v1/image_to_song").multipart(form)).await;
    let message = body["message"].as_str().unwrap();
    assert!(
        message.contains("bpm: must be of type integer"),
        "{message}"
    );
    assert!(
        message.contains("make_instrumental: must be of type boolean"),
        "{message}"
    );
}

#[tokio::test]
async fn bodies_of_the_wrong_kind_are_refused() {
    let world = World::new().await;
    let (status, body) = send(world.post("/v1/Remix").json(&song())).await;
    assert_eq!(status, 422);
    assert_eq!(
        body["message"],
        "content-type: this operation takes multipart/form-data"
    );
    let (status, body) = send(world.post("/v1/MusicAI").multipart(picture())).await;
    assert_eq!(status, 422);
    assert_eq!(
        body["message"],
        "content-type: this operation takes application/json"
    );
    let broken = world
        .post("/v1/MusicAI")
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(send(broken).await.1["message"], "body: must be valid JSON");
    let empty = reqwest::multipart::Form::new()
        .part("image_file", Part::bytes(&b""[..]).file_name("a.png"));
    let (status, body) = send(world.post("/v1/image_to_song").multipart(empty)).await;
    assert_eq!(
        (status, &body["message"]),
        (422, &json!("image_file: the file is empty"))
    );
}

#[tokio::test]
async fn unknown_fields_are_accepted_and_reported() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = std::sync::Arc::clone(&seen);
    let world = World::with(|builder| {
        builder.on_request(move |record| sink.lock().unwrap().push(record.clone()))
    })
    .await;
    let request = json!({"prompt": "x", "promtp": "typo", "ä b": 1});
    let response = world
        .post("/v1/MusicAI")
        .json(&request)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["x-sim-unknown-fields"],
        "promtp, %C3%A4+b"
    );

    let [record] = &world.sim.requests()[..] else {
        panic!("one request")
    };
    assert_eq!(record.unknown_fields, ["promtp", "ä b"]);
    assert_eq!(record.fields, ["prompt", "promtp", "ä b"]);
    assert_eq!(record.operation.as_deref(), Some("music_ai"));
    assert_eq!(seen.lock().unwrap().len(), 1);

    let url = world.sim.base_url().replace("/api/public", "/sim/requests");
    let log: Value = world
        .client
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(log[0]["unknown_fields"][0], "promtp");
    assert_eq!(log[0]["status"], 200);
    assert!(!log.to_string().contains("typo"));
}
