//! The notes of a recording.

use super::Output;
use crate::conversion::{Conversion, Readiness};
use crate::job::JobHandle;
use crate::media::{Media, Role};

const MIDI: &str = "midi_file_path";
const SOUND: &str = "sonify_file_path";
const NOTES: &str = "notes_file_path";
pub(super) const NAMES: &[&str] = &[MIDI, SOUND, NOTES];

/// The notes of a recording, in up to three forms.
///
/// Source:
#[doc = musicgpt_api::origin!(AudioToMidi)]
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MidiFiles {
    /// The task.
    pub task_id: String,
    /// Its conversion.
    pub conversion_id: Option<String>,
    /// The notes as MIDI, `midi.mid`; none where the job ended without.
    pub midi: Option<Media>,
    /// The notes as sound, `sonified.wav`; none where switched off.
    pub sonified: Option<Media>,
    /// The notes as a table, `notes.csv`; none where switched off.
    pub notes: Option<Media>,
    conversion: Conversion,
}

impl MidiFiles {
    /// All files that there are.
    pub fn files(&self) -> impl Iterator<Item = &Media> {
        [&self.midi, &self.sonified, &self.notes]
            .into_iter()
            .flatten()
    }

    /// The answer that this was read from.
    pub fn conversion(&self) -> &Conversion {
        &self.conversion
    }
}

impl Output for MidiFiles {
    fn from_conversion(handle: &JobHandle, conversion: Conversion) -> Self {
        let id = conversion.take(1).conversion_id().map(str::to_owned);
        let file = |name, field, format| Media::part(handle, &conversion, name, field, format);
        Self {
            task_id: handle.task_id.clone(),
            conversion_id: id.or_else(|| handle.conversion_ids.first().cloned()),
            // Nobody has published the look-up's fields, so the usual ones count too.
            midi: file("midi", MIDI, "mid").or_else(|| {
                let url = conversion.take(1).file(1)?;
                Some(Media::new(handle, Role::Output, "mid", &url))
            }),
            sonified: file("sonified", SOUND, "wav"),
            notes: file("notes", NOTES, "csv"),
            conversion,
        }
    }

    fn readiness(conversion: &Conversion, _: usize) -> Readiness {
        // Which of the others were switched off is not known here; without them it takes the
        // service's word that it is done.
        let all = NAMES.iter().all(|name| conversion.link(name).is_some());
        let midi = conversion.link(MIDI).is_some() || conversion.take(1).file(1).is_some();
        Readiness::single(all, midi)
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
    fn three_files() {
        let fields = json!({
            "status": "IN_PROGRESS", "midi_file_path": "https://h/c/x.mid",
            "sonify_file_path": "https://h/c/x.wav", "notes_file_path": "https://h/c/x.csv",
        });
        assert_eq!(
            progress::<MidiFiles>(&operations::AUDIO_TO_MIDI, fields.clone()),
            Progress::Ready
        );
        let output: MidiFiles = read(&operations::AUDIO_TO_MIDI, fields);
        let names: Vec<_> = output.files().map(Media::file_name).collect();
        assert_eq!(names, ["midi.mid", "sonified.wav", "notes.csv"]);
    }

    #[test]
    fn under_the_usual_name() {
        let fields = json!({"status": "COMPLETED", "audio_url": "https://h/x.mid"});
        assert_eq!(
            progress::<MidiFiles>(&operations::AUDIO_TO_MIDI, fields.clone()),
            Progress::Ready
        );
        let output: MidiFiles = read(&operations::AUDIO_TO_MIDI, fields);
        assert_eq!(output.midi.unwrap().file_name(), "output.mid");
    }

    #[test]
    fn switched_off_or_empty() {
        let of = |status: &str, midi: &str| {
            let fields = json!({
                "status": status, "midi_file_path": midi,
                "sonify_file_path": "", "notes_file_path": "",
            });
            progress::<MidiFiles>(&operations::AUDIO_TO_MIDI, fields)
        };
        assert_eq!(of("COMPLETED", "https://h/x.mid"), Progress::Ready);
        assert_eq!(of("IN_PROGRESS", "https://h/x.mid"), Progress::Pending);
        assert_eq!(of("COMPLETED", ""), Progress::Incomplete);
    }
}
