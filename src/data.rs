//! The data that an export wrote: download, read, verify and convert it.
//!
//! An export consists of data files, each a JSON array of items, and two manifests that list them.
//! This verifies a local one and converts it to JSON Lines:
//!
//! ```no_run
//! use std::fs::File;
//! use simpledb_export::data::{Export, JsonLinesWriter};
//!
//! let export = Export::open("exports/AWSSimpleDB/c0ffee/Books")?;
//! let report = export.verify().run()?;
//! for problem in &report.problems {
//!     eprintln!("{problem}");
//! }
//!
//! let writer = JsonLinesWriter::new(File::create("books.jsonl")?);
//! let (_, report) = export.convert().write_to(writer)?;
//! println!("{} items", report.items);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - **Download**: [`Client::download`](crate::Client::download) fetches an export from S3,
//!   verifies every file, and resumes where it was interrupted.
//! - **Read in place**: [`Client::open_export`](crate::Client::open_export) returns an [`Export`] that is
//!   read as a stream from its bucket, without a local copy.
//! - **Upload**: [`Client::upload`](crate::Client::upload) returns a writer to an object in S3, which
//!   appears once it is complete.
//! - **Read**: [`Export`] reads the manifests and returns all items; [`ItemReader`] reads one data
//!   file from any [`Read`](std::io::Read).
//! - **Verify**: [`Export::verify`] reports everything that is wrong with an export.
//! - **Describe**: [`Export::describe`] finds the attributes and guesses their types: numbers and
//!   times, in the encodings of the libraries that wrote them. [`TypesFile`] stores the types in a
//!   file that can be edited.
//! - **Convert**: [`Export::convert`] writes all items on several threads, in order.
//!   [`JsonLinesWriter`], [`CsvWriter`], [`DynamoDbWriter`], [`SqlWriter`] and, with the
//!   feature `parquet`, [`ParquetWriter`] write what other tools read. Each reports in its [`Losses`]
//!   what its format could not represent.
//!   How other programs read the files with their types: [`guide::readers`](crate::guide::readers).
//!
//! Memory use is a few hundred KiB per open file, regardless of its size, and at most 16 MiB per thread
//! of a conversion, unless an item is larger; [`ItemReader::max_item_bytes`] limits that.
//! Compressed data files are not supported: the service does not document any.

mod batches;
mod checksum;
mod convert;
mod counts;
mod describe;
mod download;
mod elements;
mod error;
pub(crate) mod export;
mod item;
#[cfg_attr(
    not(feature = "cli"),
    allow(unreachable_pub, reason = "for the command line")
)]
pub(crate) mod keys;
mod manifest;
mod nesting;
mod parallel;
mod pipeline;
mod plain;
mod progress;
mod reader;
mod repair;
mod s3;
mod source;
mod types;
pub(crate) mod upload;
mod verify;

#[cfg(test)]
pub(crate) use checksum::Md5Digest;
pub use convert::*;
pub use counts::Counts;
pub use describe::{AttributeDescription, Describe, Description, Range};
pub use download::{Download, DownloadReport, OpenExport};
pub use error::{Error, ErrorKind};
pub use export::{DataFile, Export, Items};
pub use progress::Progress;
pub use reader::{ItemReader, OnError, UnreadableItem};
pub use s3::options::BucketOptions;
pub use types::{AttributeType, DataType, Decimal, Encoding, Timestamp, Types, TypesFile, Value};
pub use upload::{ObjectParts, ObjectWriter, Upload};
pub use verify::{Problem, ProblemKind, Verify, VerifyReport};
