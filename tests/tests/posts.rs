//! Jobs that webhooks end as well as look-ups do: in any order, doubled, late, or not at all.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode, Uri};
use futures_util::{FutureExt, StreamExt};
use musicgpt_receiver::{Receiver, SecretKey};
use musicgpt_sdk::outputs::Song;
use musicgpt_sdk::{
    AudioFormat, AudioSource, Client, Clock, Denoise, ErrorKind, FileConvert, ImageSource,
    ImageToSong, Job, JobHandle, MusicAi, Pause, Update, WaitOptions,
};
use musicgpt_sim::Simulator;
use musicgpt_sim::faults::FaultRule;
use musicgpt_tests::clock::client;
use serde_json::{Map, Value, json};
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

/// A simulator, whose posts a relay keeps, and a receiver that they are meant for.
struct World {
    relay: Relay,
    simulator: Arc<Simulator>,
    receiver: Receiver,
    client: Client,
}

impl World {
    async fn new() -> Self {
        let (relay, url) = Relay::start().await;
        let simulator = simulator().await;
        Self {
            relay,
            client: client(&simulator),
            simulator,
            receiver: receiver(&url),
        }
    }

    /// A song that is done, and its posts.
    async fn song(&self) -> (Job<Song>, Vec<Post>) {
        let job = submit(&self.client, &self.receiver).await;
        self.simulator.advance(Duration::from_secs(600)).await;
        (job, self.relay.take())
    }

    async fn deliver(&self, post: &Post) -> StatusCode {
        deliver(&self.receiver, post).await
    }

    /// What the look-up alone gives.
    async fn polled(&self, job: &Job<Song>) -> Song {
        polled(&self.client, job).await
    }
}

/// A simulator that posts to a receiver by itself.
async fn live() -> (Arc<Simulator>, Client, Receiver) {
    let simulator = simulator().await;
    let client = client(&simulator);
    (simulator, client, served().await)
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
    let world = World::new().await;
    let all = sequences(&[0, 1, 2, 3, 4]);
    assert_eq!(all.len(), 1 + 5 + 20 + 60 + 120 + 120);
    for sequence in all {
        let (job, posts) = world.song().await;
        assert_eq!(posts.len(), 5);
        let polled = world.polled(&job).await;
        assert!(polled.cover.is_some() && polled.takes().len() == 2);

        let before = lookups(&world.simulator);
        for at in &sequence {
            for _ in 0..2 {
                assert_eq!(world.deliver(&posts[*at]).await, StatusCode::OK);
            }
        }
        let posted = job.wait().await.unwrap();
        assert_eq!(view(&posted), view(&polled), "{sequence:?}");
        let looked = lookups(&world.simulator) - before;
        // The posts of the takes have all there is; without one of them it must be looked up.
        let has_takes = sequence.contains(&2) && sequence.contains(&4);
        assert_eq!(looked, usize::from(!has_takes), "{sequence:?}");
    }
}

/// A receiver on loopback, for a simulator that posts by itself.
async fn served() -> Receiver {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let receiver = receiver(&format!("http://{}/in", listener.local_addr().unwrap()));
    let router = receiver.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    receiver
}

async fn submit(client: &Client, receiver: &Receiver) -> Job<Song> {
    let song = MusicAi::from_prompt("greenery");
    client.submit(song).with_receiver(receiver).await.unwrap()
}

async fn polled(client: &Client, job: &Job<Song>) -> Song {
    let job = client.resume::<MusicAi>(job.handle().clone()).unwrap();
    job.wait().await.unwrap()
}

/// A song of a picture: no page says under which word such jobs are looked up.
async fn picture(client: &Client, receiver: &Receiver) -> Job<Song> {
    let picture = ImageToSong::new(ImageSource::from_url("https://host/i.png"));
    let submission = client.submit(picture).with_receiver(receiver);
    submission.await.unwrap()
}

fn fault(text: &str) -> FaultRule {
    FaultRule::new(text.parse().unwrap())
}

