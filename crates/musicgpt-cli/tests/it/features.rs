//! Every verb, to its files.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::decoding::seconds;
use crate::sandbox::{Sandbox, Server};

fn keys(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn check_song(sandbox: &Sandbox, song: &Value, words: bool) {
    assert_eq!(
        keys(song),
        [
            "task_id",
            "eta",
            "credit_estimate",
            "handle",
            "takes",
            "cover"
        ]
        .into()
    );
    assert_eq!(song["handle"]["task_id"], song["task_id"]);
    let path = |value: &Value| sandbox.path(value.as_str().unwrap());
    assert!(path(&song["cover"]).is_file());
    let takes = song["takes"].as_array().unwrap();
    assert_eq!(takes.len(), 2);
    let mut files = Vec::new();
    for take in takes {
        assert_eq!(
            keys(take),
            [
                "conversion_id",
                "title",
                "mp3",
                "wav",
                "duration_seconds",
                "lyrics",
                "lrc"
            ]
            .into()
        );
        let length = take["duration_seconds"].as_f64().unwrap();
        for kind in ["mp3", "wav"] {
            let decoded = seconds(&path(&take[kind]));
            assert!(
                (decoded - length).abs() < 0.5,
                "{kind}: {decoded} against {length}"
            );
        }
        files.push((
            std::fs::read(path(&take["mp3"])).unwrap(),
            std::fs::read(path(&take["wav"])).unwrap(),
        ));
        if words {
            let lrc = std::fs::read_to_string(path(&take["lrc"])).unwrap();
            let timed = lrc.lines().filter(|line| line.starts_with("[00:")).count();
            assert!(timed >= 2, "{lrc}");
            assert!(take["lyrics"].as_str().unwrap().lines().count() >= timed);
        } else {
            assert!(take["lyrics"].is_null() && take["lrc"].is_null());
        }
    }
    assert_ne!(files[0].0, files[1].0);
    assert_ne!(files[0].1, files[1].1);
}

#[test]
fn a_song_for_people() {
    let sandbox = Sandbox::new();
    let prompt = "a song about greenery, nature and forest";
    let run = sandbox.run(&["--simulate", "song", prompt]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("task ") && run.stderr.contains("ETA "),
        "{}",
        run.stderr
    );
    let listed: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .collect();
    assert_eq!(listed.len(), 7, "{}", run.stdout);
    for path in listed {
        assert!(
            path.starts_with("out/") && sandbox.path(path).is_file(),
            "{path}"
        );
    }
}

#[test]
fn a_song_for_programs() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["--simulate", "--json", "--out", "D", "song", "x"]);
    check_song(&sandbox, &run.json(), true);
    assert!(Path::new(run.json()["cover"].as_str().unwrap()).starts_with("D"));
}

#[test]
fn an_instrumental() {
    let sandbox = Sandbox::new();
    let sandbox = &sandbox;
    std::thread::scope(|scope| {
        for arguments in [
            ["--make-instrumental", "x"],
            ["x", "--make-instrumental=true"],
        ] {
            scope.spawn(move || {
                let mut all = vec!["--simulate", "--json", "song"];
                all.extend(arguments);
                check_song(sandbox, &sandbox.run(&all).json(), false);
            });
        }
    });
}

#[test]
fn what_is_switched_off_is_not_made() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&[
        "--simulate",
        "--json",
        "song",
        "x",
        "--generate-album-cover",
        "false",
    ]);
    assert!(run.json()["cover"].is_null());
}

#[test]
fn songs_from_sources() {
    let (sandbox, server) = (Sandbox::new(), Server::new());
    let cases = [
        vec!["remix", "song.mp3", "lo-fi"],
        vec!["remix", "https://host/a.mp3", "lo-fi"],
        vec!["remix", "--audio-url", "s3://bucket/a.mp3", "lo-fi"],
        vec!["image-song", "picture.png"],
        vec!["image-song", "--image-url", "https://host/i.png"],
        vec!["image-song", "--image-file", "picture.png", "--bpm", "120"],
    ];
    std::thread::scope(|scope| {
        for arguments in cases {
            scope.spawn(|| {
                let mut all = vec!["--json"];
                all.extend(arguments);
                check_song(&sandbox, &sandbox.run_at(&server, &all).json(), true);
            });
        }
    });
}

