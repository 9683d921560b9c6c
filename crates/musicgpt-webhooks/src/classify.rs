//! Which kind a body is. Lives here: the order in which the fields are asked.
//! Not here: the words themselves, which come from the API's documents.
//!
//! Failure comes first, since a failed task may carry the `subtype` of what it
//! failed to make. A known `subtype` decides next. Without one, the fields tell a
//! companion (stream, cover, lyrics) from the main result, and `conversion_type`
//! tells which main result that is. An unknown `subtype` is a main result only
//! if there is a file in it.

use crate::flat::{Field, Fields, Flat};
use crate::generated::vocabulary::{
    CONVERSION_TYPES, ConversionType, FAILED_STATUSES, SUBTYPES, Subtype,
};
use crate::loose::{Lenient, Loose};
use crate::{Kind, Link};

/// Fields that hold a song or another audio file.
const AUDIO: Fields = Fields::of(&[
    Field::ConversionPath,
    Field::ConversionPathWav,
    Field::ConversionPaths,
    Field::AudioUrl,
    Field::AudioUrlWav,
]);

/// Fields that only results of one output have.
const SINGLE: Fields = Fields::of(&[
    Field::OutputFile,
    Field::OutputFilePath,
    Field::ConversionPathsWav,
    Field::ConversionDurations,
    Field::NoNoise,
    Field::Noise,
    Field::NoEcho,
    Field::Echo,
    Field::Noreverb,
    Field::Reverb,
    Field::KeyChanges,
    Field::DominantKey,
    Field::Bpm,
    Field::Transcription,
    Field::WordTimestamps,
    Field::MidiFilePath,
    Field::SonifyFilePath,
    Field::NotesFilePath,
]);

/// Fields that only songs have.
const SONG: Fields = Fields::of(&[
    Field::Lyrics,
    Field::LyricsTimestamped,
    Field::MusicStyle,
    Field::AlbumCoverPath,
]);

/// Fields that only the generic form has.
const GENERIC: Fields = Fields::of(&[
    Field::Status,
    Field::StatusMsg,
    Field::CreatedAt,
    Field::UpdatedAt,
]);

/// Fields of a take that a post with its lyrics alone does not have.
const TAKE: Fields = Fields::of(&[Field::Lyrics, Field::Title, Field::ConversionDuration]);

const COVER: Fields = Fields::of(&[
    Field::ImagePath,
    Field::ImagePaths,
    Field::ThumbnailPath,
    Field::ThumbnailPaths,
    Field::AlbumCoverGeneratorOutput,
]);

pub(crate) fn classify(flat: &Flat<'_>) -> Kind {
    if failed(flat) {
        return Kind::Failure;
    }
    let subtype = flat.text(Field::Subtype);
    if let Some(subtype) = subtype.and_then(subtype_named) {
        return subtype.kind;
    }
    if let Some(kind) = companion(flat) {
        return kind;
    }
    if subtype.is_some() && !has_output(flat) {
        return Kind::Unknown;
    }
    flat.text(Field::ConversionType)
        .and_then(conversion_type_named)
        .map(|known| known.kind)
        .or_else(|| main_result(flat))
        .unwrap_or(Kind::Unknown)
}

/// The operation that a `conversion_type` belongs to.
pub(crate) fn feature(conversion_type: &str) -> Option<&'static str> {
    conversion_type_named(conversion_type).map(|known| known.feature)
}

fn failed(flat: &Flat<'_>) -> bool {
    let success = bool::read(&mut flat.get(Field::Success).clone());
    if success == Some(false) {
        return true;
    }
    let status = flat.text(Field::Status).unwrap_or_default();
    if FAILED_STATUSES
        .iter()
        .any(|word| word.eq_ignore_ascii_case(status))
    {
        return true;
    }
    // No verdict and no output, but a reason: nobody gives one for a success.
    success.is_none() && !has_output(flat) && gives_reason(flat)
}

fn gives_reason(flat: &Flat<'_>) -> bool {
    let tree = |field| match flat.get(field) {
        Loose::Tree(value) => {
            value.as_array().is_some_and(|items| !items.is_empty())
                || value.as_object().is_some_and(|map| !map.is_empty())
        }
        _ => flat.text(field).is_some(),
    };
    flat.text(Field::Reason).is_some()
        || flat.text(Field::ErrorCode).is_some()
        || tree(Field::Error)
        || tree(Field::Detail)
}

/// A post that goes with a main result, told by its fields.
fn companion(flat: &Flat<'_>) -> Option<Kind> {
    if flat.has_any(AUDIO) || flat.has_any(SINGLE) {
        return None;
    }
    if flat.has(Field::StreamingUrl) {
        return Some(Kind::Stream);
    }
    if flat.has_any(COVER) && !flat.has(Field::ConversionId) {
        return Some(Kind::Cover);
    }
    let lyrics_only = flat.has(Field::LyricsTimestamped) && !flat.has_any(TAKE);
    lyrics_only.then_some(Kind::Lyrics)
}

/// A main result, told by its fields.
fn main_result(flat: &Flat<'_>) -> Option<Kind> {
    if flat.has_any(AUDIO) && (flat.has_any(SONG) || is_generic_song(flat)) {
        Some(Kind::Track)
    } else if has_output(flat) {
        Some(Kind::Result)
    } else {
        None
    }
}

/// Whether this is the documents' generic form with one file and no word on the
/// operation: they show it for songs.
fn is_generic_song(flat: &Flat<'_>) -> bool {
    flat.has_any(GENERIC)
        && flat.text(Field::ConversionType).is_none()
        && flat.text(Field::AudioUrl).and_then(Link::new).is_some()
}

fn has_output(flat: &Flat<'_>) -> bool {
    flat.has_any(AUDIO) || flat.has_any(SINGLE) || flat.has(Field::StreamingUrl)
}

/// What a `subtype` stands for.
pub(crate) fn subtype_named(word: &str) -> Option<&'static Subtype> {
    SUBTYPES.iter().find(|known| same_words(known.word, word))
}

fn conversion_type_named(word: &str) -> Option<&'static ConversionType> {
    let exact = CONVERSION_TYPES.binary_search_by(|known| known.word.cmp(word));
    match exact {
        Ok(at) => CONVERSION_TYPES.get(at),
        Err(_) => CONVERSION_TYPES
            .iter()
            .find(|known| same_words(known.word, word.trim())),
    }
}

/// Whether two spellings are of the same words: the API writes `File Conversion`,
/// and its clients `FILE_CONVERSION`.
fn same_words(one: &str, other: &str) -> bool {
    let letter = |byte: u8| match byte {
        b'_' => b' ',
        other => other.to_ascii_lowercase(),
    };
    one.len() == other.len()
        && one
            .bytes()
            .zip(other.bytes())
            .all(|(one, other)| letter(one) == letter(other))
}

#[cfg(test)]
mod tests {
    use super::{CONVERSION_TYPES, feature};

    #[test]
    fn conversion_types_are_sorted_as_the_look_up_needs() {
        assert!(CONVERSION_TYPES.is_sorted_by_key(|known| known.word));
    }

    #[test]
    fn every_spelling_of_a_conversion_type() {
        for word in [
            "File Conversion",
            "FILE_CONVERT",
            "FILE_CONVERSION",
            " file conversion ",
        ] {
            assert_eq!(feature(word), Some("file_convert"), "{word}");
        }
        assert_eq!(feature("SING_OVER_VOCAL"), Some("sing_over_vocal"));
        assert_eq!(feature("FileConversion"), None);
    }
}
