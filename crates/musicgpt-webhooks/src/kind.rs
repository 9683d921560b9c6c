//! What an event is about ([`Kind`]), and when two posts are the same event
//! ([`DedupeKey`]). How a kind is found is in `classify`.

use std::fmt;

use serde::Serialize;

/// The seven kinds of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Kind {
    /// One take of a song.
    Track,
    /// Timestamped lyrics of one take.
    Lyrics,
    /// The album cover of a task.
    Cover,
    /// A streaming URL of one take.
    Stream,
    /// The result of an operation with one output.
    Result,
    /// The task, or one take of it, has failed.
    Failure,
    /// A JSON object that is none of the above.
    Unknown,
}

impl Kind {
    /// The kind as one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Track => "track",
            Kind::Lyrics => "lyrics",
            Kind::Cover => "cover",
            Kind::Stream => "stream",
            Kind::Result => "result",
            Kind::Failure => "failure",
            Kind::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Equal for two posts of one event: task, conversion and kind.
///
/// Where these three cannot tell two takes apart (a take without a conversion
/// id) or two things apart (unknown events, failures, a post that is still without
/// its file), a fingerprint of the fields joins in: seeing an event twice is better
/// than dropping a paid take.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct DedupeKey {
    /// The task.
    pub task_id: Option<String>,
    /// The conversion (the take); a cover has none.
    pub conversion_id: Option<String>,
    /// The kind.
    pub kind: Kind,
    /// A hash of the fields, where the ids alone are not enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<u64>,
}

impl DedupeKey {
    pub(crate) fn new(
        (task, conversion): (Option<&str>, Option<&str>),
        kind: Kind,
        is_empty_handed: bool,
        fingerprint: impl FnOnce() -> u64,
    ) -> Self {
        let per_take = matches!(kind, Kind::Track | Kind::Lyrics | Kind::Stream);
        let ambiguous = is_empty_handed
            || (per_take && conversion.is_none())
            || (task.is_none() && conversion.is_none());
        Self {
            task_id: task.map(str::to_owned),
            conversion_id: conversion.map(str::to_owned),
            kind,
            fingerprint: ambiguous.then(fingerprint),
        }
    }
}

/// `task/conversion/kind`, or `task/conversion/kind/fingerprint`; a missing id
/// is `-`. Two keys are written alike only if they are equal.
impl fmt::Display for DedupeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = |id: &Option<String>| match id.as_deref() {
            None => "-".to_owned(),
            Some("-") => "%2D".to_owned(),
            Some(id) => id.replace('%', "%25").replace('/', "%2F"),
        };
        write!(
            f,
            "{}/{}/{}",
            id(&self.task_id),
            id(&self.conversion_id),
            self.kind
        )?;
        match self.fingerprint {
            Some(fingerprint) => write!(f, "/{fingerprint:016x}"),
            None => Ok(()),
        }
    }
}

/// FNV-1a, 64 bits: the same in every process and release, unlike std's hasher.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
