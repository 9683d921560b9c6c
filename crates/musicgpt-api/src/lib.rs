//! The MusicGPT API as Rust, generated from the specs in `openapi/`.
//!
//! This is the low level: every operation, field and word as the specs have them, and nothing
//! checked before it is sent. `musicgpt-sdk` is what an application wants.
//!
//! - [`requests`]: one type per operation; [`Request`] is what they have in common.
//! - [`types`]: the bodies and answers, and [`values`]: the words in them, all open.
//! - [`operations`]: the operation table, whose types are in [`operation`].
//! - [`Client`]: what progenitor generates; it sends through a [`Session`], which holds the key and
//!   a [`Transport`].
//! - [`SoundStream`]: the one answer that is no JSON.
//! - [`multipart`]: file uploads, streamed with an exact length.

#[rustfmt::skip]
#[allow(
    missing_docs,
    unreachable_pub,
    unused_imports,
    unused_variables,
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    rustdoc::all,
    reason = "generated"
)]
mod generated;

pub mod multipart;
pub mod operation;
mod raw;
mod redact;
mod request;
mod session;
mod sound;
mod words;

pub use generated::client::Client;
pub use generated::{operations, requests, types, values};
pub use operation::{Edition, LimitSet, Operation};
pub use progenitor_client::{ByteStream, Error, ResponseValue};
pub use request::{Answer, Body, FieldError, FieldValue, Fields, Request, Visitor};
pub use session::{InvalidKey, Network, Sending, Session, Transport};
pub use sound::SoundStream;
pub use words::{NotListed, Phase};
