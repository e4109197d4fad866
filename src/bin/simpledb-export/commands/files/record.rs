//! What the converted files in a directory were made from.
//!
//! Times do not say that: a file may have been made with other options, or emptied since.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use simpledb_export::cli_support::{AtomicFile, read_file};
use simpledb_export::data::Export;

use crate::conversion::{ConversionOptions, DataFormat, DomainTypes, Files, TypesSource};

/// Beside the exports, where no user's file is.
const NAME: &str = "AWSSimpleDB/.converted.json";

const VERSION: u32 = 1;

const MAX_BYTES: u64 = 64 * 1024 * 1024;

const TIMEOUT: Duration = Duration::from_secs(10);

/// The record in a directory.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    version: u32,
    /// By the name of the file.
    pub(super) files: BTreeMap<String, Made>,
}

/// What a file was made from, and what it then contained.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Made {
    #[serde(flatten)]
    pub(super) source: Source,
    bytes: u64,
    sha256: String,
    /// How many parts there are, if it was split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parts: Option<usize>,
}

/// What a file is made from.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Source {
    domain_name: String,
    /// The manifest has the checksums of all data files.
    manifest_sha256: String,
    format: String,
    options: serde_json::Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    types_sha256: Option<String>,
}

impl Record {
    /// Reads the record of a directory. Without a readable one, files are converted again.
    pub(super) fn read(directory: &Path) -> Record {
        let json = read_file(&directory.join(NAME), MAX_BYTES, TIMEOUT).ok();
        let record = json.and_then(|json| serde_json::from_slice::<Record>(&json).ok());
        let current = record.filter(|record| record.version == VERSION);
        current.unwrap_or(Record {
            version: VERSION,
            files: BTreeMap::new(),
        })
    }

    pub(super) fn write(&self, directory: &Path) -> io::Result<()> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        let mut file = AtomicFile::create(&directory.join(NAME))?;
        file.write_all(&json)?;
        file.commit()
    }

    /// Returns the domains of the files that end with `suffix`.
    pub(super) fn domains_with(&self, suffix: &str) -> impl Iterator<Item = &str> {
        let files = self.files.iter();
        files
            .filter(move |(name, _)| name.ends_with(suffix))
            .map(|(_, made)| made.source.domain_name.as_str())
    }

    /// Renames files whose domains have other file names now, because of domains that were not known
    /// before.
    pub(super) fn rename(
        &mut self,
        directory: &Path,
        names: &BTreeMap<String, String>,
        suffix: &str,
    ) -> io::Result<()> {
        let (renamed, kept): (BTreeMap<_, _>, _) = mem::take(&mut self.files)
            .into_iter()
            .partition(|(name, made)| {
                let new_name = names.get(&made.source.domain_name);
                name.ends_with(suffix) && new_name.is_some_and(|new_name| new_name != name)
            });
        self.files = kept;
        if renamed.is_empty() {
            return Ok(());
        }
        for (old_name, made) in renamed {
            let new_name = &names[&made.source.domain_name];
            let old_files = made.files(&directory.join(old_name));
            let new_files = made.files(&directory.join(new_name));
            let mut pairs = old_files.iter().zip(&new_files);
            // If it cannot be renamed, it is made again.
            if pairs.all(|(old, new)| fs::rename(old, new).is_ok()) {
                self.files.insert(new_name.clone(), made);
            }
        }
        self.write(directory)
    }
}

impl Source {
    pub(super) fn new(
        domain_name: &str,
        export: &Export,
        format: DataFormat,
        options: &ConversionOptions,
    ) -> io::Result<Source> {
        let manifest = export.dir().join("manifest-file.json");
        let (_, manifest_sha256) = digest(&[manifest])?;
        let types_sha256 = match &options.types {
            Some(TypesSource::File(_)) => Some(digest_of_types(options, domain_name)?),
            _ => None,
        };
        Ok(Source {
            domain_name: domain_name.to_owned(),
            manifest_sha256,
            format: format.name().to_owned(),
            options: serde_json::to_value(options)?,
            types_sha256,
        })
    }
}

/// Returns the digest of what a types file says about a domain.
pub(crate) fn digest_of_types(
    options: &ConversionOptions,
    domain_name: &str,
) -> io::Result<String> {
    let types = options
        .domain_types(Some(domain_name))
        .map_err(io::Error::other)?;
    let json = match types {
        DomainTypes::Auto => b"auto".to_vec(),
        DomainTypes::Text => b"text".to_vec(),
        DomainTypes::Listed(types) => serde_json::to_vec(types)?,
    };
    Ok(hex::encode(Sha256::digest(&json)))
}

impl Made {
    pub(super) fn new(source: Source, file: &Path, parts: Option<usize>) -> io::Result<Made> {
        let mut made = Made {
            source,
            bytes: 0,
            sha256: String::new(),
            parts,
        };
        (made.bytes, made.sha256) = digest(&made.files(file))?;
        Ok(made)
    }

    /// Returns the file, or its parts.
    fn files(&self, file: &Path) -> Vec<PathBuf> {
        let files = Files::new(file, self.parts.is_some());
        let numbers = 1..=self.parts.unwrap_or(1);
        numbers.map(|number| files.get(number)).collect()
    }

    /// Returns whether a file, or its parts, are as they were made.
    pub(super) fn is_unchanged(&self, file: &Path) -> bool {
        let sizes = self.files(file).into_iter().map(|file| {
            let metadata = fs::symlink_metadata(file).ok()?;
            metadata.is_file().then_some(metadata.len())
        });
        let numbers = Files::new(file, self.parts.is_some()).numbers();
        let has_others = numbers.last().copied() > self.parts;
        !has_others
            && sizes.sum::<Option<u64>>() == Some(self.bytes)
            && digest(&self.files(file)).is_ok_and(|(_, sha256)| sha256 == self.sha256)
    }
}

/// Returns the size and the SHA-256 of files as if they were one.
fn digest(files: &[PathBuf]) -> io::Result<(u64, String)> {
    let mut sha256 = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut bytes = 0;
    for file in files {
        let mut file = File::open(file)?;
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                count => {
                    sha256.update(&buffer[..count]);
                    bytes += count as u64;
                }
            }
        }
    }
    Ok((bytes, hex::encode(sha256.finalize())))
}
