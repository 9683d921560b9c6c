//! What jobs end with.

mod audio_file;
mod cleaned_audio;
mod image_file;
mod key_bpm;
mod midi_files;
mod song;
mod stems;
mod transcription;

pub use audio_file::AudioFile;
pub use cleaned_audio::CleanedAudio;
pub use image_file::ImageFile;
pub use key_bpm::{KeyBpm, KeyChange};
pub use midi_files::MidiFiles;
pub use song::{Song, Take};
pub use stems::{StemFiles, Stems};
pub use transcription::{TimedWord, Transcription};

use crate::conversion::{Conversion, Readiness};
use crate::job::JobHandle;

/// What a job ends with. Sealed: see the types here.
pub trait Output: sealed::Sealed + Sized + Send + 'static {
    #[doc(hidden)]
    fn from_conversion(handle: &JobHandle, conversion: Conversion) -> Self;

    /// How many results a look-up has; by default how many takes have a file.
    #[doc(hidden)]
    fn readiness(conversion: &Conversion, outputs: usize) -> Readiness {
        conversion.takes(outputs)
    }
}

/// The names that the outputs read beside those of takes.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let several = [
        cleaned_audio::NAMES,
        key_bpm::NAMES,
        midi_files::NAMES,
        stems::NAMES,
        transcription::NAMES,
    ];
    several.into_iter().flatten().copied()
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::AudioFile {}
    impl Sealed for super::CleanedAudio {}
    impl Sealed for super::ImageFile {}
    impl Sealed for super::KeyBpm {}
    impl Sealed for super::MidiFiles {}
    impl Sealed for super::Song {}
    impl Sealed for super::Stems {}
    impl Sealed for super::Transcription {}
}

/// What the tests of the outputs have in common.
#[cfg(test)]
mod testing {
    use musicgpt_api::Operation;
    use serde_json::Value;

    use super::Output;
    use crate::conversion::{Conversion, Progress};
    use crate::job::JobHandle;

    fn conversion(fields: Value) -> Conversion {
        let Value::Object(fields) = fields else {
            panic!("an object");
        };
        Conversion::new(fields)
    }

    pub(super) fn read<O: Output>(operation: &'static Operation, fields: Value) -> O {
        O::from_conversion(&JobHandle::new(operation, "t-1"), conversion(fields))
    }

    pub(super) fn progress<O: Output>(operation: &'static Operation, fields: Value) -> Progress {
        let conversion = conversion(fields);
        let readiness = O::readiness(&conversion, operation.outputs);
        conversion.progress(readiness, operation.outputs)
    }
}
