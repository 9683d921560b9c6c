//! The real specs: fresh, repeatable, and open to change.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::fs;
use std::path::Path;

use quote::ToTokens;
use xtask::codegen::{self, Mode};
use xtask::{coverage, docs, workspace};

/// A copy of the specs in a tree of their own.
fn copy() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let specs = root.path().join("openapi");
    fs::create_dir(&specs).unwrap();
    for entry in fs::read_dir(workspace::root().unwrap().join("openapi")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            fs::copy(&path, specs.join(path.file_name().unwrap())).unwrap();
        }
    }
    root
}

fn edit(root: &Path, file: &str, from: &str, to: &str) {
    let path = root.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no `{from}`");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn generated_files_are_up_to_date() {
    if let Err(problem) = codegen::run(&workspace::root().unwrap(), Mode::Check) {
        panic!("{problem}");
    }
}

#[test]
fn writing_twice_changes_nothing() {
    let root = copy();
    codegen::run(root.path(), Mode::Write).unwrap();
    let report = codegen::run(root.path(), Mode::Write).unwrap();
    assert!(report.ends_with("0 written, 0 removed"), "{report}");
    codegen::run(root.path(), Mode::Check).unwrap();
}

#[test]
fn one_changed_word_is_stale_everywhere_it_goes() {
    let root = copy();
    codegen::run(root.path(), Mode::Write).unwrap();
    edit(
        root.path(),
        "openapi/music.yaml",
        "maxLength: 300",
        "maxLength: 301",
    );
    let problem = codegen::run(root.path(), Mode::Check)
        .unwrap_err()
        .to_string();
    assert_eq!(
        problem,
        "stale: crates/musicgpt-api/src/generated/operations/music.rs, \
         crates/musicgpt-sim/src/generated/openapi-3.1.json, \
         openapi/generated/openapi-3.1.json, \
         openapi/generated/sources.sha256; run `cargo xtask codegen`"
    );
}

#[test]
fn an_edited_or_forgotten_generated_file_is_stale() {
    let root = copy();
    codegen::run(root.path(), Mode::Write).unwrap();
    let generated = "crates/musicgpt-api/src/generated";
    edit(
        root.path(),
        &format!("{generated}/types.rs"),
        "pub struct",
        "pub  struct",
    );
    fs::write(root.path().join(generated).join("old.rs"), "").unwrap();
    let problem = codegen::run(root.path(), Mode::Check)
        .unwrap_err()
        .to_string();
    assert!(
        problem.contains("types.rs") && problem.contains("old.rs"),
        "{problem}"
    );
    codegen::run(root.path(), Mode::Write).unwrap();
    codegen::run(root.path(), Mode::Check).unwrap();
}

