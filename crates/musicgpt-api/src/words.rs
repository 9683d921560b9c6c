//! Open enums: the listed words of the specs, and any other by an explicit escape.

use std::fmt;

/// A word that a closed list does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotListed {
    /// The word, unless it may be something private in the wrong place.
    word: Option<String>,
    listed: String,
}

fn is_like_a_word(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=24).contains(&text.len()) && text.bytes().all(fine)
}

impl NotListed {
    pub(crate) fn new(word: &str, listed: &[&str]) -> Self {
        Self {
            word: Some(word)
                .filter(|word| is_like_a_word(word))
                .map(str::to_owned),
            listed: listed.join(", "),
        }
    }
}

impl fmt::Display for NotListed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be one of {}", self.listed)?;
        match &self.word {
            Some(word) => write!(f, ", not {word}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for NotListed {}

/// What a status word says of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Accepted, not begun.
    Waiting,
    /// Begun.
    Running,
    /// Ended well.
    Done,
    /// Ended badly.
    Failed,
}

/// An open enum of words.
macro_rules! words {
    ($(#[$doc:meta])* pub enum $name:ident($held:ty) { $($variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $word, "`")] $variant,)+
            /// A word that the specs do not list; made by [`Self::unlisted`].
            Unlisted($held),
        }

        impl $name {
            /// The listed words.
            pub const LISTED: &'static [&'static str] = &[$($word),+];

            /// Takes any word; a listed one becomes its variant.
            pub fn unlisted(word: impl Into<$held>) -> Self {
                let word = word.into();
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Unlisted(word),
                }
            }

            /// The word on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unlisted(word) => word,
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::NotListed;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::NotListed::new(word, Self::LISTED)),
                }
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$held as ::serde::Deserialize>::deserialize(deserializer).map(Self::unlisted)
            }
        }

        impl $crate::request::FromText for $name {
            fn from_text(text: &str) -> Result<Self, $crate::FieldError> {
                Ok(text.parse::<Self>()?)
            }
        }

        impl $crate::request::FieldSource for $name {
            fn value(&self) -> $crate::FieldValue<'_> {
                $crate::FieldValue::Word {
                    text: self.as_str().into(),
                    listed: !matches!(self, Self::Unlisted(_)),
                }
            }
        }
    };
}

/// An open enum of numbers.
macro_rules! numbers {
    ($(#[$doc:meta])* pub enum $name:ident($held:ty) { $($variant:ident = $number:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $number, "`")] $variant,)+
            /// A number that the specs do not list; made by [`Self::unlisted`].
            Unlisted($held),
        }

        impl $name {
            /// The listed numbers, as text.
            pub const LISTED: &'static [&'static str] = &[$(stringify!($number)),+];

            /// Takes any number; a listed one becomes its variant.
            pub fn unlisted(number: $held) -> Self {
                match number {
                    $($number => Self::$variant,)+
                    _ => Self::Unlisted(number),
                }
            }

            /// The number on the wire.
            pub fn number(self) -> $held {
                match self {
                    $(Self::$variant => $number,)+
                    Self::Unlisted(number) => number,
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.number(), f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::NotListed;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text.parse().map(Self::unlisted) {
                    Ok(Self::Unlisted(_)) | Err(_) => Err($crate::NotListed::new(text, Self::LISTED)),
                    Ok(listed) => Ok(listed),
                }
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                ::serde::Serialize::serialize(&self.number(), serializer)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$held as ::serde::Deserialize>::deserialize(deserializer).map(Self::unlisted)
            }
        }

        impl $crate::request::FromText for $name {
            fn from_text(text: &str) -> Result<Self, $crate::FieldError> {
                Ok(text.parse::<Self>()?)
            }
        }

        impl $crate::request::FieldSource for $name {
            fn value(&self) -> $crate::FieldValue<'_> {
                $crate::FieldValue::Word {
                    text: self.to_string().into(),
                    listed: !matches!(self, Self::Unlisted(_)),
                }
            }
        }
    };
}

pub(crate) use {numbers, words};
