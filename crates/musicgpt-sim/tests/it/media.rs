//! Downloads.

use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, RANGE};
use serde_json::Value;

use crate::{World, send, song, sound};

async fn finished_song(world: &World) -> Value {
    let answer = world.song(&song()).await;
    world.advance(100.0).await;
    world.look_up("MUSIC_AI", &answer["task_id"]).await
}

#[tokio::test]
async fn takes_differ_and_need_no_key() {
    let world = World::new().await;
    let conversion = finished_song(&world).await;
    let mut files = Vec::new();
    for (field, kind) in [
        ("conversion_path_1", "audio/mpeg"),
        ("conversion_path_2", "audio/mpeg"),
        ("conversion_path_wav_1", "audio/wav"),
        ("album_cover_path", "image/png"),
    ] {
        let link = conversion[field].as_str().unwrap();
        let response = world.client.get(link).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[CONTENT_TYPE], kind);
        let length: usize = response.headers()[CONTENT_LENGTH]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        let bytes = response.bytes().await.unwrap();
        assert_eq!(bytes.len(), length);
        files.push(bytes);
    }
    assert_ne!(files[0], files[1]);
    assert!(files[2].starts_with(b"RIFF") && files[3].starts_with(b"\x89PNG"));
    assert!(world.sim.requests().iter().all(|record| !record.leaked_key));

    let link = conversion["conversion_path_1"].as_str().unwrap();
    world
        .client
        .get(link)
        .header("authorization", "k")
        .send()
        .await
        .unwrap();
    assert!(world.sim.requests().last().unwrap().leaked_key);
}

#[tokio::test]
async fn ranges_continue_a_download() {
    let world = World::new().await;
    let conversion = finished_song(&world).await;
    let link = conversion["conversion_path_1"].as_str().unwrap();
    let whole = world.client.get(link).send().await.unwrap();
    let tag = whole.headers()[ETAG].clone();
    let whole = whole.bytes().await.unwrap();
    let request = world
        .client
        .get(link)
        .header(RANGE, "bytes=1000-")
        .header("if-range", &tag);
    let rest = request.send().await.unwrap();
    assert_eq!(rest.status(), 206);
    let range = format!("bytes 1000-{}/{}", whole.len() - 1, whole.len());
    assert_eq!(rest.headers()[CONTENT_RANGE], range);
    assert_eq!(rest.bytes().await.unwrap(), whole[1000..]);

    let changed = world
        .client
        .get(link)
        .header(RANGE, "bytes=1-")
        .header("if-range", "\"x\"");
    assert_eq!(changed.send().await.unwrap().status(), 200);
    let beyond = world
        .client
        .get(link)
        .header(RANGE, "bytes=99999999-")
        .send()
        .await
        .unwrap();
    assert_eq!(beyond.status(), 416);
    let head = world.client.head(link).send().await.unwrap();
    assert_eq!(head.headers()[CONTENT_LENGTH], whole.len().to_string());
}

#[tokio::test]
async fn a_conversion_has_the_format_and_rate_asked_for() {
    let world = World::new().await;
    let form = sound()
        .text("target_format", "wav")
        .text("target_sr", "22050")
        .text("target_bit_depth", "24");
    let (_, answer) = send(world.post("/v1/file_convert").multipart(form)).await;
    world.advance(30.0).await;
    let conversion = world.look_up("FILE_CONVERT", &answer["task_id"]).await;
    let link = conversion["output_file_path"].as_str().unwrap();
    let bytes = world
        .client
        .get(link)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let wav = hound::WavReader::new(&bytes[..]).unwrap();
    assert_eq!(
        (wav.spec().sample_rate, wav.spec().bits_per_sample),
        (22_050, 24)
    );
}

#[tokio::test]
async fn nothing_can_be_had_before_it_is_ready() {
    let world = World::new().await;
    let answer = world.song(&song()).await;
    let origin = world.sim.base_url().replace("/api/public", "");
    let (task, take) = (
        answer["task_id"].as_str().unwrap(),
        &answer["conversion_id_1"],
    );
    let link = format!("{origin}/media/{task}/{}.mp3", take.as_str().unwrap());
    let response = world.client.get(&link).send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert!(response.text().await.unwrap().contains("AccessDenied"));
    world.advance(100.0).await;
    assert_eq!(world.client.get(&link).send().await.unwrap().status(), 200);
}
