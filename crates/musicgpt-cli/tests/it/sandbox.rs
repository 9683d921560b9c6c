//! A folder with inputs, and the program run in it.

use std::path::PathBuf;
use std::process::{Command, Output};

use musicgpt_sim::faults::FaultRule;
use musicgpt_sim::{RequestRecord, Simulator};
use serde_json::Value;

pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";
pub(crate) const MP3: &[u8] = b"ID3\x04 and so on";

/// A folder with inputs.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The one JSON value on stdout.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        assert_eq!(self.stdout.lines().count(), 1, "{}", self.stdout);
        serde_json::from_str(&self.stdout).unwrap()
    }
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [
            ("song.mp3", MP3),
            ("picture.png", PNG),
            ("notes.txt", b"just words".as_slice()),
            ("empty.png", b"".as_slice()),
        ] {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, in the folder, with nothing of ours in its environment.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mgpt"));
        command.current_dir(self.folder.path());
        for name in ["MUSICGPT_API_KEY", "MUSICGPT_BASE_URL", "MUSICGPT_LIMITS"] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        run(self.command().args(arguments))
    }

    /// Runs against a simulator, with a key.
    pub(crate) fn run_at(&self, server: &Server, arguments: &[&str]) -> Run {
        run(self.command_at(server).args(arguments))
    }

    /// The program, with a key, at a simulator.
    pub(crate) fn command_at(&self, server: &Server) -> Command {
        let mut command = self.command();
        command
            .env("MUSICGPT_API_KEY", "a-key")
            .args(["--base-url", &server.simulator.base_url()]);
        command
    }
}

pub(crate) fn run(command: &mut Command) -> Run {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Run {
        code: status.code().unwrap(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// A simulator in this process, whose log can be read.
pub(crate) struct Server {
    simulator: Simulator,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self::at_speed(1000.0)
    }

    /// With so many simulated seconds per second.
    pub(crate) fn at_speed(speed: f64) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let builder = Simulator::builder().speed(speed);
        let simulator = runtime.block_on(builder.start()).unwrap();
        Self {
            simulator,
            _runtime: runtime,
        }
    }

    /// So many requests of an operation, or of `media`, go wrong.
    pub(crate) fn fail(&self, name: &str, operation: &str, times: u32) {
        let rule = FaultRule::new(name.parse().unwrap());
        self.simulator.set_faults([rule.on(operation).times(times)]);
    }

    pub(crate) fn with_fault(name: &str, operation: Option<&str>) -> Self {
        let server = Self::new();
        let rule = FaultRule::new(name.parse().unwrap());
        server.simulator.set_faults([match operation {
            Some(operation) => rule.on(operation),
            None => rule,
        }]);
        server
    }

    pub(crate) fn requests(&self) -> Vec<RequestRecord> {
        self.simulator.requests()
    }
}
