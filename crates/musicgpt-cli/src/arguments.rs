//! The command line, made from the operation table: every field is an option under its wire name in
//! kebab-case, and the help shows its limits and default.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use musicgpt_sdk::LimitSet;
use musicgpt_sdk::operation::{Field, Kind, Limit};

use crate::commands;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::verbs::{Positional, SECOND_SONG, VERBS, Verb};

/// The name of the positional arguments among the matches.
pub(crate) const POSITIONALS: &str = "positionals";

/// The option that chooses between versions of `song`.
pub(crate) const API: &str = "api";
/// The field that only the second version of `song` has.
pub(crate) const MODEL: &str = "model";

/// The option of a field: its name in kebab-case.
fn option(field: &str) -> String {
    let mut option = String::with_capacity(field.len());
    for character in field.chars() {
        if character.is_ascii_uppercase() && !option.is_empty() {
            option.push('-');
        }
        option.push(character.to_ascii_lowercase());
    }
    option.replace('_', "-")
}

/// Reads the command line of the process.
pub(crate) fn parse() -> Result<ArgMatches, clap::Error> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    command().try_get_matches_from(join_booleans(arguments))
}

/// Says what clap found wrong, in one line; help is no failure.
pub(crate) fn refuse(error: &clap::Error) -> Result<Outcome, Failure> {
    use clap::error::ErrorKind;
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        output::line(&error.render().to_string().trim_end())?;
        return Ok(Outcome::Done);
    }
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand
    ) {
        return Err(Failure::usage("no verb; see mgpt --help"));
    }
    let text = error.render().to_string();
    // Everything up to the usage, which `--help` has in full.
    let said: Vec<&str> = text
        .lines()
        .take_while(|line| !line.starts_with("Usage:"))
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("For more information"))
        .filter(|line| !line.starts_with("tip: to pass"))
        .collect();
    let said = said.join(" ");
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    Err(Failure::usage(format!("{said}; see mgpt --help")))
}

/// Puts `--flag false` together as `--flag=false`: otherwise the word would become a main input,
/// and a paid one.
fn join_booleans(arguments: Vec<OsString>) -> Vec<OsString> {
    let is_boolean = |argument: &OsString| {
        let name = argument.to_str().and_then(|text| text.strip_prefix("--"));
        name.is_some_and(|name| {
            VERBS
                .iter()
                .flat_map(|verb| verb.operation.fields)
                .filter(|field| field.kind == Kind::Boolean)
                .any(|field| field.name == name || option(field.name) == name)
        })
    };
    let mut joined: Vec<OsString> = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match joined.last_mut() {
            Some(last) if is_boolean(last) && (argument == "true" || argument == "false") => {
                last.push("=");
                last.push(argument);
            }
            _ => joined.push(argument),
        }
    }
    joined
}

fn command() -> Command {
    Command::new("mgpt")
        .version(env!("CARGO_PKG_VERSION"))
        .about("AI music and audio by the MusicGPT API")
        .after_help(
            "The key is taken from MUSICGPT_API_KEY. Exit codes: 0 done, 1 unforeseen, 2 usage or \
             validation (nothing was sent), 3 refused by the API, 4 the job failed or a take is \
             missing, 5 deadline, network or server error, 6 the outcome is unknown.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args(globals())
        .subcommands(VERBS.iter().map(verb))
        .subcommands(commands::all())
}

fn globals() -> Vec<Arg> {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let option =
        |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    let arguments = [
        flag("simulate").help("Use a simulator inside this process: no key, no network, no cost"),
        flag("json").help("Print one JSON value on stdout"),
        flag("no-wait").help("Submit only; the handle is for `mgpt wait`"),
        option("out", "DIR")
            .value_parser(value_parser!(PathBuf))
            .default_value("out")
            .help("Where files go, in a folder named after the task"),
        option("base-url", "URL")
            .help("Another server; ends in /api/public, as in MUSICGPT_BASE_URL"),
        option("limits", "SET")
            .value_parser(|text: &str| text.parse::<LimitSet>().map_err(|error| error.to_string()))
            .help(
                "Length limits: original, an edition such as 2026-10, latest or unchecked, as in \
                 MUSICGPT_LIMITS [default: original]",
            ),
        option("deadline", "TIME")
            .value_parser(duration)
            .help("The longest wait, as 90s, 10m or 1h; by default it goes by the estimate"),
    ];
    arguments
        .map(|argument| argument.global(true).help_heading("Global options"))
        .into()
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().find(|(_, c)| c.is_ascii_alphabetic()) {
        Some((at, _)) => text.split_at(at),
        None => (text, "s"),
    };
    let unit = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("want a time such as 90s, 10m or 1h".to_owned()),
    };
    number
        .trim()
        .parse::<f64>()
        .ok()
        .and_then(|number| Duration::try_from_secs_f64(number * unit).ok())
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "want a time such as 90s, 10m or 1h".to_owned())
}

