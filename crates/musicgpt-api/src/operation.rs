//! The types of the operation table: what the specs say of an operation, as data.
//!
//! Validation, the poller and the command line read [`crate::operations`]; nothing else knows a
//! path, a limit, a default or a rule.

use std::fmt;
use std::str::FromStr;

use crate::operations;

/// One operation.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// Its id, such as `image_to_song`.
    pub id: &'static str,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Its path below the base URL.
    pub path: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// More about it; may be empty.
    pub description: &'static str,
    /// Whether the vendor advises against it.
    pub deprecated: bool,
    /// How the fields travel.
    pub media: Media,
    /// What can be sent.
    pub fields: &'static [Field],
    /// What holds between fields.
    pub rules: &'static [Rule],
    /// The word under which [`get_by_id`](operations::GET_BY_ID) knows its tasks.
    pub conversion_type: Option<ConversionKey>,
    /// How many results a task has; 0 for a synchronous operation.
    pub outputs: usize,
    /// The field by which a request asks for fewer results, where there is one.
    pub outputs_field: Option<&'static str>,
    /// Whether a request may cost something, and so must not be repeated while it is in doubt
    /// whether it arrived.
    pub paid: bool,
    /// The posts that a task causes.
    pub webhooks: &'static [Webhook],
    /// The class within which the service limits parallel tasks.
    pub category: Option<&'static str>,
    /// The longest input, in minutes.
    pub max_audio_minutes: Option<i64>,
    /// Where all this is from.
    pub sources: &'static [Source],
}

impl Operation {
    /// The operation of an id.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        operations::ALL
            .iter()
            .copied()
            .find(|operation| operation.id == id)
    }

    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// How the fields of a request travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Media {
    /// In the query or the path; there is no body.
    Query,
    /// As a JSON object.
    Json,
    /// As an urlencoded form.
    Form,
    /// As a multipart form.
    Multipart,
}

/// One field of a request.
#[derive(Debug)]
#[non_exhaustive]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it means.
    pub description: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether every request needs it.
    pub required: bool,
    /// Fewest characters (Unicode scalar values).
    pub min_length: Option<usize>,
    /// Most characters, oldest figure first.
    pub max_length: &'static [Limit],
    /// What the documentation advises without refusing more.
    pub advice: Option<Advice>,
    /// Least number.
    pub minimum: Option<f64>,
    /// Greatest number.
    pub maximum: Option<f64>,
    /// What a number must be a multiple of.
    pub multiple_of: Option<i64>,
    /// What the service assumes when the field is not sent.
    pub default: Option<&'static str>,
    /// Schemes that an address may have; empty for any.
    pub schemes: &'static [&'static str],
    /// Whether logs must not show it.
    pub private: bool,
    /// Values of other fields that make this one pointless.
    pub ignored_when: &'static [Switch],
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// One of the listed words or numbers.
    Word(&'static [&'static str]),
    /// Several of the listed words.
    Words(&'static [&'static str]),
    /// A file of one of these media types; `audio/*` stands for any audio.
    File(&'static [&'static str]),
    /// An array or object.
    Json,
}

/// A length limit, and since which edition of the API it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limit {
    /// The edition; `None` for the oldest figure.
    pub since: Option<Edition>,
    /// Most characters.
    pub length: usize,
}

/// A length that the documentation recommends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advice {
    /// Characters.
    pub length: usize,
    /// The recommendation.
    pub note: &'static str,
}

/// A boolean field with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Switch {
    /// The field.
    pub field: &'static str,
    /// The value.
    pub value: bool,
}

/// What holds between the fields of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// One of these fields, and no other of them.
    ExactlyOne(&'static [&'static str]),
    /// All fields of at least one of these groups.
    AnyOf(&'static [&'static [&'static str]]),
    /// With `field` (and with this value, where one is given) there must be no `other`.
    Excludes {
        /// The field that excludes.
        field: &'static str,
        /// The value with which it does.
        value: Option<bool>,
        /// The field that is excluded.
        other: &'static str,
    },
    /// With `field` the others are needed.
    Requires {
        /// The field that requires.
        field: &'static str,
        /// The fields that are required.
        others: &'static [&'static str],
    },
}

/// The word under which tasks of an operation are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConversionKey {
    /// The word.
    pub word: &'static str,
    /// Whether no page gives it, so that it is our best guess.
    pub inferred: bool,
}

