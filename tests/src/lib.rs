//! What the tests share.
//!
//! - [`recorder`]: a transport that keeps requests instead of sending them, and shows them as text.
//! - [`clock`]: a clock that a simulator drives.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

pub mod clock;
pub mod recorder;

/// The example of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
