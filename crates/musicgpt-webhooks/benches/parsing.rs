//! How long [`Event::from_slice`] takes, beside what a receiver would write by hand: a struct with
//! just the fields of one payload, read by serde_json. Each of the three gives the caller owned
//! values, and the time to drop them is in it.

#![allow(missing_docs, reason = "criterion's macros make functions without")]
#![allow(clippy::unwrap_used, reason = "the bodies are right")]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use musicgpt_webhooks::Event;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// A recording without noise.
#[derive(Deserialize)]
#[allow(dead_code, reason = "read by serde only")]
struct Denoise {
    success: Option<bool>,
    conversion_type: Option<String>,
    task_id: Option<String>,
    conversion_id: Option<String>,
    audio_path: Option<String>,
    no_noise: Option<String>,
    noise: Option<String>,
    message: Option<String>,
    conversion_duration: Option<f64>,
    conversion_cost: Option<String>,
}

/// A take of a song.
#[derive(Deserialize)]
#[allow(dead_code, reason = "read by serde only")]
struct Track {
    success: Option<bool>,
    conversion_type: Option<String>,
    subtype: Option<String>,
    task_id: Option<String>,
    conversion_id: Option<String>,
    conversion_path: Option<String>,
    conversion_path_wav: Option<String>,
    conversion_duration: Option<f64>,
    is_flagged: Option<bool>,
    reason: Option<String>,
    lyrics: Option<String>,
    lyrics_timestamped: Option<String>,
    title: Option<String>,
    album_cover_path: Option<String>,
}

/// Timestamped lyrics.
#[derive(Deserialize)]
#[allow(dead_code, reason = "read by serde only")]
struct Lyrics {
    success: Option<bool>,
    conversion_type: Option<String>,
    subtype: Option<String>,
    task_id: Option<String>,
    conversion_id: Option<String>,
    lyrics_timestamped: Option<String>,
}

const TASK: &str = "c287cca4-c03a-5074-b16a-b8da9d6a124c";
const TAKE: &str = "8725079f-bf68-5098-a6c8-6dcba44dcaa2";

fn denoise() -> String {
    json!({
        "success": true,
        "conversion_type": "Denoise",
        "task_id": TASK,
        "conversion_id": TAKE,
        "audio_path": format!("files/{TAKE}.wav"),
        "no_noise": format!("https://cdn1.musicgpt.example.invalid/conversions/{TASK}_no_noise.mp3"),
        "noise": format!("https://cdn1.musicgpt.example.invalid/conversions/{TASK}_noise.mp3"),
        "message": "Done",
        "conversion_duration": 136.82721088435375,
        "conversion_cost": "0.48",
    })
    .to_string()
}

fn track() -> String {
    json!({
        "success": true,
        "conversion_type": "Music AI",
        "task_id": TASK,
        "conversion_id": TAKE,
        "conversion_path": format!("https://cdn1.musicgpt.example.invalid/conversions/api/standard/{TAKE}/{TAKE}.mp3"),
        "conversion_path_wav": format!("https://cdn1.musicgpt.example.invalid/conversions/api/hq/{TAKE}/{TAKE}.wav"),
        "conversion_duration": 155.95,
        "is_flagged": false,
        "reason": "",
        "lyrics": "[Verse]\nGreen leaves are turning\nIn the morning rain\n\n[Chorus]\nAll of it is growing\nAll of it again\n",
        "lyrics_timestamped": timed(8),
        "title": "Greenery",
        "album_cover_path": format!("https://cdn1.musicgpt.example.invalid/img-gen-pipeline/api/{TASK}.jpg"),
        "subtype": "music_ai",
    })
    .to_string()
}

fn lyrics() -> String {
    json!({
        "success": true,
        "conversion_type": "Music AI",
        "task_id": TASK,
        "conversion_id": TAKE,
        "subtype": "lyrics_timestamped",
        "lyrics_timestamped": timed(107),
    })
    .to_string()
}

/// So many timed lines, as the JSON that the API puts into a text.
fn timed(lines: u32) -> String {
    let mut rows = String::new();
    for index in 0..lines {
        let start = 9_880 + index * 3_000;
        let _ = write!(
            rows,
            r#"{}{{"start": {start}, "end": {}, "text": "Green leaves in the rain", "index": {index}}}"#,
            if index == 0 { "" } else { ", " },
            start + 2_500,
        );
    }
    format!("[{rows}]")
}

fn compare<Handmade: DeserializeOwned>(criterion: &mut Criterion, name: &str, body: &str) {
    let mut group = criterion.benchmark_group(name);
    let size = format!("{} bytes", body.len());
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_with_input(BenchmarkId::new("event", &size), body, |bencher, body| {
        bencher.iter(|| Event::from_slice(black_box(body.as_bytes())).unwrap());
    });
    group.bench_with_input(
        BenchmarkId::new("from_str", &size),
        body,
        |bencher, body| {
            bencher.iter(|| serde_json::from_str::<Handmade>(black_box(body)).unwrap());
        },
    );
    group.bench_with_input(
        BenchmarkId::new("from_slice", &size),
        body,
        |bencher, body| {
            bencher
                .iter(|| serde_json::from_slice::<Handmade>(black_box(body.as_bytes())).unwrap());
        },
    );
    group.finish();
}

fn parsing(criterion: &mut Criterion) {
    compare::<Denoise>(criterion, "result", &denoise());
    compare::<Track>(criterion, "track", &track());
    compare::<Lyrics>(criterion, "lyrics", &lyrics());
}

criterion_group!(benches, parsing);
criterion_main!(benches);
