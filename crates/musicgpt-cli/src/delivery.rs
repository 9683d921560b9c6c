//! Saving what a job made, and saying where.

use std::path::Path;

use musicgpt_sdk::outputs::{
    AudioFile, CleanedAudio, ImageFile, KeyBpm, MidiFiles, Output, Song, Stems, Take, Transcription,
};
use musicgpt_sdk::{ErrorKind, Media, Phase, TimedLyrics};
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::Failure;
use crate::output;

/// What was saved.
pub(crate) struct Delivered {
    /// The part of the JSON that is the output's own.
    pub(crate) json: Value,
    /// The same for people.
    pub(crate) lines: Vec<String>,
    /// What is missing and why.
    pub(crate) problems: Vec<String>,
    /// What is missing, but nobody promised it.
    pub(crate) warnings: Vec<String>,
    /// Whether a main file is missing.
    pub(crate) incomplete: bool,
}

/// An output that can be saved.
pub(crate) trait Delivery: Output {
    async fn deliver(self, context: &Context, folder: &Path) -> Result<Delivered, Failure>;
}

impl Delivery for Song {
    async fn deliver(self, context: &Context, folder: &Path) -> Result<Delivered, Failure> {
        let mut saver = Saver::new(context, folder);
        let mut takes = Vec::new();
        for take in self.takes() {
            takes.push(save_take(&mut saver, take).await?);
        }
        let conversion = self.conversion();
        let failed = conversion.phase() == Some(Phase::Failed);
        let why = conversion.reason().filter(|_| failed).unwrap_or("no file");
        for number in self.missing() {
            saver.lacks(format!("take {number}: {}", output::plain(why)));
        }
        let cover = match &self.cover {
            Some(cover) => saver.extra(cover).await?,
            None => None,
        };
        saver
            .lines
            .extend(cover.as_ref().map(|path| format!("cover\n  {path}")));
        let is_final = matches!(conversion.phase(), Some(Phase::Done | Phase::Failed));
        let lacks_extras = cover.is_none() || self.takes().iter().any(|take| take.wav.is_none());
        if !is_final && lacks_extras {
            let warning =
                "the service is not done yet: lossless files, lyrics or the cover may follow";
            saver.warnings.push(warning.to_owned());
        }
        Ok(saver.delivered(json!({ "takes": takes, "cover": cover })))
    }
}

async fn save_take(saver: &mut Saver<'_>, take: &Take) -> Result<Value, Failure> {
    let mut mp3 = saver.main(&take.mp3).await?;
    let mut wav = match &take.wav {
        Some(wav) => saver.extra(wav).await?,
        None => None,
    };
    // Where the lossless file is all there is, it is the main one, but no mp3.
    if wav.is_none() && take.mp3.format() == "wav" {
        std::mem::swap(&mut mp3, &mut wav);
    }
    let lrc = match &take.timed_lyrics {
        Some(lyrics) => Some(saver.lyrics(take, lyrics).await?),
        None => None,
    };
    let seconds = take.duration.map(|duration| duration.as_secs_f64());
    let mut line = format!("take {}", take.number);
    if let Some(title) = &take.title {
        line.push_str(&format!(", {}", output::plain(title)));
    }
    if let Some(seconds) = seconds {
        line.push_str(&format!(" ({seconds:.1} s)"));
    }
    for path in [&mp3, &wav, &lrc].into_iter().flatten() {
        line.push_str(&format!("\n  {path}"));
    }
    saver.lines.push(line);
    Ok(json!({
        "conversion_id": take.conversion_id,
        "title": take.title,
        "mp3": mp3,
        "wav": wav,
        "duration_seconds": seconds,
        "lyrics": take.lyrics,
        "lrc": lrc,
    }))
}

