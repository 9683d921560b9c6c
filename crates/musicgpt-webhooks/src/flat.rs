//! [`Flat`]: a body read in one pass, a value for every field name that any
//! payload has. Lives here: the names. Not here: what they mean (`payload`, `classify`).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::{fmt, mem};

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::error::ParseError;
use crate::loose::Loose;

macro_rules! fields {
    ($($field:ident = $name:literal,)*) => {
        /// A field name of the wire.
        #[derive(Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Field { $($field,)* }

        impl Field {
            const COUNT: usize = [$(Field::$field,)*].len();

            pub(crate) fn name(self) -> &'static str {
                match self { $(Field::$field => $name,)* }
            }

            // As bytes, the compiler makes one decision by length and characters
            // of it; as text, one comparison after the other.
            #[allow(non_upper_case_globals, reason = "constants named by the fields")]
            fn by_name(name: &str) -> Option<Field> {
                $(const $field: &[u8] = $name.as_bytes();)*
                match name.as_bytes() { $($field => Some(Field::$field),)* _ => None }
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

/// A set of fields.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fields(u64);

// Every field has its bit.
const _: () = assert!(Field::COUNT <= u64::BITS as usize);

impl Fields {
    pub(crate) const fn of(mut fields: &[Field]) -> Self {
        let mut bits = 0;
        while let [first, rest @ ..] = fields {
            bits |= 1 << *first as u8;
            fields = rest;
        }
        Self(bits)
    }

    fn contains(self, field: Field) -> bool {
        self.0 & Self::of(&[field]).0 != 0
    }

    fn insert(&mut self, field: Field) {
        self.0 |= Self::of(&[field]).0;
    }

    fn remove(&mut self, field: Field) {
        self.0 &= !Self::of(&[field]).0;
    }
}

/// A body: its known fields in the order in which they came, and the others by
/// name.
///
/// A body has a dozen of the known fields, so that one slot for each of them
/// would cost more to move and clear than the parsing does.
#[derive(Default)]
pub(crate) struct Flat<'de> {
    values: Vec<(Field, Loose<'de>)>,
    /// The fields that are in `values`.
    present: Fields,
    /// Those of them that are not null.
    set: Fields,
    rest: Map<String, Value>,
}

impl<'de> Flat<'de> {
    pub(crate) fn from_slice(body: &'de [u8]) -> Result<Self, ParseError> {
        // RFC 8259 lets a parser ignore a byte order mark.
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        // Checking the encoding of the whole is faster than string by string.
        let text = str::from_utf8(body).map_err(|error| ParseError::not_utf8(body, error))?;
        serde_json::from_str(text).or_else(|_| Self::from_odd_text(text))
    }

    /// The slow path: finds where an error is, or reads an object with values
    /// that are JSON but that the fast path cannot hold (`1e999`, half a surrogate
    /// pair, hundreds of brackets). Those are kept as their JSON text, which no
    /// field takes; the others are read as usual.
    fn from_odd_text(text: &str) -> Result<Self, ParseError> {
        let raw: BTreeMap<Name, &RawValue> = serde_json::from_str(text)?;
        let mut good = Map::new();
        let mut odd = Vec::new();
        for (Name(key), raw) in raw {
            match serde_json::from_str(raw.get()) {
                Ok(value) => drop(good.insert(key, value)),
                Err(_) => odd.push((key, Value::String(raw.get().to_owned()))),
            }
        }
        let mut flat = Self::deserialize(Value::Object(good))?;
        for (key, text) in odd {
            match Field::by_name(&key) {
                Some(field) => flat.put(field, Loose::Tree(Box::new(text))),
                None => drop(flat.rest.insert(key, text)),
            }
        }
        Ok(flat)
    }

    #[inline(always)]
    fn put(&mut self, field: Field, value: Loose<'de>) {
        if self.present.contains(field) {
            self.forget(field);
        }
        self.present.insert(field);
        if !value.is_null() {
            self.set.insert(field);
        }
        self.values.push((field, value));
    }

    /// A name that comes twice: the last one counts, as in most parsers.
    #[cold]
    fn forget(&mut self, field: Field) {
        self.set.remove(field);
        self.values.retain(|(known, _)| *known != field);
    }

    /// The value of a field, as it came; null if it did not.
    pub(crate) fn get(&self, field: Field) -> &Loose<'de> {
        self.values
            .iter()
            .find(|(known, _)| *known == field)
            .map_or(&Loose::Null, |(_, value)| value)
    }

    /// Whether a field is there with something other than null.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.set.contains(field)
    }

    /// Whether one of the fields is there with something other than null.
    pub(crate) fn has_any(&self, fields: Fields) -> bool {
        self.set.0 & fields.0 != 0
    }

    /// The trimmed text of a field, if it is text and not blank.
    pub(crate) fn text(&self, field: Field) -> Option<&str> {
        match self.get(field) {
            Loose::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// The known fields in the order in which they came, and the others by name.
    pub(crate) fn into_parts(self) -> (Vec<(Field, Loose<'de>)>, Map<String, Value>) {
        (self.values, self.rest)
    }
}

impl<'de> Deserialize<'de> for Flat<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FlatVisitor)
    }
}

struct FlatVisitor;

impl<'de> Visitor<'de> for FlatVisitor {
    type Value = Flat<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut flat = Flat {
            values: Vec::with_capacity(16),
            ..Flat::default()
        };
        let mut other = String::new();
        while let Some(key) = map.next_key_seed(Key { other: &mut other })? {
            match key {
                Some(field) => map.next_value_seed(Slot {
                    flat: &mut flat,
                    field,
                })?,
                None => {
                    flat.rest.insert(mem::take(&mut other), map.next_value()?);
                }
            }
        }
        Ok(flat)
    }
}

/// A field name; one that no payload has goes to `other`.
struct Key<'a> {
    other: &'a mut String,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<Field>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let field = Field::by_name(name);
        if field.is_none() {
            name.clone_into(self.other);
        }
        Ok(field)
    }
}

/// Any name that JSON allows: where it is half a surrogate pair, a replacement
/// character.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Name, E> {
        Ok(Name(String::from_utf8_lossy(name).into_owned()))
    }
}

/// Where a value goes: straight into the body, since moving it there bit by bit
/// takes as long as parsing it.
struct Slot<'a, 'de> {
    flat: &'a mut Flat<'de>,
    field: Field,
}

impl<'de> Slot<'_, 'de> {
    #[inline(always)]
    fn put<E>(self, value: Loose<'de>) -> Result<(), E> {
        self.flat.put(self.field, value);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Slot<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Slot<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.put(Loose::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<(), E> {
        self.put(Loose::Bool(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.put(Loose::Number(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.put(Loose::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.put(Number::from_f64(number).map_or(Loose::Null, Loose::Number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        self.put(Loose::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.put(Loose::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<(), E> {
        self.put(Loose::Text(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        let value = Value::deserialize(SeqAccessDeserializer::new(seq))?;
        self.put(Loose::Tree(Box::new(value)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let value = Value::deserialize(MapAccessDeserializer::new(map))?;
        self.put(Loose::Tree(Box::new(value)))
    }
}