/// Receivers of webhooks need no more than these two; what they need in turn is theirs.
#[test]
fn the_webhooks_crate_depends_on_serde_and_serde_json_only() {
    let cargo = std::env::var("CARGO").expect("cargo sets it");
    let tree = std::process::Command::new(cargo)
        .current_dir(workspace::root().unwrap())
        .args([
            "tree",
            "--offline",
            "--locked",
            "--package=musicgpt-webhooks",
        ])
        .args([
            "--edges=normal",
            "--depth=1",
            "--prefix=none",
            "--format={p}",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8(tree.stdout).unwrap();
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let problem = String::from_utf8_lossy(&tree.stderr);
    assert_eq!(
        names,
        ["musicgpt-webhooks", "serde", "serde_json"],
        "{problem}"
    );
}

#[test]
fn no_cell_of_the_coverage_is_empty() {
    if let Err(problem) = coverage::run(&workspace::root().unwrap()) {
        panic!("{problem}");
    }
}

#[test]
fn the_table_of_features_is_up_to_date() {
    if let Err(problem) = docs::run(&workspace::root().unwrap(), Mode::Check) {
        panic!("{problem}");
    }
}

/// Copies a folder of the workspace with everything in it.
fn copy_folder(root: &Path, folder: &str) {
    let from = workspace::root().unwrap().join(folder);
    let to = root.join(folder);
    fs::create_dir_all(&to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            copy_folder(root, &format!("{folder}/{name}"));
        } else {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

/// What a spec update is: a field here, an operation there.
#[test]
fn the_drill() {
    let root = copy();
    for folder in [
        "crates/musicgpt-sdk",
        "crates/musicgpt-cli/src",
        "tests/tests/snapshots",
    ] {
        copy_folder(root.path(), folder);
    }
    edit(
        root.path(),
        "openapi/music.yaml",
        "                negative_tags:\n",
        "                mood: { type: string, description: How it should feel., maxLength: 40 }\n                negative_tags:\n",
    );
    fs::write(
        root.path().join("openapi/drill.yaml"),
        "openapi: 3.1.0
info: {title: Drill, version: '1'}
paths:
  /v1/hum_to_song:
    post:
      operationId: hum_to_song
      summary: Turn a hum into a song.
      x-conversion-type: HUM_TO_SONG
      x-outputs: 2
      x-sources: [{page: https://docs.example/hum, date: 2026-11}]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [prompt]
              oneOf: [{required: [hum_file]}, {required: [hum_url]}]
              properties:
                hum_file: {type: string, format: binary, description: The hum.}
                hum_url: {type: string, description: The hum.}
                prompt: {type: string, description: What to make of it.}
      responses:
        '200':
          description: Accepted.
          content:
            application/json:
              schema: {$ref: 'shared.yaml#/components/schemas/Submission'}
",
    )
    .unwrap();
    codegen::run(root.path(), Mode::Write).unwrap();
    let read = |path: &str| fs::read_to_string(root.path().join(path)).unwrap();
    let requests = read("crates/musicgpt-api/src/generated/requests/music.rs");
    assert!(requests.contains("pub mood: Option<String>"));
    let requests = read("crates/musicgpt-api/src/generated/requests/drill.rs");
    assert!(requests.contains("pub struct HumToSong"));
    assert!(requests.contains("pub hum_file: Option<FilePart>"));
    let operations = read("crates/musicgpt-api/src/generated/operations/drill.rs");
    assert!(operations.contains("pub static HUM_TO_SONG: Operation"));
    let bundle: serde_json::Value =
        serde_json::from_str(&read("crates/musicgpt-sim/src/generated/openapi-3.1.json")).unwrap();
    assert!(bundle["paths"]["/v1/hum_to_song"]["post"].is_object());
    // The layers that are written by hand lack just these two.
    let problem = coverage::run(root.path()).unwrap_err().to_string();
    let (_, missing) = problem.split_once("\n\n").unwrap();
    let mut missing: Vec<&str> = missing.lines().collect();
    missing.sort_unstable();
    assert_eq!(
        missing,
        [
            "hum_to_song: not in cli",
            "hum_to_song: not in docs",
            "hum_to_song: not in sdk",
            "hum_to_song: not in snapshots",
            "music_ai.mood: not in sdk",
            "music_ai.mood: not in snapshots",
        ]
    );
}

/// Requests have it from the macro that declares them, outputs by hand.
#[test]
fn requests_and_outputs_name_their_pages() {
    let sdk = workspace::root().unwrap().join("crates/musicgpt-sdk/src");
    let draft = fs::read_to_string(sdk.join("requests/draft.rs")).unwrap();
    let declared = draft.split_once("macro_rules! declare").unwrap().1;
    assert!(declared.contains("origin!($name)"));
    let mut seen = 0;
    for folder in ["requests", "outputs"] {
        for entry in fs::read_dir(sdk.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            // What the requests are made of is none itself.
            if path.ends_with("requests/draft.rs") {
                continue;
            }
            let file = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
            for item in file.items {
                let syn::Item::Struct(item) = item else {
                    continue;
                };
                if matches!(item.vis, syn::Visibility::Public(_)) {
                    let mut docs = item.attrs.iter().map(|attr| attr.to_token_stream());
                    let name = &item.ident;
                    assert!(
                        docs.any(|doc| doc.to_string().contains("origin !")),
                        "{name} does not say which pages it is from"
                    );
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 10, "{seen}");
}
