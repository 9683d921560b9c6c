//! The steps of an upload. [`Client::upload`](crate::Client::upload) takes them all.

use std::time::Duration;

use musicgpt_api::types;
use musicgpt_api::values::{UploadContentType, UploadPurpose};

use super::draft::{declare, setters};
use crate::client::Client;
use crate::error::Result;

declare! {
    /// A place for a file, the first of three steps.
    CreateUpload
}

impl CreateUpload {
    /// Reserves a place for a file of a type and an exact size.
    pub fn new(content_type: UploadContentType, size_bytes: u64) -> Self {
        Self::default()
            .content_type(content_type)
            .size_bytes(i64::try_from(size_bytes).unwrap_or(i64::MAX))
    }

    setters! {
        /// Media type of the file. A zip archive is for training only.
        content_type: UploadContentType;
        /// Exact size of the file in bytes.
        size_bytes: i64;
        /// What the file is for. Taken for compatibility, without effect.
        conversion_type: UploadPurpose;
    }

    setters! {
        /// Name of the file; only its ending counts.
        filename: text;
        /// SHA-256 of the file, as hex or Base64; the storage refuses any other file then.
        sha256: text;
    }
}

impl super::Lookup for CreateUpload {
    type Answer = types::CreateUploadAnswer;

    fn answer(body: types::CreateUploadAnswer, _client: &Client) -> Result<Self::Answer> {
        Ok(body)
    }
}

declare! {
    /// An uploaded file, checked, the last of three steps.
    ///
    /// May be repeated; the answer stays the same.
    CompleteUpload
}

impl CompleteUpload {
    /// Has an upload checked.
    pub fn new(upload_id: impl Into<String>) -> Self {
        Self::default().upload_id(upload_id)
    }

    setters! {
        /// The upload.
        upload_id: text;
    }
}

impl super::Lookup for CompleteUpload {
    type Answer = types::CompleteUploadAnswer;

    fn answer(body: types::CompleteUploadAnswer, _client: &Client) -> Result<Self::Answer> {
        Ok(body)
    }
}

declare! {
    /// An uploaded file, checked and made ready for a remix.
    ///
    /// Instead of [`CompleteUpload`]; to be repeated until the phase is ready. No phase means failure: a run
    /// that fails ends as ready, without lyrics, and a remix works in any phase.
    PreprocessUpload
}

impl PreprocessUpload {
    /// Has an upload checked and made ready.
    pub fn new(upload_id: impl Into<String>) -> Self {
        Self::default().upload_id(upload_id)
    }

    /// How long the service may hold the answer back for the work to end, up to 60 seconds; the API
    /// knows whole seconds, and a part of one counts as a whole.
    pub fn wait(mut self, wait: Duration) -> Self {
        let part = u64::from(wait.subsec_nanos() > 0);
        let seconds = wait.as_secs().saturating_add(part);
        self.0.request.wait_seconds = Some(i64::try_from(seconds).unwrap_or(i64::MAX));
        self
    }

    setters! {
        /// The upload; no zip archive.
        upload_id: text;
    }
}

impl super::Lookup for PreprocessUpload {
    type Answer = types::PreprocessUploadAnswer;

    fn answer(body: types::PreprocessUploadAnswer, _client: &Client) -> Result<Self::Answer> {
        Ok(body)
    }
}
