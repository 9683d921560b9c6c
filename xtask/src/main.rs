//! The workspace's chores, behind one door: `cargo xtask <verb>`.

use std::process::ExitCode;

use xtask::{codegen, workspace};

const USAGE: &str = "usage: cargo xtask codegen [--check]

  codegen           write openapi/generated/ and the src/generated/ folders of the crates
  codegen --check   compare instead of writing; exit 1 when a generated file is stale";

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool"
)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mode = match words.as_slice() {
        ["codegen"] => codegen::Mode::Write,
        ["codegen", "--check"] => codegen::Mode::Check,
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match workspace::root().and_then(|root| codegen::run(&root, mode)) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
