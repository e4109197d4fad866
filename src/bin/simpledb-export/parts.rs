//! Converted files of limited size: `Books-00001.json.gz`, `Books-00002.json.gz` and so on.

use std::fs;
use std::io::{self, Write};
use std::mem;
use std::path::{Path, PathBuf};

use simpledb_export::cli_support::AtomicFile;

use super::Result;
use super::failure::{Exit, Failure};

/// The names of the files, and their size.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    directory: PathBuf,
    stem: String,
    /// The extension, and that of the compression.
    suffix: String,
    pub(crate) max_bytes: u64,
}

const DIGITS: usize = 5;

impl Parts {
    /// Returns the parts of what would be written to a file.
    pub(crate) fn of(file: &Path, max_bytes: u64) -> Parts {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        let end = plain.rfind('.').filter(|end| *end > 0);
        let (stem, suffix) = name.split_at(end.unwrap_or(plain.len()));
        Parts {
            directory: file.parent().unwrap_or(Path::new("")).to_path_buf(),
            stem: stem.to_owned(),
            suffix: suffix.to_owned(),
            max_bytes,
        }
    }

    fn file(&self, number: usize) -> PathBuf {
        let name = format!("{}-{number:0DIGITS$}{}", self.stem, self.suffix);
        self.directory.join(name)
    }

    /// Returns what all names begin with.
    pub(crate) fn prefix(&self) -> String {
        format!("{}-", self.stem)
    }

    /// Returns a pattern of all names.
    pub(crate) fn pattern(&self) -> String {
        format!("{}*{}", self.prefix(), self.suffix)
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the pattern with its directory.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.join(self.pattern())
    }

    /// Rejects files of another conversion, which would be imported with the new ones.
    pub(crate) fn check(&self) -> Result<()> {
        let directory = match self.directory.as_os_str() {
            name if name.is_empty() => Path::new("."),
            _ => &self.directory,
        };
        // What cannot be listed cannot be written to either, and that is reported.
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        match names.filter(|name| self.is_part(name)).min() {
            Some(name) => {
                let line = format!(
                    "exists: files of another conversion would be mixed with the new ones; remove \
                     {} or choose another name",
                    self.pattern()
                );
                let path = self.directory.join(name);
                Err(Failure::new(Exit::Usage, line).about(&path.display().to_string()))
            }
            None => Ok(()),
        }
    }

    fn is_part(&self, name: &str) -> bool {
        let number = name
            .strip_prefix(&self.prefix())
            .and_then(|rest| rest.strip_suffix(&self.suffix));
        number.is_some_and(|number| {
            number.len() >= DIGITS && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    }
}

/// The current file. Dropped before the last one is [complete](PartFile::finish), it removes the
/// earlier ones.
#[derive(Debug)]
pub(crate) struct PartFile {
    parts: Parts,
    /// Always there until the end.
    file: Option<AtomicFile>,
    /// How many files are before this one.
    complete: usize,
}

impl PartFile {
    /// Starts the first file.
    pub(crate) fn start(parts: Parts) -> io::Result<PartFile> {
        Ok(PartFile {
            file: Some(AtomicFile::create(&parts.file(1))?),
            parts,
            complete: 0,
        })
    }

    /// Completes the file and starts the next one.
    pub(crate) fn next(&mut self) -> io::Result<()> {
        let next = AtomicFile::create(&self.parts.file(self.complete + 2))?;
        if let Some(file) = self.file.replace(next) {
            file.commit()?;
            self.complete += 1;
        }
        Ok(())
    }

    /// Completes the last file, and returns how many there are.
    pub(crate) fn finish(mut self) -> io::Result<usize> {
        if let Some(file) = self.file.take() {
            file.commit()?;
            self.complete += 1;
        }
        Ok(mem::take(&mut self.complete))
    }
}

impl Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Ok(0),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        for number in 1..=self.complete {
            // The failure that is the reason for this is reported.
            let _ = fs::remove_file(self.parts.file(number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_files_before_their_extensions() {
        for (file, first) in [
            ("out/Books.json.gz", "out/Books-00001.json.gz"),
            ("my.books.json", "my.books-00001.json"),
            ("Books.gz", "Books-00001.gz"),
            ("Books", "Books-00001"),
            (".books", ".books-00001"),
        ] {
            let parts = Parts::of(Path::new(file), 1);
            assert_eq!(parts.file(1), Path::new(first));
        }
        let parts = Parts::of(Path::new("out/Books.json.gz"), 1);
        assert_eq!(parts.file(123_456), Path::new("out/Books-123456.json.gz"));
        assert_eq!(parts.pattern(), "Books-*.json.gz");
        for (name, is_part) in [
            ("Books-00001.json.gz", true),
            ("Books-100000.json.gz", true),
            ("Books-0001.json.gz", false),
            ("Books-00001.json", false),
            ("Books-abcde.json.gz", false),
            ("Books.json.gz", false),
        ] {
            assert_eq!(parts.is_part(name), is_part, "{name}");
        }
    }
}
