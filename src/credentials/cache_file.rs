//! The files in which AWS tools cache sessions.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::CredentialsError;
use super::context::{Context, read_error};
use crate::fs::atomic::AtomicFile;

/// A file that is named after the hash of what identifies its session.
pub(super) struct CacheFile {
    pub(super) path: PathBuf,
    /// The path, for errors.
    pub(super) name: String,
}

impl CacheFile {
    pub(super) fn new(directory: &Path, hash: impl AsRef<[u8]>) -> CacheFile {
        let path = directory.join(format!("{}.json", hex::encode(hash)));
        let name = path.display().to_string();
        CacheFile { path, name }
    }

    /// Returns the content; `None` if there is no such file.
    pub(super) fn read(
        &self,
        context: Context<'_>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, CredentialsError> {
        match context.read_secret(&self.path) {
            Ok(json) => Ok(Some(json)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(read_error(&self.name, &error)),
        }
    }

    /// Replaces the file in one step, readable by its owner only.
    pub(super) fn replace(&self, json: &[u8]) -> io::Result<()> {
        let mut file = AtomicFile::create_private(&self.path)?;
        file.write_all(json)?;
        file.commit()
    }
}
