//! Multipart forms, streamed with an exact length.
//!
//! The form is written out as a list of pieces: what lies between the files is known at once, a
//! file is read while it is sent. So the length is known beforehand, and the memory needed does not
//! depend on the size of a file.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, ReadBuf};

use crate::request::{Fields, form_text};

/// How much of a file is read at a time. Small reads cost an order of magnitude more CPU.
const READ: usize = 256 * 1024;

type Reader = Pin<Box<dyn AsyncRead + Send + Sync>>;

/// A file to be uploaded. A clone is the same file again, which is what a second attempt needs.
#[derive(Clone)]
pub struct FilePart {
    name: String,
    media_type: String,
    length: u64,
    content: Content,
}

#[derive(Clone)]
enum Content {
    Bytes(Bytes),
    Path(PathBuf),
    /// Taken by whoever is sent first.
    Reader(Arc<Mutex<Option<Reader>>>),
}

impl FilePart {
    /// A file whose content is in memory.
    pub fn bytes(
        name: impl Into<String>,
        media_type: impl Into<String>,
        content: impl Into<Bytes>,
    ) -> Self {
        let content = content.into();
        Self {
            name: name.into(),
            media_type: media_type.into(),
            length: content.len() as u64,
            content: Content::Bytes(content),
        }
    }

    /// A file on disk, opened when its turn comes. It must have `length` bytes then; fewer or more
    /// are an error, for the length has been announced.
    pub fn path(
        name: impl Into<String>,
        media_type: impl Into<String>,
        length: u64,
        path: impl Into<PathBuf>,
    ) -> Self {
        Self {
            name: name.into(),
            media_type: media_type.into(),
            length,
            content: Content::Path(path.into()),
        }
    }

    /// A file whose content is read while it is sent, once: a clone has nothing to send after that.
    /// The reader must give `length` bytes, as with [`FilePart::path`].
    pub fn reader(
        name: impl Into<String>,
        media_type: impl Into<String>,
        length: u64,
        reader: impl AsyncRead + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            media_type: media_type.into(),
            length,
            content: Content::Reader(Arc::new(Mutex::new(Some(Box::pin(reader))))),
        }
    }

    /// Whether a clone can be sent after the file was.
    pub fn is_replayable(&self) -> bool {
        !matches!(self.content, Content::Reader(_))
    }

    /// The file's name, as it is sent.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file's media type, as it is sent.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The file's length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }
}

impl fmt::Debug for FilePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilePart")
            .field("media_type", &self.media_type)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// A form that is being filled in.
#[derive(Debug)]
pub struct Multipart {
    boundary: String,
    pieces: VecDeque<Piece>,
    length: u64,
}

impl Default for Multipart {
    fn default() -> Self {
        Self::new()
    }
}

impl Multipart {
    /// An empty form.
    pub fn new() -> Self {
        let boundary: String = std::iter::repeat_with(fastrand::alphanumeric)
            .take(32)
            .collect();
        Self {
            boundary,
            pieces: VecDeque::new(),
            length: 0,
        }
    }

    /// Adds the fields of a request that are no files.
    pub(crate) fn texts(&mut self, fields: Fields<'_>) {
        for (name, value) in fields.known() {
            if let Some(text) = value.text() {
                self.text(name, &text);
            }
        }
        for (name, value) in fields.extra() {
            self.text(name, &form_text(value));
        }
    }

    /// Adds a text.
    pub fn text(&mut self, name: &str, text: &str) {
        let part = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{text}\r\n",
            self.boundary,
            quoted(name)
        );
        self.push(part.into());
    }

    /// Adds a file, if there is one.
    pub fn file(&mut self, name: &str, file: Option<FilePart>) {
        let Some(file) = file else { return };
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            self.boundary,
            quoted(name),
            quoted(&file.name),
            file.media_type
        );
        self.push(head.into());
        self.length += file.length;
        self.pieces.push_back(match file.content {
            Content::Bytes(content) => Piece::Bytes(content),
            Content::Path(path) => Piece::Opening {
                open: Box::pin(tokio::fs::File::open(path)),
                left: file.length,
            },
            Content::Reader(reader) => Piece::Reader {
                // A poisoned lock means that the reader panicked; there is nothing to read then.
                reader: reader
                    .lock()
                    .ok()
                    .and_then(|mut reader| reader.take())
                    .unwrap_or_else(|| Box::pin(tokio::io::empty())),
                left: file.length,
            },
        });
        self.push(Bytes::from_static(b"\r\n"));
    }

    fn push(&mut self, bytes: Bytes) {
        self.length += bytes.len() as u64;
        self.pieces.push_back(Piece::Bytes(bytes));
    }

    /// The content type with its boundary, and the body.
    pub fn encode(mut self) -> (String, reqwest::Body) {
        self.push(format!("--{}--\r\n", self.boundary).into());
        let content_type = format!("multipart/form-data; boundary={}", self.boundary);
        let body = FormBody {
            pieces: self.pieces,
            left: self.length,
            buffer: BytesMut::new(),
        };
        (content_type, reqwest::Body::wrap(body))
    }
}

/// A name between double quotes, as browsers write it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

