//! Inputs: a file from disk, memory or a reader, or an address. Which one it is, is said by name
//! and never guessed from a text.

use std::fmt;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use musicgpt_api::multipart::FilePart;
use musicgpt_api::operation::{Field, Kind};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::validation::Report;

/// How much of a file is looked at to know its type.
const HEAD: u64 = 8 * 1024;

/// What a file of unknown type is sent as.
const UNKNOWN: &str = "application/octet-stream";

/// An input, as [`AudioSource`] or [`ImageSource`].
pub struct Source<K> {
    pub(crate) input: Input,
    kind: PhantomData<fn() -> K>,
}

/// Audio to work on.
pub type AudioSource = Source<Audio>;

/// A picture to work on.
pub type ImageSource = Source<Image>;

/// Marks a [`Source`] of audio.
#[derive(Debug)]
pub enum Audio {}

/// Marks a [`Source`] of a picture.
#[derive(Debug)]
pub enum Image {}

#[derive(Clone)]
pub(crate) enum Input {
    Url(String),
    File(FileInput),
}

/// A file that is still to be opened.
#[derive(Clone)]
pub(crate) enum FileInput {
    Path(PathBuf),
    Part(FilePart),
}

impl<K> Source<K> {
    fn new(input: Input) -> Self {
        Self {
            input,
            kind: PhantomData,
        }
    }

    /// A file on disk. It is looked at when the request is submitted and read while it is sent.
    pub fn from_path(path: impl Into<PathBuf>) -> Self {
        Self::new(Input::File(FileInput::Path(path.into())))
    }

    /// A file in memory. The name is for the service to see.
    pub fn from_bytes(name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        let (name, content) = (name.into(), content.into());
        let media_type = media_type(&content, Path::new(&name).extension()).unwrap_or(UNKNOWN);
        let part = FilePart::bytes(name, media_type, content);
        Self::new(Input::File(FileInput::Part(part)))
    }

    /// A file that is read while it is sent. It can be sent once only, so the request is not tried
    /// again once it was read; `length` must be its exact length in bytes. Its type is not checked.
    pub fn from_reader(
        name: impl Into<String>,
        media_type: impl Into<String>,
        length: u64,
        reader: impl AsyncRead + Send + Sync + 'static,
    ) -> Self {
        let part = FilePart::reader(name, media_type, length, reader);
        Self::new(Input::File(FileInput::Part(part)))
    }

    /// An address that the service fetches; any scheme may stand there, the API documents `s3://`
    /// beside `https://`.
    pub fn from_url(url: impl Into<String>) -> Self {
        Self::new(Input::Url(url.into()))
    }
}

impl<K> Clone for Source<K> {
    fn clone(&self) -> Self {
        Self::new(self.input.clone())
    }
}

/// Says what sort it is; a path or an address is the user's own business.
impl<K> fmt::Debug for Source<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.input {
            Input::Url(_) => "Url(..)",
            Input::File(FileInput::Path(_)) => "Path(..)",
            Input::File(FileInput::Part(_)) => "File(..)",
        })
    }
}

impl FileInput {
    /// Looks at the file, or says what is wrong with it.
    pub(crate) async fn part(self) -> Result<FilePart, String> {
        match self {
            Self::Part(part) => Ok(part),
            Self::Path(path) => examine(&path)
                .await
                .map_err(|problem| format!("{} {problem}", path.display())),
        }
    }

    /// Looks at the file and makes it ready to be sent; what is wrong goes into the report.
    pub(crate) async fn open(self, field: &Field, report: &mut Report) -> Option<FilePart> {
        let part = match self {
            Self::Part(part) => {
                if part.length() == 0 {
                    report.violate(field.name, "the file is empty");
                    return None;
                }
                part
            }
            Self::Path(path) => match examine(&path).await {
                Ok(part) => part,
                Err(problem) => {
                    report.violate(field.name, format!("{} {problem}", path.display()));
                    return None;
                }
            },
        };
        check_type(field, &part, report);
        Some(part)
    }
}

/// The part of a file on disk, or what is wrong with the file.
async fn examine(path: &Path) -> Result<FilePart, String> {
    let metadata = match tokio::fs::metadata(path).await {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err("does not exist".to_owned());
        }
        Err(error) => return Err(format!("cannot be read: {error}")),
    };
    if !metadata.is_file() {
        return Err("is not a file".to_owned());
    }
    if metadata.len() == 0 {
        return Err("is empty".to_owned());
    }
    let mut head = Vec::new();
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    file.take(HEAD)
        .read_to_end(&mut head)
        .await
        .map_err(unreadable)?;
    let name = path.file_name().map_or_else(
        || "file".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let media_type = media_type(&head, path.extension()).unwrap_or(UNKNOWN);
    Ok(FilePart::path(name, media_type, metadata.len(), path))
}

/// Refuses a file that is known to be of a wrong type; doubts about audio are only a warning, for
/// no page lists what the service can decode.
fn check_type(field: &Field, part: &FilePart, report: &mut Report) {
    let Kind::File(wanted) = field.kind else {
        return;
    };
    let fits = |want: &str| match want.strip_suffix('*') {
        Some(prefix) => part.media_type().starts_with(prefix),
        None => part.media_type() == want,
    };
    if wanted.is_empty() || wanted.iter().any(|want| fits(want)) {
        return;
    }
    // Containers of moving pictures hold audio too, as mp4 and webm do.
    let container = part.media_type().starts_with("video/");
    let audio_wanted = wanted.contains(&"audio/*");
    if audio_wanted && container {
        return;
    }
    let known = part.media_type() != UNKNOWN;
    if audio_wanted && !known {
        let message = format!("{} is not known as audio by its first bytes", part.name());
        report.warn(field.name, message);
        return;
    }
    let what = if known {
        format!("{} is {}", part.name(), part.media_type())
    } else {
        format!("{} is of no known type", part.name())
    };
    report.violate(field.name, format!("{what}; must be {}", wanted.join(", ")));
}

/// The type that the first bytes show; where they show none, an audio type by the name's ending,
/// for raw MP3 and AAC frames have no sure beginning.
fn media_type(head: &[u8], extension: Option<&std::ffi::OsStr>) -> Option<&'static str> {
    if let Some(kind) = infer::get(head) {
        return Some(match kind.mime_type() {
            "audio/x-wav" => "audio/wav",
            "audio/x-flac" => "audio/flac",
            "audio/m4a" => "audio/mp4",
            "audio/x-aiff" => "audio/aiff",
            other => other,
        });
    }
    match extension?.to_str()?.to_ascii_lowercase().as_str() {
        "mp3" => Some("audio/mpeg"),
        "aac" => Some("audio/aac"),
        "wma" => Some("audio/x-ms-wma"),
        _ => None,
    }
}
