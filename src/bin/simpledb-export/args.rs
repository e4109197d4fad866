//! The commands and their flags, named as the AWS CLI names them.

mod download;
pub(crate) mod export_all;
mod s3;
mod values;

use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use simpledb_export::StartDomainExportInput;

pub(crate) use self::download::{DownloadArgs, SourceOptions};
use self::s3::S3Options;
use super::help;

/// Gets a domain's data out of Amazon SimpleDB.
#[derive(Debug, Parser)]
#[command(
    name = "simpledb-export",
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

/// Flags that every command takes, before or after its name.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The region, rather than that of the environment or the profile
    #[arg(long, global = true, value_name = "REGION", value_parser = values::name)]
    pub(crate) region: Option<String>,
    /// The profile of the shared AWS files to take settings and credentials from
    #[arg(long, global = true, value_name = "NAME", value_parser = values::name)]
    pub(crate) profile: Option<String>,
    /// Where to send requests to, rather than to the service's own endpoint
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// The form of the answer: json or text as the AWS CLI writes them, or a table for reading
    #[arg(long, global = true, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) output: Format,
    /// When to write colours; auto is to a terminal, unless NO_COLOR or CLICOLOR_FORCE is set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: ColorChoice,
    /// Write no progress and no notes to stderr, only errors
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Write each request, answer and retry to stderr; never secrets
    #[arg(long, global = true)]
    pub(crate) debug: bool,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Json,
    Text,
    Table,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start an export, wait for it, and report on it
    #[command(after_help = help::text(help::EXPORT))]
    Export(Box<ExportArgs>),
    /// Export many domains within the quotas, over as many runs as that takes
    #[command(after_help = help::text(export_all::HELP))]
    ExportAll(Box<export_all::ExportAllArgs>),
    /// Start the export of a domain to an S3 bucket
    #[command(after_help = help::text(help::START))]
    StartDomainExport(StartArgs),
    /// Look at an export
    #[command(after_help = help::text(help::GET))]
    GetExport(ArnArgs),
    /// List the exports of the last three months
    #[command(after_help = help::text(help::LIST))]
    ListExports(ListArgs),
    /// Wait until something has happened
    #[command(subcommand, after_help = help::text(help::WAIT))]
    Wait(WaitCommand),
    /// Download an export's files from S3, every MD5 checked
    #[command(after_help = help::text(download::HELP))]
    Download(DownloadArgs),
    /// Check an export's files on disk: every MD5, every count
    #[command(after_help = help::text(help::VERIFY))]
    Verify(VerifyArgs),
    /// Convert an export's files on disk for other tools
    #[command(after_help = help::text(help::CONVERT))]
    Convert(ConvertArgs),
    /// Serve the local export service until Ctrl-C: the service's API without an AWS account
    #[command(after_help = help::text(help::LOCAL))]
    Local(LocalArgs),
    /// Show the region, the endpoint, the profile and whose credentials would be used
    #[command(after_help = help::text(help::WHOAMI))]
    Whoami,
    /// Write a completion script for a shell to stdout
    #[command(after_help = help::text(help::COMPLETIONS))]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual page to stdout, or all pages to a folder
    #[command(after_help = help::text(help::MAN))]
    Man {
        /// The folder to write to: the main page, and one for each command
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum WaitCommand {
    /// Wait until an export has succeeded; nothing is written to stdout
    #[command(after_help = help::text(help::WAIT_EXPORT_SUCCEEDED))]
    ExportSucceeded(WaitArgs),
}

#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// The domain to export
    #[arg(long, value_name = "NAME")]
    pub(crate) domain_name: String,
    /// The bucket to write to
    #[arg(long, value_name = "BUCKET", value_parser = values::bucket)]
    pub(crate) s3_bucket: String,
    #[command(flatten)]
    pub(crate) options: StartOptions,
}

#[derive(Debug, Args)]
pub(crate) struct StartOptions {
    /// What makes the call idempotent for 8 hours [default: a new UUID]
    #[arg(long, value_name = "TOKEN")]
    client_token: Option<String>,
    #[command(flatten)]
    s3: S3Options,
}

impl StartOptions {
    /// The input of an export of this domain to this bucket.
    pub(crate) fn input(&self, domain_name: &str, s3_bucket: &str) -> StartDomainExportInput {
        let mut input = StartDomainExportInput::new(domain_name, s3_bucket);
        input.client_token.clone_from(&self.client_token);
        self.s3.set(&mut input);
        input
    }
}

#[derive(Debug, Args)]
pub(crate) struct ArnArgs {
    /// The export's ARN
    #[arg(long, value_name = "ARN", value_parser = values::export_arn)]
    pub(crate) export_arn: String,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only the exports of this domain
    #[arg(long, value_name = "NAME")]
    pub(crate) domain_name: Option<String>,
    /// How many exports to list at the most [default: all]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_items: Option<u32>,
    /// How many exports to ask for at a time
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) page_size: Option<u32>,
    /// Where to go on: the NextToken of a list that --max-items cut short
    #[arg(long, value_name = "TOKEN")]
    pub(crate) starting_token: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    #[command(flatten)]
    pub(crate) export: ArnArgs,
    #[command(flatten)]
    pub(crate) patience: Patience,
}

