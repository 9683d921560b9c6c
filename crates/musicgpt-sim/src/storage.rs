//! The storage to which files are uploaded: it takes what a signed form
//! allows, as S3 does, and speaks XML.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, LOCATION, TRANSFER_ENCODING};
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{HeaderMap, Method};
use sha2::{Digest, Sha256};

use crate::log::RequestRecord;
use crate::reply::Reply;
use crate::state::State;
use crate::uploads::{KEY, STORAGE, Upload};

/// The part of the form that is the file.
const FILE: &str = "file";

/// Answers an upload to the storage.
pub(crate) async fn store(
    state: &State,
    parts: &Parts,
    body: &mut Incoming,
    record: &mut RequestRecord,
) -> Reply {
    if parts.method != Method::POST || parts.uri.path() != STORAGE {
        return Reply::storage_error(405, "MethodNotAllowed", "Only forms are taken here.");
    }
    match receive(state, &parts.headers, body, record).await {
        Ok(reply) => reply,
        Err(refusal) => *refusal,
    }
}

async fn receive(
    state: &State,
    headers: &HeaderMap,
    body: &mut Incoming,
    record: &mut RequestRecord,
) -> Result<Reply, Box<Reply>> {
    let refuse = |status, code: &str, message: &str| {
        Err(Box::new(Reply::storage_error(status, code, message)))
    };
    let malformed =
        |message: &str| Box::new(Reply::storage_error(400, "MalformedPOSTRequest", message));
    if headers.contains_key(TRANSFER_ENCODING) {
        let message = "A header implies functionality that is not implemented: Transfer-Encoding";
        return refuse(501, "NotImplemented", message);
    }
    if !headers.contains_key(CONTENT_LENGTH) {
        let message = "You must provide the Content-Length header.";
        return refuse(411, "MissingContentLength", message);
    }
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let boundary = multer::parse_boundary(content_type.unwrap_or_default())
        .map_err(|_| malformed("The body is not multipart/form-data."))?;
    let broken = |_| malformed("The body is not well-formed multipart/form-data.");

    let mut form = BTreeMap::new();
    let mut parts = multer::Multipart::new(body.into_data_stream(), boundary);
    while let Some(mut part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        record.fields.push(name.clone());
        if name != FILE {
            let value = part.text().await.map_err(broken)?;
            if form.insert(name, value).is_some() {
                return Err(malformed("A field comes twice."));
            }
            continue;
        }
        let (id, upload) = allowed(state, &form)?;
        let (mut size, mut hash) = (0, Sha256::new());
        while let Some(chunk) = part.chunk().await.map_err(broken)? {
            size += chunk.len() as u64;
            hash.update(&chunk);
        }
        if size > upload.size {
            let message = "Your proposed upload exceeds the maximum allowed size";
            return refuse(400, "EntityTooLarge", message);
        }
        if size < upload.size {
            let message = "Your proposed upload is smaller than the minimum allowed size";
            return refuse(400, "EntityTooSmall", message);
        }
        let hash = hash.finalize();
        let differs = |announced: &String| !is_digest(announced, &hash);
        if upload.sha256.as_ref().is_some_and(differs) {
            let message = "The SHA256 you specified did not match the calculated checksum.";
            return refuse(400, "BadDigest", message);
        }
        state.uploads.store(&id, state.clock.now());
        let tag = crate::seed::digest(&hash);
        // What comes after the file is not looked at.
        let key = form.get(KEY).map_or("", String::as_str);
        let location = format!("{}{STORAGE}{key}", state.origin);
        return Ok(Reply::empty(204)
            .with_header(ETAG.as_str(), &format!("\"{tag:016x}\""))
            .with_header(LOCATION.as_str(), &location));
    }
    refuse(
        400,
        "InvalidArgument",
        "POST requires exactly one file upload per request.",
    )
}

/// Whether a text is a digest, as hex or Base64. Any other text is the digest of no file.
fn is_digest(text: &str, digest: &[u8]) -> bool {
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    text.eq_ignore_ascii_case(&hex) || text == STANDARD.encode(digest)
}

/// The upload that the fields before the file allow, which must be exactly
/// those that were given out. Refusals name a field, never a value.
fn allowed(state: &State, form: &BTreeMap<String, String>) -> Result<(String, Upload), Box<Reply>> {
    let refuse = |message: &str| {
        let message = format!("Invalid according to Policy: {message}");
        Box::new(Reply::storage_refusal(&message))
    };
    let key = form.get(KEY).map_or("", String::as_str);
    let Some((id, upload)) = state.uploads.by_key(key) else {
        return Err(refuse("Policy Condition failed: key"));
    };
    if state.clock.now() > upload.expires {
        return Err(refuse("Policy expired."));
    }
    let spoiled = upload
        .form
        .iter()
        .find(|(name, value)| form.get(*name) != Some(*value));
    if let Some((name, _)) = spoiled {
        return Err(refuse(&format!("Policy Condition failed: {name}")));
    }
    if form.len() > upload.form.len() {
        return Err(refuse("Extra input fields"));
    }
    Ok((id, upload))
}
