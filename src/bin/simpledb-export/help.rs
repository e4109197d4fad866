//! The text of the help after the options, which is also in the [manual pages](super::man).
//!
//! Paragraphs are separated by empty lines, and filled to the width of the terminal. A first line that
//! ends with a colon, followed by indented lines, is a heading.

use clap::builder::{StyledStr, Styles};

/// Styles the headings as clap styles its own.
pub(crate) fn text(help: &str) -> StyledStr {
    let styles = Styles::styled();
    let style = styles.get_header();
    let styled = |paragraph: &str| match section(paragraph) {
        Some((heading, lines)) => format!("{style}{heading}:{style:#}\n{lines}"),
        None => paragraph.replace('\n', " "),
    };
    let paragraphs: Vec<_> = help.split("\n\n").map(styled).collect();
    paragraphs.join("\n\n").into()
}

/// Returns the heading and the lines of a paragraph with a heading.
pub(crate) fn section(paragraph: &str) -> Option<(&str, &str)> {
    let (heading, lines) = paragraph.split_once(":\n")?;
    lines.starts_with("  ").then_some((heading, lines))
}

/// The default bucket of the local service.
pub(crate) const LOCAL_BUCKET: &str = "exports";

/// The default directory of the local service's buckets.
pub(crate) const LOCAL_ROOT: &str = "simpledb-local";

/// The help of `--domains`.
pub(crate) const DOMAINS: &str = "Directory of the local domains: each NAME.json an array of \
    items, [{\"itemName\":\"a\",\"attributes\":[{\"name\":\"b\",\"values\":[\"c\"]}]}] [default: a sample]";

pub(crate) const AFTER_HELP: &str = "\
Examples:
  simpledb-export export --local
      Export a sample domain from a local service, without an AWS account
  simpledb-export whoami
      Show the credentials, region and endpoint in use
  simpledb-export export --domain-name Books --s3-bucket my-export-bucket
      Export a domain, wait until the export finishes, and print a report

Exit status:
  0    success
  10   export-all: work is left for a later run
  11   export-all: some domains failed permanently
  12   verify, convert --against-domain: the export differs from its domain
  130  interrupted by Ctrl-C or a signal; stderr shows how to resume
  252  invalid command line
  253  invalid or incomplete configuration, or no credentials
  254  the service returned an error
  255  any other failure: no connection, a failed export, a timeout, damaged files

Environment:
  AWS_REGION                   region; else AWS_DEFAULT_REGION
  AWS_PROFILE                  profile for settings and credentials
  AWS_ACCESS_KEY_ID            access key, with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
  AWS_ENDPOINT_URL_SIMPLEDBV2  endpoint of the export service; else AWS_ENDPOINT_URL
  AWS_ENDPOINT_URL_SIMPLEDB    endpoint of SimpleDB's older API; else AWS_ENDPOINT_URL
  AWS_MAX_ATTEMPTS             maximum number of attempts for each call
  AWS_CA_BUNDLE                file with the CA certificates to trust
  HTTPS_PROXY, NO_PROXY        proxy, and the hosts that bypass it
  NO_COLOR, CLICOLOR_FORCE     never write colors; always write colors

Files:
  ~/.aws/config       profiles and their settings; else the file in AWS_CONFIG_FILE
  ~/.aws/credentials  access keys of profiles; else the file in AWS_SHARED_CREDENTIALS_FILE
  simpledb-local      buckets of the local service; else the directory in --root";

pub(crate) const EXPORT: &str = "\
Examples:
  simpledb-export export --domain-name Books --s3-bucket my-export-bucket --s3-key-prefix backups
      Export a domain, wait until the export finishes, and print a report
  simpledb-export export --local --to out --format csv
      Export a sample domain without an AWS account; download, verify and convert it
  simpledb-export export --domain-name Books --s3-bucket my-bucket --to s3://my-tables --format csv
      Convert the export to s3://my-tables/Books.csv, without a local copy
  simpledb-export export --local --domains my-domains --root my-buckets
      Export every domain in a directory

