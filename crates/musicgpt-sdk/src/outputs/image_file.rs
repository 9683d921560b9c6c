//! One picture.

use super::Output;
use crate::conversion::Conversion;
use crate::job::JobHandle;
use crate::media::{Media, Role};

/// A picture.
///
/// Source:
#[doc = musicgpt_api::origin!(ImageGenerator)]
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ImageFile {
    /// The task.
    pub task_id: String,
    /// Its conversion.
    pub conversion_id: Option<String>,
    /// The file; none where the job ended without one.
    pub file: Option<Media>,
    conversion: Conversion,
}

impl ImageFile {
    /// The answer that this was read from.
    pub fn conversion(&self) -> &Conversion {
        &self.conversion
    }
}

impl Output for ImageFile {
    fn from_conversion(handle: &JobHandle, conversion: Conversion) -> Self {
        let fields = conversion.take(1);
        let id = fields.conversion_id().map(str::to_owned);
        Self {
            task_id: handle.task_id.clone(),
            conversion_id: id.or_else(|| handle.conversion_ids.first().cloned()),
            file: fields
                .file(1)
                .map(|url| Media::new(handle, Role::Output, "png", &url)),
            conversion,
        }
    }
}

#[cfg(test)]
mod tests {
    use musicgpt_api::operations;
    use serde_json::json;

    use super::super::testing::read;
    use super::*;

    #[test]
    fn a_picture() {
        let output: ImageFile = read(
            &operations::IMAGE_GENERATOR,
            json!({"conversion_path": "https://h/generated/image", "conversion_id": "c-1"}),
        );
        assert_eq!(output.conversion_id.as_deref(), Some("c-1"));
        assert_eq!(output.file.unwrap().file_name(), "output.png");
    }
}
