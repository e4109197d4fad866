//! The flags of `export-all`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};

use super::s3::S3Options;
use super::{FileOptions, LocalOptions, values};

/// After the flags.
pub(crate) const HELP: &str = "\
Examples:
  simpledb-export export-all --domains-file domains.txt --s3-bucket my-export-bucket --state my.json
  simpledb-export export-all --domains-file list.txt --s3-bucket my-bucket --state my.json --to out
  simpledb-export export-all --local --state try.json

The service starts 25 exports of an account within 24 hours. Run daily with the same --state, for
example by cron, the command goes on where it was until all domains are done; 250 take ten days. No
domain is exported twice, whenever a run is ended.

With --to, each run also downloads and checks the files of all domains that are exported, and with
--format converts them, as DIR/NAME.csv or the like. What is here and whole is kept, so that it can
be given to a later run as well; a converted file is written again only when it is removed or its
export is newer. What is wrong with a domain's files is its filesError in the report.

--local is to try the command, not to rehearse a plan: its service begins anew with each run, has no
quotas, and starts all domains at once, so that --no-wait is refused. For a rehearsal with quotas
run simpledb-export local, and the real command with AWS_ENDPOINT_URL set to the URL that it says
and the keys AWS_ACCESS_KEY_ID=local and AWS_SECRET_ACCESS_KEY=local.

Exit codes, besides the usual ones:
  0    all domains are exported
  10   work is left: run the same command again, not before nextRun of the report
  11   nothing is left to do, but some domains failed for good (--retry-failed tries them again)
  255  nothing is left to export, but some files are not here: run the same command again";

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").args(["domain_name", "domains_file", "local"]).required(true).multiple(true))]
pub(crate) struct ExportAllArgs {
    /// A domain to export; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub(crate) domain_name: Vec<String>,
    /// A file of domains, one a line, - for stdin; empty lines and those that begin with # are
    /// skipped
    #[arg(long, value_name = "FILE", conflicts_with = "domain_name")]
    pub(crate) domains_file: Option<PathBuf>,
    /// The bucket to write to [default with --local: exports]
    #[arg(long, value_name = "BUCKET", required_unless_present = "local", value_parser = values::bucket)]
    pub(crate) s3_bucket: Option<String>,
    /// The file that says how far the domains are; made by the first run
    #[arg(long, value_name = "FILE")]
    pub(crate) state: PathBuf,
    #[command(flatten)]
    pub(crate) s3: S3Options,
    /// How many exports of a domain to try, over all runs, before it has failed for good
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_attempts: u32,
    /// Try again, from the beginning, what failed for good
    #[arg(long)]
    pub(crate) retry_failed: bool,
    /// Wait for what is under way, and for a quota (this is the default)
    #[arg(long, overrides_with = "no_wait")]
    wait: bool,
    /// Start what may be started, look once at what is under way, and end
    #[arg(long, overrides_with = "wait", conflicts_with = "local")]
    no_wait: bool,
    /// How long to wait at the most, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    max_wait: u64,
    #[command(flatten)]
    pub(crate) service: LocalOptions,
    #[command(flatten)]
    pub(crate) files: FileOptions,
}

impl ExportAllArgs {
    /// How long the run may wait.
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
    fn the_last_word_on_waiting_counts() {
        assert_eq!(max_wait(&[]), 3_600);
        assert_eq!(max_wait(&["--max-wait", "60"]), 60);
        assert_eq!(max_wait(&["--wait", "--no-wait"]), 0);
        assert_eq!(max_wait(&["--no-wait", "--wait", "--max-wait", "60"]), 60);
    }
}