With --local or --to, the report includes the directory of the exported files, which are verified:
the MD5 checksum of every file, and every item count. With --to, also s3://, it has the numbers of
the export beside those of the domain's metadata, unless --no-count is given.";

pub(crate) const START: &str = "\
Examples:
  simpledb-export start-domain-export --domain-name Books --s3-bucket my-export-bucket

This command does not wait. The output has the export's ARN, which get-export, wait and download
take.";

pub(crate) const GET: &str = "\
Examples:
  simpledb-export get-export --export-arn ARN --output table";

pub(crate) const LIST: &str = "\
Examples:
  simpledb-export list-exports --domain-name Books --output table
      List the exports of a domain in a table
  simpledb-export list-exports --max-items 10
      List at most ten exports

All pages are fetched unless --max-items, --max-results, --next-token or --no-paginate is given. If
--max-items leaves exports out, pass NextToken of the output to --starting-token to list the rest.
--max-results and --next-token are sent to the service as they are, for a single page.";

pub(crate) const LIST_DOMAINS: &str = "\
Examples:
  simpledb-export list-domains --output table
  simpledb-export list-domains --output text > domains.txt
      Write a list for export-all --domains-file

This is an operation of SimpleDB's older API, as in aws sdb list-domains. All pages are fetched
unless --max-items, --max-number-of-domains, --next-token or --no-paginate is given. If --max-items
leaves domains out, pass NextToken of the output to --starting-token to list the rest.
If AWS_ENDPOINT_URL_SIMPLEDBV2 is set, which is for the export API only, set AWS_ENDPOINT_URL_SIMPLEDB
too. The credentials must allow sdb:ListDomains.";

pub(crate) const DOMAIN_METADATA: &str = "\
Examples:
  simpledb-export domain-metadata --domain-name Books --output table

This is an operation of SimpleDB's older API, as in aws sdb domain-metadata. Timestamp, in seconds
since 1970, is when the service computed the numbers, which may have been hours ago. The credentials
must allow sdb:DomainMetadata.";

pub(crate) const WAIT: &str = "\
Examples:
  simpledb-export wait export-succeeded --export-arn ARN && echo ready";

pub(crate) const WAIT_EXPORT_SUCCEEDED: &str = "\
Examples:
  simpledb-export wait export-succeeded --export-arn ARN --max-wait 3600 && echo ready

The export keeps running on AWS whether or not you wait.";

pub(crate) const DOWNLOAD: &str = "\
Examples:
  simpledb-export download --export-arn ARN --to exports

Files are written to exports/AWSSimpleDB/ID/DOMAIN, the manifests last. To resume an interrupted
download, run the same command again.";

pub(crate) const VERIFY: &str = "\
Examples:
  simpledb-export verify out --against-domain
      Verify all exports that were downloaded to a directory, and compare them with their domains
  simpledb-export verify out/AWSSimpleDB/ID/Books
      Verify one export

--against-domain compares the export with the domain's metadata, which an operation of SimpleDB's
older API returns: items, distinct attribute names, attribute values, and the bytes of each. The
service caches these numbers for hours, and the domain may have been written to since the export: the
output shows when they were computed, and the export's cutoff time. The credentials must allow
sdb:DomainMetadata. The region is that of the export unless --region is given.

Of several exports, the reports follow one another, and the exit status is that of the last one that
failed.

Exit status:
  0    the files are what the export wrote and, with --against-domain, the numbers are equal
  12   the numbers differ
  255  files are missing or damaged, or the numbers are not known";

pub(crate) const DESCRIBE: &str = "\
Examples:
  simpledb-export describe exports
      Show the attributes, with the types of their values
  simpledb-export describe exports --types-file types.json
      Write the types to a file too, to edit them and pass them to convert

SimpleDB stores text only. A type is found only if decoding and encoding again gives back the text of
every value: 00501 stays text. An integer or decimal that is padded with zeros and shifted by 2^63,
a float as boto writes it, and True and False as Python writes them, are recognized. What cannot be
known is set in the file by hand:

