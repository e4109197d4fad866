//! The domains that can be exported, and where their items come from.

mod reader;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::start_error::StartError;
use crate::item::Item;

/// The name of the built-in sample domain.
pub(super) const SAMPLE: &str = "Books";

const SAMPLE_JSON: &str = include_str!("sample/Books.json");

/// Where a domain's items come from, each time that it is exported.
#[derive(Debug, Clone)]
pub(super) enum Domain {
    Items(Arc<[Item]>),
    /// Read anew each time, one item at a time, so that a domain may be larger than the memory.
    Files(Vec<PathBuf>),
    Sample,
}

/// Why a domain's items ended early.
#[derive(Debug)]
pub(super) enum ReadError<E> {
    /// The file is not, or no longer, a data file.
    Source(String),
    /// The one who was given the items had enough.
    Stopped(E),
}

impl Domain {
    /// Gives the items one by one, in their order.
    pub(super) fn for_each<E>(
        &self,
        mut give: impl FnMut(&Item) -> Result<(), E>,
    ) -> Result<(), ReadError<E>> {
        match self {
            Domain::Items(items) => items.iter().try_for_each(give).map_err(ReadError::Stopped),
            Domain::Files(paths) => paths.iter().try_for_each(|path| {
                let file = File::open(path).map_err(|e| ReadError::Source(of_file(path, &e)))?;
                reader::read_items(BufReader::with_capacity(64 * 1024, file), &mut give).map_err(
                    |error| match error {
                        ReadError::Source(reason) => ReadError::Source(of_file(path, &reason)),
                        stopped @ ReadError::Stopped(_) => stopped,
                    },
                )
            }),
            Domain::Sample => reader::read_items(SAMPLE_JSON.as_bytes(), give),
        }
    }

    /// Reads everything once, so that a bad file is told of at the start.
    pub(super) fn check(&self) -> Result<(), StartError> {
        let nothing = |_: &Item| Ok::<(), std::convert::Infallible>(());
        self.for_each(nothing).map_err(|error| match error {
            ReadError::Source(reason) => StartError::new(reason),
            ReadError::Stopped(never) => match never {},
        })
    }
}

fn of_file(path: &Path, reason: &dyn std::fmt::Display) -> String {
    format!(
        "cannot read items from {}: {reason}; expected a JSON array of items like an export's \
         data files",
        path.display()
    )
}

/// Finds the domains of a folder: `Books.json` is the domain Books, and so is a folder `Books` with
/// data files in it, or with a folder `data` of them as an export leaves it. Several files are taken
/// in the order of their names.
pub(super) fn in_folder(folder: &Path) -> Result<BTreeMap<String, Domain>, StartError> {
    let mut domains = BTreeMap::new();
    for path in sorted(folder)? {
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
            StartError::new(format!(
                "{} cannot be the name of a domain: it is not UTF-8",
                path.display()
            ))
        })?;
        if domains.insert(name.to_owned(), domain).is_some() {
            return Err(StartError::new(format!(
                "{} has the domain {name:?} twice, as a file and as a folder; remove one",
                folder.display()
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

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, StartError> {
    let list = || {
        fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<Vec<PathBuf>>>()
    };
    let mut paths = list().map_err(|error| {
        StartError::new(format!(
            "cannot list the folder of domains {}: {error}",
            folder.display()
        ))
    })?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests;
