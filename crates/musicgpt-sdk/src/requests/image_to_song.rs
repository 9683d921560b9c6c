//! Songs from pictures.

use super::draft::{declare, setters};
use crate::outputs::Song;
use crate::source::ImageSource;

declare! {
    /// A song that fits a picture, in two takes.
    ///
    /// No page says under which word its tasks are looked up; the wait uses the most likely one.
    ImageToSong
}

impl super::Submittable for ImageToSong {
    type Output = Song;
}

impl ImageToSong {
    /// A song for a picture.
    pub fn new(image: ImageSource) -> Self {
        Self::default().image(image)
    }

    /// The picture. A file and an address are fields of their own; setting both is refused.
    pub fn image(mut self, image: ImageSource) -> Self {
        self.0.source("image", image);
        self
    }

    setters! {
        /// What to add to the impression that the picture gives.
        prompt: text;
        /// Words to be sung; ignored for an instrumental.
        lyrics: text;
        /// Themes that the song should avoid.
        negative_tags: text;
        /// Musical key, such as `C major`.
        key: text;
        /// Voice model that sings; excludes [`Self::vocal_only`].
        voice_id: text;
        /// Address that receives the results; https, or http to this machine.
        webhook_url: text;
    }

    setters! {
        /// Leave the voice out.
        make_instrumental: bool;
        /// Leave the instruments out.
        vocal_only: bool;
        /// Tempo in beats per minute; 0 lets the service choose.
        bpm: i64;
    }
}
