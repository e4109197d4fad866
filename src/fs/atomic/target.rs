//! What a file replaces, and what of it is kept.

use std::fs::{self, File, Permissions};
use std::io;
use std::path::Path;

use super::{AtomicFile, CompleteFile, directory_of};

impl AtomicFile {
    /// Starts to write the file that will be at `target`.
    ///
    /// # Errors
    ///
    /// The target is a directory, or its directory cannot be written to.
    pub fn create(target: &Path) -> io::Result<AtomicFile> {
        let permissions = match existing(target)? {
            Existing::InPlace => {
                return Ok(AtomicFile {
                    // What is redirected to a file is appended to it.
                    file: File::options().append(true).open(target)?,
                    complete: CompleteFile {
                        target: target.to_owned(),
                        temporary: None,
                    },
                });
            }
            Existing::File(permissions) => Some(permissions),
            Existing::None => None,
        };
        // Not even for a moment can others open what they could not open before.
        let atomic = AtomicFile::beside(target, permissions.is_some())?;
        if let Some(permissions) = permissions {
            atomic.file.set_permissions(permissions)?;
        }
        Ok(atomic)
    }
}

/// What is at a target's name.
enum Existing {
    /// Nothing, or a link to a file, which is replaced.
    None,
    File(Permissions),
    /// A pipe, a device, or a descriptor of this process: a rename would destroy it.
    InPlace,
}

fn existing(target: &Path) -> io::Result<Existing> {
    let metadata = match fs::metadata(target) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Existing::None),
        Err(error) => return Err(error),
    };
    if metadata.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "is a directory; expected a file name",
        ));
    }
    Ok(match (metadata.is_file(), target.is_symlink()) {
        (true, false) => Existing::File(metadata.permissions()),
        (true, true) if !is_descriptor(target) => Existing::None,
        _ => Existing::InPlace,
    })
}

/// Returns whether a link stands for an open file of this process, such as `/dev/stdout`.
fn is_descriptor(link: &Path) -> bool {
    let directory = directory_of(link).canonicalize();
    directory.is_ok_and(|directory| {
        directory == Path::new("/dev")
            || directory.starts_with("/proc") && directory.ends_with("fd")
    })
}
