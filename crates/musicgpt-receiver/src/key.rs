//! [`SecretKey`]: what addresses are signed with. How, is in `address`.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Error;

/// The fewest bytes of a key: as many as the hash gives.
pub(crate) const KEY_MIN: usize = 32;

/// Keeps these signatures apart from any other use of the same key.
const DOMAIN: &[u8] = b"musicgpt-receiver/webhook-address/1\0";

/// A key that webhook addresses are signed with. Not shown by `Debug`.
#[derive(Clone)]
pub struct SecretKey(Hmac<Sha256>);

impl SecretKey {
    /// A key from its bytes, which should be random.
    ///
    /// # Errors
    ///
    /// With fewer than 32 bytes.
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Result<Self, Error> {
        let bytes = bytes.as_ref();
        if bytes.len() < KEY_MIN {
            return Err(Error::KeyTooShort(bytes.len()));
        }
        // HMAC takes keys of any length, so only the check above can fail.
        let mut mac = Hmac::new_from_slice(bytes).map_err(|_| Error::KeyTooShort(bytes.len()))?;
        mac.update(DOMAIN);
        Ok(Self(mac))
    }

    /// A new key that nobody knows: it cannot be read out, so its addresses are
    /// good for as long as this process lives.
    ///
    /// # Errors
    ///
    /// If the system gives no random bytes.
    pub fn generate() -> Result<Self, Error> {
        let mut bytes = [0; KEY_MIN];
        getrandom::fill(&mut bytes).map_err(|_| Error::NoRandomness)?;
        Self::from_bytes(bytes)
    }

    pub(crate) fn sign(&self, text: &str) -> impl AsRef<[u8]> + use<> {
        self.0
            .clone()
            .chain_update(text.as_bytes())
            .finalize()
            .into_bytes()
    }

    /// In constant time.
    pub(crate) fn verify(&self, text: &str, mac: &[u8]) -> bool {
        self.0
            .clone()
            .chain_update(text.as_bytes())
            .verify_slice(mac)
            .is_ok()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_key_is_refused() {
        assert_eq!(
            SecretKey::from_bytes([7; 31]).unwrap_err(),
            Error::KeyTooShort(31)
        );
        assert!(SecretKey::from_bytes([7; 32]).is_ok());
        assert!(SecretKey::from_bytes([7; 1000]).is_ok());
    }

    #[test]
    fn generated_keys_differ() {
        let (one, other) = (
            SecretKey::generate().unwrap(),
            SecretKey::generate().unwrap(),
        );
        assert!(!other.verify("x", one.sign("x").as_ref()));
        assert!(one.verify("x", one.sign("x").as_ref()));
    }

    #[test]
    fn a_cut_or_empty_mac_is_wrong() {
        let key = SecretKey::generate().unwrap();
        let mac = key.sign("x").as_ref().to_vec();
        assert!(key.verify("x", &mac));
        assert!(!key.verify("x", &mac[..31]));
        assert!(!key.verify("x", &[]));
        assert!(!key.verify("y", &mac));
    }
}
