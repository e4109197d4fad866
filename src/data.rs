//! What an export wrote: downloading, reading, checking and converting it.
//!
//! An export is a folder of data files, each one JSON array of items, with two manifests that
//! list them. This is how to check one that is on this machine, and to turn it into JSON Lines:
//!
//! ```no_run
//! use std::fs::File;
//! use simpledb_export::data::{
//!     ExportFolder, JsonLinesWriter, VerifyOptions, verify_export,
//! };
//!
//! let folder = "exports/AWSSimpleDB/c0ffee/Books";
//! let report = verify_export(folder, &VerifyOptions::new());
//! for problem in &report.problems {
//!     eprintln!("{problem}");
//! }
//!
//! let mut writer = JsonLinesWriter::new(File::create("books.jsonl")?);
//! ExportFolder::open(folder)?.try_for_each_ref(|item| writer.write(item))?;
//! let (_, summary) = writer.finish()?;
//! println!("{} items", summary.items);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - **Read**: [`ExportFolder`] knows the manifests and gives all items; [`ItemReader`] reads one
//!   data file from any [`Read`](std::io::Read).
//! - **Verify**: [`verify_export`] reports everything that is wrong with an export,
//!   [`verify_data_file`] with one file, on its way from anywhere.
//! - **Download**: [`Client::download_export`](crate::Client::download_export) fetches an export
//!   from S3, checks every file, and goes on where it was interrupted.
//! - **Convert**: [`JsonLinesWriter`], [`CsvWriter`] and [`DynamoDbWriter`] write what other
//!   tools read. Each says in its [`Losses`] what its format could not hold.
//!
//! Whatever the size of a file, memory stays within a few hundred KiB for each file that is open,
//! unless an item is larger; [`ItemReader::max_item_bytes`] limits that.
//!
//! Compressed data files are not read: the service does not document any.

mod checksum;
mod convert;
mod download;
mod elements;
mod error;
mod folder;
mod folder_keys;
mod item_ref;
mod layout;
mod manifest;
mod reader;
mod threads;
mod verify;

pub use checksum::{InvalidMd5, Md5Digest};
pub use convert::{
    ConvertSummary, CsvColumns, CsvOptions, CsvValues, CsvWriter, DynamoDbValues, DynamoDbWriter,
    JsonLinesWriter, Loss, LossKind, Losses,
};
pub use download::{DownloadOptions, DownloadProgress, DownloadReport};
pub use error::{DataError, DataErrorKind};
pub use folder::{DataFile, ExportFolder, Items};
pub use folder_keys::export_folder_keys;
pub use item_ref::{AttributeRef, ItemRef};
pub use layout::data_file_path;
pub use manifest::{MANIFEST_FILE, MANIFEST_SUMMARY, ManifestEntry, ManifestFile, ManifestSummary};
pub use reader::{DEFAULT_MAX_ITEM_BYTES, ItemReader};
pub use verify::{
    FileCheck, Problem, VerifyOptions, VerifyReport, verify_data_file, verify_export,
};
