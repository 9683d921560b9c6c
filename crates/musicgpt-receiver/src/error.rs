//! Why a receiver cannot be set up or an address not be minted. What went wrong
//! with a request is not here: it is an answer.

use std::fmt;

use crate::address::NONCE_MAX;
use crate::key::KEY_MIN;

/// Setting up or minting failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The public URL will not do; says what is wrong with it.
    PublicUrl(&'static str),
    /// The path that the receiver is mounted at does not begin with a slash.
    MountPath,
    /// The key has this many bytes, which is too few.
    KeyTooShort(usize),
    /// A nonce is empty, too long, or has other than letters, digits, `-` and `_`.
    Nonce,
    /// The system gave no random bytes.
    NoRandomness,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::PublicUrl(why) => write!(f, "the public URL of webhooks {why}"),
            Error::MountPath => f.write_str("the mount path does not begin with a slash"),
            Error::KeyTooShort(bytes) => write!(
                f,
                "the webhook key has {bytes} bytes and needs {KEY_MIN} or more"
            ),
            Error::Nonce => write!(
                f,
                "a nonce is 1 to {NONCE_MAX} letters, digits, hyphens and underscores"
            ),
            Error::NoRandomness => f.write_str("the system gives no random bytes"),
        }
    }
}

impl std::error::Error for Error {}
