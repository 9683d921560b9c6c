//! A local simulator of the MusicGPT API: no key, no network, no costs.
//!
//! It knows the API from a copy of the OpenAPI bundle and from nothing else,
//! so a client that is tested against it is compared with the description and
//! not with itself. In a test it is one line:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sim = musicgpt_sim::Simulator::builder().virtual_clock().start().await?;
//! // … point a client at sim.base_url(), then let time pass:
//! sim.advance(std::time::Duration::from_secs(300)).await;
//! assert!(sim.requests().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! Tasks live in simulated time, which runs 20 times as fast as real time or
//! only when told to. A song's posts come in the order and with the gaps of
//! the real service, look-ups fill in as the takes get ready, and the files
//! behind the links are real audio. The same seed and the same requests give
//! the same ids, words and tunes.
//!
//! | module         | what lives there                                         |
//! |----------------|----------------------------------------------------------|
//! | `simulator`    | [`Simulator`] and [`Builder`]: start, watch, stop        |
//! | `server`       | connections, and which part answers which path           |
//! | `answers`      | the operations' answers: accept, look up, refuse         |
//! | `spec`, `operation`, `purpose`, `document` | the API as read from the bundle |
//! | `limits`       | [`Limits`]: which edition of the length limits holds     |
//! | `vocabulary`   | what field names such as `title_2` stand for             |
//! | `form`         | JSON, forms, uploads and queries made one typed object   |
//! | `validation`   | requests held against their schema                       |
//! | `state`        | tasks, and the posts that are to come                    |
//! | `clock`        | simulated time                                           |
//! | `task`, `timeline` | a task, and what happens to it when                  |
//! | `song`         | titles, lyrics and their times                           |
//! | `fill`         | documented examples filled with a task's values          |
//! | `lookup`       | what is known of a task so far                           |
//! | `lists`        | tasks and voices, page by page                           |
//! | `uploads`, `storage` | files on their way in                              |
//! | `webhooks`     | payloads, and how they are sent                          |
//! | `library`, [`media`] | the files behind the links                         |
//! | [`faults`]     | what can be made to go wrong                             |
//! | `log`          | [`RequestRecord`] and [`Delivery`]                       |
//! | `reply`, `seed` | answers on their way out; numbers and ids              |

mod answers;
mod clock;
mod document;
pub mod faults;
mod fill;
mod form;
mod library;
mod limits;
mod lists;
mod log;
mod lookup;
pub mod media;
mod operation;
mod purpose;
mod reply;
mod seed;
mod server;
mod simulator;
mod song;
mod spec;
mod state;
mod storage;
mod task;
mod timeline;
mod uploads;
mod validation;
mod vocabulary;
mod webhooks;

pub use faults::{FAULT_HEADER, Fault, FaultRule};
pub use limits::Limits;
pub use log::{Delivery, RequestRecord};
pub use simulator::{Builder, Simulator};
