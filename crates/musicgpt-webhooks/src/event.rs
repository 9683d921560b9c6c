//! [`Event`]: the entry point. Lives here: what all kinds have in common. Not
//! here: the fields of each (`payload`), and how a kind is found (`classify`).

use serde::Serialize;
use serde_json::{Map, Value};

use crate::classify::{classify, feature};
use crate::flat::Flat;
use crate::kind::fingerprint;
use crate::{
    AlbumCover, DedupeKey, Failure, FileResult, Kind, ParseError, Streaming, TimestampedLyrics,
    TrackResult, UnknownEvent,
};

/// A webhook post, understood.
///
/// Serializes to the fields of the wire again, but numbers and booleans that
/// came as text come out as such, and nulls are left out of known fields.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(untagged)]
#[non_exhaustive]
pub enum Event {
    /// One take of a song.
    Track(TrackResult),
    /// Timestamped lyrics of one take.
    Lyrics(TimestampedLyrics),
    /// The album cover of a task.
    Cover(AlbumCover),
    /// A streaming URL of one take.
    Stream(Streaming),
    /// The result of an operation with one output. Boxed: it has by far the most
    /// fields, and every event would be as large.
    Result(Box<FileResult>),
    /// The task, or one take of it, has failed.
    Failure(Failure),
    /// Any other JSON object, whole.
    Unknown(UnknownEvent),
}

/// The same field, or expression, of whichever payload it is.
macro_rules! of_any {
    ($event:expr, $payload:ident => $what:expr) => {
        match $event {
            Event::Track($payload) => $what,
            Event::Lyrics($payload) => $what,
            Event::Cover($payload) => $what,
            Event::Stream($payload) => $what,
            Event::Result($payload) => $what,
            Event::Failure($payload) => $what,
            Event::Unknown($payload) => $what,
        }
    };
}

impl Event {
    /// Reads a post's body.
    ///
    /// # Errors
    ///
    /// Only if the body is not JSON, or is JSON but not an object.
    pub fn from_slice(body: &[u8]) -> Result<Self, ParseError> {
        let flat = Flat::from_slice(body)?;
        Ok(match classify(&flat) {
            Kind::Track => Event::Track(TrackResult::from_flat(flat)),
            Kind::Lyrics => Event::Lyrics(TimestampedLyrics::from_flat(flat)),
            Kind::Cover => Event::Cover(AlbumCover::from_flat(flat)),
            Kind::Stream => Event::Stream(Streaming::from_flat(flat)),
            Kind::Result => Event::Result(Box::new(FileResult::from_flat(flat))),
            Kind::Failure => Event::Failure(Failure::from_flat(flat)),
            Kind::Unknown => Event::Unknown(UnknownEvent::from_flat(flat)),
        })
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        match self {
            Event::Track(_) => Kind::Track,
            Event::Lyrics(_) => Kind::Lyrics,
            Event::Cover(_) => Kind::Cover,
            Event::Stream(_) => Kind::Stream,
            Event::Result(_) => Kind::Result,
            Event::Failure(_) => Kind::Failure,
            Event::Unknown(_) => Kind::Unknown,
        }
    }

