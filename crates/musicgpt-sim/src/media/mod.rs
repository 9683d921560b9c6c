//! Real media for the simulated service: a short tune in every offered audio
//! format, and a cover picture.
//!
//! Everything is made from numbers alone, so a test that asks twice for the
//! same song gets the same bytes, and no binary fixture has to be stored.
//!
//! | file        | what lives there                                           |
//! |-------------|------------------------------------------------------------|
//! | `melody.rs` | [`Melody`]: which notes are played, and when               |
//! | `synth.rs`  | the notes turned into samples                              |
//! | `format.rs` | [`AudioFormat`]: names, extensions and media types         |
//! | `encode.rs` | [`encode`]: settings checked, then one of the writers:     |
//! | `wav.rs`    | WAV, through `hound`                                       |
//! | `flac.rs`   | FLAC, through `flacenc`                                    |
//! | `mp3.rs`    | MP3, through `rusty_mp3`                                   |
//! | `aac.rs`    | AAC-LC in ADTS frames, through `syom`                      |
//! | `opus.rs`   | Opus packets, and the Ogg file of them, through `opus-pure`|
//! | `webm.rs`   | the WebM file of the same Opus packets, written by hand    |
//! | `cover.rs`  | [`cover_png`]: the cover picture                           |
//! | `document.rs` | MIDI, a table of notes, a playlist: [`DocumentKind`]       |
//! | `error.rs`  | [`EncodeError`]                                            |
//! | `rng.rs`    | the small random generator behind tunes and pictures       |

mod aac;
mod cover;
mod document;
mod encode;
mod error;
mod flac;
mod format;
mod melody;
mod mp3;
mod opus;
mod rng;
mod synth;
mod wav;
mod webm;

#[cfg(test)]
mod tests;

pub use cover::{COVER_SIZE, cover_png};
pub use document::{DocumentKind, midi, notes_csv, playlist};
pub use encode::{SAMPLE_RATES, encode};
pub use error::EncodeError;
pub use format::AudioFormat;
pub use melody::Melody;
