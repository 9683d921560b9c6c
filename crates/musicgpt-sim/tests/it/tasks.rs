//! The life of a task: posts in order, look-ups that fill in.

use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::{World, picture, send, song, sound};

/// The subtypes of posts, or the conversion type of one that has none.
fn kinds(bodies: &[Value]) -> Vec<&str> {
    let keys = ["subtype", "conversion_type"];
    bodies
        .iter()
        .filter_map(|body| keys.into_iter().find_map(|key| body[key].as_str()))
        .collect()
}

#[tokio::test]
async fn a_song_is_told_in_five_posts_in_order() {
    let (world, receiver) = (World::new().await, Receiver::new(0).await);
    let answer = world
        .song(&json!({"prompt": "x", "webhook_url": receiver.url}))
        .await;
    // On a virtual clock the documented ETA stands.
    assert_eq!(answer["eta"], 76);
    assert_eq!(answer["message"], "Message published to queue");

    world.advance(7.5).await;
    assert_eq!(receiver.take().len(), 0);
    world.advance(0.2).await;
    let cover = receiver.take();
    assert_eq!(cover[0].path, "/hook?token=t");
    assert_eq!(cover[0].content_type, "application/json");
    assert!(!cover[0].has_key);
    assert_eq!(cover[0].body["subtype"], "album_cover_generation");
    assert!(cover[0].body.get("conversion_id").is_none());
    assert_eq!(cover[0].body["conversion_id_2"], answer["conversion_id_2"]);

    world.advance(200.0).await;
    let posts = receiver.bodies();
    assert_eq!(
        kinds(&posts),
        [
            "lyrics_timestamped",
            "music_ai",
            "lyrics_timestamped",
            "music_ai"
        ]
    );
    for (post, take) in posts.iter().zip([1, 1, 2, 2]) {
        assert_eq!(
            post["conversion_id"],
            answer[format!("conversion_id_{take}")]
        );
        assert_eq!(post["task_id"], answer["task_id"]);
        assert_eq!(post["conversion_type"], "Music AI");
    }
    assert_eq!(
        posts[0]["lyrics_timestamped"],
        posts[1]["lyrics_timestamped"]
    );
    assert_ne!(
        posts[0]["lyrics_timestamped"],
        posts[2]["lyrics_timestamped"]
    );
    assert_eq!(posts[1]["conversion_duration"], 6.0);

    let times: Vec<_> = world
        .sim
        .deliveries()
        .iter()
        .map(|d| d.at.as_secs_f64())
        .collect();
    assert!((times[2] - times[1] - 0.14).abs() < 1e-6, "{times:?}");
    assert!((times[4] - 76.0).abs() < 1e-6, "{times:?}");
    assert!(
        world
            .sim
            .deliveries()
            .iter()
            .all(|delivery| delivery.delivered)
    );
}

#[tokio::test]
async fn a_look_up_fills_in_as_takes_get_ready() {
    let world = World::new().await;
    let answer = world.song(&song()).await;
    let has_link = |conversion: &Value, field: &str| {
        conversion[field]
            .as_str()
            .is_some_and(|link| link.contains("/media/"))
    };
    let mut seen = Vec::new();
    for seconds in [0.0, 5.0, 5.0, 61.0, 5.0] {
        world.advance(seconds).await;
        let conversion = world.look_up("MUSIC_AI", &answer["task_id"]).await;
        for field in ["task_id", "conversion_id_1", "conversion_id_2"] {
            assert_eq!(conversion[field], answer[field]);
        }
        for field in [
            "createdAt",
            "updatedAt",
            "message",
            "webhook_url",
            "feature",
        ] {
            assert!(conversion[field].is_string(), "{field}");
        }
        let links = ["album_cover_path", "conversion_path_1", "conversion_path_2"]
            .map(|field| has_link(&conversion, field));
        seen.push((conversion["status"].as_str().unwrap().to_owned(), links));
    }
    let seen: Vec<_> = seen
        .iter()
        .map(|(status, links)| (status.as_str(), *links))
        .collect();
    assert_eq!(
        seen,
        [
            ("IN_QUEUE", [false, false, false]),
            ("IN_PROGRESS", [false, false, false]),
            ("IN_PROGRESS", [true, false, false]),
            ("IN_PROGRESS", [true, true, false]),
            ("COMPLETED", [true, true, true]),
        ]
    );

    // Any conversion's id finds the task as well.
    let id = answer["conversion_id_2"].as_str().unwrap();
    let query = [("conversionType", "MUSIC_AI"), ("conversion_id", id)];
    let (status, body) = send(world.get("/v1/byId").query(&query)).await;
    assert_eq!(
        (status, &body["conversion"]["task_id"]),
        (200, &answer["task_id"])
    );
}

