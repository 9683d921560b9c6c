//! The simulator over loopback, on a clock that only the tests move.
#![allow(clippy::unwrap_used)]

mod acknowledgements;
mod faults;
mod features;
mod lists;
mod media;
mod other_operations;
mod receiver;
mod requests;
mod tasks;
mod uploads;

use musicgpt_sim::{Builder, Limits, Simulator};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

/// A simulator on a virtual clock, and a client for it.
struct World {
    sim: Simulator,
    client: Client,
}

impl World {
    async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(setup: impl FnOnce(Builder) -> Builder) -> Self {
        let sim = setup(Simulator::builder().virtual_clock())
            .start()
            .await
            .unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { sim, client }
    }

    async fn limited(limits: &str) -> Self {
        let limits: Limits = limits.parse().unwrap();
        Self::with(|builder| builder.limits(limits)).await
    }

    fn get(&self, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.sim.base_url());
        self.client.get(url).header("authorization", "test-key")
    }

    fn post(&self, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.sim.base_url());
        self.client.post(url).header("authorization", "test-key")
    }

    /// Submits a song and gives the answer.
    async fn song(&self, request: &Value) -> Value {
        let (status, body) = send(self.post("/v1/MusicAI").json(request)).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// The conversion of a task.
    async fn look_up(&self, conversion_type: &str, task_id: &Value) -> Value {
        let query = [
            ("conversionType", conversion_type),
            ("task_id", task_id.as_str().unwrap()),
        ];
        let (status, body) = send(self.get("/v1/byId").query(&query)).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(body["success"], true);
        body["conversion"].clone()
    }

    async fn advance(&self, seconds: f64) {
        self.sim
            .advance(std::time::Duration::from_secs_f64(seconds))
            .await;
    }
}

async fn send(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

fn song() -> Value {
    json!({"prompt": "a song about greenery"})
}

fn picture() -> Form {
    Form::new().part(
        "image_file",
        Part::bytes(&b"\x89PNG"[..]).file_name("a.png"),
    )
}

fn sound() -> Form {
    Form::new().part("audio_file", Part::bytes(&b"ID3"[..]).file_name("a.mp3"))
}
