//! Where a file is that is to be replaced in one step, by a rename.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The most links that are followed from one to the next, as on Linux.
const MAX_LINKS: u8 = 40;

/// The file that a new one can be renamed to, at the end of all symbolic links, so that a link
/// stays what it is; nothing where there is a device, a pipe or the like, which a rename would
/// destroy: that can only be written in place.
///
/// # Errors
///
/// It is a folder, or links lead nowhere.
pub(crate) fn file_to_replace(path: &Path) -> io::Result<Option<PathBuf>> {
    let there = match fs::metadata(path) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if there.as_ref().is_some_and(fs::Metadata::is_dir) {
        let error = io::Error::new(io::ErrorKind::IsADirectory, "is a folder; name a file");
        return Err(error);
    }
    if there.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        return Ok(None);
    }
    let end = end_of_links(path)?;
    // An open file that has no name any more has a link that leads elsewhere.
    let has_name = there.is_none() || end.exists();
    Ok(has_name.then_some(end))
}

fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut end = path.to_owned();
    for _ in 0..MAX_LINKS {
        let is_link = fs::symlink_metadata(&end).is_ok_and(|metadata| metadata.is_symlink());
        if !is_link {
            return Ok(end);
        }
        let next = fs::read_link(&end)?;
        end = match end.parent() {
            Some(folder) => folder.join(next),
            None => next,
        };
    }
    Err(io::Error::other("too many symbolic links"))
}