#[tokio::test]
async fn an_instrumental_has_no_lyrics() {
    let (world, receiver) = (World::new().await, Receiver::new(0).await);
    let request = json!({"prompt": "x", "make_instrumental": true, "webhook_url": receiver.url});
    let answer = world.song(&request).await;
    world.advance(100.0).await;
    let posts = receiver.bodies();
    assert_eq!(
        kinds(&posts),
        ["album_cover_generation", "music_ai", "music_ai"]
    );
    assert_eq!(posts[1]["lyrics"], "[Instrumental]");
    assert!(posts[1].get("lyrics_timestamped").is_none());
    let conversion = world.look_up("MUSIC_AI", &answer["task_id"]).await;
    assert_eq!(conversion["lyrics_1"], "[Instrumental]");
    assert!(
        conversion["lyrics_timestamped_1"]
            .as_str()
            .is_none_or(str::is_empty)
    );
}

#[tokio::test]
async fn an_explicit_false_drops_a_kind_and_unset_does_not() {
    let (world, receiver) = (World::new().await, Receiver::new(0).await);
    for (switches, count) in [
        (vec![], 5),
        (vec![("generate_album_cover", "false")], 4),
        (
            vec![
                ("generate_album_cover", "0"),
                ("lyrics_timestamps", "false"),
            ],
            2,
        ),
        (vec![("lyrics_timestamps", "true")], 5),
    ] {
        let form = sound()
            .text("prompt", "x")
            .text("webhook_url", receiver.url.clone());
        let form = switches
            .into_iter()
            .fold(form, |form, (name, value)| form.text(name, value));
        let (status, body) = send(world.post("/v1/Remix").multipart(form)).await;
        assert_eq!(status, 200, "{body}");
        world.advance(400.0).await;
        assert_eq!(receiver.take().len(), count);
    }
}

#[tokio::test]
async fn a_converted_file_is_one_post_and_keeps_its_awkward_eta() {
    let (world, receiver) = (World::new().await, Receiver::new(0).await);
    let form = sound()
        .text("target_format", "flac")
        .text("webhook_url", receiver.url.clone());
    let (_, answer) = send(world.post("/v1/file_convert").multipart(form)).await;
    assert_eq!(
        (&answer["eta"], &answer["status"]),
        (&json!(-1), &json!("IN_QUEUE"))
    );
    world.advance(29.0).await;
    let conversion = world.look_up("FILE_CONVERT", &answer["task_id"]).await;
    assert_eq!(conversion["status"], "IN_PROGRESS");
    world.advance(1.0).await;
    let posts = receiver.bodies();
    assert_eq!(kinds(&posts), ["File Conversion"]);
    let link = posts[0]["output_file_path"].as_str().unwrap();
    assert!(link.ends_with(".flac"), "{link}");
    let conversion = world.look_up("FILE_CONVERT", &answer["task_id"]).await;
    assert_eq!(conversion["output_file_path"], link);
    assert_eq!(conversion["status"], "COMPLETED");
}

