//! The domains to export.

use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use simpledb_export::Client;
use simpledb_export::cli_support::read_file;
use simpledb_export::domains::{Domains, ListDomainsInput};
use simpledb_export::export_all::DomainStatus;
use simpledb_export::local::LocalService;

use crate::args::export_all::ExportAllArgs;
use crate::failure::{Exit, Failure};
use crate::{Result, stderr};

/// An account has at most 250 domains, whose names have at most 255 characters.
const MAX_BYTES: u64 = 1024 * 1024;

/// Time limit for a pipe, which may be another command's output.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Windows programs write it at the start of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The AWS CLI's label of a list without `--query`.
const AWS_LABEL: &str = "DOMAINNAMES\t";

/// The domains of a run.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// The domains to export, in order.
    pub(super) names: Vec<String>,
    /// Domains of the state file that the account no longer has. Their exports, if there are any,
    /// remain part of the run.
    pub(super) vanished: Vec<String>,
}

/// Returns the given domains, or all domains of the local service; `None` with --all-domains.
pub(super) fn given(args: &ExportAllArgs, local: Option<&LocalService>) -> Result<Option<Chosen>> {
    let domains = &args.domains;
    if domains.all_domains {
        return Ok(None);
    }
    let (source, names) = match (&domains.domains_file, local) {
        _ if !domains.domain_name.is_empty() => (None, domains.domain_name.clone()),
        (Some(file), _) => {
            let text = read(file).map_err(|error| Failure::from(error).at(file))?;
            (Some(file), parse(&text))
        }
        (None, Some(service)) => (
            args.service.domains.as_ref(),
            service.domain_names().to_vec(),
        ),
        // Without --local, clap requires one of the others.
        (None, None) => (None, Vec::new()),
    };
    if names.is_empty() {
        let failure = Failure::new(Exit::General, "contains no domains: name at least one");
        return Err(match source {
            Some(path) => failure.at(path),
            None => failure,
        });
    }
    let vanished = Vec::new();
    Ok(Some(Chosen { names, vanished }))
}

/// Lists the account's domains, and compares them with those of the state file.
pub(super) fn listed(args: &ExportAllArgs, client: &Client) -> Result<Chosen> {
    let domains = Domains::new(client)?;
    let mut names = Vec::new();
    for name in domains.list_domains_pages(ListDomainsInput::new()).items() {
        let name = name?;
        if args.domains.selects(&name) {
            names.push(name);
        }
    }
    let status = super::status(args, client, &names)?;
    let mut vanished = Vec::new();
    for domain in status.left_out {
        let name = domain.domain_name;
        if !args.domains.selects(&name) {
            continue;
        }
        let (has_export, what) = match domain.status {
            DomainStatus::Done { .. } => (true, "it is exported"),
            DomainStatus::InProgress { .. } => (true, "its export is in progress"),
            DomainStatus::Waiting if domain.attempts > 0 => (true, "its export may be in progress"),
            _ => (false, "it was not exported"),
        };
        stderr::note(&format!(
            "{name}: is no longer among the account's domains; {what}"
        ));
        if has_export {
            names.push(name.clone());
        }
        vanished.push(name);
    }
    if names.is_empty() {
        let patterns = !args.domains.include.is_empty() || !args.domains.exclude.is_empty();
        let which = if patterns {
            " that match the patterns"
        } else {
            ""
        };
        let line = format!(
            "the account has no domains{which} in the region; to see the region and the account in \
             use: simpledb-export whoami"
        );
        return Err(Failure::new(Exit::General, line));
    }
    Ok(Chosen { names, vanished })
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
