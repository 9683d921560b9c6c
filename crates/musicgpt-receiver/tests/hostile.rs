//! 10,000 posts that mean no good, over real sockets, with valid ones in between:
//! these are served, and memory stays bounded.
//!
//! Memory is what the allocator has given out and not taken back, counted by it,
//! for the whole process: the senders are in it. A binary of its own, so that no
//! other test is in it too.

#![allow(clippy::unwrap_used, reason = "a test may stop")]
#![allow(clippy::print_stdout, reason = "the figure is to be seen")]

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use futures_util::stream::{self, StreamExt};
use musicgpt_receiver::{Delivery, MemoryWindow, Receiver, SecretKey};
use peak_alloc::PeakAlloc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const POSTS: usize = 10_000;
const SENDERS: usize = 128;
/// One valid webhook among so many posts.
const VALID_EVERY: usize = 20;
const MIB: usize = 1024 * 1024;
/// The most memory. Only those with a right token and a body without a length get
/// the receiver to keep much: the body limit each, and the server's read buffer.
const MOST: usize = 64 * MIB;
/// What a sender that has no length to keep to sends at a time.
static BLOCK: [u8; 16 * 1024] = [b' '; 16 * 1024];

/// All bytes that the senders have got rid of.
static SENT: AtomicUsize = AtomicUsize::new(0);

/// What a post has wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trick {
    /// The token is of another key.
    WrongToken,
    /// No token at all, and a body that goes on as long as it is let.
    NoTokenEndless,
    /// Says that it is larger than the limit.
    AnnouncedTooLarge,
    /// In chunks, and larger than the limit.
    EndlessChunks,
    /// Hangs up in the middle of the head.
    HalfAHead,
    /// Hangs up in the middle of the body.
    HalfABody,
    /// Stops in the middle of the body and waits.
    Slow,
    /// Stops in the middle of the body and waits, with a wrong token.
    SlowWrongToken,
    /// All of it comes, and is no JSON.
    Rubbish,
}

impl Trick {
    fn any(random: &mut Rng) -> Self {
        match random.u8(..100) {
            0..40 => Trick::WrongToken,
            40..45 => Trick::NoTokenEndless,
            45..55 => Trick::AnnouncedTooLarge,
            55..60 => Trick::EndlessChunks,
            60..65 => Trick::HalfAHead,
            65..75 => Trick::HalfABody,
            75..85 => Trick::Slow,
            85..90 => Trick::SlowWrongToken,
            _ => Trick::Rubbish,
        }
    }

    /// What it may be told; nothing if the connection broke under its sending.
    fn answers(self) -> &'static [Option<u16>] {
        match self {
            Trick::WrongToken | Trick::SlowWrongToken => &[Some(404)],
            Trick::NoTokenEndless => &[Some(404), None],
            Trick::AnnouncedTooLarge => &[Some(413)],
            // On a machine that is busy elsewhere it may also be too slow.
            Trick::EndlessChunks => &[Some(413), Some(408), None],
            Trick::HalfAHead | Trick::HalfABody => &[None],
            Trick::Slow => &[Some(408)],
            Trick::Rubbish => &[Some(400)],
        }
    }
}

/// One connection.
struct Sender(TcpStream);

impl Sender {
    async fn connect(to: SocketAddr) -> Self {
        Self(TcpStream::connect(to).await.unwrap())
    }

    async fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let bytes = bytes.as_ref();
        self.0.write_all(bytes).await?;
        SENT.fetch_add(bytes.len(), Ordering::SeqCst);
        Ok(())
    }

    /// A chunk after the other, until the receiver will have no more.
    async fn write_chunks(&mut self) -> io::Result<()> {
        loop {
            self.write(format!("{:x}\r\n", BLOCK.len())).await?;
            self.write(&BLOCK).await?;
            self.write("\r\n").await?;
        }
    }

    /// The status of the answer, after the receiver has closed the connection or
    /// ended the answer.
    async fn status(mut self) -> Option<u16> {
        let mut answer = Vec::new();
        let mut part = [0; 512];
        // What was read before a reset still counts.
        while let Ok(length @ 1..) = self.0.read(&mut part).await {
            answer.extend_from_slice(&part[..length]);
            if answer.ends_with(b"\n") && !answer.ends_with(b"\r\n") {
                break;
            }
        }
        let answer = String::from_utf8(answer).unwrap();
        answer.split(' ').nth(1)?.parse().ok()
    }
}

fn head(path: &str, length: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: hooks.example.com\r\n{length}\r\n\r\n")
}

fn with_length(path: &str, length: usize) -> String {
    head(path, &format!("content-length: {length}"))
}

const CHUNKED: &str = "transfer-encoding: chunked";

