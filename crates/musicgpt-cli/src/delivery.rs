//! Saving what a job made, and saying where.

use std::path::{Path, PathBuf};

use musicgpt_sdk::outputs::{AudioFile, Output, Song, Take};
use musicgpt_sdk::{Media, TimedLyrics};
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
        for number in self.missing() {
            saver.problems.push(format!("take {number} has no file"));
        }
        let cover = match &self.cover {
            Some(cover) => saver.extra(cover).await?,
            None => None,
        };
        saver.lines.extend(
            cover
                .as_deref()
                .map(|path| format!("cover\n  {}", path.display())),
        );
        let incomplete = !self.missing().is_empty();
        Ok(saver.delivered(json!({ "takes": takes, "cover": cover }), incomplete))
    }
}

async fn save_take(saver: &mut Saver<'_>, take: &Take) -> Result<Value, Failure> {
    let mp3 = saver.main(&take.mp3).await?;
    let wav = match &take.wav {
        Some(wav) => saver.extra(wav).await?,
        None => None,
    };
    let lrc = match &take.timed_lyrics {
        Some(lyrics) => Some(saver.lyrics(take, lyrics).await?),
        None => None,
    };
    let seconds = take.duration.map(|duration| duration.as_secs_f64());
    let mut line = format!("take {}", take.number);
    if let Some(title) = &take.title {
        line.push_str(&format!(", {title}"));
    }
    if let Some(seconds) = seconds {
        line.push_str(&format!(" ({seconds:.1} s)"));
    }
    for path in [Some(&mp3), wav.as_ref(), lrc.as_ref()]
        .into_iter()
        .flatten()
    {
        line.push_str(&format!("\n  {}", path.display()));
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
        let mut outputs = Vec::new();
        match &self.file {
            Some(file) => {
                let path = saver.main(file).await?;
                saver.lines.push(path.display().to_string());
                outputs.push(json!({ "name": "output", "path": path }));
            }
            None => saver.problems.push("the job gives no file".to_owned()),
        }
        let data = json!({ "conversion_id": self.conversion_id, "title": self.title });
        let incomplete = outputs.is_empty();
        Ok(saver.delivered(json!({ "outputs": outputs, "data": data }), incomplete))
    }
}

/// Saves files into one folder.
struct Saver<'a> {
    context: &'a Context,
    folder: &'a Path,
    lines: Vec<String>,
    problems: Vec<String>,
}

impl<'a> Saver<'a> {
    fn new(context: &'a Context, folder: &'a Path) -> Self {
        Self {
            context,
            folder,
            lines: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Saves a file that the job is about.
    async fn main(&self, media: &Media) -> Result<PathBuf, Failure> {
        let path = media.save_to_dir(&self.context.client, self.folder).await?;
        output::note(&format_args!("saved {}", path.display()));
        Ok(path)
    }

    /// Saves a file that a job can do without: its loss is told, but does not end the delivery.
    async fn extra(&mut self, media: &Media) -> Result<Option<PathBuf>, Failure> {
        match media.save_to_dir(&self.context.client, self.folder).await {
            Ok(path) => {
                output::note(&format_args!("saved {}", path.display()));
                Ok(Some(path))
            }
            Err(error) if crate::submission::is_disk(&error) => Err(error.into()),
            Err(error) => {
                self.problems
                    .push(format!("{}: {error}", media.file_name()));
                Ok(None)
            }
        }
    }

    async fn lyrics(&self, take: &Take, lyrics: &TimedLyrics) -> Result<PathBuf, Failure> {
        let path = self.folder.join(format!("take-{}.lrc", take.number));
        tokio::fs::write(&path, lyrics.to_lrc(take.title.as_deref()))
            .await
            .map_err(|error| Failure::unforeseen(format!("{}: {error}", path.display())))?;
        output::note(&format_args!("saved {}", path.display()));
        Ok(path)
    }

    fn delivered(self, json: Value, incomplete: bool) -> Delivered {
        Delivered {
            json,
            lines: self.lines,
            problems: self.problems,
            incomplete,
        }
    }
}
