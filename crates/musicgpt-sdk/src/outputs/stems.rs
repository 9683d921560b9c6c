//! The parts of a mix.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use musicgpt_api::Phase;

use super::Output;
use crate::conversion::{Conversion, Place, Readiness};
use crate::job::JobHandle;
use crate::media::{Media, Role};

/// Where the parts' files may stand, best first.
const FILES: &[&str] = &["audio_url", "conversion_path", "output_file_path"];
const WAVS: &[&str] = &["audio_url_wav", "conversion_path_wav"];
pub(super) const NAMES: &[&str] = &["audio_url", "audio_url_wav"];

/// The parts of a mix.
///
/// Source:
#[doc = musicgpt_api::origin!(Extraction)]
#[doc = musicgpt_api::origin!(ExtractionV1)]
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Stems {
    /// The task.
    pub task_id: String,
    /// Its conversion.
    pub conversion_id: Option<String>,
    /// The title that the service gives it.
    pub title: Option<String>,
    /// The files, by the part's word, such as `vocals`.
    pub files: BTreeMap<String, Media>,
    /// The lossless files, as far as they are others.
    pub wavs: BTreeMap<String, Media>,
    /// The length of the mix.
    pub duration: Option<Duration>,
    missing: Vec<String>,
    conversion: Conversion,
}

/// The files of one part.
///
/// Source:
#[doc = musicgpt_api::origin!(Extraction)]
#[doc = musicgpt_api::origin!(ExtractionV1)]
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct StemFiles<'a> {
    /// The part's word.
    pub stem: &'a str,
    /// Its file.
    pub file: &'a Media,
    /// Its lossless file.
    pub wav: Option<&'a Media>,
}

impl Stems {
    /// The parts, in the order of their words.
    pub fn stems(&self) -> impl Iterator<Item = StemFiles<'_>> {
        self.files.iter().map(|(stem, file)| StemFiles {
            stem,
            file,
            wav: self.wavs.get(stem),
        })
    }

    /// The parts that are named but have no file: they failed, though others did not.
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// The answer that this was read from.
    pub fn conversion(&self) -> &Conversion {
        &self.conversion
    }
}

/// The addresses of one part, each with the field that it stands in.
#[derive(Default)]
struct Addresses {
    file: Option<(&'static str, String)>,
    wav: Option<(&'static str, String)>,
}

impl Addresses {
    fn is_there(&self) -> bool {
        self.file.is_some() || self.wav.is_some()
    }
}

/// Every part that is named, be it among the files or among the lossless ones.
fn addresses(conversion: &Conversion) -> BTreeMap<String, Addresses> {
    let mut parts: BTreeMap<String, Addresses> = BTreeMap::new();
    if let Some((field, links)) = several(conversion, FILES) {
        for (stem, url) in links {
            parts.entry(stem).or_default().file = url.map(|url| (field, url));
        }
    }
    if let Some((field, links)) = several(conversion, WAVS) {
        for (stem, url) in links {
            parts.entry(stem).or_default().wav = url.map(|url| (field, url));
        }
    }
    parts
}

/// The first of the fields that holds several addresses.
fn several(
    conversion: &Conversion,
    fields: &'static [&'static str],
) -> Option<(&'static str, BTreeMap<String, Option<String>>)> {
    fields
        .iter()
        .find_map(|field| Some((*field, conversion.links(field)?)))
}

/// A part's word as a file's name: the service's text must not lead out of a folder, and two
/// files must not have one name.
fn name_of(stem: &str, taken: &mut BTreeSet<String>) -> String {
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let plain: String = stem
        .chars()
        .take(80)
        .map(|c| if fine(c) { c } else { '_' })
        .collect();
    let plain = if plain.is_empty() {
        "stem".to_owned()
    } else {
        plain
    };
    let mut name = plain.clone();
    let mut number = 2;
    while !taken.insert(name.to_lowercase()) {
        name = format!("{plain}-{number}");
        number += 1;
    }
    name
}

fn media(
    handle: &JobHandle,
    name: &str,
    field: &'static str,
    stem: &str,
    default: &str,
    url: &str,
) -> Media {
    let role = Role::Part {
        name: name.to_owned(),
        place: Place {
            field,
            key: Some(stem.to_owned()),
        },
    };
    Media::new(handle, role, default, url)
}

impl Output for Stems {
    fn from_conversion(handle: &JobHandle, conversion: Conversion) -> Self {
        let fields = conversion.take(1);
        let id = fields.conversion_id().map(str::to_owned);
        let (mut files, mut wavs) = (BTreeMap::new(), BTreeMap::new());
        let (mut missing, mut taken) = (Vec::new(), BTreeSet::new());
        for (stem, Addresses { file, wav }) in addresses(&conversion) {
            // Where there is a lossless file only, it is the file.
            let (main, default) = (
                file.as_ref().or(wav.as_ref()),
                if file.is_some() { "mp3" } else { "wav" },
            );
            let Some((field, url)) = main else {
                missing.push(stem);
                continue;
            };
            let name = name_of(&stem, &mut taken);
            let main = media(handle, &name, field, &stem, default, url);
            if let Some((field, other)) = &wav
                && other != url
            {
                let mut wav = media(handle, &name, field, &stem, "wav", other);
                if wav.format() == main.format() {
                    let name = name_of(&format!("{name}-wav"), &mut taken);
                    wav = media(handle, &name, field, &stem, "wav", other);
                }
                wavs.insert(stem.clone(), wav);
            }
            files.insert(stem, main);
        }
        // One part may come by itself.
        if files.is_empty()
            && missing.is_empty()
            && let Some(url) = fields.file(1)
        {
            let file = Media::new(handle, Role::Output, "mp3", &url);
            files.insert("output".to_owned(), file);
        }
        Self {
            task_id: handle.task_id.clone(),
            conversion_id: id.or_else(|| handle.conversion_ids.first().cloned()),
            title: fields.title().map(str::to_owned),
            files,
            wavs,
            duration: fields.duration(1),
            missing,
            conversion,
        }
    }

