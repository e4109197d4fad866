//! The commands and their options, named as in the AWS CLI.

mod convert;
mod describe;
mod download;
pub(crate) mod export_all;
mod s3;
mod s3_url;
mod values;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use simpledb_export::StartDomainExportInput;

pub(crate) use self::convert::ConvertArgs;
pub(crate) use self::describe::DescribeArgs;
pub(crate) use self::download::{
    BucketOptions, DownloadArgs, ExportSource, SourceOptions, TargetOptions,
};
use self::s3::S3Options;
pub(crate) use self::s3_url::{Place, S3Url};
use super::conversion::{ConversionOptions, DataFormat, FORMAT_HELP};
use super::help;

/// Export domains from Amazon SimpleDB, and verify, download and convert the exported data
#[derive(Debug, Parser)]
#[command(
    name = "simpledb-export",
    // Not with the file name's extension, as on Windows.
    bin_name = "simpledb-export",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = help::text(help::AFTER_HELP),
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes, before or after its name.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Region [default: from the environment or the profile]
    #[arg(long, global = true, value_name = "REGION", value_parser = values::name)]
    pub(crate) region: Option<String>,
    /// Profile of the shared AWS files for settings and credentials
    #[arg(long, global = true, value_name = "NAME", value_parser = values::name)]
    pub(crate) profile: Option<String>,
    /// Endpoint of SimpleDB, for both of its APIs [default: the region's]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// File with the CA certificates to trust [default: from the environment or the profile]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca_bundle: Option<PathBuf>,
    /// Maximum time to connect, in seconds; 0 for no limit [default: 3.1]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = values::timeout)]
    pub(crate) cli_connect_timeout: Option<Duration>,
    /// Maximum time for the response to a request, in seconds; 0 for no limit [default: 30]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = values::timeout)]
    pub(crate) cli_read_timeout: Option<Duration>,
    /// Output format; json and text are those of the AWS CLI [default: json; of describe, table on a
    /// terminal]
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
    /// When to write colors; auto writes them to a terminal unless NO_COLOR is set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: ColorChoice,
    /// Write only errors to stderr, no progress or notes
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Log every request, response and retry to stderr, without secrets
    #[arg(long, global = true)]
    pub(crate) debug: bool,
}

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Json,
    Text,
    Table,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start an export, wait until it finishes, and optionally download and convert it
    #[command(after_help = help::text(help::EXPORT))]
    Export(Box<ExportArgs>),
    /// Export many domains within the quotas, over several runs
    #[command(after_help = help::text(help::EXPORT_ALL))]
    ExportAll(Box<export_all::ExportAllArgs>),
    /// Start an export of a domain to an S3 bucket
    #[command(after_help = help::text(help::START))]
    StartDomainExport(StartArgs),
    /// Show an export's status
    #[command(after_help = help::text(help::GET))]
    GetExport(ArnArgs),
    /// List the exports of the last three months
    #[command(after_help = help::text(help::LIST))]
    ListExports(ListArgs),
    /// List the account's domains
    #[command(after_help = help::text(help::LIST_DOMAINS))]
    ListDomains(ListDomainsArgs),
    /// Show how many items and attributes a domain has, and their sizes
    #[command(after_help = help::text(help::DOMAIN_METADATA))]
    DomainMetadata {
        /// Name of the domain
        #[arg(long, alias = "domain", value_name = "NAME")]
        domain_name: String,
    },
    /// Wait for a condition
    #[command(subcommand, after_help = help::text(help::WAIT))]
    Wait(WaitCommand),
    /// Download an export's files from S3 and verify them
    #[command(after_help = help::text(help::DOWNLOAD))]
    Download(DownloadArgs),
    /// Verify an export's files on disk: every MD5 checksum and item count
    #[command(after_help = help::text(help::VERIFY))]
    Verify(VerifyArgs),
    /// Describe an export's attributes: how many there are, and what their values are
    #[command(after_help = help::text(help::DESCRIBE))]
    Describe(DescribeArgs),
    /// Convert an export's files on disk to JSON Lines, CSV, Parquet, DynamoDB JSON or SQL
    #[command(after_help = help::text(help::CONVERT))]
    Convert(ConvertArgs),
    /// Run a local export service, without an AWS account, until Ctrl-C
    #[command(after_help = help::text(help::LOCAL))]
    Local(LocalArgs),
    /// Show the region, endpoint, profile and credentials in use, and where they come from
    #[command(after_help = help::text(help::WHOAMI))]
    Whoami,
    /// Write a shell completion script to stdout
    #[command(after_help = help::text(help::COMPLETIONS))]
    Completions {
        /// Shell to write the script for
        shell: Shell,
    },
    /// Write the manual page to stdout, or all pages to a directory
    #[command(after_help = help::text(help::MAN))]
    Man {
        /// Directory for the pages: the main page, and one for each command
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum WaitCommand {
    /// Wait until an export has succeeded, without output
    #[command(after_help = help::text(help::WAIT_EXPORT_SUCCEEDED))]
    ExportSucceeded(WaitArgs),
}

#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// Domain to export
    #[arg(long, alias = "domain", value_name = "NAME")]
    pub(crate) domain_name: String,
    /// Bucket to write to
    #[arg(long, value_name = "BUCKET", value_parser = values::bucket)]
    pub(crate) s3_bucket: String,
    #[command(flatten)]
    pub(crate) options: StartOptions,
}