/// How long to wait, and how often to look.
#[derive(Debug, Args)]
pub(crate) struct Patience {
    /// How long to wait at the most, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    pub(crate) max_wait: u64,
    /// The least time between two looks, in seconds; it grows to 120 [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) min_delay: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The domain to export [default with --local: every domain of --domains, or the sample]
    #[arg(long, value_name = "NAME", required_unless_present = "local")]
    pub(crate) domain_name: Option<String>,
    /// The bucket to write to [default with --local: exports]
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

/// Whether a local service takes the place of AWS.
#[derive(Debug, Args)]
pub(crate) struct LocalOptions {
    /// Export from a local service inside this process, without an AWS account or quotas
    #[arg(long, conflicts_with_all = ["endpoint_url", "profile"])]
    pub(crate) local: bool,
    #[arg(long, value_name = "DIR", requires = "local", help = help::DOMAINS)]
    pub(crate) domains: Option<PathBuf>,
    /// The folder of the local buckets, each a folder itself [default: simpledb-local]
    #[arg(long, value_name = "DIR", requires = "local")]
    pub(crate) root: Option<PathBuf>,
}

/// What becomes of the files of an export.
#[derive(Debug, Args)]
pub(crate) struct FileOptions {
    /// The folder to download what is exported to, and to convert it into, as NAME.jsonl or the like
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    /// The format to convert to: JSON Lines, CSV, or that of DynamoDB's import from S3
    #[arg(long, value_enum, value_name = "FORMAT", requires = "to")]
    pub(crate) format: Option<DataFormat>,
    #[command(flatten)]
    pub(crate) conversion: ConversionOptions,
    #[command(flatten)]
    pub(crate) source: SourceOptions,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The export's folder: the one with manifest-file.json in it
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

/// A format that other tools read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataFormat {
    Jsonl,
    Csv,
    Dynamodb,
}

impl DataFormat {
    /// As the flag has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            DataFormat::Jsonl => "jsonl",
            DataFormat::Csv => "csv",
            DataFormat::Dynamodb => "dynamodb",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The export's folder: the one with manifest-file.json in it
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// JSON Lines, CSV, or the format of DynamoDB's import from S3
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: DataFormat,
    /// The file to write [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
    /// Do not compare the files with their MD5 checksums, which the manifest may not have
    #[arg(long)]
    pub(crate) skip_md5: bool,
    #[command(flatten)]
    pub(crate) options: ConversionOptions,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Conversion options")]
pub(crate) struct ConversionOptions {
    /// csv, dynamodb: the column or attribute of the items' names [default: itemName]
    #[arg(long, value_name = "NAME", requires = "format")]
    pub(crate) key_name: Option<String>,
    /// csv: the attributes to write, separated by commas [default: all, by a first pass]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "format")]
    pub(crate) columns: Vec<String>,
    /// csv: what several values are joined by [default: they become a JSON array]
    #[arg(long, value_name = "CHARACTER", requires = "format")]
    pub(crate) separator: Option<char>,
    /// dynamodb: write several values as a list rather than a set
    #[arg(long, requires = "format")]
    pub(crate) lists: bool,
    /// Compress what is written; a report counts the bytes before that
    #[arg(long, requires = "format")]
    pub(crate) gzip: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LocalArgs {
    /// The port to listen on; 0 for any that is free
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    #[arg(long, value_name = "DIR", help = help::DOMAINS)]
    pub(crate) domains: Option<PathBuf>,
    /// The folder of the buckets, each a folder itself [default: simpledb-local]
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// A bucket to make at the start; may be given more than once
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
    fn the_flags_contradict_nowhere() {
        Cli::command().debug_assert();
    }

    /// The command lines that a command and those below it give as examples.
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
    fn every_command_has_examples_and_they_are_right() {
        for line in examples(&Cli::command()) {
            let is_ours = |word: &&str| !["|", ">", "&&"].contains(word);
            let line = line.replace(" ARN", &format!(" {ARN}"));
            let words = line.split(' ').take_while(is_ours);
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
    }

    #[test]
    fn global_flags_come_before_or_after_the_command() {
        for line in [
            "simpledb-export --region eu-west-1 --output text get-export --export-arn ARN",
            "simpledb-export get-export --region eu-west-1 --export-arn ARN --output text",
        ] {
            let line = line.replace("ARN", ARN);
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.global.region.as_deref(), Some("eu-west-1"));
            assert_eq!(cli.global.output, Format::Text);
            assert!(matches!(cli.command, Command::GetExport(args) if args.export_arn == ARN));
        }
    }

    #[test]
    fn every_option_of_a_start_reaches_the_input() {
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
