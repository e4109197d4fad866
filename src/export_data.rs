//! What an export wrote: reading and checking it.
mod checksum;
mod elements;
mod error;
mod folder;
mod item_ref;
mod layout;
mod manifest;
mod one_line;
mod reader;
#[cfg(test)]
mod test_export;
mod verify;

pub use checksum::{InvalidMd5, Md5Digest};
pub use error::{DataError, DataErrorKind};
pub use folder::{DataFile, ExportFolder, Items};
pub use item_ref::{AttributeRef, ItemRef};
pub use layout::data_file_path;
pub use manifest::{MANIFEST_FILE, MANIFEST_SUMMARY, ManifestEntry, ManifestFile, ManifestSummary};
pub use reader::{DEFAULT_MAX_ITEM_BYTES, ItemReader};
pub use verify::{
    FileCheck, Problem, VerifyOptions, VerifyReport, verify_data_file, verify_export,
};