Types:
  \"zip\": \"text\"
  \"year\": \"integer\"
  \"price\": \"decimal(6,2)\"
  \"amount\": {\"type\": \"integer\", \"encoding\": \"padded\", \"width\": 8}
      A number in eight digits, such as 00000042
  \"tags\": {\"type\": \"text\", \"multiValued\": true}
      Several values in an item
  \"*\": \"auto\"
      Beside the domains: those that the file does not name are guessed, instead of text

All types and encodings: https://docs.rs/simpledb-export/latest/simpledb_export/data/struct.TypesFile.html

MD5 checksums are not compared: use verify.";

pub(crate) const CONVERT: &str = "\
Examples:
  simpledb-export convert exports --format csv --to books.csv
  simpledb-export convert exports/AWSSimpleDB/ID/Books --format jsonl | jq .itemName
  simpledb-export convert exports --format jsonl --flat --types auto --to books.jsonl
  simpledb-export convert exports --format csv --types types.json --delimiter ';' --bom --to books.csv
  simpledb-export convert exports --format parquet --types auto --to books.parquet
  simpledb-export convert exports --format dynamodb --sets --gzip --to books.json.gz
  simpledb-export convert exports --types auto --format sql --dialect sqlite | sqlite3 books.db
  simpledb-export convert --export-arn ARN --format csv --to s3://my-bucket/tables/
  simpledb-export convert --export-arn ARN --format csv --split 500MB --to s3://my-bucket/Books.csv
      Write s3://my-bucket/Books-00001.csv, s3://my-bucket/Books-00002.csv and so on

In CSV, an empty value is \"\", and an attribute that the item does not have is an empty field without
quotes; an attribute that has several values in any item is a JSON array in every row. How to read the
files with their types in DuckDB, pandas, polars, Spark or PostgreSQL:
https://docs.rs/simpledb-export/latest/simpledb_export/guide/readers

Parquet has a typed column per attribute, a list if an item has several values, and null if it has
none. Numbers with more than 38 digits are text.

SQL creates a table that is named after the domain, with the item name as its key, and a table
DOMAIN_ATTRIBUTE with the columns itemName, position and value for each attribute with several values.
It is loaded by sqlite3 DATABASE < FILE, psql -d DATABASE -f FILE, or mysql DATABASE < FILE, in one
transaction. Decimals are text in SQLite; item names are binary and times are in UTC in MySQL.

With --split, each file is complete, with its own header in CSV. None appears before all are: files of
another conversion with such names are not replaced, but reported.

--against-domain compares what was converted with the domain's metadata, as verify does.

Anything the format cannot represent is reported on stderr. A file whose MD5 checksum differs from
the manifest is not converted; run download to fetch it again.

With --export-arn, the files are read in their bucket, without a local copy; formats with columns
read them twice, unless --types names a file. An object of --to s3:// appears once it is complete; the
parts of an upload that was killed are removed by the next one to the same key. Needed are
s3:PutObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads; s3:GetObject and
s3:ListBucket, to notice if others write the object during the upload; and kms:GenerateDataKey
and kms:Decrypt, if the bucket encrypts with a KMS key.";

pub(crate) const EXPORT_ALL: &str = "\
Examples:
  simpledb-export export-all --domains-file domains.txt --s3-bucket my-export-bucket --state my.json
  simpledb-export export-all --domains-file list.txt --s3-bucket my-bucket --state my.json --to out
  simpledb-export export-all --all-domains --exclude 'test-*' --s3-bucket my-bucket --state my.json
  simpledb-export export-all --local --state try.json

The service starts at most 25 exports per account in 24 hours. Run the command daily with the same
--state, for example from cron: it resumes where it stopped until all domains are done. 250 domains
take ten days. No domain is exported twice, no matter when a run ends. Each run starts one domain
first, and the others once its export is past the check of the bucket, or still PENDING after 10
minutes, so that a wrong bucket does not use up the day's exports.