enum Piece {
    Bytes(Bytes),
    Opening {
        open: Pin<Box<dyn Future<Output = io::Result<tokio::fs::File>> + Send + Sync>>,
        left: u64,
    },
    Reader {
        reader: Reader,
        left: u64,
    },
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Opening { left, .. } | Self::Reader { left, .. } => {
                write!(f, "{left} bytes of a file")
            }
        }
    }
}

/// A file could not be sent as it was announced. The request was cut short.
#[derive(Debug)]
pub struct UploadError(io::Error);

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for UploadError {}

/// The body of a form.
struct FormBody {
    pieces: VecDeque<Piece>,
    left: u64,
    buffer: BytesMut,
}

impl FormBody {
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match self.pieces.front_mut() {
                None => return Poll::Ready(None),
                Some(Piece::Bytes(_)) => {
                    if let Some(Piece::Bytes(bytes)) = self.pieces.pop_front()
                        && !bytes.is_empty()
                    {
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                }
                Some(Piece::Opening { open, left }) => {
                    let reader = Box::pin(ready!(open.as_mut().poll(context))?);
                    let opened = Piece::Reader {
                        reader,
                        left: *left,
                    };
                    self.pieces.pop_front();
                    self.pieces.push_front(opened);
                }
                Some(Piece::Reader { reader, left }) => {
                    let read = ready!(poll_read(reader.as_mut(), context, &mut self.buffer))?;
                    let size = read.len() as u64;
                    if size > *left {
                        return Poll::Ready(Some(Err(io::Error::other(
                            "the file grew while it was sent",
                        ))));
                    }
                    if size == 0 && *left > 0 {
                        return Poll::Ready(Some(Err(io::Error::new(
                            io::ErrorKind::UnexpectedEof,
                            "the file shrank while it was sent",
                        ))));
                    }
                    *left -= size;
                    // At the end one more read looks whether the file has grown.
                    if size == 0 {
                        self.pieces.pop_front();
                        continue;
                    }
                    return Poll::Ready(Some(Ok(read)));
                }
            }
        }
    }
}

fn poll_read(
    reader: Pin<&mut (dyn AsyncRead + Send + Sync)>,
    context: &mut Context<'_>,
    buffer: &mut BytesMut,
) -> Poll<io::Result<Bytes>> {
    buffer.resize(READ, 0);
    let mut window = ReadBuf::new(buffer);
    ready!(reader.poll_read(context, &mut window))?;
    let size = window.filled().len();
    Poll::Ready(Ok(buffer.split_to(size).freeze()))
}

impl Body for FormBody {
    type Data = Bytes;
    type Error = UploadError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        let body = self.get_mut();
        let chunk = ready!(body.poll_chunk(context));
        Poll::Ready(chunk.map(|chunk| {
            let bytes = chunk.map_err(UploadError)?;
            body.left = body.left.saturating_sub(bytes.len() as u64);
            Ok(Frame::data(bytes))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn collected(form: Multipart) -> (u64, Result<Bytes, reqwest::Error>) {
        let (_, body) = form.encode();
        let announced = Body::size_hint(&body).exact().unwrap();
        (announced, body.collect().await.map(|body| body.to_bytes()))
    }

    fn with_file(length: u64, content: &'static [u8]) -> Multipart {
        let mut form = Multipart::new();
        form.text("prompt", "a\r\nb");
        form.file(
            "audio_file",
            Some(FilePart::reader("a\"b.mp3", "audio/mpeg", length, content)),
        );
        form
    }

    #[tokio::test]
    async fn the_announced_length_is_the_real_one() {
        let form = with_file(5, b"hello");
        let boundary = form.boundary.clone();
        let (announced, body) = collected(form).await;
        let body = body.unwrap();
        assert_eq!(announced, body.len() as u64);
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na\r\nb\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"audio_file\"; filename=\"a%22b.mp3\"\r\n\
             Content-Type: audio/mpeg\r\n\r\nhello\r\n--{boundary}--\r\n"
        );
        assert_eq!(body, expected.as_bytes());
    }

    #[tokio::test]
    async fn a_file_of_another_length_is_an_error() {
        assert!(collected(with_file(6, b"hello")).await.1.is_err());
        assert!(collected(with_file(4, b"hello")).await.1.is_err());
    }

    #[tokio::test]
    async fn a_file_on_disk_can_be_sent_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp3");
        std::fs::write(&path, vec![7; 3 * READ + 1]).unwrap();
        let part = FilePart::path("a.mp3", "audio/mpeg", 3 * READ as u64 + 1, path);
        assert!(part.is_replayable());
        for part in [part.clone(), part] {
            let mut form = Multipart::new();
            form.file("audio_file", Some(part));
            let (announced, body) = collected(form).await;
            assert_eq!(announced, body.unwrap().len() as u64);
        }
    }

    #[tokio::test]
    async fn a_reader_can_be_sent_once() {
        let part = FilePart::reader("a.mp3", "audio/mpeg", 5, &b"hello"[..]);
        assert!(!part.is_replayable());
        for (part, fine) in [(part.clone(), true), (part, false)] {
            let mut form = Multipart::new();
            form.file("audio_file", Some(part));
            assert_eq!(collected(form).await.1.is_ok(), fine);
        }
    }

    #[tokio::test]
    async fn an_empty_file_is_a_part() {
        let (announced, body) = collected(with_file(0, b"")).await;
        assert_eq!(announced, body.unwrap().len() as u64);
    }
}
