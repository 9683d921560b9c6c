//! What features other than songs need: posts on demand, several files in
//! one result, files that are neither sound nor picture.

use reqwest::header::CONTENT_TYPE;
use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::{World, send, sound};

/// Sends a form to a feature, lets it finish, and gives its posts.
async fn posts_of(world: &World, path: &str, form: &[(&str, &str)]) -> Vec<Value> {
    let receiver = Receiver::new(0).await;
    let mut form = form.to_vec();
    form.push(("webhook_url", &receiver.url));
    let (status, answer) = send(world.post(path).form(&form)).await;
    assert_eq!(status, 200, "{answer}");
    world.advance(300.0).await;
    receiver.bodies()
}

#[tokio::test]
async fn a_post_on_demand_comes_only_when_asked_for() {
    let world = World::new().await;
    let cover = |value: &'static str| [("prompt", "rain"), ("generate_album_cover", value)];
    for (form, count) in [
        (&cover("true")[..], 2),
        (&cover("false")[..], 1),
        (&[("prompt", "rain")][..], 1),
    ] {
        let posts = posts_of(&world, "/v1/sound_generator", form).await;
        assert_eq!(posts.len(), count, "{form:?}");
        let picture = posts[0]["image_paths"][0].as_str();
        assert_eq!(picture.is_some(), count == 2, "{form:?}");

        let task = &posts[0]["task_id"];
        let conversion = world.look_up("SOUND_GENERATOR", task).await;
        let picture = conversion["album_cover_path"].as_str().unwrap_or_default();
        assert_eq!(picture.ends_with(".png"), count == 2, "{form:?}");
    }
}

/// Downloads a file: its media type and its bytes.
async fn download(world: &World, link: &Value) -> (String, Vec<u8>) {
    let link = link.as_str().unwrap();
    let response = world.client.get(link).send().await.unwrap();
    assert_eq!(response.status(), 200, "{link}");
    let kind = response.headers()[CONTENT_TYPE]
        .to_str()
        .unwrap()
        .to_owned();
    (kind, response.bytes().await.unwrap().to_vec())
}

/// The only post and the finished conversion of an audio feature.
async fn result_of(world: &World, path: &str, kind: &str, form: Form) -> (Value, Value) {
    let receiver = Receiver::new(0).await;
    let form = form.text("webhook_url", receiver.url.clone());
    let (status, answer) = send(world.post(path).multipart(form)).await;
    assert_eq!(status, 200, "{answer}");
    let early = world.look_up(kind, &answer["task_id"]).await;
    assert!(!early.to_string().contains("/media/"), "{early}");
    world.advance(300.0).await;
    let posts = receiver.bodies();
    assert_eq!(posts.len(), 1);
    let conversion = world.look_up(kind, &answer["task_id"]).await;
    (posts[0].clone(), conversion)
}

#[tokio::test]
async fn two_parts_are_two_files_everywhere_the_same() {
    let world = World::new().await;
    for (path, kind, one, two, empty) in [
        ("/v1/denoise", "DENOISING", "no_noise", "noise", "noise_wav"),
        ("/v1/deecho", "DEECHO", "no_echo", "echo", "no_echo_wav"),
        (
            "/v1/dereverb",
            "DEREVERB",
            "noreverb",
            "reverb",
            "reverb_wav",
        ),
    ] {
        let (post, conversion) = result_of(&world, path, kind, sound()).await;
        assert_ne!(post[one], post[two]);
        for field in [one, two, empty] {
            assert_eq!(post[field], conversion[field], "{field}");
        }
        assert_eq!(post[empty], "");
        let (one, two) = (
            download(&world, &post[one]).await,
            download(&world, &post[two]).await,
        );
        assert_eq!((&*one.0, &*two.0), ("audio/mpeg", "audio/mpeg"));
        assert_ne!(one.1, two.1);
    }
}

