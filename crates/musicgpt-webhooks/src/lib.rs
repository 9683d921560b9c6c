//! Webhook payloads of the MusicGPT API: bytes in, an [`Event`] out.
//!
//! ```
//! use musicgpt_webhooks::{Event, Kind};
//!
//! # fn main() -> Result<(), musicgpt_webhooks::ParseError> {
//! let event = Event::from_slice(br#"{
//!     "success": true, "conversion_type": "File Conversion",
//!     "task_id": "t-1", "conversion_id": "c-1",
//!     "output_file_path": "https://cdn.example.invalid/c-1.mp3"
//! }"#)?;
//! assert_eq!(event.kind(), Kind::Result);
//! assert_eq!(event.feature(), Some("file_convert"));
//! # Ok(())
//! # }
//! ```
//!
//! The posts are unsigned, not versioned and only partly documented, so reading
//! is lenient: a body that is a JSON object always yields an event, no value is
//! thrown away, and nothing but the three ways to say "no URL" is judged.
//!
//! What lives where:
//!
//! | module | what |
//! |---|---|
//! | `event` | [`Event`]: the entry point, and what all kinds have in common |
//! | `kind` | [`Kind`] and [`DedupeKey`] |
//! | `payload` | one struct per kind: [`TrackResult`], [`TimestampedLyrics`], [`AlbumCover`], [`Streaming`], [`FileResult`], [`Failure`], [`UnknownEvent`] |
//! | `link`, `embedded` | value types: [`Link`] (a URL or a path), [`Embedded`] (JSON, perhaps inside a string) |
//! | `timed_lyrics`, `karaoke` | [`TimedLyrics`] and its export as LRC, SRT and WebVTT |
//! | `error` | [`ParseError`] |
//! | `flat`, `loose`, `classify` | how a body is read: one pass then one decision |
//! | `schema` | how the JSON Schemas (feature `schemars`) tell of leniency |
//! | `generated` | the API's own words, from the OpenAPI documents |
//!
//! What does not live here: HTTP, signatures and URLs with secrets (see
//! `musicgpt-receiver`), and downloads (see `musicgpt-sdk`).
//!
//! `Debug` of every type shows ids, kinds and the names of the fields that are
//! set; never a title, lyrics, a prompt or a URL. Feature `schemars` adds a JSON
//! Schema to every payload.

#![warn(clippy::indexing_slicing)]

mod classify;
mod embedded;
mod error;
mod event;
mod flat;
mod karaoke;
mod kind;
mod link;
mod loose;
mod payload;
#[cfg(feature = "schemars")]
mod schema;
mod timed_lyrics;

#[rustfmt::skip]
mod generated;

pub use embedded::Embedded;
pub use error::{ParseError, ParseErrorKind};
pub use event::Event;
pub use kind::{DedupeKey, Kind};
pub use link::Link;
pub use payload::{
    AlbumCover, Failure, FileResult, Output, Streaming, TimestampedLyrics, TrackResult,
    UnknownEvent,
};
pub use timed_lyrics::{LyricLine, TimedLyrics};
