//! The options of `export-all`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};

use super::s3::S3Options;
use super::{FileOptions, LocalOptions, values};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").args(["domain_name", "domains_file", "local"]).required(true).multiple(true))]
pub(crate) struct ExportAllArgs {
    /// Domain to export; can be repeated
    #[arg(long, alias = "domain", value_name = "NAME")]
    pub(crate) domain_name: Vec<String>,
    /// File of domain names, - for stdin: separated by line breaks or tabs, # starts a comment line
    #[arg(long, value_name = "FILE", conflicts_with = "domain_name")]
    pub(crate) domains_file: Option<PathBuf>,
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
    /// Wait for running exports, and for the quotas (default)
    #[arg(long, overrides_with = "no_wait")]
    wait: bool,
    /// Start what the quotas allow, poll running exports once, and exit
    #[arg(long, overrides_with = "wait", conflicts_with = "local")]
    no_wait: bool,
    /// Maximum time to wait, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    max_wait: u64,
    #[command(flatten)]
    pub(crate) service: LocalOptions,
    #[command(flatten)]
    pub(crate) files: FileOptions,
}

impl ExportAllArgs {
    /// Returns how long the run may wait.
    pub(crate) fn max_wait(&self) -> Duration {
        if self.no_wait {
            Duration::ZERO
        } else {
            Duration::from_secs(self.max_wait)
        }
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

    fn max_wait(flags: &[&str]) -> u64 {
        let begin = ["program", "--domain-name=B", "--s3-bucket=b", "--state=s"];
        let arguments = begin.iter().chain(flags);
        let program = Program::try_parse_from(arguments).ok().unwrap();
        program.args.max_wait().as_secs()
    }

    #[test]
    fn uses_the_last_option_about_waiting() {
        assert_eq!(max_wait(&[]), 3_600);
        assert_eq!(max_wait(&["--max-wait", "60"]), 60);
        assert_eq!(max_wait(&["--wait", "--no-wait"]), 0);
        assert_eq!(max_wait(&["--no-wait", "--wait", "--max-wait", "60"]), 60);
    }
}