With --all-domains, each run lists the account's domains, exports new ones too, and reports domains
that are gone as vanishedDomains; exports of these remain part of the run. --include and --exclude
take patterns of whole names, in which * is any text, ? any character, and [abc] one of these. The
credentials must allow sdb:ListDomains.

--dry-run shows what a run would export, how much that is (which sdb:DomainMetadata must allow), and
how many days the quotas make it take. It starts and writes nothing.

With --to, each run also downloads and verifies the files of all exported domains; with --format, it
converts them to DIR/NAME.csv or the like. Complete files are kept, so these options can also be
added to a later run; a converted file is written again if it has changed, or is to be made with
other options. Characters that some file system does not allow in a name are percent-encoded, and so
are the capitals of names that differ in case only: the report names every file. Problems with a
domain's files are reported as its filesError.

--local tries the command out; it does not rehearse a plan: each run has a new service without
quotas, so --no-wait is rejected. To rehearse with quotas, run simpledb-export local, and the real
command with the variables that it prints.

Exit status:
  0    all domains are exported
  10   work is left: run the same command again at nextRun of the report or later
  11   no work is left, but some domains failed permanently (--retry-failed retries them)
  255  no work is left, but some files are missing: run the same command again";

pub(crate) const LOCAL: &str = "\
Examples:
  simpledb-export local --port 8000 --domains my-domains --bucket my-export-bucket
      Serve the domains in a directory until Ctrl-C, and export them from another terminal:
  export AWS_ENDPOINT_URL=http://127.0.0.1:8000 AWS_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  simpledb-export export-all --all-domains --s3-bucket my-export-bucket --state my.json --to out

The first line on stdout is the service's URL. Use it as the endpoint URL of an SDK, or set
AWS_ENDPOINT_URL to it, which covers both APIs of SimpleDB and S3. --endpoint-url covers SimpleDB
only: commands that download also need --s3-endpoint-url. Every client of S3 can list, read and write
the buckets: with the variables set, `aws s3 ls s3://exports/` works. The quotas are AWS's, and
exports are forgotten when the service ends; their files remain. Unless --host says otherwise, only
this machine can reach the service; it is meant for development and tests.";

pub(crate) const WHOAMI: &str = "\
Examples:
  simpledb-export whoami --profile backup --output table

Each setting is shown with the option, variable, or line of a file it comes from. Problems are
reported on stderr. Nothing is sent to the service, but credentials are fetched from their source.
Secrets are never shown.";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  simpledb-export completions bash > ~/.local/share/bash-completion/completions/simpledb-export
  simpledb-export completions zsh > ~/.zfunc/_simpledb-export
  simpledb-export completions fish > ~/.config/fish/completions/simpledb-export.fish

Create the directory first if it does not exist. For zsh, ~/.zshrc must contain
fpath=(~/.zfunc $fpath) before it calls compinit.";

pub(crate) const MAN: &str = "\
Examples:
  simpledb-export man | man -l -
      Show the main page
  simpledb-export man --to ~/.local/share/man/man1
      Install all pages";

#[cfg(test)]
mod tests {
    use simpledb_export::data::TypesFile;

    use super::*;

    #[test]
    fn shows_types_that_a_types_file_can_have() {
        let (_, types) = DESCRIBE.split_once("Types:\n").unwrap();
        let members = types.lines().filter_map(|line| line.strip_prefix("  \""));
        let (others, own): (Vec<_>, Vec<_>) = members.partition(|member| member.starts_with('*'));
        let domain = format!("\"Books\": {{\"{}}}", own.join(",\""));
        let file = format!("{{\"{}, {domain}}}", others.concat());
        let file = TypesFile::parse(&file).unwrap();
        assert_eq!(file.get("Books").unwrap().len(), 5);
        assert!(file.auto);
    }

    #[test]
    fn fills_paragraphs_and_keeps_the_lines_of_sections() {
        let help = text("one\ntwo\n\nExamples:\n  three\n  four\n\nfive").to_string();
        assert_eq!(help, "one two\n\nExamples:\n  three\n  four\n\nfive");
    }
}
