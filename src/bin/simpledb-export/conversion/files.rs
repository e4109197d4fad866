//! Converted files: one, or several of limited size, `Books-00001.json.gz`, `Books-00002.json.gz` and
//! so on.

use std::fs;
use std::io::{self, Write};
use std::mem;
use std::path::{Path, PathBuf};

use simpledb_export::cli_support::{AtomicFile, CompleteFile, PartNames, directory_of};

use crate::Result;
use crate::failure::{Exit, Failure};

/// The file that a conversion writes, or the parts of it.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    file: PathBuf,
    /// The names of the parts, if there can be several.
    pub(crate) parts: Option<PartNames>,
}

impl Files {
    pub(crate) fn new(file: &Path, is_split: bool) -> Files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        Files {
            parts: is_split.then(|| PartNames::of(&name)),
            file: file.to_owned(),
        }
    }

    /// Returns a part by its number, which starts at 1; or the file.
    pub(crate) fn get(&self, number: usize) -> PathBuf {
        match &self.parts {
            Some(names) => self.file.with_file_name(names.name(number)),
            None => self.file.clone(),
        }
    }

    /// Returns the path of the file, or a pattern of those of the parts.
    pub(crate) fn path(&self) -> PathBuf {
        match &self.parts {
            Some(names) => self.file.with_file_name(names.pattern()),
            None => self.file.clone(),
        }
    }

    /// Returns the directory that they are in.
    pub(crate) fn directory(&self) -> &Path {
        directory_of(&self.file)
    }

    /// Rejects parts of another conversion, which would be mixed with the new ones; all but the first
    /// ones, if they are to be replaced.
    pub(crate) fn check(&self, replaced: usize) -> Result<()> {
        let Some(names) = &self.parts else {
            return Ok(());
        };
        let Some(number) = self.numbers().into_iter().find(|number| *number > replaced) else {
            return Ok(());
        };
        let line = format!(
            "exists: files of another conversion would be mixed with the new ones; remove {} or \
             choose another name",
            names.pattern()
        );
        Err(Failure::new(Exit::Usage, line).at(&self.get(number)))
    }

    /// Returns the numbers of the parts that exist, in order.
    pub(crate) fn numbers(&self) -> Vec<usize> {
        let Some(names) = &self.parts else {
            return Vec::new();
        };
        // What cannot be listed cannot be written to either, and that is reported.
        let entries = fs::read_dir(self.directory()).into_iter().flatten();
        let found = entries.flatten().map(|entry| entry.file_name());
        let mut numbers: Vec<_> = found
            .filter_map(|name| names.number(&name.to_string_lossy()))
            .collect();
        numbers.sort_unstable();
        numbers
    }
}

/// The file, or the current part. Dropped before all are [complete](FileWriter::finish), it leaves none
/// of them.
#[derive(Debug)]
pub(crate) struct FileWriter {
    files: Files,
    /// The parts before the current one.
    complete: Vec<CompleteFile>,
    file: AtomicFile,
}

impl FileWriter {
    /// Starts the file, or the first part.
    pub(crate) fn start(files: Files) -> io::Result<FileWriter> {
        Ok(FileWriter {
            file: AtomicFile::create(&files.get(1))?,
            complete: Vec::new(),
            files,
        })
    }

    /// Completes the part and starts the next one.
    pub(crate) fn start_next(&mut self) -> io::Result<()> {
        let next = AtomicFile::create(&self.files.get(self.complete.len() + 2))?;
        let file = mem::replace(&mut self.file, next);
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

impl Write for FileWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