#[tokio::test]
async fn stems_are_those_asked_for() {
    let world = World::new().await;
    for (asked, stems) in [
        (Some(r#"["vocals", "hi_hat"]"#), &["hi_hat", "vocals"][..]),
        (Some("[]"), &["bass", "drums", "guitar", "piano"]),
        (None, &["bass", "drums", "guitar", "piano"]),
    ] {
        // The mix by its address, in a field called like the result.
        let form = Form::new().text("audio_url", "https://example.com/song.mp3");
        let form = match asked {
            Some(asked) => form.text("stems", asked),
            None => form,
        };
        let (post, conversion) = result_of(&world, "/v2/Extraction", "EXTRACTION", form).await;
        let mut files = Vec::new();
        for (field, media_type) in [("audio_url", "audio/mpeg"), ("audio_url_wav", "audio/wav")] {
            assert_eq!(post[field], conversion[field]);
            let links: Value = serde_json::from_str(post[field].as_str().unwrap()).unwrap();
            let mut names: Vec<_> = links.as_object().unwrap().keys().collect();
            names.sort();
            assert_eq!(names, stems);
            for link in links.as_object().unwrap().values() {
                let (kind, bytes) = download(&world, link).await;
                assert_eq!(kind, media_type);
                files.push(bytes);
            }
        }
        files.sort();
        files.dedup();
        assert_eq!(files.len(), 2 * stems.len());
    }
}

#[tokio::test]
async fn midi_notes_and_sound_of_one_tune() {
    let world = World::new().await;
    let (post, conversion) = result_of(&world, "/v1/audio_to_midi", "AUDIO_TO_MIDI", sound()).await;
    for (field, ending, media_type, start) in [
        ("midi_file_path", ".mid", "audio/midi", &b"MThd"[..]),
        ("notes_file_path", ".csv", "text/csv", b"start_time_s,"),
        ("sonify_file_path", ".wav", "audio/wav", b"RIFF"),
    ] {
        assert_eq!(post[field], conversion[field]);
        assert!(post[field].as_str().unwrap().ends_with(ending), "{field}");
        let (kind, bytes) = download(&world, &post[field]).await;
        assert_eq!(kind, media_type);
        assert!(bytes.starts_with(start), "{field}");
    }
}

#[tokio::test]
async fn a_stream_can_be_heard_before_the_song_is_done() {
    let (world, receiver) = (World::new().await, Receiver::new(0).await);
    let request = json!({"prompt": "x", "webhook_url": receiver.url});
    let (status, answer) = send(world.post("/v2/MusicAI").json(&request)).await;
    assert_eq!(status, 200, "{answer}");
    world.advance(80.0).await;
    let posts = receiver.bodies();
    let streams: Vec<_> = posts
        .iter()
        .filter(|post| post["subtype"] == "audio_streaming")
        .collect();
    assert_eq!((posts.len(), streams.len()), (3, 2));
    for stream in streams {
        let (kind, list) = download(&world, &stream["streaming_url"]).await;
        assert_eq!(kind, "application/vnd.apple.mpegurl");
        let list = String::from_utf8(list).unwrap();
        assert!(list.starts_with("#EXTM3U\n") && list.ends_with("#EXT-X-ENDLIST\n"));
        let segment = list.lines().find(|line| !line.starts_with('#')).unwrap();
        let folder = stream["streaming_url"].as_str().unwrap();
        let folder = folder.rsplit_once('/').unwrap().0;
        let (kind, _) = download(&world, &format!("{folder}/{segment}").into()).await;
        assert_eq!(kind, "audio/aac");
    }
    world.advance(100.0).await;
    assert_eq!(receiver.take().len(), 4);
}

#[tokio::test]
async fn streams_depend_on_the_model() {
    for (field, value, streams) in [
        ("model", "v7-pro", 2),
        ("model", "v6-pro", 2),
        ("model", "v7", 0),
        ("model", "v6", 0),
        // Makes it v6, whatever was asked for.
        ("voice_id", "some-voice", 0),
        ("gender", "female", 2),
    ] {
        let (world, receiver) = (World::new().await, Receiver::new(0).await);
        let mut request = json!({"prompt": "x", "webhook_url": receiver.url});
        request[field] = value.into();
        let (status, answer) = send(world.post("/v2/MusicAI").json(&request)).await;
        assert_eq!(status, 200, "{answer}");
        world.advance(300.0).await;
        let posts = receiver.bodies();
        let is_stream = |post: &&Value| post["subtype"] == "audio_streaming";
        let found = posts.iter().filter(is_stream).count();
        assert_eq!(
            (found, posts.len()),
            (streams, 5 + streams),
            "{field} {value}"
        );
    }
}

#[tokio::test]
async fn one_take_where_one_is_asked_for() {
    for (asked, takes) in [(Some("1"), 1), (Some("2"), 2), (None, 2)] {
        let (world, receiver) = (World::new().await, Receiver::new(0).await);
        let mut form = sound()
            .text("extend_after", "30")
            .text("webhook_url", receiver.url.clone());
        if let Some(asked) = asked {
            form = form.text("num_outputs", asked);
        }
        let (status, answer) = send(world.post("/v1/extend").multipart(form)).await;
        assert_eq!(status, 200, "{answer}");
        assert!(answer["conversion_id_1"].is_string(), "{answer}");
        assert_eq!(answer.get("conversion_id_2").is_some(), takes == 2);
        world.advance(600.0).await;
        let posts = receiver.bodies();
        assert_eq!(
            posts.len(),
            1 + 2 * takes,
            "a cover, and lyrics and track of each"
        );
        let conversion = world.look_up("EXTEND", &answer["task_id"]).await;
        assert_eq!(conversion["status"], "COMPLETED");
        assert!(conversion["conversion_path_1"].is_string(), "{conversion}");
        let second = conversion.as_object().unwrap();
        let second = second.keys().filter(|name| name.ends_with("_2"));
        assert_eq!(second.count() > 0, takes == 2, "{conversion}");
    }
}

#[tokio::test]
async fn a_picture_is_a_picture_whatever_its_field_is_called() {
    let world = World::new().await;
    let posts = posts_of(&world, "/v1/image_generator", &[("prompt", "a lake")]).await;
    // The type is a guess of the API description, and is taken all the same.
    let conversion = world.look_up("IMAGE_GENERATOR", &posts[0]["task_id"]).await;
    assert_eq!(conversion["conversion_path"], posts[0]["conversion_path"]);
    let (kind, bytes) = download(&world, &conversion["conversion_path"]).await;
    assert_eq!(kind, "image/png");
    assert!(bytes.starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn a_sound_effect_has_its_files_in_both_formats() {
    let world = World::new().await;
    let posts = posts_of(&world, "/v1/sound_generator", &[("prompt", "rain")]).await;
    let conversion = world.look_up("SOUND_GENERATOR", &posts[0]["task_id"]).await;
    let id = conversion["conversion_id"].as_str().unwrap();
    assert_eq!(
        conversion["conversion_paths"][id],
        conversion["conversion_path"]
    );
    for (field, media_type) in [
        ("audio_url", "audio/wav"),
        ("conversion_path", "audio/mpeg"),
    ] {
        assert_eq!(download(&world, &conversion[field]).await.0, media_type);
    }
}

#[tokio::test]
async fn what_was_switched_off_does_not_come() {
    let world = World::new().await;
    let source = || Form::new().text("audio_url", "https://h/a.mp3");
    let transcribe = async |form: Form| {
        result_of(&world, "/v1/audio_transcribe", "AUDIO_TRANSCRIPTION", form).await
    };
    let (post, found) = transcribe(source().text("word_timestamps", "true")).await;
    assert!(post["word_timestamps"][0]["text"].is_string());
    assert_eq!(post["word_timestamps"], found["word_timestamps"]);
    for form in [source(), source().text("word_timestamps", "false")] {
        let (post, found) = transcribe(form).await;
        assert!(post["transcription"].is_string());
        assert!(post["word_timestamps"].is_null() && found["word_timestamps"].is_null());
    }
    let form = source()
        .text("sonify_midi", "false")
        .text("save_note_events", "false");
    let (post, _) = result_of(&world, "/v1/audio_to_midi", "AUDIO_TO_MIDI", form).await;
    let names = post.as_object().unwrap();
    assert!(names["midi_file_path"].as_str().unwrap().ends_with(".mid"));
    assert!(!names.contains_key("sonify_file_path") && !names.contains_key("notes_file_path"));
}
