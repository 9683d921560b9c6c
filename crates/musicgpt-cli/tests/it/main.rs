//! The program as a user meets it: processes, their output, exit codes and files.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

mod decoding;
mod features;
mod handles;
mod refusals;
mod sandbox;
mod webhooks;
