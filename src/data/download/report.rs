//! What a download tells: on its way, and at its end.

use std::path::PathBuf;

/// How far a download is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DownloadProgress {
    /// How many data files are here, checked and under their names.
    pub files: u64,
    /// How many data files the manifest names.
    pub total_files: u64,
    /// How many items the files that are here have, as the manifest says.
    pub items: u64,
    /// How many items all files have, as the manifest says.
    pub total_items: u64,
    /// How many bytes of data files are here, those of files under way among them.
    pub bytes: u64,
    /// How many bytes all data files have: an estimate from their items until the last of them
    /// has been begun, and nothing before the first.
    pub total_bytes: Option<u64>,
}

/// What a download came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadReport {
    /// The folder of the export: what [`ExportFolder::open`](crate::data::ExportFolder::open)
    /// and [`verify_export`](crate::data::verify_export) take.
    pub folder: PathBuf,
    /// How many data files the export has.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many items they have, as the manifest says.
    pub items: u64,
    /// How many of the files were fetched.
    pub fetched_files: u64,
    /// How many of them were here already, with the right checksum.
    pub kept_files: u64,
}