#[test]
fn every_other_verb() {
    let (sandbox, server) = (Sandbox::new(), Server::new());
    let cases: &[&[&str]] = &[
        &["song", "x", "--model", "v7"],
        &["song", "x", "--api", "v2", "--lyrics-timestamps"],
        &["extend", "SOURCE", "--extend-after", "30"],
        &[
            "inpaint",
            "SOURCE",
            "softer",
            "--replace-start-at",
            "1",
            "--replace-end-at",
            "3",
        ],
        &[
            "sing-over-instrumental",
            "SOURCE",
            "softly",
            "--lyrics",
            "la",
        ],
        &["sing-over-vocal", "SOURCE", "--lyrics", "la"],
        &["tts", "hello", "--gender", "male"],
        &["voice-changer", "SOURCE", "--voice-id", "v"],
        &["cover", "SOURCE", "--voice-id", "v"],
        &["sound", "rain", "--audio-length", "30"],
        &["image", "a forest"],
        &["stems", "SOURCE", "--stems", "vocals,bass"],
        &["extraction-v1", "SOURCE", "--stems", "vocals"],
        &["denoise", "SOURCE"],
        &["deecho", "SOURCE"],
        &["dereverb", "SOURCE"],
        &["key-bpm", "SOURCE"],
        &["transcribe", "SOURCE", "--word-timestamps"],
        &["midi", "SOURCE"],
        &[
            "cut",
            "SOURCE",
            "--start-time",
            "1000",
            "--end-time",
            "2000",
        ],
        &["speed", "SOURCE", "--speed-change-factor", "1.5"],
        &["master", "SOURCE", "SOURCE"],
    ];
    let made = |arguments: &[&str], source: &str| {
        let mut all = vec!["--json"];
        all.extend(
            arguments
                .iter()
                .map(|word| if *word == "SOURCE" { source } else { word }),
        );
        let value = sandbox.run_at(&server, &all).json();
        let takes = value["takes"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|take| &take["mp3"]);
        let outputs = value["outputs"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|output| &output["path"]);
        let paths: Vec<&Value> = takes.chain(outputs).collect();
        for path in &paths {
            assert!(
                sandbox.path(path.as_str().unwrap()).is_file(),
                "{arguments:?}: {path}"
            );
        }
        let is_data = ["key-bpm", "transcribe"].contains(&arguments[0]);
        assert_eq!(paths.is_empty(), is_data, "{arguments:?}: {value}");
    };
    for source in ["song.mp3", "https://host/a.mp3"] {
        std::thread::scope(|scope| {
            for arguments in cases {
                let made = &made;
                scope.spawn(move || made(arguments, source));
            }
        });
    }
    let requests = server.requests();
    let unknown: Vec<_> = requests
        .iter()
        .flat_map(|request| &request.unknown_fields)
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(requests.iter().all(|request| !request.leaked_key));
}

#[test]
fn answers_at_once() {
    let (sandbox, server) = (Sandbox::new(), Server::new());
    let run = |arguments: &[&str]| {
        let mut all = vec!["--json"];
        all.extend(arguments);
        sandbox.run_at(&server, &all).json()
    };
    assert!(run(&["lyrics", "love"])["lyrics"].is_string());
    assert_eq!(
        run(&["voices", "--limit", "5"])["voices"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    assert!(run(&["search-voices", "a"])["total"].is_number());
    assert!(run(&["get-by-user"])["conversions"].is_array());
    std::fs::write(
        sandbox.path("long.mp3"),
        [b"ID3".to_vec(), vec![0; 4096]].concat(),
    )
    .unwrap();
    assert!(run(&["upload", "long.mp3"])["upload_id"].is_string());
    let table = sandbox.run_at(&server, &["voices"]);
    assert!(table.stdout.contains("20 of 45 voices"), "{}", table.stdout);
}

#[test]
fn conversions() {
    let (sandbox, server) = (Sandbox::new(), Server::new());
    let convert = |format: &str| {
        let run = sandbox.run_at(
            &server,
            &["--json", "convert", "song.mp3", "--target-format", format],
        );
        let value = run.json();
        assert_eq!(
            keys(&value),
            [
                "task_id",
                "eta",
                "credit_estimate",
                "handle",
                "outputs",
                "data"
            ]
            .into()
        );
        assert_eq!(value["eta"].as_f64(), Some(-1.0));
        let [output] = value["outputs"].as_array().unwrap().as_slice() else {
            panic!("{value}");
        };
        assert_eq!(keys(output), ["name", "path"].into());
        let path = sandbox.path(output["path"].as_str().unwrap());
        assert_eq!(path.extension().unwrap(), format);
        assert!(seconds(&path) > 1.0, "{format}");
    };
    std::thread::scope(|scope| {
        for format in ["mp3", "wav", "flac", "aac"] {
            let convert = &convert;
            scope.spawn(move || convert(format));
        }
    });
}

#[test]
fn a_take_is_heard_as_a_stream() {
    let (sandbox, server) = (Sandbox::new(), Server::new());
    let run = |arguments: &[&str]| {
        let mut all = vec!["--json"];
        all.extend(arguments);
        sandbox.run_at(&server, &all).json()
    };
    let song = run(&["song", "x", "--model", "v7-pro"]);
    let ids = [&song["task_id"], &song["takes"][0]["conversion_id"]];
    let [task, take] = ids.map(|id| id.as_str().unwrap());
    let sound = run(&["--out", "heard", "music-ai-stream", task, take]);
    assert_eq!(sound["content_type"], "audio/aac");
    let path = sound["path"].as_str().unwrap();
    assert!(path.starts_with(&format!("heard/{task}/")), "{path}");
    assert!(seconds(&sandbox.path(path)) > 1.0);

    let unknown = sandbox.run_at(&server, &["music-ai-stream", task, "someone-else"]);
    assert_eq!(unknown.code, 3, "{}", unknown.stderr);
    let incomplete = sandbox.run_at(&server, &["music-ai-stream", task]);
    assert_eq!(incomplete.code, 2);
    assert!(
        incomplete.stderr.contains("conversion_id"),
        "{}",
        incomplete.stderr
    );
}
