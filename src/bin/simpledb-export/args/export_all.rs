//! The options of `export-all`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};
use glob::Pattern;

use super::s3::S3Options;
use super::{FileOptions, LocalOptions, values};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").args(["domain_name", "domains_file", "all_domains", "local"]).required(true).multiple(true))]
pub(crate) struct ExportAllArgs {
    #[command(flatten)]
    pub(crate) domains: DomainOptions,
    /// Bucket to write to [default with --local: exports]
    #[arg(long, value_name = "BUCKET", required_unless_present = "local", value_parser = values::bucket)]
    pub(crate) s3_bucket: Option<String>,
    /// File that keeps the state between runs; created by the first run
    #[arg(long, value_name = "FILE")]
    pub(crate) state: PathBuf,
    #[command(flatten)]
    pub(crate) s3: S3Options,
    /// Maximum number of exports of a domain, over all runs, before it has failed permanently
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_attempts: u32,
    /// Retry domains that failed permanently
    #[arg(long)]
    pub(crate) retry_failed: bool,
    #[command(flatten)]
    pub(crate) waiting: WaitOptions,
    /// Show what would be exported, its size and how many days it takes, and start nothing
    #[arg(long, conflicts_with = "local")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) service: LocalOptions,
    #[command(flatten)]
    pub(crate) files: FileOptions,
}

/// Whether, and how long, a run may wait.
#[derive(Debug, Args)]
pub(crate) struct WaitOptions {
    /// Wait for running exports, and for the quotas (default)
    #[arg(long, overrides_with = "no_wait")]
    wait: bool,
    /// Start what the quotas allow, poll running exports once, and exit
    #[arg(long, overrides_with = "wait", conflicts_with = "local")]
    no_wait: bool,
    /// Maximum time to wait, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    max_wait: u64,
}

impl WaitOptions {
    /// Returns how long the run may wait.
    pub(crate) fn max_wait(&self) -> Duration {
        if self.no_wait {
            Duration::ZERO
        } else {
            Duration::from_secs(self.max_wait)
        }
    }
}

/// Which domains to export.
#[derive(Debug, Args)]
pub(crate) struct DomainOptions {
    /// Domain to export; can be repeated
    #[arg(long, alias = "domain", value_name = "NAME")]
    pub(crate) domain_name: Vec<String>,
    /// File of domain names, - for stdin: separated by line breaks or tabs, # starts a comment line
    #[arg(long, value_name = "FILE", conflicts_with = "domain_name")]
    pub(crate) domains_file: Option<PathBuf>,
    /// Export all domains of the account in the region, listed anew by each run
    #[arg(long, conflicts_with_all = ["domain_name", "domains_file"])]
    pub(crate) all_domains: bool,
    /// Only domains that match this pattern of * and ?; can be repeated
    #[arg(long, value_name = "PATTERN", requires = "all_domains", conflicts_with_all = ["domain_name", "domains_file"])]
    pub(crate) include: Vec<Pattern>,
    /// No domains that match this pattern, included or not; can be repeated
    #[arg(long, value_name = "PATTERN", requires = "all_domains", conflicts_with_all = ["domain_name", "domains_file"])]
    pub(crate) exclude: Vec<Pattern>,
}

impl DomainOptions {
    /// Returns whether the patterns select a domain.
    pub(crate) fn selects(&self, domain_name: &str) -> bool {
        let matches = |pattern: &Pattern| pattern.matches(domain_name);
        (self.include.is_empty() || self.include.iter().any(matches))
            && !self.exclude.iter().any(matches)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        args: ExportAllArgs,
        #[arg(long)]
        endpoint_url: Option<String>,
        #[arg(long)]
        profile: Option<String>,
    }

    fn parse(flags: &[&str]) -> Option<ExportAllArgs> {
        let begin = ["program", "--s3-bucket=bucket", "--state=s"];
        let program = Program::try_parse_from(begin.iter().chain(flags));
        Some(program.ok()?.args)
    }

    fn max_wait(flags: &[&str]) -> u64 {
        let args = parse(&[&["--domain-name=B"], flags].concat()).unwrap();
        args.waiting.max_wait().as_secs()
    }

    #[test]
    fn selects_domains_by_patterns() {
        let select = |flags: &[&str]| {
            let args = parse(&[&["--all-domains"], flags].concat()).unwrap();
            let names = ["Books", "books-2025", "books-2026", "Films"];
            names
                .into_iter()
                .filter(|name| args.domains.selects(name))
                .collect::<Vec<_>>()
        };
        assert_eq!(select(&[]).len(), 4);
        assert_eq!(
            select(&["--include=books-????"]),
            ["books-2025", "books-2026"]
        );
        assert_eq!(
            select(&["--include=B*", "--include=F*"]),
            ["Books", "Films"]
        );
        assert_eq!(select(&["--exclude=books-*"]), ["Books", "Films"]);
        assert_eq!(select(&["--include=*2*", "--exclude=*6"]), ["books-2025"]);
    }

    #[test]
    fn takes_all_domains_or_a_list() {
        assert!(parse(&["--all-domains"]).is_some());
        assert!(parse(&["--all-domains", "--local"]).is_some());
        for flags in [
            ["--all-domains", "--domain-name=B"],
            ["--all-domains", "--domains-file=f"],
            ["--domain-name=B", "--include=*"],
            ["--domain-name=B", "--exclude=*"],
            ["--all-domains", "--include=a**b"],
            ["--local", "--dry-run"],
        ] {
            assert!(parse(&flags).is_none(), "{flags:?}");
        }
    }

    #[test]
    fn uses_the_last_option_about_waiting() {
        assert_eq!(max_wait(&[]), 3_600);
        assert_eq!(max_wait(&["--max-wait", "60"]), 60);
        assert_eq!(max_wait(&["--wait", "--no-wait"]), 0);
        assert_eq!(max_wait(&["--no-wait", "--wait", "--max-wait", "60"]), 60);
    }
}
