//! Which domains to export.

use std::fs;

use crate::app::args::export_all::ExportAllArgs;
use crate::app::failure::{Exit, Failure};
use crate::app::{Result, help, local_domains};

/// Those that are named, or all that the local service has.
pub(super) fn names(args: &ExportAllArgs) -> Result<Vec<String>> {
    let (path, names) = if let Some(file) = &args.domains_file {
        (file, fs::read_to_string(file).map(|text| lines(&text)))
    } else if let Some(folder) = args
        .domains
        .as_ref()
        .filter(|_| args.domain_name.is_empty())
    {
        (folder, local_domains::names(folder))
    } else if args.domain_name.is_empty() {
        return Ok(vec![help::LOCAL_DOMAIN.to_owned()]);
    } else {
        return Ok(args.domain_name.clone());
    };
    let about = |failure: Failure| failure.about(&path.display().to_string());
    match names {
        Ok(names) if names.is_empty() => Err(about(Failure::new(
            Exit::General,
            "there are no domains here: name at least one",
        ))),
        Ok(names) => Ok(names),
        Err(error) => Err(about(Failure::general(&error))),
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
