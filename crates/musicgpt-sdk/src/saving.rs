//! Saving what streams in: under a temporary name first, so that a file with its final name is whole.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::error::{self, Error, Result};

/// Writes a file and gives it its name once it is whole. Its folder is made where it is missing;
/// when the future is dropped or fails, nothing stays behind.
pub(crate) async fn save(
    path: &Path,
    write: impl AsyncFnOnce(&mut std::fs::File) -> Result<()>,
) -> Result<()> {
    let target = path.to_owned();
    let name = move |file: NamedTempFile| {
        file.persist(target).map_err(|error| error.error)?;
        Ok(())
    };
    save_with(path, write, name).await
}

/// The same, but where there is a file of that name already the new one gets a number; gives its
/// path.
pub(crate) async fn save_beside(
    path: &Path,
    write: impl AsyncFnOnce(&mut std::fs::File) -> Result<()>,
) -> Result<PathBuf> {
    let wanted = path.to_owned();
    let name = move |mut file: NamedTempFile| {
        for number in 1.. {
            let path = numbered(&wanted, number);
            match file.persist_noclobber(&path) {
                Ok(_) => return Ok(path),
                Err(error) if error.error.kind() == ErrorKind::AlreadyExists => file = error.file,
                Err(error) => return Err(error.error),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    };
    save_with(path, write, name).await
}

async fn save_with<T: Send + 'static>(
    path: &Path,
    write: impl AsyncFnOnce(&mut std::fs::File) -> Result<()>,
    name: impl FnOnce(NamedTempFile) -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
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
    // Waiting for the disk must not hold up other tasks.
    let named = tokio::task::spawn_blocking(move || {
        file.as_file().sync_all()?;
        name(file)
    });
    match named.await {
        Ok(named) => named.map_err(failed),
        Err(error) => Err(failed(std::io::Error::other(error))),
    }
}

/// `name.mp3`, `name-2.mp3` and so on.
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

/// A temporary file beside the final one, with the rights of any new file.
fn partial(folder: &Path) -> std::io::Result<NamedTempFile> {
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
    Error::new(error::ErrorKind::Download, message).with(|details| details.retryable = true)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[tokio::test]
    async fn nothing_is_replaced_that_is_to_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/take.mp3");
        let write = async |text: &'static str| {
            save_beside(&path, async |file| {
                file.write_all(text.as_bytes()).unwrap();
                Ok(())
            })
            .await
            .unwrap()
        };
        let (one, two, three) = (write("1").await, write("2").await, write("3").await);
        assert_eq!(one, path);
        assert_eq!(two, path.with_file_name("take-2.mp3"));
        assert_eq!(std::fs::read_to_string(&one).unwrap(), "1");
        assert_eq!(std::fs::read_to_string(three).unwrap(), "3");
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            3
        );
    }
}