#[derive(Debug, Args)]
pub(crate) struct StartOptions {
    /// Token that makes the call idempotent for 8 hours [default: a new UUID]
    #[arg(long, value_name = "TOKEN")]
    client_token: Option<String>,
    #[command(flatten)]
    s3: S3Options,
}

impl StartOptions {
    /// Returns the input of an export of this domain to this bucket.
    pub(crate) fn input(&self, domain_name: &str, s3_bucket: &str) -> StartDomainExportInput {
        let mut input = self.s3.input(domain_name, s3_bucket);
        input.client_token.clone_from(&self.client_token);
        input
    }
}

#[derive(Debug, Args)]
pub(crate) struct ArnArgs {
    /// ARN of the export
    #[arg(long, value_name = "ARN", value_parser = values::export_arn)]
    pub(crate) export_arn: String,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// List only the exports of this domain
    #[arg(long, alias = "domain", value_name = "NAME")]
    pub(crate) domain_name: Option<String>,
    /// Maximum number of exports to list [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_items: Option<u32>,
    /// Maximum number of exports per request
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) page_size: Option<u32>,
    /// Token to start at: NextToken of a list that --max-items cut short
    #[arg(long, value_name = "TOKEN")]
    pub(crate) starting_token: Option<String>,
    #[command(flatten)]
    pub(crate) page: PageArgs,
}

/// Options for a single page of a list.
#[derive(Debug, Args)]
#[group(multiple = true, conflicts_with_all = ["max_items", "page_size", "starting_token"])]
pub(crate) struct PageArgs {
    /// List one page of at most this many exports
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_results: Option<u32>,
    /// List one page, starting at nextToken of the previous page
    #[arg(long, value_name = "TOKEN")]
    pub(crate) next_token: Option<String>,
    /// List only the first page
    #[arg(long)]
    pub(crate) no_paginate: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListDomainsArgs {
    /// Maximum number of domains to list [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_items: Option<u32>,
    /// Maximum number of domains per request, 1 to 100
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) page_size: Option<u32>,
    /// Token to start at: NextToken of a list that --max-items cut short
    #[arg(long, value_name = "TOKEN")]
    pub(crate) starting_token: Option<String>,
    #[command(flatten)]
    pub(crate) page: DomainPageArgs,
}

/// Options for a single page of domains.
#[derive(Debug, Args)]
#[group(multiple = true, conflicts_with_all = ["max_items", "page_size", "starting_token"])]
pub(crate) struct DomainPageArgs {
    /// List one page of at most this many domains, 1 to 100
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) max_number_of_domains: Option<u32>,
    /// List one page, starting at NextToken of the previous page
    #[arg(long, value_name = "TOKEN")]
    pub(crate) next_token: Option<String>,
    /// List only the first page
    #[arg(long)]
    pub(crate) no_paginate: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    #[command(flatten)]
    pub(crate) export: ArnArgs,
    #[command(flatten)]
    pub(crate) patience: Patience,
}

/// How long to wait, and how often to poll.
#[derive(Debug, Args)]
pub(crate) struct Patience {
    /// Maximum time to wait, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    pub(crate) max_wait: u64,
    /// Minimum time between two polls, in seconds; it grows to 120 [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) min_delay: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Domain to export [default with --local: every domain of --domains, or the sample]
    #[arg(
        long,
        alias = "domain",
        value_name = "NAME",
        required_unless_present = "local"
    )]
    pub(crate) domain_name: Option<String>,
    /// Bucket to write to [default with --local: exports]
    #[arg(long, value_name = "BUCKET", required_unless_present = "local", value_parser = values::bucket)]
    pub(crate) s3_bucket: Option<String>,
    #[command(flatten)]
    pub(crate) options: StartOptions,
    #[command(flatten)]
    pub(crate) patience: Patience,
    #[command(flatten)]
    pub(crate) service: LocalOptions,
    #[command(flatten)]
    pub(crate) files: FileOptions,
}

/// Whether to use a local service instead of AWS.
#[derive(Debug, Args)]
pub(crate) struct LocalOptions {
    /// Export from a local service in this process, without an AWS account or quotas
    #[arg(long, conflicts_with_all = ["endpoint_url", "profile"])]
    pub(crate) local: bool,
    #[arg(long, value_name = "DIR", value_parser = values::directory(), requires = "local", help = help::DOMAINS)]
    pub(crate) domains: Option<PathBuf>,
    /// Directory of the local buckets, each a directory itself [default: simpledb-local]
    #[arg(long, value_name = "DIR", value_parser = values::directory(), requires = "local")]
    pub(crate) root: Option<PathBuf>,
}

