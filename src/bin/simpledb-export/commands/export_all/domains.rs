//! The domains to export.

use std::fs;
use std::io;
use std::path::Path;

use simpledb_export::local::LocalService;

use crate::app::Result;
use crate::app::args::export_all::ExportAllArgs;
use crate::app::failure::{Exit, Failure};

/// Returns the given domains, or all domains of the local service.
pub(super) fn names(args: &ExportAllArgs, local: Option<&LocalService>) -> Result<Vec<String>> {
    if !args.domain_name.is_empty() {
        return Ok(args.domain_name.clone());
    }
    let (path, names) = match (&args.domains_file, local) {
        (Some(file), _) => (Some(file), read(file).map(|text| lines(&text))),
        (None, Some(service)) => (
            args.service.domains.as_ref(),
            Ok(service.domain_names().to_vec()),
        ),
        // Without --local, clap requires one of the others.
        (None, None) => (None, Ok(Vec::new())),
    };
    let about = |failure: Failure| match path {
        Some(path) => failure.about(&path.display().to_string()),
        None => failure,
    };
    match names {
        Ok(names) if names.is_empty() => Err(about(Failure::new(
            Exit::General,
            "contains no domains: name at least one",
        ))),
        Ok(names) => Ok(names),
        Err(error) => Err(about(Failure::general(&error))),
    }
}

/// Reads a file, or stdin if its name is `-`.
fn read(file: &Path) -> io::Result<String> {
    if file.as_os_str() == "-" {
        io::read_to_string(io::stdin())
    } else {
        fs::read_to_string(file)
    }
}

/// Returns the names: one per line; no domain's name starts with `#` or with a space.
fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_domain_per_line_and_skips_comments() {
        assert_eq!(
            lines("# of the shop\r\nBooks\r\n\n  Films  \n#Music"),
            ["Books", "Films"]
        );
    }
}
