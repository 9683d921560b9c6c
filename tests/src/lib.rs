//! What the tests share.
//!
//! - [`recorder`]: a transport that keeps requests instead of sending them, and shows them as text.
//! - [`samples`]: requests made from the operation table.
//! - [`clock`]: a clock that a simulator drives.
//! - [`payloads`]: the documented answers.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

pub mod clock;
pub mod payloads;
pub mod recorder;
pub mod samples;

/// The example of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
