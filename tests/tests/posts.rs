//! Jobs that webhooks end as well as look-ups do: in any order, doubled, late, or not at all.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode, Uri};
use futures_util::StreamExt;
use musicgpt_receiver::{Receiver, SecretKey};
use musicgpt_sdk::outputs::Song;
use musicgpt_sdk::{
    AudioSource, Client, Denoise, ErrorKind, FileConvert, ImageSource, ImageToSong, Job, JobHandle,
    MusicAi, RetryPolicy, Update, WaitOptions,
};
use musicgpt_sim::Simulator;
use musicgpt_sim::faults::FaultRule;
use musicgpt_tests::clock::client;
use tower::ServiceExt;

/// A post on its way.
#[derive(Debug, Clone)]
struct Post {
    url: String,
    body: Bytes,
}

/// Keeps what the simulator posts, until a test lets it through.
#[derive(Clone, Default)]
struct Relay(Arc<Mutex<Vec<Post>>>);

impl Relay {
    async fn start() -> (Self, String) {
        let relay = Self::default();
        let router = Router::new()
            .fallback(async |State(relay): State<Relay>, uri: Uri, body: Bytes| {
                let url = uri.path().to_owned();
                relay.0.lock().unwrap().push(Post { url, body });
                StatusCode::OK
            })
            .with_state(relay.clone());
        (relay, serve(router).await)
    }

    fn take(&self) -> Vec<Post> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn receiver(url: &str) -> Receiver {
    let key = SecretKey::from_bytes([7; 32]).unwrap();
    Receiver::builder(url, key).build().unwrap()
}

async fn deliver(receiver: &Receiver, post: &Post) -> StatusCode {
    let request = Request::post(post.url.as_str())
        .body(Body::from(post.body.clone()))
        .unwrap();
    receiver.clone().oneshot(request).await.unwrap().status()
}

async fn simulator() -> Arc<Simulator> {
    Arc::new(Simulator::builder().virtual_clock().start().await.unwrap())
}

fn lookups(simulator: &Simulator) -> usize {
    let requests = simulator.requests();
    let of_id = |operation: &Option<String>| operation.as_deref() == Some("get_by_id");
    requests
        .iter()
        .filter(|request| of_id(&request.operation))
        .count()
}

/// What a song is, without how it was learnt.
fn view(song: &Song) -> String {
    let takes: Vec<_> = song
        .takes()
        .iter()
        .map(|take| {
            format!(
                "{} {:?} {:?} {} {:?} {:?} {:?} {:?}",
                take.number,
                take.conversion_id,
                take.title,
                take.mp3.url(),
                take.wav.as_ref().map(|wav| wav.url()),
                take.duration,
                take.lyrics,
                take.timed_lyrics.as_ref().map(|timed| timed.to_lrc(None)),
            )
        })
        .collect();
    let cover = song.cover.as_ref().map(|cover| cover.url());
    format!("{}\n{cover:?}\n{:?}", takes.join("\n"), song.missing())
}

/// Every order of every subset.
fn sequences(of: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for (at, first) in of.iter().enumerate() {
        let mut rest = of.to_vec();
        rest.remove(at);
        all.extend(sequences(&rest).into_iter().map(|mut sequence| {
            sequence.insert(0, *first);
            sequence
        }));
    }
    all
}

#[tokio::test]
async fn any_posts_in_any_order_end_with_the_same_song() {
    let (relay, url) = Relay::start().await;
    let simulator = simulator().await;
    let (client, receiver) = (client(&simulator), receiver(&url));
    let all = sequences(&[0, 1, 2, 3, 4]);
    assert_eq!(all.len(), 1 + 5 + 20 + 60 + 120 + 120);
    for sequence in all {
        let song = MusicAi::from_prompt("greenery");
        let job = client.submit(song).with_receiver(&receiver).await.unwrap();
        simulator.advance(Duration::from_secs(600)).await;
        let posts = relay.take();
        assert_eq!(posts.len(), 5);
        let polled: Job<Song> = client.resume::<MusicAi>(job.handle().clone()).unwrap();
        let polled = polled.wait().await.unwrap();
        assert!(polled.cover.is_some() && polled.takes().len() == 2);

        let before = lookups(&simulator);
        for at in &sequence {
            for _ in 0..2 {
                assert_eq!(deliver(&receiver, &posts[*at]).await, StatusCode::OK);
            }
        }
        let posted = job.wait().await.unwrap();
        assert_eq!(view(&posted), view(&polled), "{sequence:?}");
        let looked = lookups(&simulator) - before;
        assert_eq!(
            looked == 0,
            sequence.len() == 5,
            "{sequence:?}: {looked} look-ups"
        );
        assert!(looked <= 1, "{sequence:?}: {looked} look-ups");
    }
}