    fn readiness(conversion: &Conversion, _: usize) -> Readiness {
        let parts = addresses(conversion);
        if parts.is_empty() {
            return conversion.takes(1);
        }
        let there = parts.values().filter(|part| part.is_there()).count();
        // While the service works on it, more parts may be named than are now.
        let goes_on = matches!(conversion.phase(), Some(Phase::Waiting | Phase::Running));
        Readiness::single(there == parts.len() && !goes_on, there > 0)
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
    fn inside_a_text_or_plain() {
        let object = json!({"vocals": "https://h/v.mp3", "solo_guitar": "https://h/g.mp3"});
        for audio_url in [object.clone(), json!(object.to_string())] {
            let fields = json!({
                "status": "COMPLETED", "audio_url": audio_url,
                // As in the vendor's sample: the same files again.
                "audio_url_wav": object.to_string(),
                "conversion_cost": 0.157, "conversion_duration": 170.5, "title": "Extraction",
            });
            assert_eq!(
                progress::<Stems>(&operations::EXTRACTION, fields.clone()),
                Progress::Ready
            );
            let output: Stems = read(&operations::EXTRACTION, fields);
            let names: Vec<_> = output
                .stems()
                .map(|stem| (stem.stem, stem.file.file_name(), stem.wav.is_some()))
                .collect();
            assert_eq!(
                names,
                [
                    ("solo_guitar", "solo_guitar.mp3".to_owned(), false),
                    ("vocals", "vocals.mp3".to_owned(), false),
                ]
            );
            assert!(output.missing().is_empty());
            assert_eq!(output.duration, Some(Duration::from_millis(170_500)));
        }
    }

    #[test]
    fn lossless_files_have_names_of_their_own() {
        for (wav, name) in [
            ("https://h/w.wav", "vocals.wav"),
            ("https://h/w.mp3", "vocals-wav.mp3"),
        ] {
            let output: Stems = read(
                &operations::EXTRACTION,
                json!({"audio_url": {"vocals": "https://h/v.mp3"}, "audio_url_wav": {"vocals": wav}}),
            );
            assert_eq!(output.wavs["vocals"].file_name(), name);
        }
    }

    #[test]
    fn parts_that_are_missing() {
        let fields = |status| json!({"status": status, "audio_url": {"vocals": "https://h/v.mp3", "bass": ""}});
        let of = |fields| progress::<Stems>(&operations::EXTRACTION, fields);
        assert_eq!(of(fields("IN_PROGRESS")), Progress::Pending);
        assert_eq!(of(fields("FAILED")), Progress::Ready);
        assert_eq!(
            of(json!({"status": "COMPLETED", "audio_url": "{}"})),
            Progress::Incomplete
        );
        let output: Stems = read(&operations::EXTRACTION, fields("FAILED"));
        assert_eq!(output.missing(), ["bass"]);
    }

    #[test]
    fn parts_that_are_still_to_be_named() {
        let fields = |status| json!({"status": status, "audio_url": {"vocals": "https://h/v.mp3"}});
        let of = |fields| progress::<Stems>(&operations::EXTRACTION, fields);
        assert_eq!(of(fields("IN_PROGRESS")), Progress::Pending);
        assert_eq!(of(fields("COMPLETED")), Progress::Ready);
        // A post has no status: it comes when all is done.
        assert_eq!(
            of(json!({"audio_url": {"vocals": "https://h/v.mp3"}})),
            Progress::Ready
        );
    }

    #[test]
    fn lossless_files_alone() {
        let fields = json!({
            "status": "COMPLETED", "audio_url": {"vocals": "https://h/v.mp3", "drums": null},
            "audio_url_wav": {"drums": "https://h/d.wav", "bass": "https://h/b.wav"},
        });
        assert_eq!(
            progress::<Stems>(&operations::EXTRACTION, fields.clone()),
            Progress::Ready
        );
        let output: Stems = read(&operations::EXTRACTION, fields);
        let names: Vec<_> = output.files.values().map(Media::file_name).collect();
        assert_eq!(names, ["bass.wav", "drums.wav", "vocals.mp3"]);
        assert!(output.missing().is_empty() && output.wavs.is_empty());
    }

    #[test]
    fn one_file() {
        let fields = json!({"status": "COMPLETED", "audio_url": "https://h/v.mp3"});
        let output: Stems = read(&operations::EXTRACTION, fields);
        assert_eq!(output.files["output"].file_name(), "output.mp3");
    }

    #[test]
    fn names_stay_in_their_folder() {
        let fields = json!({"audio_url": {"../x": "https://h/1.mp3", "..\\x": "https://h/2.mp3"}});
        let output: Stems = read(&operations::EXTRACTION, fields);
        let names: BTreeSet<_> = output.files.values().map(Media::file_name).collect();
        assert_eq!(names.len(), 2);
        assert!(names.iter().all(|name| !name.contains(['/', '\\'])));
    }
}
