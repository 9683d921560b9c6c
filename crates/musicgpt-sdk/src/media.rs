//! Files of results: streamed to disk, taken up where they broke off, and fetched without the key,
//! for they lie on other hosts.

use std::fmt;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use reqwest::header::{
    CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, IF_RANGE, LAST_MODIFIED, RANGE,
};
use reqwest::{StatusCode, Url};

use crate::client::Client;
use crate::conversion::{COVER, Conversion, Place};
use crate::error::{Error, ErrorKind, Result, is_retryable};
use crate::job::JobHandle;
use crate::retry::retry_after;
use crate::saving::{self, broken, retryable, within};

/// A file of a result.
#[derive(Clone, PartialEq)]
pub struct Media {
    handle: JobHandle,
    role: Role,
    format: String,
    url: String,
}

/// What a file is in its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    /// The main file of a take.
    Audio(usize),
    /// The lossless file of a take.
    Wav(usize),
    Cover,
    /// The file of a job that makes one.
    Output,
    /// Its lossless file.
    OutputWav,
    /// One of several files, which is called so and stands there.
    Part {
        name: String,
        place: Place,
    },
}

impl Media {
    pub(crate) fn new(handle: &JobHandle, role: Role, default: &str, url: &str) -> Self {
        Self {
            handle: handle.clone(),
            role,
            format: format_of(url).unwrap_or_else(|| default.to_owned()),
            url: url.to_owned(),
        }
    }

    /// A file that stands in a field of its own, which it is named after.
    pub(crate) fn part(
        handle: &JobHandle,
        conversion: &Conversion,
        name: &str,
        field: &'static str,
        default: &str,
    ) -> Option<Self> {
        let url = conversion.link(field)?;
        let role = Role::Part {
            name: name.to_owned(),
            place: Place::field(field),
        };
        Some(Self::new(handle, role, default, url))
    }

    /// The task.
    pub fn task_id(&self) -> &str {
        &self.handle.task_id
    }

    /// The number of the take, from one, where the file belongs to one.
    pub fn take(&self) -> Option<usize> {
        match self.role {
            Role::Audio(number) | Role::Wav(number) => Some(number),
            Role::Cover | Role::Output | Role::OutputWav | Role::Part { .. } => None,
        }
    }

    /// The ending of the file's name, such as `mp3`.
    pub fn format(&self) -> &str {
        &self.format
    }

    /// The address, as the service gave it. It may expire.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The name that [`Media::save_to_dir`] gives the file, such as `take-1.mp3`.
    pub fn file_name(&self) -> String {
        let stem = match &self.role {
            Role::Audio(number) | Role::Wav(number) => format!("take-{number}"),
            Role::Cover => "cover".to_owned(),
            Role::Output | Role::OutputWav => "output".to_owned(),
            Role::Part { name, .. } => name.clone(),
        };
        format!("{stem}.{}", self.format)
    }

    /// Saves the file in a folder, which is made where it is missing; gives its path.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves no file behind.
    pub async fn save_to_dir(&self, client: &Client, folder: impl AsRef<Path>) -> Result<PathBuf> {
        let path = folder.as_ref().join(self.file_name());
        self.save_as(client, &path).await?;
        Ok(path)
    }

    /// Saves the file under a path. A file that is there already is replaced once the new one is
    /// whole.
    pub async fn save_as(&self, client: &Client, path: impl AsRef<Path>) -> Result<()> {
        self.save(client, path.as_ref()).await.map_err(|error| {
            error.with(|details| {
                details.task_id = Some(self.handle.task_id.clone());
                details.handle = Some(self.handle.clone());
            })
        })
    }

    async fn save(&self, client: &Client, path: &Path) -> Result<()> {
        saving::save(path, async |file| self.fetch(client, file).await).await
    }

    /// Downloads, and asks for a fresh address once where the old one has expired.
    async fn fetch(&self, client: &Client, file: &mut std::fs::File) -> Result<()> {
        match Download::new(client, &self.url, file)?.run().await {
            Err(error) if is_expired(&error) => {
                tracing::debug!(
                    task = self.task_id(),
                    "an address has expired, asking again"
                );
                let (lookup, _) = self.handle.lookup()?;
                let conversion = client.call(lookup).await?;
                match self.role.find(&conversion, self.handle.outputs()) {
                    Some(url) if url != self.url => Download::new(client, &url, file)?.run().await,
                    _ => Err(error),
                }
            }
            other => other,
        }
    }
}

impl Client {
    /// Saves the file at an address that a webhook brought, in a folder, which is made where it is
    /// missing; gives its path, which is `stem` with the ending of the address. A file that is there
    /// already stays, and the new one gets a number. As with [`Media::save_as`] it comes without the
    /// key, but an address that has expired is not asked for again: nothing says which job it is of.
    pub async fn download(
        &self,
        url: &str,
        folder: impl AsRef<Path>,
        stem: &str,
    ) -> Result<PathBuf> {
        let name = match format_of(url) {
            Some(format) => format!("{stem}.{format}"),
            None => stem.to_owned(),
        };
        let path = folder.as_ref().join(name);
        saving::save_beside(&path, async |file| {
            Download::new(self, url, file)?.run().await
        })
        .await
    }
}