fn verb(verb: &'static Verb) -> Command {
    let labels: Vec<String> = verb.positionals.iter().map(|p| p.label()).collect();
    let positionals = (!labels.is_empty()).then(|| {
        Arg::new(POSITIONALS)
            .num_args(0..=labels.len())
            .value_names(labels)
            .help(main_inputs(verb))
    });
    let command = Command::new(verb.name)
        .aliases(verb.aliases)
        .about(about(verb))
        .args(positionals)
        .args(
            verb.operation
                .fields
                .iter()
                .map(|field| argument(verb, field)),
        );
    if verb.name != "song" {
        return command;
    }
    // `song` takes what either version takes, and says so where it does not go together.
    let second = &SECOND_SONG;
    let own = |field: &&'static Field| verb.operation.field(field.name).is_none();
    let more = second.operation.fields.iter().filter(own);
    command.args(more.map(|field| argument(second, field))).arg(
        Arg::new(API)
            .long(API)
            .value_name("VERSION")
            .value_parser(["v1", "v2"])
            .help("The version of the operation; v2 with --model, else v1"),
    )
}

fn about(verb: &Verb) -> String {
    let operation = verb.operation;
    let mut about = operation.summary.to_owned();
    if let Some(minutes) = operation.max_audio_minutes {
        about.push_str(&format!(" At most {minutes} minutes of audio."));
    }
    match (operation.deprecated, verb.name) {
        (true, "song") => about.push_str(" Deprecated by the vendor in favour of --api v2."),
        (true, _) => about.push_str(" Deprecated by the vendor."),
        (false, _) => {}
    }
    about
}

fn main_inputs(verb: &Verb) -> String {
    let described = |positional: &Positional| match positional {
        Positional::Source(_) => "A file, or an address with :// in it.".to_owned(),
        Positional::Field(name) => verb.operation.field(name).map(describe).unwrap_or_default(),
    };
    match verb.positionals {
        [only] => described(only),
        several => {
            let parts = several
                .iter()
                .map(|one| format!("{}: {}", one.label(), described(one)));
            parts.collect::<Vec<_>>().join(" ")
        }
    }
}

fn argument(verb: &Verb, field: &'static Field) -> Arg {
    let long = option(field.name);
    let argument = Arg::new(field.name)
        .help(describe(field))
        .alias((long != field.name).then_some(field.name))
        .long(long);
    // What stands as a main input has its option too, but not in the help.
    let argument = argument.hide(verb.positionals.contains(&Positional::Field(field.name)));
    match field.kind {
        Kind::Boolean => argument
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_name("BOOL"),
        Kind::File(_) => argument
            .value_name("PATH")
            .value_parser(value_parser!(PathBuf)),
        Kind::Integer | Kind::Number => argument.value_name("NUMBER").allow_hyphen_values(true),
        Kind::Word(_) => argument.value_name("WORD"),
        Kind::Words(_) => argument.value_name("WORD,WORD"),
        _ if field.name.ends_with("_url") => argument.value_name("URL"),
        _ => argument.value_name("TEXT").allow_hyphen_values(true),
    }
}