/// What to do with an export's files.
#[derive(Debug, Default, Args)]
pub(crate) struct FileOptions {
    /// Directory for the downloaded files, and for the converted ones, as NAME.jsonl or the like; or
    /// s3://BUCKET/PREFIX for the converted ones alone, without a local copy
    #[arg(long, value_name = "DIR", value_parser = Place::directory())]
    pub(crate) to: Option<Place>,
    #[arg(long, value_enum, value_name = "FORMAT", requires = "to", help = FORMAT_HELP)]
    pub(crate) format: Option<DataFormat>,
    #[command(flatten)]
    pub(crate) conversion: ConversionOptions,
    #[command(flatten)]
    pub(crate) source: SourceOptions,
    /// Skip the comparison with the domain's metadata
    #[arg(long)]
    pub(crate) no_count: bool,
    #[command(flatten)]
    pub(crate) target: TargetOptions,
}

impl FileOptions {
    /// Returns the directory for the files, if they are to be on the disk.
    pub(crate) fn directory(&self) -> Option<&Path> {
        match &self.to {
            Some(Place::Disk(directory)) => Some(directory),
            _ => None,
        }
    }

    /// Returns the prefix of the objects that exports are converted to, if they are.
    pub(crate) fn prefix(&self) -> Option<&S3Url> {
        match &self.to {
            Some(Place::Bucket(prefix)) => Some(prefix),
            _ => None,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Directory of an export, or one that exports were downloaded to: all of them are verified
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
    /// Number of files to verify at once [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = values::threads)]
    pub(crate) threads: Option<usize>,
    /// Compare the export with the domain's metadata too
    #[arg(long)]
    pub(crate) against_domain: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LocalArgs {
    /// Address to listen on; any other than loopback exposes the service to the network
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) host: IpAddr,
    /// Port to listen on; 0 for any free port
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    #[arg(long, value_name = "DIR", value_parser = values::directory(), help = help::DOMAINS)]
    pub(crate) domains: Option<PathBuf>,
    /// Directory of the buckets, each a directory itself [default: simpledb-local]
    #[arg(long, value_name = "DIR", value_parser = values::directory())]
    pub(crate) root: Option<PathBuf>,
    /// Bucket to create at the start; can be repeated
    #[arg(long, value_name = "BUCKET", default_value = help::LOCAL_BUCKET)]
    pub(crate) bucket: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use simpledb_export::S3SseAlgorithm;

    use super::*;

    const ARN: &str = "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a";

    #[test]
    fn has_no_contradicting_options() {
        Cli::command().debug_assert();
    }

    /// Returns the examples in the help of a command and its subcommands.
    fn examples(command: &clap::Command) -> Vec<String> {
        let help = command.get_after_help().map(ToString::to_string);
        let own: Vec<String> = help
            .iter()
            .flat_map(|help| help.lines())
            .filter_map(|line| line.strip_prefix("  simpledb-export "))
            .map(|line| format!("simpledb-export {line}"))
            .collect();
        assert!(!own.is_empty(), "{} has no example", command.get_name());
        let below = command.get_subcommands().flat_map(examples);
        own.into_iter().chain(below).collect()
    }

    #[test]
    fn gives_valid_examples_for_every_command() {
        for line in examples(&Cli::command()) {
            let is_ours = |word: &&str| !["|", ">", "&&"].contains(word);
            let line = line.replace(" ARN", &format!(" {ARN}"));
            let words = line.split(' ').take_while(is_ours);
            let words = words.map(|word| word.trim_matches('\''));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
    }

    #[test]
    fn accepts_global_options_before_and_after_the_command() {
        for line in [
            "simpledb-export --region eu-west-1 --output text get-export --export-arn ARN",
            "simpledb-export get-export --region eu-west-1 --export-arn ARN --output text",
        ] {
            let line = line.replace("ARN", ARN);
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.global.region.as_deref(), Some("eu-west-1"));
            assert_eq!(cli.global.output, Some(Format::Text));
            assert!(matches!(cli.command, Command::GetExport(args) if args.export_arn == ARN));
        }
    }

    #[test]
    fn passes_every_option_of_a_start_to_the_input() {
        let cli = Cli::try_parse_from([
            "simpledb-export",
            "start-domain-export",
            "--domain-name=Books",
            "--s3-bucket=bucket",
            "--client-token=t",
            "--s3-key-prefix=p",
            "--s3-sse-algorithm=KMS",
            "--s3-sse-kms-key-id=k",
            "--s3-bucket-owner=111122223333",
        ])
        .unwrap();
        let Command::StartDomainExport(args) = cli.command else {
            panic!("another command");
        };
        let expected = StartDomainExportInput::new("Books", "bucket")
            .client_token("t")
            .s3_key_prefix("p")
            .s3_sse_algorithm(S3SseAlgorithm::Kms)
            .s3_sse_kms_key_id("k")
            .s3_bucket_owner("111122223333");
        let input = args.options.input(&args.domain_name, &args.s3_bucket);
        assert_eq!(input, expected);
    }
}
