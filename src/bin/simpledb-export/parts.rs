//! Converted files of limited size: `Books-00001.json.gz`, `Books-00002.json.gz` and so on.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use simpledb_export::cli_support::{AtomicFile, CompleteFile, PartNames};

use super::Result;
use super::failure::{Exit, Failure};

/// The names of the files, and their size.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    directory: PathBuf,
    names: PartNames,
    pub(crate) max_bytes: u64,
}

impl Parts {
    /// Returns the parts of what would be written to a file.
    pub(crate) fn of(file: &Path, max_bytes: u64) -> Parts {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        Parts {
            directory: file.parent().unwrap_or(Path::new("")).to_path_buf(),
            names: PartNames::of(&name),
            max_bytes,
        }
    }

    /// Returns a file by its number, which starts at 1.
    pub(crate) fn file(&self, number: usize) -> PathBuf {
        self.directory.join(self.names.name(number))
    }

    /// Returns what all names begin with.
    pub(crate) fn prefix(&self) -> String {
        self.names.prefix()
    }

    /// Returns a pattern of all names.
    pub(crate) fn pattern(&self) -> String {
        self.names.pattern()
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the pattern with its directory.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.join(self.pattern())
    }

    /// Rejects files of another conversion, which would be mixed with the new ones; all but the first
    /// ones, if they are to be replaced.
    pub(crate) fn check(&self, replaced: usize) -> Result<()> {
        let Some(number) = self.numbers().into_iter().find(|number| *number > replaced) else {
            return Ok(());
        };
        let line = format!(
            "exists: files of another conversion would be mixed with the new ones; remove {} or \
             choose another name",
            self.pattern()
        );
        Err(Failure::new(Exit::Usage, line).about(&self.file(number).display().to_string()))
    }

    /// Returns the numbers of the files that exist, in order.
    pub(crate) fn numbers(&self) -> Vec<usize> {
        let directory = match self.directory.as_os_str() {
            name if name.is_empty() => Path::new("."),
            _ => &self.directory,
        };
        // What cannot be listed cannot be written to either, and that is reported.
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut numbers: Vec<_> = names.filter_map(|name| self.names.number(&name)).collect();
        numbers.sort_unstable();
        numbers
    }
}

/// The current file. Dropped before all are [complete](PartFile::finish), it leaves none of them.
#[derive(Debug)]
pub(crate) struct PartFile {
    parts: Parts,
    /// Those before the current one.
    complete: Vec<CompleteFile>,
    file: AtomicFile,
}

impl PartFile {
    /// Starts the first file.
    pub(crate) fn start(parts: Parts) -> io::Result<PartFile> {
        Ok(PartFile {
            file: AtomicFile::create(&parts.file(1))?,
            complete: Vec::new(),
            parts,
        })
    }

    /// Completes the file and starts the next one.
    pub(crate) fn next(&mut self) -> io::Result<()> {
        let next = AtomicFile::create(&self.parts.file(self.complete.len() + 2))?;
        let file = std::mem::replace(&mut self.file, next);
        self.complete.push(file.complete()?);
        Ok(())
    }

    /// Gives all files their names, and returns how many there are.
    pub(crate) fn finish(mut self) -> io::Result<usize> {
        self.complete.push(self.file.complete()?);
        let count = self.complete.len();
        self.complete
            .into_iter()
            .try_for_each(CompleteFile::commit)?;
        Ok(count)
    }
}

impl Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