#[tokio::test]
async fn posts_that_go_wrong_end_with_the_same_song() {
    let faults = ["duplicate", "reverse", "late"].map(|how| format!("webhook-{how}"));
    let drops = (1..=5).map(|number| format!("webhook-drop:{number}"));
    for name in faults.into_iter().chain(drops) {
        let (simulator, client, receiver) = live().await;
        simulator.set_faults([fault(&name)]);
        let job = submit(&client, &receiver).await;
        let posted = job.wait().await.unwrap();
        assert!(posted.missing().is_empty());
        simulator.advance(Duration::from_secs(3600)).await;
        assert_eq!(view(&posted), view(&polled(&client, &job).await), "{name}");
    }
}

#[tokio::test]
async fn without_look_ups_the_posts_are_enough() {
    let (simulator, client, receiver) = live().await;
    simulator.set_faults([fault("502-html").on("get_by_id")]);
    let job = submit(&client, &receiver).await;
    let posted = job.wait().await.unwrap();
    simulator.set_faults([]);
    assert_eq!(view(&posted), view(&polled(&client, &job).await));
}

#[tokio::test]
async fn a_take_counts_when_the_other_posts_and_the_look_ups_are_lost() {
    let world = World::new().await;
    let (job, posts) = world.song().await;
    world
        .simulator
        .set_faults([fault("502-html").on("get_by_id")]);
    for at in [2, 4] {
        world
            .deliver(&without(&posts[at], "lyrics_timestamped"))
            .await;
    }
    let song = job.wait().await.unwrap();
    assert_eq!(song.takes().len(), 2);
    // The rest was waited for, but not for ever.
    let waited = world.simulator.now() - Duration::from_secs(600);
    assert!((60..120).contains(&waited.as_secs()), "{waited:?}");

    // With one take only, the deadline comes, and the take is given all the same.
    world.simulator.set_faults([]);
    let (job, posts) = world.song().await;
    world
        .simulator
        .set_faults([fault("502-html").on("get_by_id")]);
    world.deliver(&posts[2]).await;
    let options = WaitOptions::deadline(Duration::from_secs(300));
    let song = job.wait_with(options).await.unwrap();
    assert_eq!((song.takes().len(), song.missing()), (1, &[2][..]));
    assert_eq!(
        song.takes()[0].conversion_id,
        job.conversion_ids().first().cloned()
    );
}

/// A post by somebody who knows the address.
fn forged(post: &Post, change: impl Fn(String) -> String) -> Post {
    let body = String::from_utf8(post.body.to_vec()).unwrap();
    Post {
        url: post.url.clone(),
        body: change(body).into(),
    }
}

/// A post that lacks a field.
fn without(post: &Post, field: &str) -> Post {
    forged(post, |body| {
        let mut fields: Map<String, Value> = serde_json::from_str(&body).unwrap();
        fields.remove(field);
        Value::Object(fields).to_string()
    })
}

#[tokio::test]
async fn what_posts_lack_is_looked_up() {
    let world = World::new().await;
    let lacking = [
        "conversion_path_wav",
        "title",
        "lyrics",
        "conversion_duration",
        "lyrics_timestamped",
    ];
    for field in lacking {
        let (job, posts) = world.song().await;
        for post in posts {
            world.deliver(&without(&post, field)).await;
        }
        let posted = job.wait().await.unwrap();
        assert_eq!(view(&posted), view(&world.polled(&job).await), "{field}");
    }
}

