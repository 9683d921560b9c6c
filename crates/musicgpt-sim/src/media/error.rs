//! What can go wrong while a file is made.

use std::fmt;

use super::AudioFormat;

/// Why no file was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The sample rate is not one the service offers.
    SampleRate(u32),
    /// The bit depth is not one this format can hold.
    BitDepth {
        /// The format asked for.
        format: AudioFormat,
        /// The bit depth asked for.
        bits: u16,
    },
    /// An encoder library refused. With the settings checked first this would
    /// be a bug, but it is the caller who decides what to answer then.
    Encoder {
        /// The kind of file that was being written, such as `flac`.
        kind: &'static str,
        /// What the library said.
        reason: String,
    },
}

impl EncodeError {
    /// For `map_err`: the library's complaint under the name of what was
    /// being written.
    pub(super) fn from_encoder<E: fmt::Display>(kind: &'static str) -> impl Fn(E) -> Self {
        move |reason| Self::Encoder {
            kind,
            reason: reason.to_string(),
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SampleRate(rate) => write!(f, "a sample rate of {rate} Hz is not offered"),
            Self::BitDepth { format, bits } => write!(f, "{format} cannot hold {bits}-bit samples"),
            Self::Encoder { kind, reason } => write!(f, "the {kind} encoder failed: {reason}"),
        }
    }
}

impl std::error::Error for EncodeError {}
