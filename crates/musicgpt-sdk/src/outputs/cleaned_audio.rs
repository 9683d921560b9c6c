//! A recording without something that did not belong in it.

use std::time::Duration;

use super::Output;
use crate::conversion::{Conversion, Readiness};
use crate::job::JobHandle;
use crate::media::{Media, Role};

/// Names of the clean recording's field, of the removed part's, and of a lossless file beside them.
const FEATURES: &[Names] = &[
    Names {
        clean: "no_noise",
        removed: "noise",
        clean_wav: None,
        removed_wav: Some("noise_wav"),
    },
    Names {
        clean: "no_echo",
        removed: "echo",
        clean_wav: Some("no_echo_wav"),
        removed_wav: None,
    },
    Names {
        clean: "noreverb",
        removed: "reverb",
        clean_wav: None,
        removed_wav: Some("reverb_wav"),
    },
];
pub(super) const NAMES: &[&str] = &[
    "no_noise",
    "noise",
    "noise_wav",
    "no_echo",
    "echo",
    "no_echo_wav",
    "noreverb",
    "reverb",
    "reverb_wav",
];

struct Names {
    clean: &'static str,
    removed: &'static str,
    clean_wav: Option<&'static str>,
    removed_wav: Option<&'static str>,
}

/// A recording without noise, echo or reverb, and what was taken out.
///
/// Source:
#[doc = musicgpt_api::origin!(Denoise)]
#[doc = musicgpt_api::origin!(Deecho)]
#[doc = musicgpt_api::origin!(Dereverb)]
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CleanedAudio {
    /// The task.
    pub task_id: String,
    /// Its conversion.
    pub conversion_id: Option<String>,
    /// The clean recording, such as `no_noise.mp3`.
    pub clean: Option<Media>,
    /// What was taken out, such as `noise.mp3`.
    pub removed: Option<Media>,
    /// The clean recording, lossless; the service seldom gives it.
    pub clean_wav: Option<Media>,
    /// What was taken out, lossless; the service seldom gives it.
    pub removed_wav: Option<Media>,
    /// The length of the recording.
    pub duration: Option<Duration>,
    conversion: Conversion,
}

impl CleanedAudio {
    /// All files that there are.
    pub fn files(&self) -> impl Iterator<Item = &Media> {
        let files = [
            &self.clean,
            &self.removed,
            &self.clean_wav,
            &self.removed_wav,
        ];
        files.into_iter().flatten()
    }

    /// The answer that this was read from.
    pub fn conversion(&self) -> &Conversion {
        &self.conversion
    }
}

/// The names that an answer uses.
fn names(conversion: &Conversion) -> Option<&'static Names> {
    FEATURES.iter().find(|names| {
        let clean = conversion.link(names.clean);
        clean.or_else(|| conversion.link(names.removed)).is_some()
    })
}

impl Output for CleanedAudio {
    fn from_conversion(handle: &JobHandle, conversion: Conversion) -> Self {
        let fields = conversion.take(1);
        let id = fields.conversion_id().map(str::to_owned);
        let names = names(&conversion);
        let file = |pick: fn(&Names) -> Option<&'static str>, format: &str| {
            let field = names.and_then(pick)?;
            let name = field.strip_suffix("_wav").unwrap_or(field);
            Media::part(handle, &conversion, name, field, format)
        };
        let clean = file(|names| Some(names.clean), "mp3");
        let removed = file(|names| Some(names.removed), "mp3");
        let beside = |wav: Option<Media>, main: &Option<Media>| {
            wav.filter(|wav| {
                let main = main.as_ref();
                main.is_none_or(|main| main.file_name() != wav.file_name())
            })
        };
        let clean_wav = beside(file(|names| names.clean_wav, "wav"), &clean);
        let removed_wav = beside(file(|names| names.removed_wav, "wav"), &removed);
        // In the general form of a single output there is but one file.
        let single = || {
            let url = fields.file(1)?;
            Some(Media::new(handle, Role::Output, "mp3", &url))
        };
        Self {
            task_id: handle.task_id.clone(),
            conversion_id: id.or_else(|| handle.conversion_ids.first().cloned()),
            clean: clean.or_else(single),
            removed,
            clean_wav,
            removed_wav,
            duration: fields.duration(1),
            conversion,
        }
    }

    fn readiness(conversion: &Conversion, _: usize) -> Readiness {
        let names = names(conversion);
        let has = |pick: fn(&Names) -> &'static str| {
            names.is_some_and(|names| conversion.link(pick(names)).is_some())
        };
        let single = conversion.take(1).file(1).is_some();
        let clean = has(|names| names.clean);
        Readiness::single(clean && has(|names| names.removed), clean || single)
    }
}

#[cfg(test)]
mod tests {
    use musicgpt_api::operations;
    use serde_json::json;

    use super::super::testing::{progress, read};
    use super::*;
    use crate::conversion::Progress;

    #[test]
    fn the_three_features() {
        for (operation, clean, removed, wav) in [
            (&operations::DENOISE, "no_noise", "noise", "noise_wav"),
            (&operations::DEECHO, "no_echo", "echo", "no_echo_wav"),
            (&operations::DEREVERB, "noreverb", "reverb", "reverb_wav"),
        ] {
            let fields = json!({
                "status": "IN_PROGRESS", "conversion_id": "c-1",
                "audio_path": "files/input.wav",
                clean: "https://h/1.mp3", removed: "https://h/2.mp3", wav: "",
                "conversion_duration": 136.5, "conversion_cost": "0.48",
            });
            assert_eq!(
                progress::<CleanedAudio>(operation, fields.clone()),
                Progress::Ready
            );
            let output: CleanedAudio = read(operation, fields);
            let names: Vec<_> = output.files().map(Media::file_name).collect();
            assert_eq!(names, [format!("{clean}.mp3"), format!("{removed}.mp3")]);
            assert_eq!(output.duration, Some(Duration::from_millis(136_500)));
        }
    }

    #[test]
    fn lossless_files() {
        let fields = json!({
            "no_echo": "https://h/1.mp3", "echo": "https://h/2.mp3",
            "no_echo_wav": "https://h/1.wav",
        });
        let output: CleanedAudio = read(&operations::DEECHO, fields);
        assert_eq!(output.clean_wav.unwrap().file_name(), "no_echo.wav");
    }

    #[test]
    fn half_a_result() {
        let half = |status: &str| json!({"status": status, "no_noise": "https://h/1.mp3"});
        let of = |fields| progress::<CleanedAudio>(&operations::DENOISE, fields);
        assert_eq!(of(half("IN_PROGRESS")), Progress::Pending);
        assert_eq!(of(half("COMPLETED")), Progress::Ready);
        assert_eq!(of(half("FAILED")), Progress::Ready);
        assert_eq!(of(json!({"status": "COMPLETED"})), Progress::Incomplete);
        assert_eq!(
            of(json!({"status": "COMPLETED", "noise": "https://h/2.mp3"})),
            Progress::Incomplete
        );
    }

    #[test]
    fn the_general_form() {
        let fields = json!({"status": "COMPLETED", "audio_url": "https://h/x.mp3"});
        assert_eq!(
            progress::<CleanedAudio>(&operations::DENOISE, fields.clone()),
            Progress::Ready
        );
        let output: CleanedAudio = read(&operations::DENOISE, fields);
        assert_eq!(output.clean.unwrap().file_name(), "output.mp3");
    }
}
