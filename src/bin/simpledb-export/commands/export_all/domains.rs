//! The domains to export.

use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use simpledb_export::cli_support::read_file;
use simpledb_export::local::LocalService;

use crate::app::Result;
use crate::app::args::export_all::ExportAllArgs;
use crate::app::failure::{Exit, Failure};

/// An account has at most 250 domains, whose names have at most 255 characters.
const MAX_BYTES: u64 = 1024 * 1024;

/// Time limit for a pipe, which may be another command's output.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Windows programs write it at the start of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The AWS CLI's label of a list without `--query`.
const AWS_LABEL: &str = "DOMAINNAMES\t";

/// Returns the given domains, or all domains of the local service.
pub(super) fn names(args: &ExportAllArgs, local: Option<&LocalService>) -> Result<Vec<String>> {
    if !args.domain_name.is_empty() {
        return Ok(args.domain_name.clone());
    }
    let (path, names) = match (&args.domains_file, local) {
        (Some(file), _) => (Some(file), read(file).map(|text| parse(&text))),
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
    let text = if file.as_os_str() == "-" {
        let mut text = Vec::new();
        io::stdin().take(MAX_BYTES + 1).read_to_end(&mut text)?;
        if text.len() as u64 > MAX_BYTES {
            let message = format!("larger than the limit of {MAX_BYTES} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        text
    } else {
        read_file(file, MAX_BYTES, TIMEOUT)?.to_vec()
    };
    String::from_utf8(text).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message = format!("is not UTF-8 text at byte {at}: save the file as UTF-8");
        io::Error::new(io::ErrorKind::InvalidData, message)
    })
}

/// Returns the names, separated by line breaks and tabs, as the AWS CLI prints them with `--output
/// text`. No domain's name starts with `#` or contains white space.
fn parse(text: &str) -> Vec<String> {
    text.trim_start_matches(BYTE_ORDER_MARK)
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| line.strip_prefix(AWS_LABEL).unwrap_or(line).split('\t'))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_domain_per_line_and_skips_comments() {
        assert_eq!(
            parse("# of the shop\r\nBooks\r\n\n  Films  \n#Music"),
            ["Books", "Films"]
        );
    }

    #[test]
    fn skips_a_byte_order_mark() {
        assert_eq!(parse("\u{feff}Books\r\nFilms\r\n"), ["Books", "Films"]);
        assert_eq!(parse("\u{feff}# none\n"), Vec::<String>::new());
    }

    #[test]
    fn reads_the_text_output_of_the_aws_cli() {
        assert_eq!(parse("Books\tFilms\n"), ["Books", "Films"]);
        assert_eq!(
            parse("DOMAINNAMES\tBooks\nDOMAINNAMES\tFilms\n"),
            ["Books", "Films"]
        );
    }
}
