//! Whatever goes wrong: one clear line each, the right exit code, nothing on stdout.

use std::fmt::Write;

use crate::sandbox::{Sandbox, Server, run};

fn long(length: usize) -> String {
    "x".repeat(length)
}

#[test]
fn bad_input_is_refused_before_anything_is_sent() {
    let (sandbox, server) = (Sandbox::new(), Server::new());
    let (p301, l3001, l2001) = (long(301), long(3001), long(2001));
    let mut text = String::new();
    for arguments in [
        vec!["image-song", "picture.png", "--prompt", &p301],
        vec!["image-song", "picture.png", "--lyrics", &l3001],
        vec!["remix", "song.mp3", "lo-fi", "--lyrics", &l2001],
        vec![
            "image-song",
            "picture.png",
            "--image-url",
            "https://h/i.png",
        ],
        vec!["image-song", "picture.png", "--image-file", "picture.png"],
        vec!["image-song"],
        vec!["remix", "song.mp3", "--audio-url", "https://h/a.mp3"],
        vec!["remix"],
        vec!["remix", "song.mp3"],
        vec!["remix", "song.mp3", ""],
        vec![
            "image-song",
            "picture.png",
            "--vocal-only",
            "--voice-id",
            "v",
        ],
        vec!["remix", "song.mp3", "lo-fi", "--gender", "robot"],
        vec!["song", "x", "--gender", "robot"],
        vec!["song", "x", "--webhook-url", "http://example.com/x"],
        vec!["song", "x", "--webhook-url", "nonsense"],
        vec!["song", "x", "--output-length", "long"],
        vec!["song", "x", "--output-length", "NaN"],
        vec!["song", "x", "--make-instrumental=maybe"],
        vec!["song", "x", "--prompt", "y"],
        vec!["song"],
        vec!["song", "x", "y"],
        vec!["remix", "nowhere.mp3", "lo-fi"],
        vec!["remix", ".", "lo-fi"],
        vec!["remix", "picture.png", "lo-fi"],
        vec!["image-song", "empty.png"],
        vec!["image-song", "notes.txt"],
        vec!["convert", "song.mp3"],
        vec!["convert", "song.mp3", "--target-format", "midi"],
        vec![
            "convert",
            "song.mp3",
            "--target-format",
            "wav",
            "--target-sr",
            "44000",
        ],
        vec!["get", "t-1", "--type", "SONG"],
        vec!["song", "x", "--mood", "happy"],
        vec!["dance"],
        vec![],
        vec!["--limits", "newest", "song", "x"],
        vec!["--deadline", "soon", "song", "x"],
        // Everything that is wrong is said at once.
        vec![
            "image-song",
            "notes.txt",
            "--image-url",
            "https://h/i.png",
            "--prompt",
            &p301,
            "--vocal-only",
            "--voice-id",
            "v",
            "--bpm",
            "fast",
            "--webhook-url",
            "http://example.com/",
        ],
    ] {
        let run = sandbox.run_at(&server, &arguments);
        let shown: Vec<String> = arguments
            .iter()
            .map(|argument| match argument.len() {
                0..=60 => (*argument).to_owned(),
                length => format!("({length} characters)"),
            })
            .collect();
        writeln!(
            text,
            "$ mgpt {}\n{}",
            shown.join(" "),
            run.stderr.trim_end()
        )
        .unwrap();
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{arguments:?}");
    }
    assert!(server.requests().is_empty(), "{:?}", server.requests());
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_just_within_the_limits_is_sent() {
    let (sandbox, server) = (Sandbox::new(), Server::new());
    let (p300, p301, l2001) = (long(300), long(301), long(2001));
    let mut sent = 0;
    for arguments in [
        vec!["image-song", "picture.png", "--prompt", &p300],
        vec!["song", "x", "--vocal-only", "--voice-id", "v"],
        vec!["song", "x", "--webhook-url", "http://127.0.0.1:1/x"],
    ] {
        let mut all = vec!["--no-wait"];
        all.extend(arguments);
        assert_eq!(sandbox.run_at(&server, &all).code, 0, "{all:?}");
        sent += 1;
        assert_eq!(server.requests().len(), sent);
    }
    // The limit set passes on to the simulator of the same process.
    for arguments in [
        vec!["image-song", "picture.png", "--prompt", &p301],
        vec!["remix", "song.mp3", "lo-fi", "--lyrics", &l2001],
    ] {
        let mut all = vec!["--simulate", "--no-wait", "--limits", "2026-10"];
        all.extend(&arguments);
        assert_eq!(sandbox.run(&all).code, 0, "{all:?}");
        let mut all = vec!["--simulate", "--no-wait"];
        all.extend(&arguments);
        let in_the_environment = run(sandbox
            .command()
            .env("MUSICGPT_LIMITS", "2026-10")
            .args(&all));
        assert_eq!(in_the_environment.code, 0, "{all:?}");
        assert_eq!(sandbox.run(&all).code, 2, "{all:?}");
    }
}

#[test]
fn advice_is_a_warning() {
    let (sandbox, server) = (Sandbox::new(), Server::new());
    let run = sandbox.run_at(&server, &["--no-wait", "song", &long(281)]);
    assert_eq!(run.code, 0);
    assert!(
        run.stderr.starts_with("warning: prompt: 281 characters; "),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("280"), "{}", run.stderr);
    assert_eq!(server.requests().len(), 1);
    let run = sandbox.run_at(&server, &["--no-wait", "song", &long(280)]);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    let arguments = [
        "--no-wait",
        "image-song",
        "picture.png",
        "--make-instrumental",
        "--lyrics",
        "la",
    ];
    let run = sandbox.run_at(&server, &arguments);
    assert!(
        run.stderr
            .contains("warning: lyrics: ignored with make_instrumental = true"),
        "{}",
        run.stderr
    );
}

#[test]
fn keys() {
    let sandbox = Sandbox::new();
    let none = sandbox.run(&["song", "x"]);
    assert_eq!((none.code, none.stdout.as_str()), (2, ""));
    assert_eq!(none.stderr.lines().count(), 1);
    assert!(
        none.stderr.contains("MUSICGPT_API_KEY") && none.stderr.contains("--simulate"),
        "{}",
        none.stderr
    );
    let bad = run(sandbox.command().env("MUSICGPT_API_KEY", "bad-key").args([
        "--simulate",
        "--json",
        "song",
        "x",
    ]));
    assert_eq!((bad.code, bad.stdout.as_str()), (3, ""));
    assert!(
        bad.stderr.contains("401") && !bad.stderr.contains("bad-key"),
        "{}",
        bad.stderr
    );
}

#[test]
fn the_api_says_no() {
    let sandbox = Sandbox::new();
    for (fault, code) in [
        ("402-code", 3),
        ("402-error", 3),
        ("402-message", 3),
        ("422-code", 3),
        ("422-error", 3),
        ("422-detail", 3),
        ("422-detail-text", 3),
        ("403-error-object", 3),
        ("success-false-200", 3),
        // The task may have been accepted behind these.
        ("500-code", 6),
        ("500-error", 6),
        ("502-html", 6),
        ("reset", 6),
    ] {
        let server = Server::with_fault(fault, Some("music_ai"));
        let run = sandbox.run_at(&server, &["--json", "song", "x"]);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (code, ""),
            "{fault}: {}",
            run.stderr
        );
        assert_eq!(run.stderr.lines().count(), 1, "{fault}: {}", run.stderr);
        assert_eq!(
            server.requests().len(),
            1,
            "{fault}: a paid request is sent once"
        );
        if let Some(status) = fault
            .get(..3)
            .filter(|status| status.parse::<u16>().is_ok())
        {
            assert!(run.stderr.contains(status), "{fault}: {}", run.stderr);
        }
    }
    for (fault, code) in [
        ("502-html", 5),
        ("500-code", 5),
        ("429-ms", 5),
        ("reset", 5),
        ("422-detail", 3),
    ] {
        let server = Server::with_fault(fault, Some("get_by_id"));
        let run = sandbox.run_at(&server, &["get", "t", "--type", "MUSIC_AI"]);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (code, ""),
            "{fault}: {}",
            run.stderr
        );
    }
}

