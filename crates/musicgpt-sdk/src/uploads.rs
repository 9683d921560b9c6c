//! Uploads: a place is reserved, the file goes straight to the storage, and the service checks it.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body::Body;
use musicgpt_api::multipart::{FilePart, Multipart};
use musicgpt_api::types::CreateUploadAnswer;
use musicgpt_api::values::UploadContentType;
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result, is_retryable};
use crate::requests::{CompleteUpload, CreateUpload, Feature};
use crate::source::{AudioSource, Input};
use crate::validation::{Violation, is_loopback};
use crate::watch::{Tell, Watch};

/// What is told about an upload's way: bytes of the file that went out, and all of them.
type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

impl Client {
    /// Uploads a file in three steps: a place is reserved, the file goes straight to the storage,
    /// which never sees the key, and the service checks it. Nothing happens until the returned
    /// value is awaited.
    ///
    /// Source:
    #[doc = musicgpt_api::origin!(CreateUpload)]
    #[doc = musicgpt_api::origin!(CompleteUpload)]
    pub fn upload(&self, source: AudioSource) -> Upload {
        Upload {
            client: self.clone(),
            source,
            content_type: None,
            sha256: None,
            progress: None,
        }
    }
}

/// An upload. Await it to make it.
#[must_use = "nothing is sent until this is awaited"]
pub struct Upload {
    client: Client,
    source: AudioSource,
    content_type: Option<UploadContentType>,
    sha256: Option<String>,
    progress: Option<Progress>,
}

/// A file that the service has and has checked.
///
/// Source:
#[doc = musicgpt_api::origin!(CompleteUpload)]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedFile {
    /// Names the upload; begins with `upl_`.
    pub upload_id: String,
    /// How long the upload can be used.
    pub expires_in: Option<Duration>,
}

impl Upload {
    /// The media type, in place of what the file's first bytes show.
    pub fn content_type(mut self, content_type: UploadContentType) -> Self {
        self.content_type = Some(content_type);
        self
    }

    /// The file's SHA-256, as hex or Base64; the storage refuses any other file then.
    pub fn sha256(mut self, sha256: impl Into<String>) -> Self {
        self.sha256 = Some(sha256.into());
        self
    }

    /// Calls back with the bytes of the file that went out, and all of them. It starts again where
    /// the file has to be sent again.
    pub fn on_progress(mut self, progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    async fn send(self) -> Result<UploadedFile> {
        let part = self.part().await?;
        let content_type = self
            .content_type
            .clone()
            .unwrap_or_else(|| UploadContentType::unlisted(wire_type(part.media_type())));
        if matches!(content_type, UploadContentType::Unlisted(_)) && self.content_type.is_none() {
            let listed = UploadContentType::LISTED.join(", ");
            let message = format!("{content_type}; must be one of {listed}");
            return Err(refused("content_type", message));
        }
        let mut create = CreateUpload::new(content_type, part.length()).filename(part.name());
        if let Some(sha256) = &self.sha256 {
            create = create.sha256(sha256);
        }
        let place = self.client.call(create).await?;
        let upload_id = place.upload_id.clone().filter(|id| !id.is_empty());
        let upload_id = upload_id.ok_or_else(|| incomplete("upload_id"))?;
        let fields = place.fields.as_ref().filter(|fields| !fields.is_empty());
        fields.ok_or_else(|| incomplete("fields"))?;
        self.store(&place, part).await?;
        let checked = self.client.call(CompleteUpload::new(&upload_id)).await?;
        Ok(UploadedFile {
            upload_id,
            expires_in: checked
                .expires_in_seconds
                .and_then(|seconds| u64::try_from(seconds).ok())
                .map(Duration::from_secs),
        })
    }

    async fn part(&self) -> Result<FilePart> {
        match self.source.input.clone() {
            Input::Url(_) => Err(refused(
                "file",
                "an address is not uploaded; pass it on as it is",
            )),
            Input::File(file) => {
                let part = file.part().await;
                let part = part.map_err(|problem| refused("file", problem))?;
                if part.length() == 0 {
                    return Err(refused("file", "the file is empty"));
                }
                Ok(part)
            }
        }
    }

    /// Sends the file to the storage. The place is the same each time, so sending twice does no
    /// harm.
    async fn store(&self, place: &CreateUploadAnswer, part: FilePart) -> Result<()> {
        let url = place.upload_url.as_deref().unwrap_or_default();
        let url = Url::parse(url).map_err(|_| incomplete("upload_url"))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(storage("the storage's address is not https"));
        }
        let policy = self.client.retry();
        let mut sent = 0;
        loop {
            sent += 1;
            let Err(error) = self.post(url.clone(), place, part.clone()).await else {
                return Ok(());
            };
            let again = error.is_retryable() && part.is_replayable();
            let pause = policy.pause(sent, Duration::ZERO, None, fastrand::f64());
            match pause.filter(|_| again) {
                Some(pause) => self.client.clock().sleep(pause).await,
                None => return Err(error.with(|details| details.attempts = sent)),
            }
        }
    }