#[tokio::test]
async fn the_type_must_be_the_tasks_own_or_inferred_one() {
    let world = World::new().await;
    let (_, answer) = send(world.post("/v1/image_to_song").multipart(picture())).await;
    world.look_up("MUSIC_AI", &answer["task_id"]).await;
    let task_id = answer["task_id"].as_str().unwrap();
    for (kind, id, expected) in [
        ("REMIX", task_id, 404),
        ("MUSIC_AI", "unknown", 404),
        ("NONSENSE", task_id, 422),
    ] {
        let query = [("conversionType", kind), ("task_id", id)];
        let (status, body) = send(world.get("/v1/byId").query(&query)).await;
        assert_eq!(status, expected, "{body}");
        assert_eq!(body["success"], false);
    }
}

#[tokio::test]
async fn own_words_are_used() {
    let world = World::new().await;
    let request = json!({"lyrics": "[Verse]\nhello there\nagain", "title": "Mine"});
    let answer = world.song(&request).await;
    world.advance(80.0).await;
    let conversion = world.look_up("MUSIC_AI", &answer["task_id"]).await;
    assert_eq!(conversion["title_1"], "Mine");
    assert_eq!(conversion["lyrics_2"], request["lyrics"]);
    let timed: Value =
        serde_json::from_str(conversion["lyrics_timestamped_1"].as_str().unwrap()).unwrap();
    assert_eq!(timed[1]["text"], "hello there");
    assert_eq!(timed[2]["index"], 2);
}

#[tokio::test]
async fn the_seed_decides_everything() {
    let mut songs = Vec::new();
    for seed in [1, 1, 2] {
        let world = World::with(|builder| builder.seed(seed)).await;
        let answer = world.song(&song()).await;
        world.advance(80.0).await;
        let mut conversion = world.look_up("MUSIC_AI", &answer["task_id"]).await;
        // The port is the system's choice.
        conversion
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.as_str().is_some_and(|text| text.contains("/media/")));
        songs.push(conversion);
    }
    assert_eq!(songs[0], songs[1]);
    assert_ne!(songs[0], songs[2]);
}

#[tokio::test]
async fn a_refused_post_is_tried_again() {
    let (world, receiver) = (World::new().await, Receiver::new(1).await);
    world
        .song(&json!({"prompt": "x", "webhook_url": receiver.url}))
        .await;
    world.advance(20.0).await;
    let attempts: Vec<_> = world
        .sim
        .deliveries()
        .iter()
        .map(|d| (d.attempt, d.status, d.delivered))
        .collect();
    assert_eq!(attempts, [(1, Some(503), false), (2, Some(200), true)]);
}

#[tokio::test]
async fn a_receiver_that_cannot_be_reached_is_given_up() {
    let world = World::new().await;
    world
        .song(&json!({"prompt": "x", "make_instrumental": true, "webhook_url": "https://127.0.0.1:1/"}))
        .await;
    world.advance(1000.0).await;
    let deliveries = world.sim.deliveries();
    assert_eq!(deliveries.len(), 3 * 4);
    assert!(
        deliveries
            .iter()
            .all(|d| !d.delivered && d.status.is_none())
    );
}

#[tokio::test]
async fn a_running_clock_delivers_by_itself() {
    let sim = musicgpt_sim::Simulator::builder()
        .speed(10_000.0)
        .start()
        .await
        .unwrap();
    let world = World {
        sim,
        client: reqwest::Client::builder().no_proxy().build().unwrap(),
    };
    let receiver = Receiver::new(0).await;
    let answer = world
        .song(&json!({"prompt": "x", "webhook_url": receiver.url}))
        .await;
    assert_eq!(answer["eta"], 1);
    let mut bodies = Vec::new();
    while bodies.len() < 5 {
        tokio::task::yield_now().await;
        bodies.extend(receiver.bodies());
    }
    assert_eq!(bodies[0]["subtype"], "album_cover_generation");
}
