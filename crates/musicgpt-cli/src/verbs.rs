//! Which verb is which operation. To add one: its feature type here, and how its main inputs stand
//! on the command line; everything else comes from the operation table.

use std::future::Future;
use std::pin::Pin;

use clap::ArgMatches;
use musicgpt_sdk::operation::Operation;
use musicgpt_sdk::{
    AudioCutter, AudioMastering, AudioSpeedChanger, AudioToMidi, AudioTranscribe, CompleteUpload,
    Cover, CreateUpload, Deecho, Denoise, Dereverb, Extend, ExtractKeyBpm, Extraction,
    ExtractionV1, Feature, FileConvert, GetAllVoices, GetByUser, ImageGenerator, ImageToSong,
    Inpaint, JobHandle, Lookup, MusicAi, MusicAiStream, MusicAiV2, PreprocessUpload,
    PromptToLyrics, Remix, SearchVoices, SingOverInstrumental, SingOverVocal, SoundGenerator,
    SoundStream, TextToSpeech, VoiceChanger,
};

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::{lookup, submission};

type Running<'a> = Pin<Box<dyn Future<Output = Result<Outcome, Failure>> + 'a>>;

/// A verb of an operation.
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) operation: &'static Operation,
    /// The main inputs, in order.
    pub(crate) positionals: &'static [Positional],
    pub(crate) run: for<'a> fn(&'static Verb, &'a ArgMatches) -> Running<'a>,
    /// Takes a job up; nothing where the answer comes at once.
    pub(crate) resume: Option<for<'a> fn(&'a Context, JobHandle) -> Running<'a>>,
}

/// A main input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Positional {
    /// A file or an address, by the stem of its pair of fields.
    Source(&'static str),
    /// A field, by its name.
    Field(&'static str),
}

impl Positional {
    /// The name in the usage line.
    pub(crate) fn label(self) -> String {
        match self {
            Self::Source("audio" | "image") => "SOURCE".to_owned(),
            Self::Source(stem) => stem.to_ascii_uppercase(),
            Self::Field(name) => name.to_ascii_uppercase(),
        }
    }
}

const fn verb<F>(
    name: &'static str,
    aliases: &'static [&'static str],
    positionals: &'static [Positional],
) -> Verb
where
    F: submission::Deliverable,
{
    Verb {
        name,
        aliases,
        operation: <F as Feature>::OPERATION,
        positionals,
        run: |verb, matches| Box::pin(submission::run::<F>(verb, matches)),
        resume: Some(|context, handle| Box::pin(submission::resume::<F>(context, handle))),
    }
}

const fn lookup<F>(
    name: &'static str,
    aliases: &'static [&'static str],
    positionals: &'static [Positional],
) -> Verb
where
    F: lookup::Shown,
{
    Verb {
        name,
        aliases,
        operation: <F as Feature>::OPERATION,
        positionals,
        run: |verb, matches| Box::pin(lookup::run::<F>(verb, matches)),
        resume: None,
    }
}

/// A verb whose answer is sound.
const fn sound<F>(name: &'static str, positionals: &'static [Positional]) -> Verb
where
    F: Lookup<Answer = SoundStream> + Sync + 'static,
{
    Verb {
        name,
        aliases: &[],
        operation: <F as Feature>::OPERATION,
        positionals,
        run: |verb, matches| Box::pin(lookup::sound::<F>(verb, matches)),
        resume: None,
    }
}

use Positional::{Field, Source};

/// The second version of `song`, also under its own name.
pub(crate) const SECOND_SONG: Verb = verb::<MusicAiV2>("music-ai-v2", &[], &[Field("prompt")]);

/// Every verb of an operation, but `get`, whose option is not called as its field.
pub(crate) static VERBS: &[Verb] = &[
    Verb {
        run: |verb, matches| Box::pin(submission::song(verb, matches)),
        ..verb::<MusicAi>("song", &["music-ai"], &[Field("prompt")])
    },
    SECOND_SONG,
    verb::<Remix>("remix", &[], &[Source("audio"), Field("prompt")]),
    verb::<Extend>("extend", &[], &[Source("audio")]),
    verb::<Inpaint>("inpaint", &[], &[Source("audio"), Field("prompt")]),
    verb::<SingOverInstrumental>(
        "sing-over-instrumental",
        &[],
        &[Source("audio"), Field("prompt")],
    ),
    verb::<SingOverVocal>("sing-over-vocal", &[], &[Source("audio")]),
    verb::<ImageToSong>("image-song", &["image-to-song"], &[Source("image")]),
    lookup::<PromptToLyrics>("lyrics", &["prompt-to-lyrics"], &[Field("prompt")]),
    verb::<TextToSpeech>("tts", &["text-to-speech"], &[Field("text")]),
    verb::<VoiceChanger>("voice-changer", &[], &[Source("audio")]),
    verb::<Cover>("cover", &[], &[Source("audio")]),
    lookup::<GetAllVoices>("voices", &["get-all-voices"], &[]),
    lookup::<SearchVoices>("search-voices", &[], &[Field("query")]),
    verb::<SoundGenerator>("sound", &["sound-generator"], &[Field("prompt")]),
    verb::<ImageGenerator>("image", &["image-generator"], &[Field("prompt")]),
    verb::<Extraction>("stems", &["extraction"], &[Source("audio")]),
    verb::<ExtractionV1>("extraction-v1", &[], &[Source("audio")]),
    verb::<Denoise>("denoise", &[], &[Source("audio")]),
    verb::<Deecho>("deecho", &[], &[Source("audio")]),
    verb::<Dereverb>("dereverb", &[], &[Source("audio")]),
    verb::<ExtractKeyBpm>("key-bpm", &["extract-key-bpm"], &[Source("audio")]),
    verb::<AudioTranscribe>("transcribe", &["audio-transcribe"], &[Source("audio")]),
    verb::<AudioToMidi>("midi", &["audio-to-midi"], &[Source("audio")]),
    verb::<AudioCutter>("cut", &["audio-cutter"], &[Source("audio")]),
    verb::<AudioSpeedChanger>("speed", &["audio-speed-changer"], &[Source("audio")]),
    verb::<AudioMastering>(
        "master",
        &["audio-mastering"],
        &[Source("audio"), Source("reference_audio")],
    ),
    verb::<FileConvert>("convert", &["file-convert"], &[Source("audio")]),
    lookup::<CreateUpload>("create-upload", &[], &[]),
    lookup::<CompleteUpload>("complete-upload", &[], &[Field("upload_id")]),
    lookup::<PreprocessUpload>("preprocess-upload", &[], &[Field("upload_id")]),
    lookup::<GetByUser>("get-by-user", &[], &[]),
    sound::<MusicAiStream>(
        "music-ai-stream",
        &[Field("task_id"), Field("conversion_id")],
    ),
];
