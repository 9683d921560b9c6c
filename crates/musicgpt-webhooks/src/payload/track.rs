//! A take of a song.

use crate::payload::payload;
use crate::{Embedded, Link, TimedLyrics};

payload! {
    /// One finished take of a song; most operations make two.
    TrackResult in any form {
        /// The take.
        conversion_id: String = ConversionId,
        /// The MP3.
        conversion_path: Link = ConversionPath,
        /// The WAV; not sent by every operation, nor at all times.
        conversion_path_wav: Link = ConversionPathWav,
        /// The audio in the generic form.
        audio_url: Link = AudioUrl,
        /// Length in seconds.
        conversion_duration: f64 = ConversionDuration,
        /// Cost in the account's currency; only in the generic form.
        conversion_cost: f64 = ConversionCost,
        /// Whether moderation has flagged the request.
        is_flagged: bool = IsFlagged,
        /// Why it was flagged; often an empty string.
        reason: String = Reason,
        /// The title; the two takes of a task may differ.
        title: String = Title,
        /// The lyrics, with section headers in brackets.
        lyrics: String = Lyrics,
        /// The lyrics with times; see [`TrackResult::timed_lyrics`].
        lyrics_timestamped: Embedded = LyricsTimestamped,
        /// The album cover.
        album_cover_path: Link = AlbumCoverPath,
        /// The prompt; only in the generic form.
        prompt: String = Prompt,
        /// The style; only in the generic form.
        music_style: String = MusicStyle,
    }
}

impl TrackResult {
    /// The audio: the MP3, or what the generic form has in its place.
    pub fn audio(&self) -> Option<&Link> {
        self.conversion_path.as_ref().or(self.audio_url.as_ref())
    }

    /// The WAV.
    pub fn wav(&self) -> Option<&Link> {
        self.conversion_path_wav.as_ref()
    }

    /// The lyrics with times; none if there are none or they cannot be read.
    pub fn timed_lyrics(&self) -> Option<TimedLyrics> {
        TimedLyrics::from_embedded(self.lyrics_timestamped.as_ref()?)
    }
}
