//! The post with a take's timestamped lyrics. What is in them: `timed_lyrics`.

use crate::payload::payload;
use crate::{Embedded, TimedLyrics};

payload! {
    /// Timestamped lyrics of one take; they may come before its audio.
    TimestampedLyrics {
        /// The take.
        conversion_id: String = ConversionId,
        /// The lyrics with times; see [`TimestampedLyrics::timed_lyrics`].
        lyrics_timestamped: Embedded = LyricsTimestamped,
    }
}

impl TimestampedLyrics {
    /// The lyrics with times; none if they cannot be read.
    pub fn timed_lyrics(&self) -> Option<TimedLyrics> {
        TimedLyrics::from_embedded(self.lyrics_timestamped.as_ref()?)
    }
}