#[test]
fn a_proxy_has_no_business_with_this_machine() {
    let sandbox = Sandbox::new();
    let run = run(sandbox
        .command()
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("http_proxy", "http://127.0.0.1:9")
        .args(["--simulate", "--no-wait", "song", "x"]));
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_file_that_is_gone_does_not_take_the_others_with_it() {
    let sandbox = Sandbox::new();
    let server = Server::new();
    server.fail("media-expired", "media", 1);
    let run = sandbox.run_at(&server, &["--json", "song", "x"]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{}", run.stderr);
    assert!(run.stderr.contains("error: take-1.mp3: "), "{}", run.stderr);
    assert!(run.stderr.contains("mgpt wait '{"), "{}", run.stderr);
    let saved = run
        .stderr
        .lines()
        .filter(|line| line.starts_with("saved "))
        .count();
    assert_eq!(saved, 6, "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_no_text_loses_nothing() {
    use std::os::unix::ffi::OsStrExt;

    let (sandbox, server) = (Sandbox::new(), Server::new());
    let run = run(sandbox
        .command_at(&server)
        .args(["--json", "--out"])
        .arg(std::ffi::OsStr::from_bytes(b"o\xff"))
        .args(["song", "x"]));
    assert_eq!(run.json()["takes"].as_array().unwrap().len(), 2);
}

#[test]
fn the_job_does_not_end_well() {
    let sandbox = Sandbox::new();
    let server = Server::with_fault("job-failed", None);
    let run = sandbox.run_at(&server, &["--json", "song", "x"]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{}", run.stderr);
    assert!(run.stderr.contains("the job failed"), "{}", run.stderr);
    let server = Server::with_fault("502-html", Some("get_by_id"));
    let run = sandbox.run_at(&server, &["--json", "--deadline", "1s", "song", "x"]);
    assert_eq!((run.code, run.stdout.as_str()), (5, ""), "{}", run.stderr);
    assert!(run.stderr.contains("mgpt wait '{"), "{}", run.stderr);
}
