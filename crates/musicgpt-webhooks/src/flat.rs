//! [`Flat`]: a body read in one pass, a value for every field name that any
//! payload has. Lives here: the names. Not here: what they mean (`payload`, `classify`).

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::ParseError;
use crate::loose::{Lenient, Loose};

macro_rules! fields {
    ($($field:ident = $name:literal,)*) => {
        /// A field name of the wire.
        #[derive(Clone, Copy)]
        #[repr(u8)]
        pub(crate) enum Field { $($field,)* }

        impl Field {
            const COUNT: usize = [$(Field::$field,)*].len();

            pub(crate) fn name(self) -> &'static str {
                match self { $(Field::$field => $name,)* }
            }

            fn by_name(name: &str) -> Option<Field> {
                match name { $($name => Some(Field::$field),)* _ => None }
            }
        }
    };
}

// The most frequent first: the look-up goes from the top.
fields! {
    Success = "success",
    ConversionType = "conversion_type",
    Subtype = "subtype",
    TaskId = "task_id",
    ConversionId = "conversion_id",
    ConversionPath = "conversion_path",
    ConversionPathWav = "conversion_path_wav",
    ConversionDuration = "conversion_duration",
    ConversionCost = "conversion_cost",
    Title = "title",
    Message = "message",
    Lyrics = "lyrics",
    LyricsTimestamped = "lyrics_timestamped",
    IsFlagged = "is_flagged",
    Reason = "reason",
    AlbumCoverPath = "album_cover_path",
    StreamingUrl = "streaming_url",
    ConversionId1 = "conversion_id_1",
    ConversionId2 = "conversion_id_2",
    ImagePath = "image_path",
    ImagePaths = "image_paths",
    ThumbnailPath = "thumbnail_path",
    ThumbnailPaths = "thumbnail_paths",
    AlbumCoverGeneratorOutput = "album_cover_generator_output",
    Status = "status",
    StatusMsg = "status_msg",
    CreatedAt = "createdAt",
    UpdatedAt = "updatedAt",
    AudioUrl = "audio_url",
    AudioUrlWav = "audio_url_wav",
    Prompt = "prompt",
    MusicStyle = "music_style",
    OutputFile = "output_file",
    OutputFilePath = "output_file_path",
    ConversionPaths = "conversion_paths",
    ConversionPathsWav = "conversion_paths_wav",
    ConversionDurations = "conversion_durations",
    AudioPath = "audio_path",
    NoNoise = "no_noise",
    Noise = "noise",
    NoiseWav = "noise_wav",
    NoEcho = "no_echo",
    NoEchoWav = "no_echo_wav",
    Echo = "echo",
    Noreverb = "noreverb",
    Reverb = "reverb",
    ReverbWav = "reverb_wav",
    KeyChanges = "key_changes",
    DominantKey = "dominant_key",
    Bpm = "bpm",
    Transcription = "transcription",
    Translation = "translation",
    DetectedLanguage = "detected_language",
    WordTimestamps = "word_timestamps",
    MidiFilePath = "midi_file_path",
    SonifyFilePath = "sonify_file_path",
    NotesFilePath = "notes_file_path",
    Error = "error",
    ErrorCode = "error_code",
    Detail = "detail",
}

const COUNT: usize = Field::COUNT;

/// A body: its known fields in the order in which they came, where to find each
/// of them, and the other fields by name.
///
/// A body has a dozen of the known fields, so that one slot for each of them
/// would cost more to move and clear than the parsing does.
pub(crate) struct Flat {
    values: Vec<(Field, Loose)>,
    /// Per field its place in `values`, from 1; 0 is absent.
    places: [u8; COUNT],
    rest: Map<String, Value>,
}

// Places fit their type.
const _: () = assert!(COUNT < u8::MAX as usize);

impl Flat {
    pub(crate) fn from_slice(body: &[u8]) -> Result<Self, ParseError> {
        // RFC 8259 lets a parser ignore a byte order mark.
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        // Checking the encoding of the whole is faster than string by string.
        let read = |body| serde_json::from_str(body).ok();
        match str::from_utf8(body).ok().and_then(read) {
            Some(flat) => Ok(flat),
            None => Self::from_odd_slice(body),
        }
    }

