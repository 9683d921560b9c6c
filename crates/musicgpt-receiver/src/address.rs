//! Addresses: minting ([`WebhookUrl`]) and telling which were minted. What is
//! posted to them is not here.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use url::{Host, Url};

use crate::{Error, SecretKey};

/// The most characters of a nonce.
pub(crate) const NONCE_MAX: usize = 128;

/// An address that one job's events are posted to.
///
/// Who knows it can post, so `Debug` shows the nonce only. The nonce alone is no
/// secret: it may be stored with the job, and [`Receiver::mint_for`] makes the
/// address from it again.
///
/// [`Receiver::mint_for`]: crate::Receiver::mint_for
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl {
    url: String,
    nonce: String,
}

impl WebhookUrl {
    /// The address, for the request's `webhook_url`.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// What tells this address from the others of its receiver.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }
}

impl From<WebhookUrl> for String {
    fn from(webhook: WebhookUrl) -> String {
        webhook.url
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookUrl")
            .field("nonce", &self.nonce)
            .finish_non_exhaustive()
    }
}

/// The part of an address that all have in common, ending in a slash.
#[derive(Clone, Debug)]
pub(crate) struct PublicUrl(Url);

impl PublicUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut url = Url::parse(text).map_err(|_| Error::PublicUrl("is not a URL"))?;
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(Error::PublicUrl("has no host")),
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(Error::PublicUrl("is neither https nor http to loopback")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::PublicUrl("has a user name or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::PublicUrl("has a query or a fragment"));
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self(url))
    }

    /// The path, which begins and ends with a slash.
    pub(crate) fn path(&self) -> &str {
        self.0.path()
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Mints addresses and knows them again.
#[derive(Clone, Debug)]
pub(crate) struct Mint {
    pub(crate) public_url: PublicUrl,
    pub(crate) key: SecretKey,
    /// Keys that signed once.
    pub(crate) former_keys: Vec<SecretKey>,
}

impl Mint {
    pub(crate) fn mint(&self) -> Result<WebhookUrl, Error> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|_| Error::NoRandomness)?;
        self.mint_for(&BASE64.encode(nonce))
    }

    pub(crate) fn mint_for(&self, nonce: &str) -> Result<WebhookUrl, Error> {
        if !is_nonce(nonce) {
            return Err(Error::Nonce);
        }
        let mac = BASE64.encode(self.key.sign(nonce));
        Ok(WebhookUrl {
            url: format!("{}{nonce}.{mac}", self.public_url.as_str()),
            nonce: nonce.to_owned(),
        })
    }

    /// The nonce of a token, which is the last segment of an address, if it was
    /// minted here or with the same key.
    pub(crate) fn verify<'a>(&self, token: &'a str) -> Option<&'a str> {
        let (nonce, mac) = token.split_once('.')?;
        if !is_nonce(nonce) {
            return None;
        }
        let mac = BASE64.decode(mac).ok()?;
        let mut keys = std::iter::once(&self.key).chain(&self.former_keys);
        keys.any(|key| key.verify(nonce, &mac)).then_some(nonce)
    }
}

fn is_nonce(text: &str) -> bool {
    (1..=NONCE_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mint(key: u8) -> Mint {
        Mint {
            public_url: PublicUrl::parse("https://h.example/in").unwrap(),
            key: SecretKey::from_bytes([key; 32]).unwrap(),
            former_keys: Vec::new(),
        }
    }

    fn token(webhook: &WebhookUrl) -> &str {
        webhook
            .as_str()
            .strip_prefix("https://h.example/in/")
            .unwrap()
    }

    #[test]
    fn an_address_is_known_again() {
        let webhook = mint(1).mint().unwrap();
        assert_eq!(webhook.nonce().len(), 22);
        assert_eq!(mint(1).verify(token(&webhook)), Some(webhook.nonce()));
        assert_eq!(mint(1).mint_for(webhook.nonce()).unwrap(), webhook);
        assert_ne!(mint(1).mint().unwrap(), webhook);
        assert_eq!(mint(2).verify(token(&webhook)), None);
    }

    // HMAC-SHA256 over the domain and the nonce, made with another implementation:
    // an address that is out in the world stays good.
    #[test]
    fn addresses_are_stable() {
        let webhook = mint(1).mint_for("job-1").unwrap();
        assert_eq!(
            webhook.as_str(),
            "https://h.example/in/job-1.w8kp1gLzndtrsO3I77HGibyOU5rhXfNqrW8O_bh5H7U"
        );
    }

    #[test]
    fn every_change_of_a_token_is_noticed() {
        let mint = mint(1);
        let webhook = mint.mint_for("job-1").unwrap();
        let token = token(&webhook);
        for at in 0..token.len() {
            for other in ["A", "_", ".", "/", "=", "%", "é", ""] {
                let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
                if changed != token {
                    assert_eq!(mint.verify(&changed), None, "{changed}");
                }
            }
            assert_eq!(mint.verify(&token[..at]), None);
        }
        assert_eq!(mint.verify(&format!("{token}A")), None);
        assert_eq!(mint.verify(&format!("{token}=")), None);
    }

    #[test]
    fn former_keys_verify_but_do_not_sign() {
        let webhook = mint(1).mint_for("job-1").unwrap();
        let rotated = Mint {
            former_keys: vec![mint(1).key, mint(3).key],
            ..mint(2)
        };
        assert_eq!(rotated.verify(token(&webhook)), Some("job-1"));
        assert_ne!(rotated.mint_for("job-1").unwrap(), webhook);
        assert_eq!(rotated.mint_for("job-1"), mint(2).mint_for("job-1"));
    }

    #[test]
    fn nonces() {
        for nonce in ["a", "A-b_9", &"x".repeat(NONCE_MAX)] {
            assert!(mint(1).mint_for(nonce).is_ok(), "{nonce}");
        }
        for nonce in [
            "",
            "a.b",
            "a/b",
            "a b",
            "é",
            "a%2F",
            &"x".repeat(NONCE_MAX + 1),
        ] {
            assert_eq!(mint(1).mint_for(nonce), Err(Error::Nonce), "{nonce}");
        }
    }

    #[test]
    fn public_urls() {
        for (text, url) in [
            ("https://h.example", "https://h.example/"),
            ("https://h.example:8443/a/b/", "https://h.example:8443/a/b/"),
            ("http://127.0.0.1:8080/a", "http://127.0.0.1:8080/a/"),
            ("http://[::1]:8080", "http://[::1]:8080/"),
            ("http://localhost", "http://localhost/"),
            ("https://h.example/{a}", "https://h.example/%7Ba%7D/"),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().as_str(), url);
        }
        for text in [
            "",
            "h.example",
            "http://h.example",
            "http://localhost.example",
            "ftp://localhost",
            "mailto:a@h.example",
            "https://user@h.example",
            "https://:secret@h.example",
            "https://h.example/?a=b",
            "https://h.example/#a",
        ] {
            let error = PublicUrl::parse(text).unwrap_err();
            assert!(matches!(error, Error::PublicUrl(_)), "{text}");
        }
    }
}
