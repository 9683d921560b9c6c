//! What jobs end with.

mod audio_file;
mod song;

pub use audio_file::AudioFile;
pub use song::{Song, Take};

use crate::conversion::Conversion;
use crate::job::JobHandle;

/// What a job ends with. Sealed: see the types here.
pub trait Output: sealed::Sealed + Sized + Send + 'static {
    #[doc(hidden)]
    fn from_conversion(handle: &JobHandle, conversion: Conversion) -> Self;
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::AudioFile {}
    impl Sealed for super::Song {}
}
