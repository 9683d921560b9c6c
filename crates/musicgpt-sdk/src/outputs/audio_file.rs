//! One audio file.

use super::Output;
use crate::conversion::Conversion;
use crate::job::JobHandle;
use crate::media::{Media, Role};

/// The audio file of a job that makes one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AudioFile {
    /// The task.
    pub task_id: String,
    /// Its conversion.
    pub conversion_id: Option<String>,
    /// The title that the service gives it.
    pub title: Option<String>,
    /// The file; none where the job ended without one.
    pub file: Option<Media>,
    conversion: Conversion,
}

impl AudioFile {
    /// The answer that this was read from.
    pub fn conversion(&self) -> &Conversion {
        &self.conversion
    }
}

impl Output for AudioFile {
    fn from_conversion(handle: &JobHandle, conversion: Conversion) -> Self {
        let fields = conversion.take(1);
        let id = fields.conversion_id().map(str::to_owned);
        Self {
            task_id: handle.task_id.clone(),
            conversion_id: id.or_else(|| handle.conversion_ids.first().cloned()),
            title: fields.title().map(str::to_owned),
            file: fields
                .file(1)
                .map(|url| Media::new(handle, Role::Output, "mp3", url)),
            conversion,
        }
    }
}
