//! `mgpt webhook`: what is printed, what is saved, and what is refused.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::decoding::seconds;
use crate::sandbox::{Run, Sandbox, Server};

fn show(sandbox: &Sandbox, body: &str) -> Run {
    std::fs::write(sandbox.path("post.json"), body).unwrap();
    sandbox.run(&["webhook", "show", "post.json"])
}

#[test]
fn a_payload_is_shown_as_it_is_understood() {
    let sandbox = Sandbox::new();
    let track = json!({
        "success": true, "conversion_type": "Music AI", "subtype": "music_ai",
        "task_id": "t-1", "conversion_id": "c-1",
        "conversion_path": "https://cdn.example.invalid/c-1.mp3",
        "conversion_duration": "155.95", "title": null, "is_flagged": "perhaps",
        "something_new": [1, 2],
    });
    assert_eq!(
        show(&sandbox, &track.to_string()).json(),
        json!({
            "kind": "track", "feature": "music_ai", "task_id": "t-1", "conversion_id": "c-1",
            "dedupe_key": "t-1/c-1/track",
            "fields": {
                "success": true, "conversion_type": "Music AI", "subtype": "music_ai",
                "task_id": "t-1", "conversion_id": "c-1",
                "conversion_path": "https://cdn.example.invalid/c-1.mp3",
                "conversion_duration": 155.95, "title": null, "is_flagged": "perhaps",
                "something_new": [1, 2],
            },
            "unknown_fields": ["something_new"],
        })
    );
    let unknown = show(&sandbox, r#"{"hello": {"to": "you"}, "none": null}"#).json();
    assert_eq!(unknown["kind"], "unknown");
    assert_eq!(unknown["feature"], Value::Null);
    assert_eq!(
        unknown["fields"],
        json!({"hello": {"to": "you"}, "none": null})
    );
    assert_eq!(unknown["unknown_fields"], json!(["hello", "none"]));
}

#[test]
fn what_is_no_payload_is_refused_with_its_place() {
    let sandbox = Sandbox::new();
    for (body, want) in [
        (
            "{\"a\": 1,\n oops}",
            "error: post.json: the webhook body is not JSON (line 2, column 2)\n",
        ),
        (
            "{\"a\":",
            "error: post.json: the webhook body ends before its JSON does (line 1, column 5)\n",
        ),
        (
            "[1]",
            "error: post.json: the webhook body is JSON but not an object (line 1, column 0)\n",
        ),
    ] {
        let run = show(&sandbox, body);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{body}");
        assert_eq!(run.stderr, want);
    }
    let missing = sandbox.run(&["webhook", "show", "nowhere.json"]);
    assert_eq!(missing.code, 2);
    assert!(
        missing.stderr.contains("nowhere.json"),
        "{}",
        missing.stderr
    );
    let neither = sandbox.run(&["webhook"]);
    assert_eq!(neither.code, 2);
    assert!(neither.stderr.contains("listen"), "{}", neither.stderr);
}

/// `mgpt webhook listen`, ended with the test.
struct Listener {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    stderr: BufReader<ChildStderr>,
    url: String,
}

impl Listener {
    fn start(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let mut child = sandbox
            .command()
            .args(["webhook", "listen"])
            .args(arguments)
            .env(
                "MUSICGPT_WEBHOOK_KEY",
                "a key of the thirty-two bytes wanted",
            )
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut listener = Self {
            stdout: Some(stdout),
            stderr: BufReader::new(child.stderr.take().unwrap()),
            child,
            url: String::new(),
        };
        let line = listener.note();
        listener.url = line.strip_prefix("webhook URL: ").unwrap().to_owned();
        listener.note();
        listener
    }

    fn note(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn event(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Posts to a path; gives the status.
    fn post(&self, path: &str, body: &str) -> u16 {
        let (host, _) = self
            .url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn path(&self) -> String {
        format!("/{}", self.url.rsplit('/').next().unwrap())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_songs_posts_are_printed_and_their_files_saved() {
    let (sandbox, server) = (Sandbox::new(), Server::new());
    let mut listener = Listener::start(&sandbox, &["--out", "heard"]);
    let song = sandbox.run_at(
        &server,
        &[
            "--json",
            "--no-wait",
            "song",
            "x",
            "--webhook-url",
            &listener.url,
        ],
    );
    let task = song.json()["task_id"].as_str().unwrap().to_owned();
    let events: Vec<Value> = (0..5).map(|_| listener.event()).collect();
    let kinds: Vec<&str> = events
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["cover", "lyrics", "track", "lyrics", "track"]);
    for event in &events {
        assert_eq!(
            (&event["task_id"], &event["feature"]),
            (&json!(task), &json!("music_ai"))
        );
        assert_eq!(event["unknown_fields"], json!([]));
    }
    // A cover, and for each take its words and two files.
    let saved: Vec<String> = (0..7).map(|_| listener.note()).collect();
    for line in &saved {
        let path = line.strip_prefix("saved ").unwrap();
        assert!(path.starts_with(&format!("heard/{task}/")), "{line}");
        assert!(sandbox.path(path).is_file(), "{line}");
    }
    let take = events[2]["conversion_id"].as_str().unwrap();
    for ending in ["mp3", "wav"] {
        let path = sandbox.path(&format!("heard/{task}/{take}.{ending}"));
        assert!(seconds(&path) > 1.0);
    }
    let words = sandbox.path(&format!("heard/{task}/{take}.lrc"));
    assert!(std::fs::read_to_string(words).unwrap().contains("[00:"));
}

#[test]
fn each_event_is_printed_once_and_only_from_its_address() {
    let sandbox = Sandbox::new();
    let mut listener = Listener::start(&sandbox, &["--port", "0"]);
    let path = listener.path();
    let first = r#"{"success":true,"conversion_type":"File Conversion","task_id":"t-1","conversion_id":"c-1"}"#;
    assert_eq!(listener.post("/listen.wrong", first), 404);
    assert_eq!(listener.post("/", first), 404);
    assert_eq!(listener.post(&path, "no JSON"), 400);
    assert_eq!(listener.post(&path, first), 200);
    assert_eq!(listener.post(&path, first), 200);
    assert_eq!(listener.post(&path, &first.replace("t-1", "t-2")), 200);
    assert_eq!(listener.event()["task_id"], "t-1");
    assert_eq!(listener.event()["task_id"], "t-2");
    // Without --out nothing is saved, and with the same key the address is the same.
    assert!(!sandbox.path("out").exists());
    let public = "https://hooks.example.com/musicgpt";
    let elsewhere = Listener::start(&sandbox, &["--public-url", public]);
    assert_eq!(elsewhere.url, format!("{public}{path}"));
}

#[test]
fn without_a_reader_no_event_is_taken() {
    let sandbox = Sandbox::new();
    let mut listener = Listener::start(&sandbox, &[]);
    listener.stdout = None;
    let body = r#"{"success":true,"conversion_type":"Denoise","task_id":"t-1"}"#;
    assert_eq!(listener.post(&listener.path(), body), 503);
    assert_eq!(listener.note(), "nobody reads the events any more");
    assert!(listener.child.wait().unwrap().success());
}

#[test]
fn what_will_not_do_is_said_before_anything_listens() {
    let sandbox = Sandbox::new();
    let public = sandbox.run(&[
        "webhook",
        "listen",
        "--public-url",
        "http://hooks.example.com",
    ]);
    assert_eq!(public.code, 2);
    assert!(
        public.stderr.starts_with("error: --public-url: "),
        "{}",
        public.stderr
    );
    let mut command = sandbox.command();
    command
        .args(["webhook", "listen"])
        .env("MUSICGPT_WEBHOOK_KEY", "short");
    let key = crate::sandbox::run(&mut command);
    assert_eq!(key.code, 2);
    assert!(
        key.stderr.starts_with("error: MUSICGPT_WEBHOOK_KEY: "),
        "{}",
        key.stderr
    );
    assert!(!key.stderr.contains("short\n"));
}
