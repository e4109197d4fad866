//! Checks an export: is it complete, and is it what the service wrote?

mod file;
mod problem;

use std::collections::HashSet;
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use self::file::Checks;
pub use self::problem::{Problem, ProblemKind};
use super::counts::{Counter, Counts};
use super::error::Error;
use super::export::Export;
use super::keys::whole_of;
use super::manifest::MANIFEST_SUMMARY;
use super::parallel;
use super::pipeline;
use super::progress::{Callback, Progress, Tracker};
use super::reader::OnError;

/// A verification of an [`Export`], returned by [`Export::verify`].
///
/// Every data file is read once, in constant memory: its MD5 checksum, its JSON and the number of
/// its items are checked in the same pass. The item counts are then added up and compared with the
/// summary's, and with [`expected_items_count`](Verify::expected_items_count). Files in the
/// directory `data` that the manifest does not list are reported too.
#[derive(Debug)]
#[must_use = "does nothing until `run`"]
pub struct Verify<'a> {
    export: &'a Export,
    threads: usize,
    expected_items_count: Option<u64>,
    callback: Callback<'a>,
}

impl Export {
    /// Checks every data file: its MD5 checksum, its JSON, and the number of its items.
    ///
    /// ```no_run
    /// use simpledb_export::data::Export;
    ///
    /// let export = Export::open("exports/AWSSimpleDB/c0ffee/Books")?;
    /// let report = export.verify().threads(2).run()?;
    /// for problem in &report.problems {
    ///     eprintln!("{problem}");
    /// }
    /// println!("{} items in {} files", report.items, report.files);
    /// # Ok::<(), simpledb_export::data::Error>(())
    /// ```
    pub fn verify(&self) -> Verify<'_> {
        Verify {
            export: self,
            threads: 0,
            expected_items_count: None,
            callback: Callback::none(),
        }
    }
}

impl<'a> Verify<'a> {
    /// Sets how many threads check the files; 0 means the default. Defaults to the number of cores.
    pub fn threads(mut self, threads: usize) -> Verify<'a> {
        self.threads = threads;
        self
    }

    /// Sets the item count that GetExport returned, to be compared as well. Defaults to none.
    pub fn expected_items_count(mut self, items: u64) -> Verify<'a> {
        self.expected_items_count = Some(items);
        self
    }

    /// Sets a callback that is called several times per MiB, by one thread at a time.
    /// [`ControlFlow::Break`] cancels the verification.
    pub fn on_progress(
        mut self,
        callback: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'a,
    ) -> Verify<'a> {
        self.callback = Callback::new(callback);
        self
    }

    /// Verifies the export and reports everything that is wrong with it.
    ///
    /// # Errors
    ///
    /// [`Cancelled`](super::ErrorKind::Cancelled) if the callback cancelled.
    pub fn run(self) -> Result<VerifyReport, Error> {
        let export = self.export.clone();
        let export = &export.check_md5(true).on_error(OnError::Skip);
        let cancelled = "the verification was cancelled";
        let tracker = Tracker::new(cancelled, &export.entries, self.callback);
        let threads = parallel::threads(self.threads);
        let checks = Checks::new(export.entries.len());
        pipeline::survey(export, &tracker, threads, &checks)?;

        let mut report = VerifyReport {
            files: 0,
            bytes: 0,
            items: 0,
            counts: Counts::default(),
            problems: Vec::new(),
        };
        if export.summary.is_none() {
            let path = export.dir().join(MANIFEST_SUMMARY);
            report.problems.push(Problem::missing(&path));
        }
        report.find_extra_files(export);
        report.add_up(export, checks, self.expected_items_count);
        Ok(report)
    }
}

/// The result of [`Verify::run`].
#[derive(Debug)]
#[non_exhaustive]
pub struct VerifyReport {
    /// The number of data files that exist and were read.
    pub files: u64,
    /// The number of bytes in these files.
    pub bytes: u64,
    /// The number of items in these files; in an invalid file, those before the fault.
    pub items: u64,
    /// What the items that can be read contain, to be compared with the domain's metadata.
    pub counts: Counts,
    /// Everything that is wrong, in the manifest's order.
    pub problems: Vec<Problem>,
}

impl VerifyReport {
    /// Returns true if the export is complete and correct, and every item can be read.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    /// Returns true if all files are what the export wrote, even if items in them cannot be read.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.problems
            .iter()
            .all(|problem| problem.kind() == ProblemKind::UnreadableItem)
    }

    fn find_extra_files(&mut self, export: &Export) {
        if export.is_in_bucket() {
            return;
        }
        let listed: HashSet<&str> = export.entries.iter().map(|entry| &*entry.path).collect();
        let is_listed = |path: &Path| {
            let relative = path.strip_prefix(export.dir()).unwrap_or(path);
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            let path = parts.join("/");
            // What a killed download left is harmless; the next one removes it.
            listed.contains(&*path) || whole_of(&path).is_some_and(|whole| listed.contains(whole))
        };
        match list_files(&export.dir().join("data"), |path| !is_listed(path)) {
            Ok(files) => {
                let what = "not listed in the manifest, so not part of this export";
                let extra = |path: &PathBuf| Problem::of_file(ProblemKind::ExtraFile, path, what);
                self.problems.extend(files.iter().map(extra));
            }
            Err(error) => {
                let problem = Problem::error(ProblemKind::Invalid, &error);
                self.problems.push(problem);
            }
        }
    }

    fn add_up(&mut self, export: &Export, checks: Checks, expected: Option<u64>) {
        // A file that could not be read to its end has no count to compare.
        let mut all_read = true;
        let mut counter = Counter::default();
        for (check, entry) in checks.finish().zip(export.entries.iter()) {
            let path = export.data_file(entry).path();
            all_read &= check.report(entry, &path, self, &mut counter);
        }
        self.counts = counter.counts();
        let mut entries = export.entries.iter();
        let listed = entries.try_fold(0_u64, |sum, entry| sum.checked_add(entry.items?));
        let read = all_read.then_some(self.items);

        if export.summary.is_some() {
            let path = export.dir().join(MANIFEST_SUMMARY);
            match (export.items_count(), listed.or(read)) {
                (None, _) => self.problems.push(Problem::no_items_count(&path)),
                (Some(expected), Some(actual)) if expected != actual => {
                    let what =
                        format!("states {expected} items, but the data files contain {actual}");
                    let problem = Problem::of_file(ProblemKind::TotalMismatch, &path, what);
                    self.problems.push(problem);
                }
                _ => {}
            }
        }
        match (expected, read.or(listed)) {
            (Some(expected), Some(actual)) if expected != actual => {
                let line =
                    format!("expected {expected} items, but the data files contain {actual}");
                let problem = Problem::new(ProblemKind::TotalMismatch, line);
                self.problems.push(problem);
            }
            _ => {}
        }
    }
}

/// Returns the files below a directory that are of interest, sorted; none if it does not exist.
fn list_files(dir: &Path, is_wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        let mut list = || -> io::Result<()> {
            for entry in fs::read_dir(&dir)? {
                let entry = entry?;
                let path = entry.path();
                if entry.file_type()?.is_dir() {
                    dirs.push(path);
                } else if is_wanted(&path) {
                    files.push(path);
                }
            }
            Ok(())
        };
        match list() {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::read(error).in_file(&dir));
            }
            _ => {}
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests;