/// A post that a task causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Webhook {
    /// What it brings.
    pub kind: WebhookKind,
    /// Its name in the specs.
    pub name: &'static str,
    /// How many of them a task causes.
    pub count: usize,
    /// Any of these keeps it from being sent.
    pub dropped_when: &'static [Condition],
    /// Without all of these it is not sent.
    pub sent_when: &'static [Condition],
}

/// A condition on a field of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Condition {
    /// The field.
    pub field: &'static str,
    /// When it counts.
    pub when: When,
}

/// When a field of a request counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// A boolean one with this value; any other one when it is given, or is not.
    Is(bool),
    /// With one of these words.
    OneOf(&'static [&'static str]),
}

/// What a post brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookKind {
    /// A take of a song.
    Track,
    /// The timed lyrics of a take.
    Lyrics,
    /// The cover picture.
    Cover,
    /// The address of a stream.
    Stream,
    /// The one result of a task that has one.
    Result,
    /// The news that a task failed.
    Failure,
}

/// A page that facts are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// Its address.
    pub page: &'static str,
    /// The year and month of its state.
    pub date: &'static str,
}

/// An edition of the API, named by year and month. Editions compare by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edition(pub(crate) &'static str);

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Which edition's length limits hold. Each edition has a constant, such as
/// [`LimitSet::EDITION_2026_10`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum LimitSet {
    /// The oldest figures, which every edition accepts.
    #[default]
    Original,
    /// The figures of one edition.
    Edition(Edition),
    /// The newest figures.
    Latest,
    /// No length limits at all.
    Unchecked,
}

impl LimitSet {
    /// The most characters that this set allows in a field, where it sets a limit.
    pub fn max_length(self, field: &Field) -> Option<usize> {
        let holds = |limit: &&Limit| match (self, limit.since) {
            (Self::Unchecked, _) => false,
            (Self::Original, since) => since.is_none(),
            (Self::Edition(edition), since) => since.is_none_or(|since| since <= edition),
            (Self::Latest, _) => true,
        };
        field
            .max_length
            .iter()
            .rfind(holds)
            .map(|limit| limit.length)
    }

    /// The most cautious set under which a field may have so many characters.
    pub fn allowing(field: &Field, length: usize) -> Self {
        let sets = std::iter::once(Self::Original)
            .chain(operations::EDITIONS.iter().copied().map(Self::Edition));
        sets.into_iter()
            .find(|set| set.max_length(field).is_none_or(|limit| length <= limit))
            .unwrap_or(Self::Unchecked)
    }
}

impl fmt::Display for LimitSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Original => f.write_str("original"),
            Self::Edition(edition) => edition.fmt(f),
            Self::Latest => f.write_str("latest"),
            Self::Unchecked => f.write_str("unchecked"),
        }
    }
}

/// A text that names no [`LimitSet`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLimitSet(String);

impl fmt::Display for UnknownLimitSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no limit set; want original", self.0)?;
        for edition in operations::EDITIONS {
            write!(f, ", {edition}")?;
        }
        f.write_str(", latest or unchecked")
    }
}

impl std::error::Error for UnknownLimitSet {}

impl FromStr for LimitSet {
    type Err = UnknownLimitSet;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let editions = operations::EDITIONS.iter().copied().map(Self::Edition);
        [Self::Original, Self::Latest, Self::Unchecked]
            .into_iter()
            .chain(editions)
            .find(|set| set.to_string() == text)
            .ok_or_else(|| UnknownLimitSet(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_choose_their_figure() {
        let field = operations::REMIX.field("lyrics").unwrap();
        let figures = [
            LimitSet::Original,
            LimitSet::EDITION_2026_10,
            LimitSet::Latest,
            LimitSet::Unchecked,
        ]
        .map(|set| set.max_length(field));
        let [Some(original), Some(edition), Some(latest), None] = figures else {
            panic!("{figures:?}");
        };
        assert!(original < edition);
        assert_eq!(edition, latest);
        assert_eq!(LimitSet::allowing(field, original), LimitSet::Original);
        assert_eq!(
            LimitSet::allowing(field, original + 1),
            LimitSet::EDITION_2026_10
        );
        assert_eq!(LimitSet::allowing(field, latest + 1), LimitSet::Unchecked);
    }

    #[test]
    fn names_round_trip() {
        for set in [
            LimitSet::Original,
            LimitSet::EDITION_2026_10,
            LimitSet::Latest,
            LimitSet::Unchecked,
        ] {
            assert_eq!(set.to_string().parse(), Ok(set));
        }
        assert_eq!(
            "newest".parse::<LimitSet>().unwrap_err().to_string(),
            "`newest` is no limit set; want original, 2026-10, latest or unchecked"
        );
    }
}