impl Delivery for AudioFile {
    async fn deliver(self, context: &Context, folder: &Path) -> Result<Delivered, Failure> {
        let mut saver = Saver::new(context, folder);
        saver
            .output(self.file.as_ref(), "the job gives no file")
            .await?;
        for media in [&self.wav, &self.cover].into_iter().flatten() {
            saver.output_extra(media).await?;
        }
        let seconds = self.duration.map(|duration| duration.as_secs_f64());
        let data = json!({
            "conversion_id": self.conversion_id,
            "title": self.title,
            "duration_seconds": seconds,
        });
        Ok(saver.outputs(data))
    }
}

impl Delivery for ImageFile {
    async fn deliver(self, context: &Context, folder: &Path) -> Result<Delivered, Failure> {
        let mut saver = Saver::new(context, folder);
        saver
            .output(self.file.as_ref(), "the job gives no picture")
            .await?;
        Ok(saver.outputs(json!({ "conversion_id": self.conversion_id })))
    }
}

impl Delivery for CleanedAudio {
    async fn deliver(self, context: &Context, folder: &Path) -> Result<Delivered, Failure> {
        let mut saver = Saver::new(context, folder);
        saver
            .output(self.clean.as_ref(), "the job gives no cleaned file")
            .await?;
        for media in [&self.removed, &self.clean_wav, &self.removed_wav]
            .into_iter()
            .flatten()
        {
            saver.output_extra(media).await?;
        }
        let seconds = self.duration.map(|duration| duration.as_secs_f64());
        let data = json!({ "conversion_id": self.conversion_id, "duration_seconds": seconds });
        Ok(saver.outputs(data))
    }
}

impl Delivery for Stems {
    async fn deliver(self, context: &Context, folder: &Path) -> Result<Delivered, Failure> {
        let mut saver = Saver::new(context, folder);
        for stem in self.stems() {
            saver.output(Some(stem.file), stem.stem).await?;
            if let Some(wav) = stem.wav {
                saver.output_extra(wav).await?;
            }
        }
        for stem in self.missing() {
            saver.lacks(format!("{stem}: no file"));
        }
        let seconds = self.duration.map(|duration| duration.as_secs_f64());
        let data = json!({
            "conversion_id": self.conversion_id,
            "title": self.title,
            "duration_seconds": seconds,
        });
        Ok(saver.outputs(data))
    }
}

impl Delivery for MidiFiles {
    async fn deliver(self, context: &Context, folder: &Path) -> Result<Delivered, Failure> {
        let mut saver = Saver::new(context, folder);
        saver
            .output(self.midi.as_ref(), "the job gives no MIDI file")
            .await?;
        for media in [&self.sonified, &self.notes].into_iter().flatten() {
            saver.output_extra(media).await?;
        }
        Ok(saver.outputs(json!({ "conversion_id": self.conversion_id })))
    }
}

impl Delivery for KeyBpm {
    async fn deliver(self, context: &Context, folder: &Path) -> Result<Delivered, Failure> {
        let mut saver = Saver::new(context, folder);
        let key = self.dominant_key.as_deref().unwrap_or("unknown key");
        match self.bpm {
            Some(bpm) => saver
                .lines
                .push(format!("{bpm} bpm, {}", output::plain(key))),
            None => saver.lacks("the job gives no tempo".to_owned()),
        }
        let changes: Vec<Value> = self
            .key_changes
            .iter()
            .map(|change| json!({ "range": change.range, "keys": change.keys }))
            .collect();
        let data = json!({
            "conversion_id": self.conversion_id,
            "bpm": self.bpm,
            "dominant_key": self.dominant_key,
            "key_changes": changes,
        });
        Ok(saver.outputs(data))
    }
}

impl Delivery for Transcription {
    async fn deliver(self, context: &Context, folder: &Path) -> Result<Delivered, Failure> {
        let mut saver = Saver::new(context, folder);
        match &self.text {
            Some(text) => saver.lines.push(output::plain(text)),
            None => saver.lacks("the job gives no transcription".to_owned()),
        }
        let milliseconds = |time: Option<std::time::Duration>| time.map(|time| time.as_millis());
        let words: Vec<Value> = self
            .words
            .iter()
            .map(|word| {
                json!({
                    "text": word.text,
                    "start_ms": milliseconds(word.start),
                    "end_ms": milliseconds(word.end),
                })
            })
            .collect();
        let data = json!({
            "conversion_id": self.conversion_id,
            "transcription": self.text,
            "translation": self.translation,
            "language": self.language,
            "words": words,
        });
        Ok(saver.outputs(data))
    }
}

