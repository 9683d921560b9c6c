//! Which verb is which operation. To add one: its feature type here, and how its main inputs stand
//! on the command line; everything else comes from the operation table.

use std::future::Future;
use std::pin::Pin;

use clap::ArgMatches;
use musicgpt_sdk::operation::Operation;
use musicgpt_sdk::{Feature, FileConvert, ImageToSong, JobHandle, MusicAi, Remix};

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::submission;

type Running<'a> = Pin<Box<dyn Future<Output = Result<Outcome, Failure>> + 'a>>;

/// A verb that submits a task.
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) operation: &'static Operation,
    /// The main inputs, in order.
    pub(crate) positionals: &'static [Positional],
    pub(crate) run: for<'a> fn(&'static Verb, &'a ArgMatches) -> Running<'a>,
    pub(crate) resume: for<'a> fn(&'a Context, JobHandle) -> Running<'a>,
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
            Self::Source(_) => "SOURCE".to_owned(),
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
        resume: |context, handle| Box::pin(submission::resume::<F>(context, handle)),
    }
}

use Positional::{Field, Source};

/// Every verb that submits a task.
pub(crate) static VERBS: &[Verb] = &[
    verb::<MusicAi>("song", &["music-ai"], &[Field("prompt")]),
    verb::<Remix>("remix", &[], &[Source("audio"), Field("prompt")]),
    verb::<ImageToSong>("image-song", &["image-to-song"], &[Source("image")]),
    verb::<FileConvert>("convert", &["file-convert"], &[Source("audio")]),
];
