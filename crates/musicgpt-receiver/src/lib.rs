//! An HTTP receiver for the webhooks of the MusicGPT API.
//!
//! The service signs nothing: whoever knows an address can post to it. So a
//! [`Receiver`] mints an address per job, `https://host/path/<nonce>.<mac>`, that
//! nobody without the key can make up, and checks it before it reads a body.
//!
//! ```
//! use musicgpt_receiver::{Delivery, Receiver, SecretKey};
//! # use http::Request;
//! # use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // One made by `SecretKey::from_bytes` gives addresses that outlive the process.
//! let key = SecretKey::generate()?;
//! let receiver = Receiver::builder("https://hooks.example.com/musicgpt", key)
//!     .handler(|delivery: Delivery| async move {
//!         println!("{} for {}", delivery.event.kind(), delivery.nonce);
//!         Ok::<_, std::io::Error>(())
//!     })
//!     .build()?;
//!
//! // One address per job; what is posted to it also comes out here.
//! let (webhook, mut events) = receiver.expect()?;
//! let webhook_url = webhook.as_str(); // goes into the job's request
//!
//! // `receiver` is a tower service; with feature `axum`, `receiver.router()` is
//! // a router to serve or to merge into another. A post arrives:
//! let post = Request::post(webhook_url).body(String::from(
//!     r#"{"success": true, "subtype": "audio_streaming", "task_id": "t-1",
//!         "streaming_url": "https://cdn.example.invalid/index.m3u8"}"#,
//! ))?;
//! assert_eq!(receiver.clone().oneshot(post).await?.status(), 200);
//!
//! let event = events.recv().await.ok_or("the receiver is gone")?;
//! assert_eq!(event.task_id(), Some("t-1"));
//! # Ok(())
//! # }
//! ```
//!
//! # Answers
//!
//! | status | when |
//! |---|---|
//! | 200 | the event was handled, now or before; also one of unknown kind |
//! | 400 | the body is not JSON, not an object, or broke off |
//! | 404 | not an address that the receiver minted; the body is not read |
//! | 405 | not a `POST` |
//! | 408 | the body did not come in time |
//! | 413 | the body is too large; one that says so is not read |
//! | 503 | the handler failed or there is too much to do: please try again |
//!
//! # What is bounded
//!
//! The size of a body, the time that it may take, how many are in hand at once
//! (with a right address only; others cost nothing), the events that are
//! remembered and those that wait in a subscription. Connections, and the time
//! that the head of a request may take, are the server's to bound.
//!
//! # What is not told
//!
//! `Debug`, errors and `tracing` events of this crate show no key, no address and
//! nothing of a body. A layer that logs the paths of requests would: leave it off
//! here.
//!
//! # Belief
//!
//! An address shows that a post comes from somebody who was given it. Those are
//! the service, and whoever reads its logs or yours; look a task up before you
//! act on something that matters.
//!
//! | module | what |
//! |---|---|
//! | `receiver`, `builder` | [`Receiver`] and how it is set up |
//! | `address`, `key` | [`WebhookUrl`] and [`SecretKey`]: minting and verifying |
//! | `delivery` | [`Delivery`] and [`Handler`] |
//! | `dedupe` | [`DedupeWindow`]: which events have been handled |
//! | `subscription` | [`Subscription`]: the events of one address |
//! | `service`, `body`, `answer` | a request, from its address to its answer |
//! | `router` | the axum router |
//!
//! What does not live here: what an event means (`musicgpt-webhooks`) and jobs
//! (`musicgpt-sdk`).

#![warn(clippy::indexing_slicing)]

mod address;
mod answer;
mod body;
mod builder;
mod dedupe;
mod delivery;
mod error;
mod key;
mod receiver;
#[cfg(feature = "axum")]
mod router;
mod service;
mod subscription;

pub use address::WebhookUrl;
pub use answer::ResponseBody;
pub use builder::Builder;
pub use dedupe::{Claim, DedupeWindow, DeliveryId, MemoryWindow, WindowFuture};
pub use delivery::{Delivery, Handler};
pub use error::Error;
pub use receiver::Receiver;
pub use service::Answering;
pub use subscription::Subscription;

pub use key::SecretKey;
