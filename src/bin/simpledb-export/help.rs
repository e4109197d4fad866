//! The parts of the help that flags do not say.
//!
//! They are also what [manual pages](super::man) are made from. Text is a description. Lines after
//! one that ends with a colon are entries, indented by two: a term, two spaces, and what it means,
//! which can also be on the lines below, indented by more.

use clap::builder::{StyledStr, Styles};

/// Help with its headings as clap writes its own.
pub(crate) fn text(help: &str) -> StyledStr {
    let styles = Styles::styled();
    let style = styles.get_header();
    let styled = |paragraph: &str| match section(paragraph) {
        Some((heading, entries)) => format!("{style}{heading}:{style:#}\n{entries}"),
        None => paragraph.to_owned(),
    };
    let paragraphs: Vec<_> = help.split("\n\n").map(styled).collect();
    paragraphs.join("\n\n").into()
}

/// The heading and the entries of a paragraph that has them.
pub(crate) fn section(paragraph: &str) -> Option<(&str, &str)> {
    let (heading, entries) = paragraph.split_once(":\n")?;
    entries.starts_with("  ").then_some((heading, entries))
}

/// The bucket that the local service has where none is named.
pub(crate) const LOCAL_BUCKET: &str = "exports";

/// The folder that the local service keeps its buckets in where none is named.
pub(crate) const LOCAL_ROOT: &str = "simpledb-local";

/// What `--domains` is.
pub(crate) const DOMAINS: &str = "The folder of the local domains: each NAME.json an array of \
    items, [{\"itemName\":…,\"attributes\":[{\"name\":…,\"values\":[…]}]}] [default: a sample]";

pub(crate) const AFTER_HELP: &str = "\
Examples:
  simpledb-export export --local
      Exports a sample domain from a local service: no AWS account is needed
  simpledb-export whoami
      Shows which credentials, region and endpoint would be used
  simpledb-export export --domain-name Books --s3-bucket my-export-bucket
      Exports a domain, waits for it, and reports on it

Exit codes, as the AWS CLI has them:
  0    success
  10   export-all: work is left for a later run
  11   export-all: some domains failed for good
  130  ended by Ctrl-C or a signal; stderr says how to go on
  252  the command line is wrong
  253  the configuration is wrong or incomplete, or there are no credentials
  254  the service answered with an error
  255  anything else: no connection, an export that failed, a wait that took too long, files that
       are not whole

Environment, the most common of what all AWS tools read:
  AWS_REGION                   the region; AWS_DEFAULT_REGION where it is not set
  AWS_PROFILE                  the profile to take settings and credentials from
  AWS_ACCESS_KEY_ID            a key, with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
  AWS_ENDPOINT_URL_SIMPLEDBV2  where to send requests to; AWS_ENDPOINT_URL where it is not set
  AWS_MAX_ATTEMPTS             how often a call is tried in all
  AWS_CA_BUNDLE                a file of the certificates to trust
  HTTPS_PROXY, NO_PROXY        the proxy, and the hosts that are reached without it
  NO_COLOR, CLICOLOR_FORCE     no colours; colours wherever it writes to

Files:
  ~/.aws/config       the profiles and their settings; or what AWS_CONFIG_FILE names
  ~/.aws/credentials  the profiles' keys; or what AWS_SHARED_CREDENTIALS_FILE names
  simpledb-local      the folder of the local service's buckets; or what --root names";

pub(crate) const EXPORT: &str = "\
Examples:
  simpledb-export export --domain-name Books --s3-bucket my-export-bucket --s3-key-prefix backups
      Exports a domain, waits for it, and reports on it
  simpledb-export export --local --to out --format csv
      Exports a sample domain without an AWS account, downloads it, checks it, and converts it
  simpledb-export export --local --domains my-domains --root my-buckets
      Exports every domain of a folder

With --local the report also says in which folder the export's files are, and that they were
checked: every file's MD5, every count.";

pub(crate) const START: &str = "\
Example:
  simpledb-export start-domain-export --domain-name Books --s3-bucket my-export-bucket

It does not wait: the answer has the export's ARN, which get-export, wait and download take.";

pub(crate) const GET: &str = "\
Example:
  simpledb-export get-export --export-arn ARN --output table";

pub(crate) const LIST: &str = "\
Examples:
  simpledb-export list-exports --domain-name Books --output table
      Lists the exports of a domain, for reading
  simpledb-export list-exports --max-items 10
      Lists ten at the most

All pages are fetched, unless --max-items says otherwise; where more follow, NextToken is what to
give --starting-token to go on. The AWS CLI's tokens are understood.";

pub(crate) const WAIT: &str = "\
Example:
  simpledb-export wait export-succeeded --export-arn ARN && echo ready";

pub(crate) const WAIT_EXPORT_SUCCEEDED: &str = "\
Example:
  simpledb-export wait export-succeeded --export-arn ARN --max-wait 3600 && echo ready

An export goes on by itself whether anybody waits or not.";

pub(crate) const VERIFY: &str = "\
Example:
  simpledb-export verify exports/AWSSimpleDB/ID/Books";

pub(crate) const CONVERT: &str = "\
Examples:
  simpledb-export convert AWSSimpleDB/ID/Books --format csv --to books.csv
  simpledb-export convert AWSSimpleDB/ID/Books --format jsonl | jq .itemName

What a format cannot hold is told on stderr. A file that is not what the export wrote, by its MD5,
is not converted; download fetches it again.";

pub(crate) const LOCAL: &str = "\
Example:
  simpledb-export local --port 8000 --domains my-domains

The first line on stdout is the URL to point an SDK to, or AWS_ENDPOINT_URL, which is for the export
service and for S3; --endpoint-url is for the export service only, so that commands that download
need --s3-endpoint-url as well. The keys are AWS_ACCESS_KEY_ID=local and
AWS_SECRET_ACCESS_KEY=local. For development and tests: it listens on 127.0.0.1 only.";

pub(crate) const WHOAMI: &str = "\
Example:
  simpledb-export whoami --profile backup --output table

Each part is shown with the flag, the variable, or the line of a file that says it, and what is wrong
with any of them is told on stderr. Nothing is sent to the service, but credentials are fetched
where they come from. The secret half of a key is not shown.";

pub(crate) const COMPLETIONS: &str = "\
Example:
  simpledb-export completions bash > ~/.local/share/bash-completion/completions/simpledb-export";

pub(crate) const MAN: &str = "\
Examples:
  simpledb-export man | man -l -
      Shows the main page
  simpledb-export man --to ~/.local/share/man/man1
      Installs all pages: man simpledb-export-export-all";
