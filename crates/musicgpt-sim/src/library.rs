//! The files of finished tasks: audio in every format, and covers. Made when
//! first asked for, then kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{ACCEPT_RANGES, CONTENT_RANGE, ETAG, IF_RANGE, RANGE};

use crate::log::lock;
use crate::media::{
    AudioFormat, DocumentKind, EncodeError, Melody, cover_png, encode, midi, notes_csv, playlist,
};
use crate::reply::Reply;
use crate::seed::digest;
use crate::task::Task;
use crate::vocabulary::{component, kind};

/// The label of a stream's only segment.
const SEGMENT: &str = "segment";

/// Files made so far, by task and name.
#[derive(Debug, Default)]
pub(crate) struct Library {
    files: Mutex<HashMap<(String, String), Bytes>>,
}

/// A file that a task has, or will have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum File {
    /// The cover.
    Picture,
    /// The sound of a take, or of one labelled part of it. Formats that are
    /// not audio keep their name.
    Sound {
        take: usize,
        label: String,
        extension: String,
    },
}

impl File {
    /// The file of a task with this name.
    pub(crate) fn named(task: &Task, name: &str) -> Option<Self> {
        let (stem, extension) = name.rsplit_once('.')?;
        if let Some(rest) = stem.strip_prefix(&task.id) {
            let known = extension == "png" && (rest.is_empty() || rest == "_thumb");
            return known.then_some(Self::Picture);
        }
        let mut conversions = task.conversions.iter().enumerate();
        conversions.find_map(|(take, id)| {
            let rest = stem.strip_prefix(id.as_str())?;
            let label = if rest.is_empty() {
                ""
            } else {
                rest.strip_prefix('_')?
            };
            Some(Self::Sound {
                take,
                label: label.to_owned(),
                extension: extension.to_owned(),
            })
        })
    }

    /// What is to be heard of a take before it is done, and the name that goes with it.
    pub(crate) fn streamed(task: &Task, conversion: &str) -> Option<(Self, String)> {
        let streams = task
            .operation
            .posts
            .iter()
            .any(|post| post.kind == kind::STREAM);
        let name = format!("{conversion}_{SEGMENT}.aac");
        let file = Self::named(task, &name)?;
        streams.then_some((file, name))
    }

    /// When it is there, counted from when its task was accepted.
    pub(crate) fn ready(&self, task: &Task) -> Option<Duration> {
        match self {
            Self::Picture => task.timeline.pictures,
            Self::Sound {
                take,
                label,
                extension,
            } => {
                let streams = label == SEGMENT || extension == DocumentKind::Stream.extension();
                let times = if streams && !task.timeline.streams.is_empty() {
                    &task.timeline.streams
                } else {
                    &task.timeline.takes
                };
                times.get(*take).copied()
            }
        }
    }

    fn content_type(&self) -> &'static str {
        match self {
            Self::Picture => "image/png",
            Self::Sound { extension, .. } => {
                let document = DocumentKind::from_extension(extension);
                let sound = AudioFormat::from_name(extension).map(AudioFormat::media_type);
                let known = document.map(DocumentKind::media_type).or(sound);
                known.unwrap_or("application/octet-stream")
            }
        }
    }

    fn make(&self, task: &Task) -> Result<Vec<u8>, EncodeError> {
        match self {
            Self::Picture => cover_png(task.seed),
            Self::Sound {
                take,
                label,
                extension,
            } => {
                // A stream sounds like what it is a stream of.
                let seed = if label.is_empty() || label == SEGMENT {
                    task.seed
                } else {
                    task.draw(label)
                };
                let melody = Melody::new(seed, u32::try_from(*take).unwrap_or(0));
                if let Some(kind) = DocumentKind::from_extension(extension) {
                    return Ok(match kind {
                        DocumentKind::Midi => midi(&melody),
                        DocumentKind::Csv => notes_csv(&melody).into_bytes(),
                        DocumentKind::Stream => {
                            let take = task.conversions.get(*take).map_or("", String::as_str);
                            playlist(&format!("{take}_{SEGMENT}.aac")).into_bytes()
                        }
                    });
                }
                let Some(format) = AudioFormat::from_name(extension) else {
                    // Something to download for kinds that cannot be made yet.
                    return Ok(format!("{extension} {:016x}\n", task.draw(label)).into_bytes());
                };
                if task.format() == Some(format) {
                    let depth = task.setting(component::BIT_DEPTH);
                    let depth = depth.and_then(|bits| u16::try_from(bits).ok());
                    encode(&melody, format, task.setting(component::SAMPLE_RATE), depth)
                } else {
                    encode(&melody, format, None, None)
                }
            }
        }
    }
}

