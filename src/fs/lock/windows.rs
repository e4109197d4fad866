//! A lock by a file that only one process can open. The system removes it when it is closed, however
//! the process ends.

use std::fs::File;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;

const GENERIC_WRITE: u32 = 0x4000_0000;
const DELETE: u32 = 0x0001_0000;
const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
const ERROR_SHARING_VIOLATION: i32 = 32;

/// A file that is locked as long as this lives.
#[derive(Debug)]
pub(crate) struct LockFile {
    _file: File,
}

impl LockFile {
    pub(super) fn lock(path: &Path) -> io::Result<Option<LockFile>> {
        let opened = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .access_mode(GENERIC_WRITE | DELETE)
            .share_mode(0)
            .custom_flags(FILE_FLAG_DELETE_ON_CLOSE)
            .open(path);
        match opened {
            Ok(file) => Ok(Some(LockFile { _file: file })),
            Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => Ok(None),
            Err(error) if is_being_removed(path, &error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether another process is just closing the file: until it has, the system refuses everything.
fn is_being_removed(path: &Path, error: &io::Error) -> bool {
    let is_denied = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
    is_denied(error)
        && path
            .symlink_metadata()
            .is_err_and(|error| is_denied(&error))
}
