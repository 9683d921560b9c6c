//! [`Link`]: where a file is. Lives here: what counts as *no URL*. Not here: any
//! check of scheme or host; the API has used several, and bare paths.

use std::borrow::Cow;
use std::{fmt, mem};

use serde::Serialize;

/// A URL or a relative path, as text.
///
/// Never blank, and never the root of a bucket (`https://host` or
/// `https://host/`), which the API sends for a file that is not there.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Link(Box<str>);

impl Link {
    /// The text as a link, or none if it says that there is no file.
    ///
    /// JSON in a string is not a link either: extraction puts an object where
    /// other results have a URL.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        is_link(text).then(|| Self(text.into()))
    }

    /// Takes the text if it is a link, else leaves it.
    pub(crate) fn take(text: &mut Cow<'_, str>) -> Option<Self> {
        if text.trim().len() == text.len() {
            is_link(text).then(|| Self(mem::take(text).into()))
        } else {
            Self::new(text)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a host is missing (`files/x.wav`).
    pub fn is_relative(&self) -> bool {
        !self.0.contains("://")
    }
}

fn is_link(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(['{', '[']) && !is_root(text)
}

/// Whether the text is a scheme and a host, with nothing or `/` after them.
fn is_root(text: &str) -> bool {
    let ends = |byte: u8| matches!(byte, b'/' | b'?' | b'#');
    // Bytes, not characters: every post has a few of these to look at.
    let scheme = text.bytes().position(|byte| byte == b':' || ends(byte));
    let Some(rest) = scheme.and_then(|at| text.get(at..)?.strip_prefix("://")) else {
        return false;
    };
    let host = rest.bytes().position(ends).unwrap_or(rest.len());
    matches!(rest.get(host..), Some("" | "/"))
}

impl AsRef<str> for Link {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// A link may be signed, so its text is a secret.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(..)")
    }
}
