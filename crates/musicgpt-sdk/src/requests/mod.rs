//! One type per feature: constructors for what is required and for the documented modes, setters
//! for the rest.
//!
//! The types are thin: what they hold is the generated request, and what may be in it stands in the
//! operation table. A type's `Default` has nothing set; validation says what is missing.

mod draft;
mod file_convert;
mod get_by_id;
mod image_to_song;
mod music_ai;
mod remix;

pub(crate) use draft::{Draft, Prepared};
pub use draft::{Feature, Lookup, Submittable};
pub use file_convert::FileConvert;
pub use get_by_id::GetById;
pub use image_to_song::ImageToSong;
pub use music_ai::MusicAi;
pub use remix::Remix;
