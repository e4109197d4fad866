//! Which domains to export.

use std::fs;
use std::io;
use std::path::Path;

use simpledb_export::local::LocalService;

use crate::app::Result;
use crate::app::args::export_all::ExportAllArgs;
use crate::app::failure::{Exit, Failure};

/// Those that are named, or all that the local service has.
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
        // Without --local, clap has seen to it that there is one of the others.
        (None, None) => (None, Ok(Vec::new())),
    };
    let about = |failure: Failure| match path {
        Some(path) => failure.about(&path.display().to_string()),
        None => failure,
    };
    match names {
        Ok(names) if names.is_empty() => Err(about(Failure::new(
            Exit::General,
            "there are no domains here: name at least one",
        ))),
        Ok(names) => Ok(names),
        Err(error) => Err(about(Failure::general(&error))),
    }
}

/// The text of a file, or of stdin where its name is `-`.
fn read(file: &Path) -> io::Result<String> {
    if file.as_os_str() == "-" {
        io::read_to_string(io::stdin())
    } else {
        fs::read_to_string(file)
    }
}

/// One a line; no domain's name begins with `#`, or with a blank.
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
    fn a_file_has_a_domain_a_line_and_remarks() {
        assert_eq!(
            lines("# of the shop\r\nBooks\r\n\n  Films  \n#Music"),
            ["Books", "Films"]
        );
    }
}