    /// The id of the operation that this is a result of, as in the API's
    /// document; none if the `conversion_type` is missing or not known.
    pub fn feature(&self) -> Option<&'static str> {
        feature(self.conversion_type()?)
    }

    /// The `conversion_type` as it came.
    pub fn conversion_type(&self) -> Option<&str> {
        of_any!(self, payload => payload.conversion_type.as_deref())
    }

    /// The task.
    pub fn task_id(&self) -> Option<&str> {
        of_any!(self, payload => not_blank(payload.task_id.as_deref()))
    }

    /// The conversion (the take); a cover has none.
    pub fn conversion_id(&self) -> Option<&str> {
        let id = match self {
            Event::Track(track) => track.conversion_id.as_deref(),
            Event::Lyrics(lyrics) => lyrics.conversion_id.as_deref(),
            Event::Cover(_) => None,
            Event::Stream(stream) => stream.conversion_id.as_deref(),
            Event::Result(result) => result.conversion_id.as_deref(),
            Event::Failure(failure) => failure.conversion_id.as_deref(),
            Event::Unknown(unknown) => unknown.conversion_id.as_deref(),
        };
        not_blank(id)
    }

    /// Equal for two posts of one event.
    pub fn dedupe_key(&self) -> DedupeKey {
        let ids = (self.task_id(), self.conversion_id());
        DedupeKey::new(ids, self.kind(), self.is_empty_handed(), || {
            fingerprint(&serde_json::to_vec(self).unwrap_or_default())
        })
    }

    /// Whether it brings nothing of what its kind is for: another post may come
    /// that does. A failure never does, and one task may have several.
    fn is_empty_handed(&self) -> bool {
        match self {
            Event::Track(track) => track.audio().or(track.wav()).is_none(),
            Event::Lyrics(lyrics) => lyrics.lyrics_timestamped.is_none(),
            Event::Cover(cover) => cover.image_path.is_none() && cover.image_paths.is_none(),
            Event::Stream(stream) => stream.streaming_url.is_none(),
            Event::Result(result) => result.is_empty(),
            Event::Failure(_) | Event::Unknown(_) => true,
        }
    }

    /// Fields that the event's kind has, by their names on the wire: each as it was
    /// read, or, if it could not be ([`Event::misfits`]), as it came. None for an
    /// unknown event.
    ///
    /// Together with [`Event::unknown_fields`] this is all that came, but for nulls.
    pub fn fields(&self) -> Map<String, Value> {
        // Writing to a value cannot fail: every key is a text.
        let Ok(Value::Object(mut fields)) = serde_json::to_value(self) else {
            return Map::new();
        };
        fields.retain(|name, _| !self.unknown_fields().contains_key(name));
        fields
    }

    /// Fields that the event's kind does not have in the documents; of an unknown
    /// event, all.
    pub fn unknown_fields(&self) -> &Map<String, Value> {
        match self {
            Event::Track(track) => &track.unknown_fields,
            Event::Lyrics(lyrics) => &lyrics.unknown_fields,
            Event::Cover(cover) => &cover.unknown_fields,
            Event::Stream(stream) => &stream.unknown_fields,
            Event::Result(result) => &result.unknown_fields,
            Event::Failure(failure) => &failure.unknown_fields,
            Event::Unknown(unknown) => &unknown.raw,
        }
    }

    /// Fields that the kind has, with values that could not be read as such; none
    /// for an unknown event.
    pub fn misfits(&self) -> Option<&Map<String, Value>> {
        match self {
            Event::Track(track) => Some(&track.misfits),
            Event::Lyrics(lyrics) => Some(&lyrics.misfits),
            Event::Cover(cover) => Some(&cover.misfits),
            Event::Stream(stream) => Some(&stream.misfits),
            Event::Result(result) => Some(&result.misfits),
            Event::Failure(failure) => Some(&failure.misfits),
            Event::Unknown(_) => None,
        }
    }
}

fn not_blank(id: Option<&str>) -> Option<&str> {
    id.map(str::trim).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may stop")]

    use serde_json::{Value, json};

    use super::*;

    fn parse(body: &Value) -> Event {
        Event::from_slice(body.to_string().as_bytes()).expect("an object")
    }

    #[test]
    fn fields_are_known_unknown_or_misfits() {
        let event = parse(&json!({
            "success": "true", "subtype": "music_ai", "task_id": 12, "title": null,
            "conversion_duration": "2.5", "conversion_path": "", "is_flagged": [1],
            "createdAt": "yesterday", "output_file": "a.mp3", "mood": {"a": null},
        }));
        assert_eq!(
            Value::Object(event.fields()),
            json!({
                "success": true, "subtype": "music_ai", "task_id": "12",
                "conversion_duration": 2.5, "conversion_path": "", "is_flagged": [1],
                "createdAt": "yesterday",
            })
        );
        let misfits: Vec<_> = event.misfits().expect("a known kind").keys().collect();
        assert_eq!(misfits, ["conversion_path", "is_flagged"]);
        let unknown = Value::Object(event.unknown_fields().clone());
        assert_eq!(
            unknown,
            json!({"mood": {"a": null}, "output_file": "a.mp3"})
        );
    }

    #[test]
    fn an_unknown_event_has_unknown_fields_only() {
        let body = json!({"task_id": "t", "success": true, "more": null});
        let event = parse(&body);
        assert_eq!(event.fields(), Map::new());
        assert_eq!(Value::Object(event.unknown_fields().clone()), body);
    }

    #[test]
    fn a_kind_is_one_word() {
        for (body, word) in [
            (json!({"subtype": "music_ai"}), "track"),
            (json!({"subtype": "lyrics_timestamped"}), "lyrics"),
            (json!({"subtype": "album_cover_generation"}), "cover"),
            (json!({"subtype": "audio_streaming"}), "stream"),
            (json!({"conversion_type": "Denoise"}), "result"),
            (json!({"success": false}), "failure"),
            (json!({}), "unknown"),
        ] {
            let kind = parse(&body).kind();
            assert_eq!(json!(kind), word);
            assert_eq!(kind.to_string(), word);
        }
    }
}
