//! The workspace's chores, behind one door: `cargo xtask <verb>`.

use std::path::Path;
use std::process::ExitCode;

use xtask::codegen::Mode;
use xtask::problem::Result;
use xtask::{codegen, compare, coverage, docs, workspace};

/// A chore on the tree below a root.
type Chore = fn(&Path) -> Result<String>;

const USAGE: &str =
    "usage: cargo xtask codegen [--check] | docs [--check] | coverage | compare FILE

  codegen           write openapi/generated/ and the src/generated/ folders of the crates
  codegen --check   compare instead of writing; exit 1 when a generated file is stale
  docs              write the table of features in crates/musicgpt-sdk/README.md
  coverage          show which operation is in which layer; exit 1 when a cell is empty
  compare FILE      compare the specs with another OpenAPI document of the API, in JSON";

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool"
)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["compare", file] = words.as_slice() {
        return report(workspace::root().and_then(|root| compare::run(&root, Path::new(file))));
    }
    let chore: Chore = match words.as_slice() {
        ["codegen"] => |root| codegen::run(root, Mode::Write),
        ["codegen", "--check"] => |root| codegen::run(root, Mode::Check),
        ["docs"] => |root| docs::run(root, Mode::Write),
        ["docs", "--check"] => |root| docs::run(root, Mode::Check),
        ["coverage"] => coverage::run,
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    report(workspace::root().and_then(|root| chore(&root)))
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool"
)]
fn report(outcome: Result<String>) -> ExitCode {
    match outcome {
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
