//! The audio formats the service offers, and what each is called.

use std::fmt;

/// An audio file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AudioFormat {
    /// MPEG Layer III.
    Mp3,
    /// Uncompressed PCM in a RIFF file.
    Wav,
    /// Lossless FLAC.
    Flac,
    /// Opus in an Ogg file.
    Ogg,
    /// AAC-LC in ADTS frames.
    Aac,
    /// Opus in a WebM file.
    Webm,
}

impl AudioFormat {
    /// Every format, in the order of the enum.
    pub const ALL: [Self; 6] = [
        Self::Mp3,
        Self::Wav,
        Self::Flac,
        Self::Ogg,
        Self::Aac,
        Self::Webm,
    ];

    /// The format a request names, in upper or lower case; `None` for a name
    /// the service does not know.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.extension().eq_ignore_ascii_case(name))
    }

    /// The file name's extension, without a dot. It is also the name used in
    /// requests.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Mp3 => "mp3",
            Self::Wav => "wav",
            Self::Flac => "flac",
            Self::Ogg => "ogg",
            Self::Aac => "aac",
            Self::Webm => "webm",
        }
    }

    /// The value of the `Content-Type` header for such a file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Mp3 => "audio/mpeg",
            Self::Wav => "audio/wav",
            Self::Flac => "audio/flac",
            Self::Ogg => "audio/ogg",
            Self::Aac => "audio/aac",
            Self::Webm => "audio/webm",
        }
    }
}

impl fmt::Display for AudioFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}