    async fn post(&self, url: Url, place: &CreateUploadAnswer, part: FilePart) -> Result<()> {
        let mut form = Multipart::new();
        for (name, text) in place.fields.iter().flatten() {
            form.text(name, text);
        }
        let length = part.length();
        form.file("file", Some(part));
        let (content_type, body) = form.encode();
        // Nearly all that the form has beside the file stands before it.
        let total = body.size_hint().exact().unwrap_or(length);
        let overhead = total.saturating_sub(length);
        let tell = self.progress.clone().map(|progress| -> Tell {
            Box::new(move |sent| progress(sent.saturating_sub(overhead).min(length), length))
        });
        let timeouts = self.client.timeouts();
        let watch = Watch::new(timeouts, true);
        let request = self.client.media().post(url);
        let request = request
            .header(CONTENT_TYPE, content_type)
            .body(watch.body(body, tell));
        let response = tokio::select! {
            response = request.send() => response,
            silence = watch.expired() => {
                return Err(storage(silence).with(|details| details.retryable = true));
            }
        };
        let response = response.map_err(|error| {
            storage("the connection to the storage broke")
                .with(|details| details.retryable = true)
                .caused_by(error.without_url())
        })?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let text = tokio::time::timeout(timeouts.stall, response.text()).await;
        let text = text.ok().and_then(std::result::Result::ok);
        let code = text.as_deref().and_then(code_of);
        let message = format!(
            "the storage refuses the file ({})",
            code.unwrap_or("no reason")
        );
        Err(storage(message).with(|details| {
            details.status = Some(status.as_u16());
            details.code = code.map(str::to_owned);
            details.retryable = is_retryable(status.as_u16());
        }))
    }
}

impl IntoFuture for Upload {
    type Output = Result<UploadedFile>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("source", &self.source)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

/// The type that the API lists for a container.
fn wire_type(media_type: &str) -> &str {
    match media_type {
        "video/mp4" => "audio/mp4",
        "video/webm" => "audio/webm",
        other => other,
    }
}

fn refused(field: &str, message: impl Into<String>) -> Error {
    Error::validation(
        CreateUpload::OPERATION.id,
        vec![Violation::of(field, message)],
    )
}

fn incomplete(field: &str) -> Error {
    let message = format!("the answer has no `{field}`");
    Error::new(ErrorKind::Unreadable, message)
        .with(|details| details.operation = Some(CreateUpload::OPERATION.id))
}

fn storage(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Upload, message)
        .with(|details| details.operation = Some(CreateUpload::OPERATION.id))
}

/// The word in a storage's error, such as `EntityTooLarge`.
fn code_of(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let fine = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fine.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_storage_says() {
        let text = "<?xml version=\"1.0\"?><Error><Code>EntityTooLarge</Code></Error>";
        assert_eq!(code_of(text), Some("EntityTooLarge"));
        assert_eq!(code_of("<Code>a b\nc</Code>"), None);
        assert_eq!(code_of("a page"), None);
    }

    #[tokio::test]
    async fn what_is_not_uploaded() {
        let client = Client::new("not-a-real-key").unwrap();
        for source in [
            AudioSource::from_url("https://h/x.mp3"),
            AudioSource::from_bytes("x.mp3", Vec::new()),
            AudioSource::from_bytes("x.txt", "no audio"),
        ] {
            let error = client.upload(source).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Validation, "{error}");
        }
    }
}