impl Library {
    /// The bytes of a file, made away from the threads that serve requests.
    pub(crate) async fn open(
        &self,
        task: &Arc<Task>,
        name: &str,
        file: &File,
    ) -> Result<Bytes, String> {
        let key = (task.id.clone(), name.to_owned());
        if let Some(bytes) = lock(&self.files).get(&key) {
            return Ok(bytes.clone());
        }
        let (task, file) = (Arc::clone(task), file.clone());
        let made = tokio::task::spawn_blocking(move || file.make(&task)).await;
        let bytes = made
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())?;
        let bytes = Bytes::from(bytes);
        lock(&self.files).insert(key, bytes.clone());
        Ok(bytes)
    }
}

/// A file, or the part of it that was asked for.
pub(crate) fn serve(file: &File, bytes: Bytes, request: &HeaderMap) -> Reply {
    let header = |name| request.get(name).and_then(|value| value.to_str().ok());
    let tag = format!("\"{:016x}\"", digest(&bytes));
    let length = bytes.len();
    let with_common = |reply: Reply| {
        reply
            .with_header(ACCEPT_RANGES.as_str(), "bytes")
            .with_header(ETAG.as_str(), &tag)
    };
    // A range of an older version would not fit what the client has.
    let range = header(RANGE).filter(|_| header(IF_RANGE).is_none_or(|given| given == tag));
    let reply = match range.map_or(Range::Whole, |text| Range::parse(text, length)) {
        Range::Whole => Reply::new(200, file.content_type(), bytes),
        Range::Part(start, end) => {
            let part = bytes.slice(start..=end);
            Reply::new(206, file.content_type(), part).with_header(
                CONTENT_RANGE.as_str(),
                &format!("bytes {start}-{end}/{length}"),
            )
        }
        Range::Outside => Reply::new(416, file.content_type(), Bytes::new())
            .with_header(CONTENT_RANGE.as_str(), &format!("bytes */{length}")),
    };
    with_common(reply)
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    Whole,
    /// First and last byte; both are inside the file.
    Part(usize, usize),
    Outside,
}

impl Range {
    /// A single range. Anything else is answered with the whole file, as HTTP
    /// allows.
    fn parse(text: &str, length: usize) -> Self {
        let Some((first, last)) = text
            .strip_prefix("bytes=")
            .and_then(|range| range.trim().split_once('-'))
        else {
            return Self::Whole;
        };
        let (start, end) = match (first.parse::<usize>(), last.parse::<usize>()) {
            (Ok(start), Ok(end)) if start <= end => (start, end.min(length.saturating_sub(1))),
            (Ok(start), Err(_)) if last.is_empty() => (start, length.saturating_sub(1)),
            (Err(_), Ok(count)) if first.is_empty() && count > 0 => {
                (length.saturating_sub(count), length.saturating_sub(1))
            }
            (Err(_), Ok(0)) if first.is_empty() => return Self::Outside,
            _ => return Self::Whole,
        };
        if start < length {
            Self::Part(start, end)
        } else {
            Self::Outside
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let cases = [
            ("bytes=0-9", Range::Part(0, 9)),
            ("bytes=90-", Range::Part(90, 99)),
            ("bytes=-10", Range::Part(90, 99)),
            ("bytes=-1000", Range::Part(0, 99)),
            ("bytes=50-1000", Range::Part(50, 99)),
            ("bytes=100-", Range::Outside),
            ("bytes=-0", Range::Outside),
            ("bytes=9-0", Range::Whole),
            ("bytes=0-1,5-6", Range::Whole),
            ("lines=0-1", Range::Whole),
        ];
        for (text, range) in cases {
            assert_eq!(Range::parse(text, 100), range, "{text}");
        }
        assert_eq!(Range::parse("bytes=0-", 0), Range::Outside);
    }
}
