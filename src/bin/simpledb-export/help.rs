//! The parts of the help that flags do not say.

/// The bucket that the local service has where none is named.
pub(crate) const LOCAL_BUCKET: &str = "exports";

/// The folder that the local service keeps its buckets in where none is named.
pub(crate) const LOCAL_ROOT: &str = "simpledb-local";

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
       are not whole";

pub(crate) const EXPORT: &str = "\
Examples:
  simpledb-export export --domain-name Books --s3-bucket my-export-bucket --s3-key-prefix backups
  simpledb-export export --local --to out --format csv
  simpledb-export export --local --domains my-domains --root my-buckets

With --local the report also says in which folder the export's files are, and that they were
checked: every file's MD5, every count.";

pub(crate) const LIST: &str = "\
All pages are fetched, unless --max-items says otherwise; where more follow, NextToken is what to
give --starting-token to go on. The AWS CLI's tokens are understood.";

pub(crate) const CONVERT: &str = "\
Examples:
  simpledb-export convert AWSSimpleDB/ID/Books --format csv --to books.csv
  simpledb-export convert AWSSimpleDB/ID/Books --format jsonl | jq .itemName

What a format cannot hold is told on stderr.";

pub(crate) const LOCAL: &str = "\
The first line on stdout is the URL to point an SDK or --endpoint-url to; the keys are
AWS_ACCESS_KEY_ID=local and AWS_SECRET_ACCESS_KEY=local. For development and tests: it listens on
127.0.0.1 only.";

pub(crate) const COMPLETIONS: &str = "\
Example:
  simpledb-export completions bash > ~/.local/share/bash-completion/completions/simpledb-export";