impl Role {
    fn find(&self, conversion: &Conversion, outputs: usize) -> Option<String> {
        match self {
            Self::Audio(number) => conversion.take(*number).file(outputs),
            Self::Wav(number) => conversion.take(*number).wav(outputs),
            Self::Cover => conversion.link(COVER).map(str::to_owned),
            Self::Output => conversion.take(1).file(1),
            Self::OutputWav => conversion.take(1).wav(1),
            Self::Part { place, .. } => conversion.at(place),
        }
    }
}

/// Shows no address: it may be signed.
impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media")
            .field("task_id", &self.handle.task_id)
            .field("role", &self.role)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// The ending of an address's last step, where it looks like one of a file.
fn format_of(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    let fine =
        (2..=5).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fine.then(|| ending.to_ascii_lowercase())
}

fn is_expired(error: &Error) -> bool {
    matches!(error.status(), Some(401 | 403 | 404 | 410))
}

/// One download, over as many requests as it takes.
struct Download<'a> {
    client: &'a Client,
    url: Url,
    file: &'a mut std::fs::File,
    received: u64,
    /// The announced length.
    length: Option<u64>,
    /// What proves that the rest belongs to the beginning.
    validator: Option<String>,
}

impl<'a> Download<'a> {
    fn new(client: &'a Client, url: &str, file: &'a mut std::fs::File) -> Result<Self> {
        let refused =
            |why: &str| Error::new(ErrorKind::Download, format!("a file's address {why}"));
        let url = Url::parse(url).map_err(|_| refused("is not a whole one"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused("is neither http nor https"));
        }
        Ok(Self {
            client,
            url,
            file,
            received: 0,
            length: None,
            validator: None,
        })
    }

    async fn run(mut self) -> Result<()> {
        self.restart()?;
        let policy = self.client.retry();
        let clock = self.client.clock();
        // Only what goes beyond all attempts so far is progress: a host that cuts and does not go on
        // could otherwise be asked for ever.
        let mut most = 0;
        let mut fruitless = 0;
        loop {
            let error = match self.request().await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            fruitless = if self.received > most {
                1
            } else {
                fruitless + 1
            };
            most = most.max(self.received);
            let pause = policy.pause(
                fruitless,
                Duration::ZERO,
                error.retry_after(),
                fastrand::f64(),
            );
            match pause.filter(|_| error.is_retryable()) {
                Some(pause) => clock.sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    fn restart(&mut self) -> Result<()> {
        self.received = 0;
        self.length = None;
        self.validator = None;
        let emptied = self
            .file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)));
        emptied
            .map(drop)
            .map_err(|error| Error::file("the download", error))
    }

    /// Requests what is still missing and writes what comes.
    async fn request(&mut self) -> Result<()> {
        let mut request = self.client.media().get(self.url.clone());
        if self.received > 0 {
            match &self.validator {
                Some(validator) => {
                    request = request
                        .header(RANGE, format!("bytes={}-", self.received))
                        .header(IF_RANGE, validator);
                }
                None => self.restart()?,
            }
        }
        let stall = self.client.timeouts().stall;
        let response = within(stall, request.send()).await?.map_err(broken)?;
        self.accept(response.status(), response.headers())?;
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = within(stall, chunks.next()).await? {
            let chunk = chunk.map_err(broken)?;
            self.received += chunk.len() as u64;
            self.file
                .write_all(&chunk)
                .map_err(|error| Error::file("the download", error))?;
        }
        match self.length {
            Some(length) if length != self.received => Err(retryable(format!(
                "a file broke off after {} of {length} bytes",
                self.received
            ))),
            _ if self.received == 0 => Err(retryable("an empty file came".to_owned())),
            _ => Ok(()),
        }
    }

    /// Takes an answer as the continuation of what there is, or as a new beginning.
    fn accept(&mut self, status: StatusCode, headers: &HeaderMap) -> Result<()> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        match status {
            StatusCode::PARTIAL_CONTENT => {
                let start = format!("bytes {}-", self.received);
                let goes_on = text(CONTENT_RANGE).is_some_and(|range| range.starts_with(&start));
                // Not every host heeds the condition that it was given.
                let is_same = text(ETAG).is_none_or(|tag| self.validator.as_deref() == Some(tag));
                if goes_on && (is_same || text(ETAG).is_some_and(|tag| tag.starts_with("W/"))) {
                    return Ok(());
                }
                self.restart()?;
                Err(retryable("a file went on at a wrong place".to_owned()))
            }
            StatusCode::OK => {
                self.restart()?;
                if text(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")) {
                    return Err(retryable("a page came in place of a file".to_owned()));
                }
                self.length = text(CONTENT_LENGTH).and_then(|length| length.parse().ok());
                // A weak tag does not promise the same bytes.
                let tag = text(ETAG).filter(|tag| !tag.starts_with("W/"));
                self.validator = tag.or_else(|| text(LAST_MODIFIED)).map(str::to_owned);
                Ok(())
            }
            StatusCode::RANGE_NOT_SATISFIABLE => {
                self.restart()?;
                Err(retryable("a file changed while it was fetched".to_owned()))
            }
            other => Err(
                Error::new(ErrorKind::Download, "a file was not given out").with(|details| {
                    details.status = Some(other.as_u16());
                    details.retryable = is_retryable(other.as_u16());
                    details.retry_after = retry_after(headers, SystemTime::now());
                }),
            ),
        }
    }
}
