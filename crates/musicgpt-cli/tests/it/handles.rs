//! Jobs across processes, look-ups, and the simulator as a server.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::sandbox::{Sandbox, Server, run};

#[test]
fn a_handle_finishes_the_job_elsewhere() {
    let (sandbox, server) = (Sandbox::new(), Server::new());
    let submitted = sandbox.run_at(&server, &["--json", "--no-wait", "song", "x"]);
    let value = submitted.json();
    let line = submitted
        .stderr
        .lines()
        .find(|line| line.starts_with('{'))
        .unwrap();
    let handle: Value = serde_json::from_str(line).unwrap();
    assert_eq!(handle, value["handle"]);
    // As text, as a file, on stdin, and inside what the verb printed.
    std::fs::write(sandbox.path("handle.json"), &submitted.stdout).unwrap();
    for argument in [line, "handle.json"] {
        let waited = sandbox
            .run_at(&server, &["--json", "wait", argument])
            .json();
        assert_eq!(waited["task_id"], value["task_id"]);
        assert_eq!(waited["takes"].as_array().unwrap().len(), 2);
    }
    let task = value["task_id"].as_str().unwrap();
    let got = sandbox
        .run_at(&server, &["get", task, "--type", "MUSIC_AI"])
        .json();
    assert_eq!(got["task_id"], task);
    assert_eq!(got["status"], "COMPLETED");
    let wrong = sandbox.run_at(&server, &["get", task, "--type", "REMIX"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (3, ""));
}

#[test]
fn a_download_does_not_wait() {
    let (sandbox, slow) = (Sandbox::new(), Server::at_speed(0.1));
    let submitted = sandbox.run_at(&slow, &["--json", "--no-wait", "song", "x"]);
    let early = sandbox.run_at(&slow, &["--json", "download", submitted.stdout.trim()]);
    assert_eq!((early.code, early.stdout.as_str()), (5, ""));
    let said = early
        .stderr
        .lines()
        .find(|line| line.starts_with("error: "));
    assert!(
        said.unwrap().starts_with("error: not done yet: status "),
        "{said:?}"
    );
    assert!(early.stderr.contains("mgpt wait '{"), "{}", early.stderr);

    let server = Server::new();
    let made = sandbox.run_at(&server, &["--json", "--out", "first", "song", "x"]);
    std::fs::write(sandbox.path("made.json"), &made.stdout).unwrap();
    let again = sandbox.run_at(
        &server,
        &["--json", "--out", "again", "download", "made.json"],
    );
    let (made, again) = (made.json(), again.json());
    for (one, other) in [(&made, "first"), (&again, "again")] {
        let path = one["takes"][1]["mp3"].as_str().unwrap();
        assert!(
            path.starts_with(other) && sandbox.path(path).is_file(),
            "{path}"
        );
    }
}

#[test]
fn a_handle_that_is_none() {
    let (sandbox, server) = (Sandbox::new(), Server::new());
    let mut text = String::new();
    for argument in [
        "{}",
        "[1]",
        "nowhere.json",
        "notes.txt",
        r#"{"operation":"dance","task_id":"t"}"#,
        r#"{"operation":"music_ai","task_id":7}"#,
    ] {
        let run = sandbox.run_at(&server, &["wait", argument]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{argument}");
        text.push_str(&run.stderr);
    }
    insta::assert_snapshot!(text);
    assert!(server.requests().is_empty());
}

#[test]
fn the_simulator_as_a_server() {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command()
        .args(["sim", "--port", "0", "--speed", "1000", "--seed", "7"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let base_url = line.trim();
    assert!(
        base_url.starts_with("http://127.0.0.1:") && base_url.ends_with("/api/public"),
        "{line}"
    );
    let made = run(sandbox
        .command()
        .env("MUSICGPT_API_KEY", "a-key")
        .env("MUSICGPT_BASE_URL", base_url)
        .args(["--json", "song", "x"]));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(made.json()["takes"].as_array().unwrap().len(), 2);
}
