//! Keys, prompts, lyrics and webhook addresses reach neither `Debug`, nor errors, nor logs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use musicgpt_api::requests::dispatch;
use musicgpt_api::{Request, Visitor, requests, types};
use musicgpt_sdk::{
    AudioSource, Client, ConversionType, GetById, ImageSource, ImageToSong, MusicAi, Remix,
};
use musicgpt_sim::Simulator;
use musicgpt_tests::clock::client;
use tracing::field::{Field, Visit};
use tracing::span;

const CANARY: &str = "canary-7f3a";

fn clean(what: &str, value: &impl Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains(CANARY), "{what} shows a secret: {text}");
        assert!(!text.is_empty());
    }
}

#[test]
fn debug_of_requests_and_bodies() {
    let music = MusicAi::from_prompt(CANARY)
        .lyrics(CANARY)
        .webhook_url(format!("https://h/{CANARY}"));
    clean("MusicAi", &music);
    clean(
        "Remix",
        &Remix::new(AudioSource::from_path(CANARY), CANARY).lyrics(CANARY),
    );
    clean(
        "ImageToSong",
        &ImageToSong::new(ImageSource::from_url(CANARY)).prompt(CANARY),
    );
    clean("AudioSource", &AudioSource::from_url(CANARY));
    clean("Client", &Client::new(CANARY).unwrap());
    clean("ClientBuilder", &Client::builder().key(CANARY));
    let body: types::MusicAiBody = serde_json::from_value(serde_json::json!({
        "prompt": CANARY, "lyrics": CANARY, "webhook_url": CANARY, "unheard_of": CANARY,
    }))
    .unwrap();
    clean("types::MusicAiBody", &body);
    clean(
        "types::builder::MusicAiBody",
        &types::builder::MusicAiBody::from(body.clone()),
    );
    let mut request = requests::MusicAi {
        prompt: Some(CANARY.into()),
        webhook_url: Some(CANARY.into()),
        ..requests::MusicAi::default()
    };
    request.extra.insert("x".into(), CANARY.into());
    clean("requests::MusicAi", &request);
    let conversion: types::Conversion = serde_json::from_value(serde_json::json!({
        "lyrics_1": CANARY, "lyrics_timestamped_2": CANARY, "webhook_url": CANARY, "new": CANARY,
    }))
    .unwrap();
    clean("types::Conversion", &conversion);
    let answer: types::GetByIdAnswer =
        serde_json::from_value(serde_json::json!({"conversion": {"lyrics_1": CANARY}})).unwrap();
    clean("types::GetByIdAnswer", &answer);
}

struct Hush;

impl Visitor for Hush {
    type Output = ();

    fn visit<R: Request + 'static>(self) {
        let mut request = R::default();
        for field in R::OPERATION.fields.iter().filter(|field| field.private) {
            request.set(field.name, CANARY).unwrap();
        }
        request
            .extra_mut()
            .insert("unheard_of".into(), CANARY.into());
        clean(R::OPERATION.id, &request);
        clean("fields", &request.fields().known().collect::<Vec<_>>());
    }
}

#[test]
fn debug_of_every_request() {
    for operation in musicgpt_api::operations::ALL {
        dispatch(operation, Hush).unwrap();
        // What people write is private wherever it goes.
        for field in operation.fields {
            let told = ["prompt", "lyrics", "text", "webhook_url"].contains(&field.name);
            assert!(
                field.private || !told,
                "{}.{} is not private",
                operation.id,
                field.name
            );
        }
    }
}

/// Keeps everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0
            .lock()
            .unwrap()
            .push_str(&format!("{}={value:?} ", field.name()));
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        attributes.record(&mut self.clone());
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn logs_and_results_of_a_whole_job() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let simulator = Arc::new(Simulator::builder().virtual_clock().start().await.unwrap());
    let client = client(&simulator);
    // Longer than advised, so that there is a warning; and looked up through a bad gateway.
    let prompt = format!("{CANARY} {}", "x".repeat(300));
    let request = MusicAi::from_prompt(prompt)
        .lyrics(CANARY)
        .webhook_url(format!("http://127.0.0.1:1/{CANARY}"));
    simulator.set_faults(["502-html"].map(|name| {
        musicgpt_sim::faults::FaultRule::new(name.parse().unwrap())
            .on("get_by_id")
            .times(2)
    }));
    let job = client.submit(request).await.unwrap();
    clean("Job", &job);
    clean("warnings", &job.warnings());
    let song = job.wait().await.unwrap();
    assert!(song.takes()[0].lyrics.as_ref().unwrap().contains(CANARY));
    clean("Song", &song);
    let lookup = GetById::task(ConversionType::MusicAi, job.task_id());
    let conversion = client.call(lookup).await.unwrap();
    clean("Conversion", &conversion);
    let error = client.submit(
        ImageToSong::new(ImageSource::from_url("https://h/i.png")).prompt(CANARY.repeat(100)),
    );
    let error = error.await.unwrap_err();
    clean("Error", &error);
    assert!(!error.to_string().contains(CANARY));
    let logged = log.0.lock().unwrap().clone();
    assert!(
        logged.contains("music_ai") && logged.contains("prompt"),
        "something is logged: {logged}"
    );
    assert!(
        !logged.contains(CANARY) && !logged.contains("any-key"),
        "{logged}"
    );
    let simulated = format!("{:?} {:?}", simulator.requests(), simulator.deliveries());
    assert!(!simulated.contains(CANARY), "{simulated}");
}