#[tokio::test]
async fn takes_without_ids_are_told_apart() {
    let world = World::new().await;
    let (job, posts) = world.song().await;
    let whole = world.polled(&job).await;
    world
        .simulator
        .set_faults([fault("502-html").on("get_by_id")]);
    for post in [
        posts[1].clone(),
        posts[3].clone(),
        posts[2].clone(),
        without(&posts[4], "conversion_id"),
    ] {
        world.deliver(&post).await;
    }
    let song = job.wait().await.unwrap();
    assert!(song.missing().is_empty());
    let urls = |song: &Song| {
        song.takes()
            .iter()
            .map(|take| take.mp3.url().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(urls(&song), urls(&whole));
}

#[tokio::test]
async fn waits_side_by_side_end_together() {
    let mut world = World::new().await;
    // On this clock nothing comes but the posts.
    world.client = Client::builder()
        .key("any-key")
        .base_url(world.simulator.base_url())
        .clock(Arc::new(Still))
        .build()
        .unwrap();
    let (job, posts) = world.song().await;
    let deliveries = async {
        for post in &posts {
            tokio::task::yield_now().await;
            world.deliver(post).await;
        }
    };
    let (one, two, ()) = tokio::join!(job.wait(), job.wait(), deliveries);
    assert_eq!(view(&one.unwrap()), view(&two.unwrap()));
    assert_eq!(lookups(&world.simulator), 0);
}

#[tokio::test]
async fn a_wait_that_is_left_lying_holds_up_no_other() {
    let mut world = World::new().await;
    world.client = Client::builder()
        .key("any-key")
        .base_url(world.simulator.base_url())
        .clock(Arc::new(Still))
        .build()
        .unwrap();
    let (job, posts) = world.song().await;
    let mut parked = std::pin::pin!(job.updates());
    assert!(parked.next().now_or_never().is_none());
    for post in &posts {
        world.deliver(post).await;
    }
    assert_eq!(job.wait().await.unwrap().takes().len(), 2);
}

#[tokio::test]
async fn posts_are_not_kept_waiting_by_a_look_up() {
    let world = World::new().await;
    let (job, posts) = world.song().await;
    // The first post makes the wait look, and the service never answers.
    world.simulator.set_faults([fault("stall").on("get_by_id")]);
    let failed = forged(&posts[2], |_| {
        format!(r#"{{"success":false,"task_id":"{}"}}"#, job.task_id())
    });
    world.deliver(&failed).await;
    let deliveries = async {
        while lookups(&world.simulator) == 0 {
            tokio::task::yield_now().await;
        }
        for post in &posts {
            world.deliver(post).await;
        }
    };
    let (song, ()) = tokio::join!(job.wait(), deliveries);
    assert_eq!(song.unwrap().takes().len(), 2);
}

/// A clock on which no pause ends.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> Pause<'_> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_companion_that_fails_fails_nothing_else() {
    let (relay, url) = Relay::start().await;
    for subtype in [
        "album_cover_generation",
        "audio_streaming",
        "lyrics_timestamped",
    ] {
        let (simulator, receiver) = (simulator().await, receiver(&url));
        let client = client(&simulator);
        let job = submit(&client, &receiver).await;
        simulator.advance(Duration::from_secs(1)).await;
        let take = &job.conversion_ids()[0];
        let body = json!({
            "success": false, "conversion_type": "Music AI", "subtype": subtype,
            "task_id": job.task_id(), "conversion_id": take, "reason": "no",
        });
        let url = job_address(&simulator, &relay).await;
        let post = Post {
            url,
            body: body.to_string().into(),
        };
        assert_eq!(deliver(&receiver, &post).await, StatusCode::OK);
        let song = job.wait().await.unwrap();
        assert_eq!(
            (song.takes().len(), song.missing().len()),
            (2, 0),
            "{subtype}"
        );
    }
}

/// Where the posts of the last job go.
async fn job_address(simulator: &Simulator, relay: &Relay) -> String {
    simulator.advance(Duration::from_secs(30)).await;
    relay.take()[0].url.clone()
}

#[tokio::test]
async fn look_ups_that_are_refused_end_no_wait_that_posts_can_end() {
    let (simulator, client, receiver) = live().await;
    for refusal in ["404-code", "403-code", "400-message"] {
        simulator.set_faults([fault(refusal).on("get_by_id")]);
        let job = submit(&client, &receiver).await;
        let song = job.wait().await.unwrap();
        assert_eq!(song.takes().len(), 2, "{refusal}");
    }
    // A look-up that comes round is asked again.
    let drops = (1..=5).map(|number| fault(&format!("webhook-drop:{number}")));
    let refused = fault("404-code").on("get_by_id").times(3);
    simulator.set_faults(drops.chain([refused]));
    let job = picture(&client, &receiver).await;
    assert_eq!(job.wait().await.unwrap().takes().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_confirmed_is_not_believed() {
    let (simulator, client, receiver) = live().await;
    simulator.set_faults([fault("404-code").on("get_by_id")]);
    let job = picture(&client, &receiver).await;
    simulator.advance(Duration::from_secs(600)).await;
    let error = job.wait_with(WaitOptions::confirmed()).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
    assert_eq!(job.wait().await.unwrap().takes().len(), 2);
}

#[tokio::test]
async fn what_came_counts_even_without_time() {
    let (simulator, client, receiver) = live().await;
    let job = submit(&client, &receiver).await;
    simulator.advance(Duration::from_secs(600)).await;
    let song = job.wait_with(WaitOptions::deadline(Duration::ZERO)).await;
    assert_eq!(song.unwrap().takes().len(), 2);
}

#[tokio::test]
async fn a_confirmed_wait_believes_the_look_up_alone() {
    let world = World::new().await;
    let (job, posts) = world.song().await;
    for post in posts {
        let lie = forged(&post, |body| body.replace("http://", "http://elsewhere."));
        world.deliver(&lie).await;
    }
    let before = lookups(&world.simulator);
    let song = job.wait_with(WaitOptions::confirmed()).await.unwrap();
    assert_eq!(lookups(&world.simulator) - before, 1);
    assert_eq!(view(&song), view(&world.polled(&job).await));
    // The same posts, believed.
    let believed = job.wait().await.unwrap();
    assert!(believed.takes()[0].mp3.url().contains("elsewhere."));
}

#[tokio::test]
async fn posts_of_other_tasks_do_not_count() {
    let world = World::new().await;
    let (job, posts) = world.song().await;
    for post in posts {
        let lie = forged(&post, |body| {
            let body = body.replace(job.task_id(), "another-task");
            body.replace("http://", "http://elsewhere.")
        });
        assert_eq!(world.deliver(&lie).await, StatusCode::OK);
    }
    let song = job.wait().await.unwrap();
    assert_eq!(view(&song), view(&world.polled(&job).await));
}

#[tokio::test]
async fn what_cannot_be_looked_up_ends_by_its_posts() {
    let (simulator, client, receiver) = live().await;
    simulator.set_faults([fault("404-code").on("get_by_id")]);
    let job = picture(&client, &receiver).await;
    let song = job.wait().await.unwrap();
    assert_eq!(song.takes().len(), 2);

    simulator.set_faults([fault("404-code").on("get_by_id"), fault("job-failed")]);
    let job = picture(&client, &receiver).await;
    let error = job.wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Job);
    assert!(error.message().starts_with("the job failed: "), "{error}");
    assert_eq!(error.handle(), Some(job.handle()));
}

#[tokio::test]
async fn a_failure_is_looked_at_before_it_is_believed() {
    let world = World::new().await;
    let job = submit(&world.client, &world.receiver).await;
    world.simulator.advance(Duration::from_secs(600)).await;
    let post = forged(&world.relay.take()[0], |_| {
        format!(
            r#"{{"success":false,"task_id":"{}","message":"no"}}"#,
            job.task_id()
        )
    });
    world.deliver(&post).await;
    let song = job.wait().await.unwrap();
    assert_eq!(song.takes().len(), 2);

    world.simulator.set_faults([fault("job-failed")]);
    let job = submit(&world.client, &world.receiver).await;
    world.simulator.advance(Duration::from_secs(600)).await;
    let before = lookups(&world.simulator);
    for post in world.relay.take() {
        world.deliver(&post).await;
    }
    let error = job.wait().await.unwrap_err();
    assert_eq!(
        (error.kind(), lookups(&world.simulator) - before),
        (ErrorKind::Job, 1)
    );
}

#[tokio::test]
async fn a_take_that_failed_is_not_waited_for() {
    let world = World::new().await;
    let (job, posts) = world.song().await;
    world
        .simulator
        .set_faults([fault("502-html").on("get_by_id")]);
    let failed = forged(&posts[2], |_| {
        let (task, take) = (job.task_id(), &job.conversion_ids()[0]);
        format!(r#"{{"success":false,"task_id":"{task}","conversion_id":"{take}"}}"#)
    });
    world.deliver(&failed).await;
    world.deliver(&posts[4]).await;
    let song = job.wait().await.unwrap();
    assert_eq!((song.takes()[0].number, song.missing()), (2, &[1][..]));
    let waited = world.simulator.now() - Duration::from_secs(600);
    assert!(waited.as_secs() < 120, "{waited:?}");
}

#[tokio::test]
async fn results_of_one_file() {
    let (_simulator, client, receiver) = live().await;
    let source = || AudioSource::from_url("https://host/a.mp3");
    let job = client
        .submit(FileConvert::new(source(), AudioFormat::Wav))
        .with_receiver(&receiver)
        .await
        .unwrap();
    let posted = job.wait().await.unwrap();
    let again = client.resume::<FileConvert>(job.handle().clone()).unwrap();
    let polled = again.wait().await.unwrap();
    assert!(posted.file.is_some());
    assert_eq!(posted.file, polled.file);

    let job = client
        .submit(Denoise::new(source()))
        .with_receiver(&receiver)
        .await
        .unwrap();
    let posted = job.wait().await.unwrap();
    let again = client.resume::<Denoise>(job.handle().clone()).unwrap();
    let polled = again.wait().await.unwrap();
    assert!(posted.clean.is_some() && posted.removed.is_some());
    assert_eq!(
        (posted.clean, posted.removed),
        (polled.clean, polled.removed)
    );
}

#[tokio::test]
async fn updates_tell_of_posts() {
    let (simulator, client, receiver) = live().await;
    let job = submit(&client, &receiver).await;
    simulator.advance(Duration::from_secs(600)).await;
    let updates: Vec<_> = job.updates().collect().await;
    let kinds: Vec<_> = updates
        .iter()
        .map(|update| match update {
            Ok(Update::Posted(event)) => event.kind().to_string(),
            Ok(Update::Done(_)) => "done".to_owned(),
            other => format!("{other:?}"),
        })
        .collect();
    let want = ["cover", "lyrics", "track", "lyrics", "track", "done"];
    assert_eq!(kinds, want);
}

#[tokio::test]
async fn another_process_takes_the_posts_in() {
    let (relay, url) = Relay::start().await;
    let (simulator, first) = (simulator().await, receiver(&url));
    let client = client(&simulator);
    let job = submit(&client, &first).await;
    let kept = serde_json::to_string(job.handle()).unwrap();
    assert!(!kept.contains(&url));
    drop((job, first));

    let second = receiver(&url);
    let handle: JobHandle = serde_json::from_str(&kept).unwrap();
    let job = client.resume::<MusicAi>(handle).unwrap();
    let job = job.with_receiver(&second).unwrap();
    simulator.advance(Duration::from_secs(600)).await;
    for post in relay.take() {
        assert_eq!(deliver(&second, &post).await, StatusCode::OK);
    }
    let before = lookups(&simulator);
    let song = job.wait().await.unwrap();
    assert_eq!((song.takes().len(), lookups(&simulator) - before), (2, 0));
}

#[tokio::test]
async fn what_does_not_go_together_is_refused() {
    let (simulator, receiver) = (simulator().await, receiver("http://localhost"));
    let client = client(&simulator);
    let song = MusicAi::from_prompt("greenery").webhook_url("https://host/hook");
    let submitted = client.submit(song.clone()).with_receiver(&receiver).await;
    let error = submitted.unwrap_err();
    let want = "webhook_url: the receiver makes the address; set one or the other";
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::Configuration, want)
    );

    let job = client.submit(song).await.unwrap();
    let error = job.with_receiver(&receiver).unwrap_err();
    let want = "the job was submitted without a receiver, so its webhooks go elsewhere";
    assert_eq!(error.to_string(), want);
    let submissions = simulator.requests().len();
    assert_eq!(submissions, 1);
}
