//! Finding the tree to work on, at run time: a binary from a shared target folder must serve the
//! checkout that it was called in, not the one that it was built from.

use std::path::{Path, PathBuf};

use crate::problem::{Problem, Result};

/// The root of the workspace: above the manifest that cargo runs, or else above the current folder.
pub fn root() -> Result<PathBuf> {
    let start = match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(manifest) => PathBuf::from(manifest),
        None => std::env::current_dir()
            .map_err(|error| Problem::new(format!("no current folder: {error}")))?,
    };
    start
        .ancestors()
        .find(|folder| is_root(folder))
        .map(Path::to_path_buf)
        .ok_or_else(|| {
            Problem::new(format!(
                "no workspace with an openapi/ folder above {}",
                start.display()
            ))
        })
}

fn is_root(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file() && folder.join("openapi").is_dir()
}