async fn play(trick: Trick, to: SocketAddr, right: &str, wrong: &str) -> Option<u16> {
    let mut sender = Sender::connect(to).await;
    let sent = async {
        match trick {
            Trick::WrongToken => sender.write(with_length(wrong, 2) + "{}").await,
            Trick::NoTokenEndless => {
                sender.write(head("/musicgpt/", CHUNKED)).await?;
                sender.write_chunks().await
            }
            Trick::AnnouncedTooLarge => sender.write(with_length(right, MIB + 1)).await,
            Trick::EndlessChunks => {
                sender.write(head(right, CHUNKED)).await?;
                sender.write_chunks().await
            }
            Trick::HalfAHead => sender.write(&with_length(right, 100)[..40]).await,
            Trick::HalfABody | Trick::Slow => sender.write(with_length(right, 100) + "{").await,
            Trick::SlowWrongToken => sender.write(with_length(wrong, 100) + "{").await,
            Trick::Rubbish => sender.write(with_length(right, 10) + "[0, 1, 2] ").await,
        }
    };
    // The receiver may hang up on what it will not read.
    let _ = sent.await;
    match trick {
        Trick::HalfAHead | Trick::HalfABody => None,
        _ => sender.status().await,
    }
}

/// A song's take of some two thousand bytes.
fn webhook(number: usize) -> String {
    let lyrics = "a line of a song about the sea\\n".repeat(60);
    format!(
        r#"{{"success": true, "conversion_type": "Music AI", "subtype": "music_ai",
            "task_id": "task", "conversion_id": "take-{number}", "lyrics": "{lyrics}",
            "conversion_path": "https://cdn.example.invalid/take-{number}.mp3"}}"#
    )
}

async fn deliver(to: SocketAddr, path: &str, number: usize) -> Option<u16> {
    let body = webhook(number);
    let mut sender = Sender::connect(to).await;
    let request = with_length(path, body.len()) + &body;
    sender.write(request).await.unwrap();
    sender.status().await
}

/// How often which post was given which answer; a valid one has no trick.
type Tally = BTreeMap<(Option<Trick>, Option<u16>), usize>;

/// All posts, so many at a time.
async fn storm(seed: u64, to: SocketAddr, right: &str, wrong: &str) -> Tally {
    let mut random = Rng::with_seed(seed);
    let posts = (0..POSTS).map(|number| {
        let trick = Trick::any(&mut random);
        async move {
            let mut answers = vec![(Some(trick), play(trick, to, right, wrong).await)];
            if number % VALID_EVERY == 0 {
                answers.push((None, deliver(to, right, number).await));
            }
            answers
        }
    });
    let mut posts = stream::iter(posts).buffer_unordered(SENDERS);
    let mut tally = Tally::default();
    while let Some(answers) = posts.next().await {
        for answer in answers {
            *tally.entry(answer).or_default() += 1;
        }
    }
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_posts_that_mean_no_good() {
    let handled = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&handled);
    let receiver = Receiver::builder(
        "https://hooks.example.com/musicgpt",
        SecretKey::generate().unwrap(),
    )
    .body_timeout(Duration::from_millis(200))
    .dedupe_window(MemoryWindow::new(100))
    .handler(move |_: Delivery| {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::ready(Ok::<_, ()>(()))
    })
    .build()
    .unwrap();
    let right = receiver.mint().unwrap();
    let right = right.as_str().split_once(".com").unwrap().1;
    let other = Receiver::builder(
        "https://hooks.example.com/musicgpt",
        SecretKey::generate().unwrap(),
    );
    let wrong = other.build().unwrap().mint().unwrap();
    let wrong = wrong.as_str().split_once(".com").unwrap().1;

    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let to = listener.local_addr().unwrap();
    let router = receiver.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    // What is made once is made before.
    assert_eq!(deliver(to, right, POSTS).await, Some(200));

    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let tally = storm(7, to, right, wrong).await;
    let peak = MEMORY.peak_usage().saturating_sub(before);
    let left = MEMORY.current_usage().saturating_sub(before);
    let sent = SENT.load(Ordering::SeqCst);
    println!("{tally:?}");
    println!(
        "{SENDERS} senders sent {} MiB; memory over the start: {} KiB at most, {} KiB at the end",
        sent / MIB,
        peak / 1024,
        left / 1024
    );

    let valid = POSTS / VALID_EVERY;
    assert_eq!(tally.get(&(None, Some(200))), Some(&valid));
    assert_eq!(handled.load(Ordering::SeqCst), valid + 1);
    for ((trick, answer), count) in tally {
        let fitting = trick.map_or(&[Some(200)][..], Trick::answers);
        assert!(
            fitting.contains(&answer),
            "{count} posts of {trick:?} were told {answer:?}"
        );
    }
    assert!(sent > 6 * MOST, "{sent} bytes are no storm");
    assert!(peak < MOST, "{peak} bytes at most");
    assert!(left < 4 * MIB, "{left} bytes are left");
    assert_eq!(deliver(to, right, POSTS + 1).await, Some(200));
}
