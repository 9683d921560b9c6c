//! Saving what streams in: under a temporary name first, so that a file with its final name is whole.

use std::path::Path;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};

/// Writes a file and gives it its name once it is whole. Its folder is made where it is missing;
/// when the future is dropped or fails, nothing stays behind.
pub(crate) async fn save(
    path: &Path,
    write: impl AsyncFnOnce(&mut std::fs::File) -> Result<()>,
) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    tokio::fs::create_dir_all(folder)
        .await
        .map_err(|error| Error::file(folder.display(), error))?;
    let failed = |error| Error::file(path.display(), error);
    let mut file = partial(folder).map_err(failed)?;
    write(file.as_file_mut()).await?;
    let target = path.to_owned();
    // Waiting for the disk must not hold up other tasks.
    let persisted = tokio::task::spawn_blocking(move || {
        file.as_file().sync_all()?;
        file.persist(target).map_err(|error| error.error)
    });
    match persisted.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(failed(error)),
        Err(error) => Err(failed(std::io::Error::other(error))),
    }
}

/// A temporary file beside the final one, with the rights of any new file.
fn partial(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".musicgpt-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Waits for bytes, but not for ever.
pub(crate) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(limit, future).await.map_err(|_| {
        retryable(format!(
            "a download stalled: silence for {} s",
            limit.as_secs()
        ))
    })
}

pub(crate) fn broken(error: reqwest::Error) -> Error {
    retryable("a download broke".to_owned()).caused_by(error.without_url())
}

pub(crate) fn retryable(message: String) -> Error {
    Error::new(ErrorKind::Download, message).with(|details| details.retryable = true)
}
