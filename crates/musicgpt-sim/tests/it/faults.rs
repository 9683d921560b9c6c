//! Everything that can be made to go wrong.

use std::time::Duration;

use musicgpt_sim::{FAULT_HEADER, Fault, FaultRule};
use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::{World, send, song};

#[tokio::test]
async fn every_error_shape() {
    let world = World::new().await;
    let cases = [
        ("402-code", 402, "/error_code", "INSUFFICIENT_CREDITS"),
        (
            "402-error",
            402,
            "/error",
            "Insufficient credits to process this request.",
        ),
        (
            "402-message",
            402,
            "/message",
            "Insufficient credits to process this request.",
        ),
        ("422-detail", 422, "/detail/0/msg", "field required"),
        (
            "422-detail-text",
            422,
            "/detail",
            "Both audio_url and audio_file cannot be None",
        ),
        ("500-code", 500, "/error_code", "INTERNAL_SERVER_ERROR"),
        (
            "500-error-object",
            500,
            "/error/code",
            "INTERNAL_SERVER_ERROR",
        ),
        ("503", 503, "/message", "Service Unavailable"),
        (
            "success-false-200",
            200,
            "/error_code",
            "INSUFFICIENT_CREDITS",
        ),
    ];
    for (name, status, pointer, text) in cases {
        let request = world
            .post("/v1/MusicAI")
            .json(&song())
            .header(FAULT_HEADER, name);
        let (got, body) = send(request).await;
        assert_eq!(got, status, "{name}");
        assert_eq!(body.pointer(pointer), Some(&json!(text)), "{name} {body}");
    }
    let request = world
        .post("/v1/MusicAI")
        .json(&song())
        .header(FAULT_HEADER, "502-html");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 502);
    assert!(
        response
            .text()
            .await
            .unwrap()
            .contains("<h1>502 Bad Gateway</h1>")
    );
    let request = world
        .post("/v1/MusicAI")
        .json(&song())
        .header(FAULT_HEADER, "oops");
    assert_eq!(send(request).await.0, 400);
}

#[tokio::test]
async fn every_way_to_say_when_to_come_again() {
    let world = World::new().await;
    for (name, header) in [
        ("429", None),
        ("429-seconds", Some("retry-after")),
        ("429-date", Some("retry-after")),
        ("429-ms", Some("retry-after-ms")),
    ] {
        let request = world.get("/v1/byId").header(FAULT_HEADER, name);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 429);
        let headers = ["retry-after", "retry-after-ms"];
        let found = headers
            .into_iter()
            .find(|name| response.headers().contains_key(*name));
        assert_eq!(found, header, "{name}");
        if name == "429-date" {
            let date = response.headers()["retry-after"].to_str().unwrap();
            assert!(httpdate::parse_http_date(date).is_ok());
        }
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error_code"], "TOO_MANY_REQUESTS");
    }
}

#[tokio::test]
async fn connections_break() {
    let world = World::new().await;
    let request = world
        .post("/v1/MusicAI")
        .json(&song())
        .header(FAULT_HEADER, "reset");
    let error = request.send().await.unwrap_err();
    assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");

    let request = world
        .post("/v1/MusicAI")
        .json(&song())
        .header(FAULT_HEADER, "truncate");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let announced = response.content_length().unwrap();
    assert!(announced > 100, "{announced}");
    assert!(response.bytes().await.is_err());

    let request = world
        .post("/v1/MusicAI")
        .json(&song())
        .header(FAULT_HEADER, "stall");
    let request = request.timeout(Duration::from_millis(50));
    assert!(request.send().await.unwrap_err().is_timeout());
    let statuses: Vec<_> = world
        .sim
        .requests()
        .iter()
        .map(|record| record.status)
        .collect();
    assert_eq!(statuses, [0, 200, 0]);
}

#[tokio::test]
async fn a_failed_task_says_so_in_both_ways() {
    let (world, receiver) = (World::new().await, Receiver::new(0).await);
    let song = json!({"prompt": "x", "webhook_url": receiver.url});
    let request = world
        .post("/v1/MusicAI")
        .json(&song)
        .header(FAULT_HEADER, "job-failed");
    let (_, answer) = send(request).await;
    world.advance(100.0).await;
    let bodies = receiver.bodies();
    assert_eq!(bodies.len(), 2);
    assert_eq!(
        (&bodies[1]["success"], &bodies[1]["status"]),
        (&json!(false), &json!("FAILED"))
    );
    assert_eq!(bodies[1]["task_id"], answer["task_id"]);
    assert_eq!(bodies[1]["conversion_type"], "Music AI");
    let conversion = world.look_up("MUSIC_AI", &answer["task_id"]).await;
    assert_eq!(conversion["status"], "FAILED");
    assert_eq!(conversion["reason"], "Generation failed");
}

#[tokio::test]
async fn posts_go_astray() {
    let (world, receiver) = (World::new().await, Receiver::new(0).await);
    let song = json!({"prompt": "x", "webhook_url": receiver.url});
    for (faults, expected) in [
        ("webhook-duplicate", "C C L L T T L L T T"),
        ("webhook-reverse", "T L T L C"),
        ("webhook-drop:1", "L T L T"),
        ("webhook-drop:1, webhook-duplicate", "L L T T L L T T"),
        ("webhook-late", "C L T L T"),
    ] {
        let request = world
            .post("/v1/MusicAI")
            .json(&song)
            .header(FAULT_HEADER, faults);
        assert_eq!(send(request).await.0, 200);
        world.advance(100.0).await;
        if faults == "webhook-late" {
            assert!(receiver.take().is_empty());
            world.advance(1000.0).await;
        }
        let bodies = receiver.bodies();
        let letters = bodies
            .iter()
            .map(|body| match body["subtype"].as_str().unwrap() {
                "album_cover_generation" => "C",
                "lyrics_timestamped" => "L",
                _ => "T",
            });
        assert_eq!(letters.collect::<Vec<_>>().join(" "), expected, "{faults}");
    }
}

#[tokio::test]
async fn rules_are_narrowed_to_operations_and_counts() {
    let world = World::new().await;
    world.sim.set_faults([FaultRule::new("500".parse().unwrap())
        .on("music_ai")
        .times(1)]);
    let (status, _) = send(world.get("/v1/byId")).await;
    assert_eq!(status, 422);
    let (status, _) = send(world.post("/v1/MusicAI").json(&song())).await;
    assert_eq!(status, 500);
    let answer = world.song(&song()).await;

    world.advance(100.0).await;
    let conversion = world.look_up("MUSIC_AI", &answer["task_id"]).await;
    world
        .sim
        .set_faults([FaultRule::new(Fault::MediaExpired).times(1)]);
    let link = conversion["conversion_path_1"].as_str().unwrap();
    let expired = world.client.get(link).send().await.unwrap();
    assert_eq!(expired.status(), 403);
    assert!(
        expired
            .text()
            .await
            .unwrap()
            .contains("Request has expired")
    );
    assert_eq!(world.client.get(link).send().await.unwrap().status(), 200);
}