/// A field's description with its limits and default.
fn describe(field: &Field) -> String {
    let mut facts = Vec::new();
    facts.extend(field.required.then(|| "required".to_owned()));
    match field.kind {
        Kind::Word(words) => facts.push(format!("one of {}", words.join(", "))),
        Kind::Words(words) => facts.push(format!("any of {}", words.join(", "))),
        _ => {}
    }
    if let Kind::File(types) = field.kind
        && !types.is_empty()
    {
        facts.push(types.join(", "));
    }
    let lengths: Vec<String> = field
        .max_length
        .iter()
        .map(|Limit { since, length, .. }| match since {
            Some(edition) => format!("{length} with --limits {edition}"),
            None => format!("at most {length} characters"),
        })
        .collect();
    facts.extend((!lengths.is_empty()).then(|| lengths.join(", ")));
    if let Some(advice) = field.advice {
        facts.push(advice.note.to_owned());
    }
    facts.extend(match (field.minimum, field.maximum) {
        (Some(least), Some(most)) => Some(format!("from {least} to {most}")),
        (Some(least), None) => Some(format!("at least {least}")),
        (None, Some(most)) => Some(format!("at most {most}")),
        (None, None) => None,
    });
    // What an empty list means, its description says.
    let default = field.default.filter(|default| *default != "[]");
    facts.extend(default.map(|default| format!("default: {default}")));
    if facts.is_empty() {
        return field.description.to_owned();
    }
    format!("{} [{}]", field.description, facts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn booleans_take_the_next_word() {
        let joined = |words: &[&str]| join_booleans(words.iter().map(OsString::from).collect());
        assert_eq!(
            joined(&[
                "mgpt",
                "song",
                "--make-instrumental",
                "false",
                "--vocal_only",
                "true",
                "--vocal-only",
                "x"
            ]),
            [
                "mgpt",
                "song",
                "--make-instrumental=false",
                "--vocal_only=true",
                "--vocal-only",
                "x"
            ]
        );
    }

    #[test]
    fn options_are_names_in_kebab_case() {
        for (field, expected) in [
            ("music_style", "music-style"),
            ("conversionType", "conversion-type"),
            ("LastEvaluatedKey", "last-evaluated-key"),
        ] {
            assert_eq!(option(field), expected);
        }
        let words = [
            "mgpt",
            "get-by-user",
            "--startDate",
            "x",
            "--sort-order",
            "ASC",
        ];
        let matches = command().try_get_matches_from(words).unwrap();
        let (_, matches) = matches.subcommand().unwrap();
        for field in ["startDate", "sortOrder"] {
            assert!(matches.contains_id(field), "{field}");
        }
    }

    #[test]
    fn help_tells_the_rules() {
        let field = |operation: &str, name: &str| {
            let verb = VERBS.iter().find(|verb| verb.operation.id == operation);
            describe(verb.unwrap().operation.field(name).unwrap())
        };
        for (operation, name, fact) in [
            ("extend", "extend_after", "[required]"),
            ("music_ai", "prompt", "under 280"),
            (
                "remix",
                "lyrics",
                "at most 2000 characters, 5000 with --limits 2026-10",
            ),
            ("get_all_voices", "page", "at least 0"),
            ("voice_changer", "pitch", "from -12 to 12; default: 0"),
            (
                "extraction",
                "stems",
                "Empty means drums, bass, piano, guitar.",
            ),
        ] {
            let text = field(operation, name);
            assert!(text.contains(fact), "{operation}: {text}");
        }
        assert!(!field("extraction", "stems").contains("[]"));
    }

    #[test]
    fn times() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        assert!(duration("-1").is_err());
        assert!(duration("1d").is_err());
    }
}
