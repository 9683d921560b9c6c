//! Open enums for the named word sets.
//!
//! Written as text: the macros' insides would come out of a pretty-printer as one long line.

use std::fmt::Write;

use super::docs;
use crate::model::{Api, WordSet};
use crate::names::pascal;

const HEAD: &str = "//! Words and numbers that stand for themselves on the wire.
//!
//! Reading a value that is not listed gives `Unlisted`. `FromStr` takes listed ones only, so that a
//! slip of the pen is found; `unlisted` is the way around it.

use crate::words::{numbers, words};
";

pub(super) fn emit(api: &Api) -> String {
    let mut text = HEAD.to_owned();
    for set in &api.word_sets {
        text.push_str(&self::set(set));
        if !set.phases.is_empty() {
            text.push_str(&phases(set));
        }
    }
    text
}

fn set(set: &WordSet) -> String {
    let mut text = String::new();
    let (name, description) = (&set.name, docs::escape(&set.description));
    let (macro_name, held) = match set.numbers {
        Some(_) => ("numbers", "i64"),
        None => ("words", "String"),
    };
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "\n{macro_name}! {{\n    /// {description}\n    pub enum {name}({held}) {{\n"
    );
    for word in &set.words {
        let _ = match &set.numbers {
            Some(prefix) => writeln!(text, "        {prefix}{word} = {word},"),
            None => writeln!(text, "        {} = {word:?},", pascal(word)),
        };
    }
    text.push_str("    }\n}\n");
    text
}

fn phases(set: &WordSet) -> String {
    let arms: String = set
        .phases
        .iter()
        .map(|(phase, words)| {
            let variants: Vec<String> = words
                .iter()
                .map(|word| format!("Self::{}", pascal(word)))
                .collect();
            format!(
                "            {} => Some(crate::Phase::{}),\n",
                variants.join(" | "),
                pascal(phase)
            )
        })
        .collect();
    format!(
        "\nimpl {} {{
    /// What the word says of a task; nothing where it is not listed.
    pub fn phase(&self) -> Option<crate::Phase> {{
        match self {{
{arms}            Self::Unlisted(_) => None,
        }}
    }}
}}
",
        set.name
    )
}
