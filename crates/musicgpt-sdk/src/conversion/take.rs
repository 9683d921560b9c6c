//! The fields of one take, under whichever name they stand.

use std::time::Duration;

use musicgpt_webhooks::TimedLyrics;
use serde_json::Value;

use super::{
    AUDIO, BY_CONVERSION, Conversion, DURATION, DURATION_BY_CONVERSION, ID, LYRICS, SINGLE, TIMED,
    TITLE, WAV, WAV_BY_CONVERSION, link_of, number, times,
};

/// The fields of one take.
pub(crate) struct TakeFields<'a> {
    pub(super) conversion: &'a Conversion,
    pub(super) number: usize,
}

impl<'a> TakeFields<'a> {
    /// Looks under the numbered name, then, for the first take, under the plain one.
    fn find<T>(&self, stem: &str, get: impl Fn(&'a Conversion, &str) -> Option<T>) -> Option<T> {
        get(self.conversion, &format!("{stem}_{}", self.number)).or_else(|| {
            if self.number == 1 {
                get(self.conversion, stem)
            } else {
                None
            }
        })
    }

    pub(crate) fn conversion_id(&self) -> Option<&'a str> {
        self.find(ID, Conversion::text)
    }

    /// The main file. For a single output every documented spelling counts.
    pub(crate) fn audio(&self, outputs: usize) -> Option<String> {
        let first = outputs == 1 || self.number == 1;
        let plain = || SINGLE.iter().find_map(|name| self.conversion.link(name));
        let main = self.find(AUDIO, Conversion::link);
        main.or_else(|| first.then(plain).flatten())
            .map(str::to_owned)
            .or_else(|| self.by_conversion(outputs, BY_CONVERSION, link_of))
    }

    /// The main file, or the lossless one where that is all there will ever be.
    pub(crate) fn file(&self, outputs: usize) -> Option<String> {
        self.audio(outputs).or_else(|| self.wav(outputs))
    }

    pub(crate) fn wav(&self, outputs: usize) -> Option<String> {
        self.find(WAV, Conversion::link)
            .map(str::to_owned)
            .or_else(|| self.by_conversion(outputs, WAV_BY_CONVERSION, link_of))
    }

    /// What a single output may say by its conversion instead.
    fn by_conversion<T>(
        &self,
        outputs: usize,
        name: &str,
        get: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        (outputs == 1)
            .then(|| self.conversion.by_conversion(name, get))
            .flatten()
    }

    pub(crate) fn title(&self) -> Option<&'a str> {
        self.find(TITLE, Conversion::text)
    }

    pub(crate) fn duration(&self, outputs: usize) -> Option<Duration> {
        self.find(DURATION, Conversion::number)
            .or_else(|| self.by_conversion(outputs, DURATION_BY_CONVERSION, number))
            .filter(|seconds| *seconds > 0.0)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }

    /// The words; an instrumental has a marker in their place.
    pub(crate) fn lyrics(&self) -> Option<&'a str> {
        self.find(LYRICS, Conversion::text)
            .filter(|text| !text.eq_ignore_ascii_case("[instrumental]"))
    }

    /// The lines with their times; JSON inside a text, or a list as it is.
    pub(crate) fn timed_lyrics(&self) -> Option<TimedLyrics> {
        self.find(TIMED, |conversion, name| {
            times(conversion.fields.get(name)?)
        })
    }
}
