//! Whether the disk has room for what is to be downloaded, as far as that is known.

use std::collections::BTreeMap;
use std::path::Path;

use indicatif::DecimalBytes;
use simpledb_export::Client;
use simpledb_export::domains::{DomainMetadataInput, DomainMetadataOutput, Domains};
use simpledb_export::{Error, ErrorKind};

use crate::Result;
use crate::failure::{Exit, Failure};

/// The metadata of domains by their names, and why that of others is not known.
pub(super) type Sizes = (BTreeMap<String, DomainMetadataOutput>, Option<Error>);

/// Requests the metadata of domains, until it is denied or unavailable.
pub(super) fn sizes<'a>(client: &Client, domain_names: impl Iterator<Item = &'a str>) -> Sizes {
    let mut known = BTreeMap::new();
    let domains = match Domains::new(client) {
        Ok(domains) => domains,
        Err(error) => return (known, Some(error)),
    };
    for name in domain_names {
        match domains.domain_metadata(&DomainMetadataInput::new(name)) {
            Ok(metadata) => {
                known.insert(name.to_owned(), metadata);
            }
            Err(error) if error.kind() == ErrorKind::NoSuchDomainException => {}
            Err(error) => return (known, Some(error)),
        }
    }
    (known, None)
}

/// Returns the size of a domain's item names and values; files are larger.
pub(super) fn data_bytes(metadata: &DomainMetadataOutput) -> u64 {
    let names = metadata.item_names_size_bytes;
    names.saturating_add(metadata.attribute_values_size_bytes)
}

/// Fails if the exports of domains cannot fit on the disk of a directory, before one is started: an
/// account has few starts a day.
pub(super) fn check<'a>(
    to: &Path,
    client: &Client,
    domain_names: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let Some(free) = free_bytes(to) else {
        return Ok(());
    };
    let (known, problem) = sizes(client, domain_names);
    if let Some(problem) = problem {
        log::debug!("it is not known whether the exports fit on the disk: {problem}");
    }
    let needed = known.values().map(data_bytes).sum();
    check_bytes(free, needed).map_err(|failure| failure.at(to))
}

fn check_bytes(free: u64, needed: u64) -> Result<()> {
    if needed <= free {
        return Ok(());
    }
    let line = format!(
        "this disk has {} free, and the data to download is {}: free some space, or name another \
         directory with --to; no export was started",
        DecimalBytes(free),
        DecimalBytes(needed)
    );
    Err(Failure::new(Exit::General, line))
}

/// Returns the space that is free for this user on the disk of a directory, or of the nearest one
/// above it that exists.
#[cfg(unix)]
pub(super) fn free_bytes(directory: &Path) -> Option<u64> {
    let above = directory.ancestors().map(|directory| {
        let is_here = directory.as_os_str().is_empty();
        if is_here { Path::new(".") } else { directory }
    });
    let statistics = above.filter_map(|directory| rustix::fs::statvfs(directory).ok());
    let statistics = statistics.into_iter().next()?;
    statistics.f_bavail.checked_mul(statistics.f_frsize)
}

#[cfg(not(unix))]
pub(super) fn free_bytes(_directory: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_cannot_fit() {
        assert_eq!(check_bytes(1_000, 1_000), Ok(()));
        let failure = check_bytes(1_500_000, 3_250_000_000).unwrap_err();
        assert_eq!(
            failure.line(),
            "this disk has 1.50 MB free, and the data to download is 3.25 GB: free some space, \
             or name another directory with --to; no export was started"
        );
    }

    #[cfg(unix)]
    #[test]
    fn finds_the_disk_of_a_directory_that_does_not_exist_yet() {
        for directory in ["", ".", "none/at/all", "/none"] {
            assert!(free_bytes(Path::new(directory)).is_some(), "{directory}");
        }
    }
}