    /// The slow path: finds where an error is, or reads an object with values
    /// that are JSON but that the fast path cannot hold (`1e999`, half a surrogate
    /// pair, hundreds of brackets). Those are kept as their JSON text among the
    /// unknown fields, whatever their name; the others are read as usual.
    fn from_odd_slice(body: &[u8]) -> Result<Self, ParseError> {
        let raw: BTreeMap<String, &RawValue> = serde_json::from_slice(body)?;
        let mut good = Map::new();
        let mut odd = Map::new();
        for (key, raw) in raw {
            match serde_json::from_str(raw.get()) {
                Ok(value) => good.insert(key, value),
                Err(_) => odd.insert(key, Value::String(raw.get().to_owned())),
            };
        }
        let mut flat = Self::deserialize(Value::Object(good))?;
        flat.rest.append(&mut odd);
        Ok(flat)
    }

    fn place(&self, field: Field) -> Option<usize> {
        let place = self.places.get(field as usize).copied().unwrap_or(0);
        usize::from(place).checked_sub(1)
    }

    fn put(&mut self, field: Field, value: Loose) {
        match self.place(field) {
            // A name that comes twice: the last one counts, as in most parsers.
            Some(at) => {
                if let Some((_, slot)) = self.values.get_mut(at) {
                    *slot = value;
                }
            }
            None => {
                self.values.push((field, value));
                if let Some(place) = self.places.get_mut(field as usize) {
                    // At most one value per field, and there are fewer than 255.
                    *place = self.values.len() as u8;
                }
            }
        }
    }

    /// The value of a field, as it came.
    pub(crate) fn get(&self, field: Field) -> &Loose {
        self.place(field)
            .and_then(|at| self.values.get(at))
            .map_or(&Loose::Absent, |(_, value)| value)
    }

    /// Whether a field is there with something other than null.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.get(field).is_set()
    }

    /// Whether one of the fields is there with something other than null.
    pub(crate) fn has_any(&self, fields: &[Field]) -> bool {
        fields.iter().any(|field| self.has(*field))
    }

    /// The trimmed text of a field, if it is text and not blank.
    pub(crate) fn text(&self, field: Field) -> Option<&str> {
        match self.get(field) {
            Loose::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// Takes the value of a field; what cannot be read goes to `misfits`.
    pub(crate) fn take<T: Lenient>(
        &mut self,
        field: Field,
        misfits: &mut Map<String, Value>,
    ) -> Option<T> {
        let at = self.place(field)?;
        let (_, slot) = self.values.get_mut(at)?;
        if !slot.is_set() {
            *slot = Loose::Absent;
            return None;
        }
        match T::read(std::mem::take(slot)) {
            Ok(value) => Some(value),
            Err(loose) => {
                misfits.extend(loose.into_value().map(|value| (field.name().into(), value)));
                None
            }
        }
    }

    /// Everything that has not been taken, by name.
    pub(crate) fn into_rest(mut self) -> Map<String, Value> {
        for (field, loose) in self.values {
            if let Some(value) = loose.into_value() {
                self.rest.insert(field.name().to_owned(), value);
            }
        }
        self.rest
    }
}

impl<'de> Deserialize<'de> for Flat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FlatVisitor)
    }
}

struct FlatVisitor;

impl<'de> Visitor<'de> for FlatVisitor {
    type Value = Flat;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Flat, A::Error> {
        let mut flat = Flat {
            values: Vec::with_capacity(16),
            places: [0; COUNT],
            rest: Map::new(),
        };
        while let Some(key) = map.next_key()? {
            match key {
                Key::Known(field) => flat.put(field, map.next_value()?),
                Key::Other(name) => {
                    flat.rest.insert(name, map.next_value()?);
                }
            }
        }
        Ok(flat)
    }
}

/// A field name; allocates only for names that no payload has.
enum Key {
    Known(Field),
    Other(String),
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Key, E> {
        Ok(match Field::by_name(name) {
            Some(field) => Key::Known(field),
            None => Key::Other(name.to_owned()),
        })
    }
}
