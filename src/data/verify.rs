//! Checking an export: is all of it here, and is it as it was written?

mod file;
mod options;
mod problem;
mod side_by_side;

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use self::file::{FileCheck, verify_data_file};
pub use self::options::VerifyOptions;
pub use self::problem::Problem;
use self::side_by_side::check_all;
use super::error::DataError;
use super::folder::{DataFile, read_manifest, read_summary};
use super::layout::data_file_path;
use super::manifest::{MANIFEST_FILE, MANIFEST_SUMMARY, ManifestFile, ManifestSummary};

/// What [`verify_export`] found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct VerifyReport {
    /// How many data files were there and have been read.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many items they have; of a file that is not valid, those before the fault.
    pub items: u64,
    /// All that is wrong, in the manifest's order. Empty means that the export is whole.
    pub problems: Vec<Problem>,
}

impl VerifyReport {
    /// True if nothing is wrong.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Checks the export in `folder`, the one that holds `manifest-file.json`, and reports everything
/// that is wrong with it.
///
/// Every data file is read once, in constant memory: its MD5 checksum, its JSON and the number of
/// its items are checked in the same pass. Then the counts are added up and compared with the
/// summary's, and with [`expected_items_count`](VerifyOptions::expected_items_count). Files in the
/// folder `data` that the manifest does not name are reported too.
///
/// ```no_run
/// use simpledb_export::data::{VerifyOptions, verify_export};
///
/// let report = verify_export("exports/AWSSimpleDB/c0ffee/Books", &VerifyOptions::new());
/// for problem in &report.problems {
///     eprintln!("{problem}");
/// }
/// println!("{} items in {} files", report.items, report.files);
/// ```
pub fn verify_export(folder: impl AsRef<Path>, options: &VerifyOptions<'_>) -> VerifyReport {
    let folder = folder.as_ref();
    let mut report = VerifyReport::default();
    let mut manifest_is_there = |path: &str, there: bool| {
        if !there {
            let path = folder.join(path);
            report.problems.push(Problem::ManifestMissing { path });
        }
    };
    let summary = read_summary(folder);
    manifest_is_there(MANIFEST_SUMMARY, !matches!(summary, Ok(None)));
    let manifest = read_manifest(folder);
    manifest_is_there(MANIFEST_FILE, !matches!(manifest, Ok(None)));

    let summary = report.keep(summary);
    let Some(manifest) = report.keep(manifest) else {
        return report;
    };
    let data_files = report.locate(folder, &manifest, summary.as_ref());
    report.find_extra_files(folder, &data_files);
    let checks = check_all(&data_files, options);
    report.add_up(folder, &manifest, summary.as_ref(), checks, options);
    report
}

impl VerifyReport {
    fn keep<T>(&mut self, manifest: Result<Option<T>, DataError>) -> Option<T> {
        manifest.unwrap_or_else(|error| {
            self.problems.push(Problem::Invalid(error));
            None
        })
    }

    /// The data files that the manifest names, each once.
    fn locate(
        &mut self,
        folder: &Path,
        manifest: &ManifestFile,
        summary: Option<&ManifestSummary>,
    ) -> Vec<DataFile> {
        let prefix = summary.and_then(|summary| summary.s3_export_prefix.as_deref());
        let mut seen = HashSet::new();
        let mut data_files = Vec::new();
        for entry in &manifest.entries {
            match data_file_path(&entry.data_file_s3_key, prefix) {
                Ok(relative) => {
                    let path = folder.join(relative);
                    if seen.insert(path.clone()) {
                        data_files.push(DataFile {
                            path,
                            entry: entry.clone(),
                        });
                    } else {
                        self.problems.push(Problem::NamedTwice { path });
                    }
                }
                Err(error) => {
                    let error = error.in_file(&folder.join(MANIFEST_FILE));
                    self.problems.push(Problem::Invalid(error));
                }
            }
        }
        data_files
    }

    fn find_extra_files(&mut self, folder: &Path, data_files: &[DataFile]) {
        let named: HashSet<&Path> = data_files.iter().map(|file| file.path.as_path()).collect();
        match list_files(&folder.join("data")) {
            Ok(files) => self.problems.extend(
                files
                    .into_iter()
                    .filter(|path| !named.contains(path.as_path()))
                    .map(|path| Problem::ExtraFile { path }),
            ),
            Err(error) => self.problems.push(Problem::Invalid(error)),
        }
    }

    fn add_up(
        &mut self,
        folder: &Path,
        manifest: &ManifestFile,
        summary: Option<&ManifestSummary>,
        checks: Vec<Option<FileCheck>>,
        options: &VerifyOptions<'_>,
    ) {
        // What could not be read to its end has no count of its own to be compared.
        let mut all_read = checks.len() == manifest.entries.len();
        for check in checks {
            let Some(check) = check else {
                all_read = false;
                continue;
            };
            all_read &= check.is_valid;
            self.files += u64::from(check.was_found);
            self.bytes += check.bytes;
            self.items += check.items;
            self.problems.extend(check.problems);
        }
        let listed = manifest
            .entries
            .iter()
            .map(|entry| entry.data_file_item_count)
            .try_fold(0_u64, |sum, items| sum.checked_add(items?));
        let read = all_read.then_some(self.items);

        if let Some(summary) = summary {
            let path = folder.join(MANIFEST_SUMMARY);
            match (summary.items_count, listed.or(read)) {
                (None, _) => self.problems.push(Problem::NoItemsCount { path }),
                (Some(expected), Some(actual)) if expected != actual => {
                    self.problems.push(Problem::TotalMismatch {
                        path,
                        expected,
                        actual,
                    });
                }
                _ => {}
            }
        }
        if let (Some(expected), Some(actual)) = (options.expected_items_count, read.or(listed)) {
            if expected != actual {
                self.problems
                    .push(Problem::UnexpectedTotal { expected, actual });
            }
        }
    }
}

/// All files in `folder` and the folders below it; none if there is no such folder.
fn list_files(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        match list_folder(&folder, &mut folders, &mut files) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(DataError::read(error).in_file(&folder));
            }
            _ => {}
        }
    }
    files.sort();
    Ok(files)
}

fn list_folder(
    folder: &Path,
    folders: &mut Vec<PathBuf>,
    files: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
