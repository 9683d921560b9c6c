//! Progress of a wait: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use musicgpt_sdk::JobStatus;

use crate::output;

pub(crate) enum Progress {
    Bar(ProgressBar),
    Lines,
}

impl Progress {
    pub(crate) fn start(eta: Option<Duration>) -> Self {
        if !std::io::stderr().is_terminal() {
            match eta {
                Some(eta) => output::note(&format_args!(
                    "waiting, about {} s",
                    eta.as_secs_f64().ceil()
                )),
                None => output::note(&"waiting"),
            }
            return Self::Lines;
        }
        let bar = match eta {
            Some(eta) => ProgressBar::new(eta.as_secs().max(1)),
            None => ProgressBar::new_spinner(),
        };
        if let (Some(_), Ok(style)) = (
            eta,
            ProgressStyle::with_template("{spinner} {bar:30} {pos}/{len} s  {msg}"),
        ) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self::Bar(bar)
    }

    pub(crate) fn show(&self, status: &JobStatus) {
        let word = status.word.as_deref().unwrap_or("no answer");
        let text = format!("{word}, {} of {} ready", status.ready, status.outputs);
        match self {
            Self::Bar(bar) => {
                bar.set_position(status.waited.as_secs());
                bar.set_message(text);
            }
            Self::Lines => {
                output::note(&format_args!(
                    "{:.0} s: {text}",
                    status.waited.as_secs_f64()
                ));
            }
        }
    }

    /// The wait is over, one way or the other.
    pub(crate) fn clear(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }

    pub(crate) fn done(&self) {
        self.clear();
        output::note(&"done, saving the files");
    }
}
