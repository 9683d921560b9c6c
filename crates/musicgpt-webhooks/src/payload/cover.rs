//! The album cover of a task.

use std::collections::HashSet;

use crate::payload::payload;
use crate::{Embedded, Link};

payload! {
    /// The album cover; it belongs to the task, so it has no `conversion_id`,
    /// and usually comes long before any audio.
    AlbumCover {
        /// The first take of the task.
        conversion_id_1: String = ConversionId1,
        /// The second take of the task.
        conversion_id_2: String = ConversionId2,
        /// The image.
        image_path: Link = ImagePath,
        /// A small copy of the image.
        thumbnail_path: Link = ThumbnailPath,
        /// All images; see [`AlbumCover::images`].
        image_paths: Embedded = ImagePaths,
        /// All small copies; see [`AlbumCover::thumbnails`].
        thumbnail_paths: Embedded = ThumbnailPaths,
        /// Always true where it was seen.
        album_cover_generator_output: bool = AlbumCoverGeneratorOutput,
    }
}

impl AlbumCover {
    /// The images, each once.
    pub fn images(&self) -> Vec<Link> {
        all(self.image_path.as_ref(), self.image_paths.as_ref())
    }

    /// The small copies, each once.
    pub fn thumbnails(&self) -> Vec<Link> {
        all(self.thumbnail_path.as_ref(), self.thumbnail_paths.as_ref())
    }
}

fn all(one: Option<&Link>, many: Option<&Embedded>) -> Vec<Link> {
    let mut links: Vec<Link> = one.cloned().into_iter().collect();
    let others = many.map(Embedded::links).unwrap_or_default();
    links.extend(others.into_iter().map(|(_, link)| link));
    let mut seen = HashSet::new();
    links.retain(|link| seen.insert(link.clone()));
    links
}
