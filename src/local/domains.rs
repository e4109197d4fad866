//! The domains, and where their items come from.

mod reader;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::wire::item::Item;

/// The name of the built-in sample domain.
pub(super) const SAMPLE: &str = "Books";

const SAMPLE_JSON: &str = include_str!("sample/Books.json");

/// The source of a domain's items.
#[derive(Debug)]
pub(super) enum Domain {
    Items(Vec<Item>),
    /// Read for each export, one item at a time, so that a domain may be larger than memory.
    Files(Vec<PathBuf>),
}

impl Domain {
    /// Returns the built-in sample domain.
    pub(super) fn sample() -> Domain {
        Domain::Items(serde_json::from_str(SAMPLE_JSON).expect("a list of items"))
    }

    /// Calls `visit` with each item, in order, until it returns an error: the inner one. The outer
    /// one is that of a file that cannot be read as a data file.
    pub(super) fn for_each<E>(
        &self,
        mut visit: impl FnMut(&Item) -> Result<(), E>,
    ) -> io::Result<Result<(), E>> {
        match self {
            Domain::Items(items) => Ok(items.iter().try_for_each(visit)),
            Domain::Files(paths) => {
                for path in paths {
                    let read = File::open(path)
                        .and_then(|file| reader::read_items(file, &mut visit))
                        .map_err(|error| of_file(path, &error))?;
                    if read.is_err() {
                        return Ok(read);
                    }
                }
                Ok(Ok(()))
            }
        }
    }

    /// Reads everything once, to report an invalid file on start.
    pub(super) fn check(&self) -> io::Result<()> {
        let Ok(()) = self.for_each(|_| Ok::<(), Infallible>(()))?;
        Ok(())
    }
}

fn of_file(path: &Path, error: &io::Error) -> io::Error {
    let path = path.display();
    let message = format!(
        "cannot read items from {path}: {error}; expected a JSON array of items like an export's \
         data files"
    );
    io::Error::new(error.kind(), message)
}

/// Finds the domains in a directory: `Books.json` is the domain Books, and so is a directory `Books`
/// that has data files in it or in its subdirectory `data`, as an export does. Several files are read
/// in the order of their names.
pub(super) fn in_directory(directory: &Path) -> io::Result<BTreeMap<String, Domain>> {
    let invalid = |message| io::Error::new(io::ErrorKind::InvalidInput, message);
    let mut domains = BTreeMap::new();
    for path in sorted(directory)? {
        let (name, domain) = if path.is_dir() {
            let data = path.join("data");
            let files = sorted(if data.is_dir() { &data } else { &path })?;
            let files: Vec<PathBuf> = files.into_iter().filter(|path| is_json(path)).collect();
            if files.is_empty() {
                continue;
            }
            (path.file_name(), Domain::Files(files))
        } else if is_json(&path) {
            (path.file_stem(), Domain::Files(vec![path.clone()]))
        } else {
            continue;
        };
        let name = name.and_then(|name| name.to_str()).ok_or_else(|| {
            let path = path.display();
            invalid(format!("{path} is not named like a domain: not UTF-8"))
        })?;
        if domains.insert(name.to_owned(), domain).is_some() {
            return Err(invalid(format!(
                "{} has the domain {name:?} twice, as a file and as a directory; remove one",
                directory.display()
            )));
        }
    }
    Ok(domains)
}

fn is_json(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "json")
        && path.is_file()
}

fn sorted(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let list = || {
        fs::read_dir(directory)?
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<Vec<PathBuf>>>()
    };
    let mut paths = list().map_err(|error| {
        let directory = directory.display();
        let message = format!("cannot list the domains in {directory}: {error}");
        io::Error::new(error.kind(), message)
    })?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests;
