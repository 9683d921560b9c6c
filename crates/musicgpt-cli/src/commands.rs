//! Commands of no operation: looking up, waiting, the upload in one, webhooks and the simulator.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};
use musicgpt_sim::faults::Fault;

pub(crate) fn all() -> [Command; 6] {
    [get(), wait(), download(), upload(), webhook(), sim()]
}

fn get() -> Command {
    Command::new("get")
        .about("Look a task up and print it as the server sends it")
        .arg(
            Arg::new("task")
                .value_name("TASK_ID")
                .required(true)
                .help("The task"),
        )
        .arg(
            Arg::new("type")
                .long("type")
                .alias("conversion-type")
                .value_name("TYPE")
                .required(true)
                .help("The conversion type, such as MUSIC_AI"),
        )
}

fn wait() -> Command {
    Command::new("wait")
        .about("Wait for a job that was submitted before, and save its files")
        .arg(handle())
}

fn download() -> Command {
    Command::new("download")
        .about("Save the files of a job that is done, without waiting for one that is not")
        .arg(handle())
}

fn handle() -> Arg {
    Arg::new("handle")
        .value_name("HANDLE")
        .required(true)
        .help("The handle: its JSON, a file that holds it, or - for stdin")
}

fn upload() -> Command {
    Command::new("upload")
        .about("Upload a file, in the three steps of the upload operations, and print its id")
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("The file"),
        )
}

fn webhook() -> Command {
    let listen = Command::new("listen")
        .about(
            "Take webhooks in: one JSON line on stdout per new event; with --out, files are saved too. \
             The address to give to the service is the first line on stderr",
        )
        .after_help(
            "It listens on this machine only; a tunnel or a proxy brings the posts here. One address \
             serves any number of jobs. MUSICGPT_WEBHOOK_KEY, of 32 bytes or more, makes the same address every time; without it \
             the address is good for this run only. Whoever knows the address can post to it.",
        )
        .args([
            port(),
            Arg::new("public-url")
                .long("public-url")
                .value_name("URL")
                .help("How the service reaches this program, such as the https address of a tunnel"),
        ]);
    let show = Command::new("show")
        .about("Print how a webhook's payload is understood, as JSON")
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .help("A file that holds the payload, or - for stdin"),
        );
    Command::new("webhook")
        .about("Take webhooks in, or show how one is understood")
        .subcommands([listen, show])
}

fn sim() -> Command {
    Command::new("sim")
        .about("Run the simulator; the first line on stdout is its base URL")
        .args([
            port(),
            Arg::new("speed")
                .long("speed")
                .value_name("FACTOR")
                .value_parser(value_parser!(f64))
                .default_value("20")
                .help("Simulated seconds per second"),
            Arg::new("seed")
                .long("seed")
                .value_name("N")
                .value_parser(value_parser!(u64))
                .default_value("0")
                .help("What ids, melodies and covers are made from"),
            Arg::new("fault")
                .long("fault")
                .value_name("NAME")
                .action(ArgAction::Append)
                .value_parser(|text: &str| text.parse::<Fault>().map_err(|error| error.to_string()))
                .help(
                    "What goes wrong, such as 502-html, 429-seconds, job-failed or webhook-reverse",
                ),
        ])
}

fn port() -> Arg {
    Arg::new("port")
        .long("port")
        .value_name("N")
        .value_parser(value_parser!(u16))
        .default_value("0")
        .help("The port; 0 for a free one")
}