/// Saves files into one folder. A file that cannot be fetched is told of, and the others are saved
/// all the same; only a disk that fails ends the delivery.
struct Saver<'a> {
    context: &'a Context,
    folder: &'a Path,
    lines: Vec<String>,
    problems: Vec<String>,
    warnings: Vec<String>,
    listed: Vec<Value>,
    incomplete: bool,
}

impl<'a> Saver<'a> {
    fn new(context: &'a Context, folder: &'a Path) -> Self {
        Self {
            context,
            folder,
            lines: Vec::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
            listed: Vec::new(),
            incomplete: false,
        }
    }

    /// Something that the job is about is missing.
    fn lacks(&mut self, what: String) {
        self.problems.push(what);
        self.incomplete = true;
    }

    /// Saves a file that the job is about; gives its path.
    async fn main(&mut self, media: &Media) -> Result<Option<String>, Failure> {
        match self.save(media).await? {
            Ok(path) => Ok(Some(path)),
            Err(problem) => {
                self.lacks(problem);
                Ok(None)
            }
        }
    }

    /// Saves a file that a job can do without; gives its path.
    async fn extra(&mut self, media: &Media) -> Result<Option<String>, Failure> {
        match self.save(media).await? {
            Ok(path) => Ok(Some(path)),
            Err(problem) => {
                self.warnings.push(problem);
                Ok(None)
            }
        }
    }

    /// Saves a file that the job is about, and lists it among the outputs.
    async fn output(&mut self, media: Option<&Media>, missing: &str) -> Result<(), Failure> {
        match media {
            Some(media) => {
                let path = self.main(media).await?;
                self.list(media, path);
            }
            None => self.lacks(missing.to_owned()),
        }
        Ok(())
    }

    /// The same for a file that the job can do without.
    async fn output_extra(&mut self, media: &Media) -> Result<(), Failure> {
        let path = self.extra(media).await?;
        self.list(media, path);
        Ok(())
    }

    fn list(&mut self, media: &Media, path: Option<String>) {
        let name = media.file_name();
        let stem = name
            .rsplit_once('.')
            .map_or(name.as_str(), |(stem, _)| stem);
        self.lines.extend(path.clone());
        self.listed
            .extend(path.map(|path| json!({ "name": stem, "path": path })));
    }

    fn outputs(mut self, data: Value) -> Delivered {
        let listed = std::mem::take(&mut self.listed);
        self.delivered(json!({ "outputs": listed, "data": data }))
    }

    async fn save(&self, media: &Media) -> Result<Result<String, String>, Failure> {
        match media.save_to_dir(&self.context.client, self.folder).await {
            Ok(path) => Ok(Ok(output::saved(&path))),
            Err(error) if error.kind() == ErrorKind::File => Err(error.into()),
            Err(error) => Ok(Err(format!("{}: {error}", media.file_name()))),
        }
    }

    async fn lyrics(&self, take: &Take, lyrics: &TimedLyrics) -> Result<String, Failure> {
        let path = self.folder.join(format!("take-{}.lrc", take.number));
        tokio::fs::write(&path, lyrics.to_lrc(take.title.as_deref()))
            .await
            .map_err(|error| Failure::unforeseen(format!("{}: {error}", path.display())))?;
        Ok(output::saved(&path))
    }

    fn delivered(self, json: Value) -> Delivered {
        Delivered {
            json,
            lines: self.lines,
            problems: self.problems,
            warnings: self.warnings,
            incomplete: self.incomplete,
        }
    }
}
