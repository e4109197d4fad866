//! Next steps: commands to copy.

pub(crate) mod dynamodb;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;
use simpledb_export::{Error, ErrorKind};

use super::args::{ConversionOptions, DataFormat, Global, SourceOptions};

/// After a request to S3 itself for a bucket of another endpoint.
pub(crate) const S3_ENDPOINT: &str = "the request was sent to AWS, since --endpoint-url covers the export service only: set \
     AWS_ENDPOINT_URL, which covers both, or use --s3-endpoint-url as well";

/// Returns the next step after an error of the library, if its message does not say it.
pub(crate) fn after(error: &Error) -> Option<String> {
    if let Some(token) = error.client_token().filter(|_| error.is_outcome_unknown()) {
        return Some(same_token(token));
    }
    let hint = match error.kind() {
        ErrorKind::NumberExportsLimitExceeded => {
            "the service starts at most 5 exports per domain and 25 per account in 24 hours; \
             export-all stays within these quotas over several runs"
        }
        ErrorKind::ConflictException => {
            "the client token was used with other options within 8 hours: repeat them, or use \
             another --client-token"
        }
        ErrorKind::InvalidNextTokenException => {
            "list from the beginning: omit --starting-token and --next-token"
        }
        ErrorKind::NoSuchDomainException | ErrorKind::NoSuchExportException => {
            "check the name; to see the region and the account in use: simpledb-export whoami"
        }
        ErrorKind::Service if matches!(error.status(), Some(401 | 403)) => {
            "check the permissions; to see the credentials in use: simpledb-export whoami"
        }
        ErrorKind::Connect => {
            "check the network and the proxy; to see the endpoint in use: simpledb-export whoami"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// After a start whose outcome is unknown.
fn same_token(client_token: &str) -> String {
    format!(
        "the export may have been started; to retry without starting a second one, run the same \
         command within 8 hours with --client-token {}",
        quote(client_token)
    )
}

/// After a started export that cannot be printed.
pub(crate) fn show(global: &Global, client_token: &str, export_arn: &str) -> String {
    format!(
        "the export was started with client token {}; to show it: simpledb-export get-export \
         --export-arn {}{}",
        quote(client_token),
        quote(export_arn),
        flags(global)
    )
}

/// During or after a wait for a running export.
pub(crate) fn wait_again(global: &Global, export_arn: &str) -> String {
    format!("to keep waiting: {}", wait(global, export_arn))
}

/// The same for an export to download next.
pub(crate) fn wait_and_download(global: &Global, export_arn: &str, download: &Download) -> String {
    format!(
        "to resume: {} && {}",
        wait(global, export_arn),
        download.command(global, export_arn)
    )
}

/// During or after a download.
pub(crate) fn download_again(global: &Global, export_arn: &str, download: &Download) -> String {
    format!(
        "the export is in its bucket; to resume the download: {}",
        download.command(global, export_arn)
    )
}

fn wait(global: &Global, export_arn: &str) -> String {
    format!(
        "simpledb-export wait export-succeeded --export-arn {}{}",
        quote(export_arn),
        flags(global)
    )
}

/// What `export` does with a successful export.
#[derive(Debug)]
pub(crate) struct Download<'a> {
    pub(crate) to: &'a Path,
    pub(crate) source: &'a SourceOptions,
    pub(crate) format: Option<DataFormat>,
}

impl Download<'_> {
    fn command(&self, global: &Global, export_arn: &str) -> String {
        let mut command = format!(
            "simpledb-export download --export-arn {} --to {}{}{}",
            quote(export_arn),
            quote(&self.to.display().to_string()),
            given(self.source.given()),
            flags(global)
        );
        if let Some(format) = self.format {
            command.push_str("; then convert the directory it reports, with --format ");
            command.push_str(format.name());
        }
        command
    }
}

/// After a verification that found items that are not text.
pub(crate) fn convert_unreadable(directory: &Path) -> String {
    format!(
        "to convert it without them: simpledb-export convert {} --on-error skip --format FORMAT; to \
         replace what is not text: --on-error replace",
        quote(&directory.display().to_string())
    )
}

/// After missing or damaged files.
pub(crate) fn fetch_again(directory: &Path) -> String {
    download_into(export_arn(directory).as_deref(), directory)
}

/// Returns the ARN of an export that may be too damaged to open.
fn export_arn(directory: &Path) -> Option<String> {
    let summary = File::open(directory.join("manifest-summary.json")).ok()?;
    let summary: Value = serde_json::from_reader(summary.take(1 << 20)).ok()?;
    Some(summary.get("exportArn")?.as_str()?.to_owned())
}

/// Finds the directory that was given to `download`.
fn download_into(export_arn: Option<&str>, directory: &Path) -> String {
    // AWSSimpleDB/<id>/<domain>
    let above = directory.ancestors().nth(2);
    let is_downloaded = above.and_then(Path::file_name) == Some("AWSSimpleDB".as_ref());
    let to = match above.and_then(Path::parent) {
        Some(to) if is_downloaded && to == Path::new("") => ".".to_owned(),
        Some(to) if is_downloaded => quote(&to.display().to_string()),
        _ => "DIR".to_owned(),
    };
    format!(
        "to download missing and damaged files again: simpledb-export download --export-arn {} --to {to}",
        export_arn.map_or_else(|| "ARN".to_owned(), quote)
    )
}

/// What `export` converts a downloaded export to.
#[derive(Debug)]
pub(crate) struct Convert<'a> {
    pub(crate) directory: &'a Path,
    pub(crate) format: DataFormat,
    pub(crate) options: &'a ConversionOptions,
    /// Whether another name is needed for the items' names.
    pub(crate) is_key_name_taken: bool,
    pub(crate) to: &'a Path,
}

/// After a failed conversion.
pub(crate) fn convert(convert: &Convert) -> String {
    let Convert {
        directory,
        format,
        options,
        is_key_name_taken,
        to,
    } = convert;
    let mut options = serde_json::to_value(options).unwrap_or_default();
    if *is_key_name_taken {
        options["key-name"] = "NAME".into();
    }
    format!(
        "to convert: simpledb-export convert {} --format {}{} --to {}",
        quote(&directory.display().to_string()),
        format.name(),
        given_values(&options),
        quote(&to.display().to_string())
    )
}

/// After an export whose conversion in its bucket is not complete.
pub(crate) fn convert_in_bucket(
    export_arn: &str,
    format: DataFormat,
    options: &ConversionOptions,
    to: &str,
) -> String {
    let options = serde_json::to_value(options).unwrap_or_default();
    format!(
        "the export has succeeded; to convert it: simpledb-export convert --export-arn {} --format \
         {}{} --to {}",
        quote(export_arn),
        format.name(),
        given_values(&options),
        quote(to)
    )
}

/// During the start of an export.
pub(crate) fn look_for(global: &Global, domain_name: &str) -> String {
    format!(
        "the export may have been started; to check: simpledb-export list-exports --domain-name \
         {}{}",
        quote(domain_name),
        flags(global)
    )
}

/// The options for a command that finds the same export.
fn flags(global: &Global) -> String {
    let ca_bundle = global.ca_bundle.as_ref().map(|file| file.to_string_lossy());
    given([
        ("--region", global.region.as_deref()),
        ("--profile", global.profile.as_deref()),
        ("--endpoint-url", global.endpoint_url.as_deref()),
        ("--ca-bundle", ca_bundle.as_deref()),
    ])
}

/// Returns the options that have values.
fn given<const N: usize>(flags: [(&str, Option<&str>); N]) -> String {
    flags
        .into_iter()
        .filter_map(|(flag, value)| Some(format!(" {flag} {}", quote(value?))))
        .collect()
}

/// Returns the options that are set, named by their keys.
fn given_values(options: &Value) -> String {
    let options = options.as_object().into_iter().flatten();
    options
        .filter_map(|(name, value)| match value {
            Value::Bool(true) => Some(format!(" --{name}")),
            Value::String(value) => Some(format!(" --{name} {}", quote(value))),
            Value::Number(value) => Some(format!(" --{name} {value}")),
            Value::Array(values) if !values.is_empty() => {
                let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
                Some(format!(" --{name} {}", quote(&values.join(","))))
            }
            _ => None,
        })
        .collect()
}

/// Quotes a word for the shell of the platform.
fn quote(word: &str) -> String {
    if cfg!(windows) {
        quote_for_windows(word)
    } else {
        quote_for_posix(word)
    }
}

fn quote_for_posix(word: &str) -> String {
    if is_plain(word, "-_./:=@%+,") {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Quotes by the rules of C programs, which cmd.exe and PowerShell leave alone.
fn quote_for_windows(word: &str) -> String {
    if is_plain(word, r"-_./:=+\") {
        return word.to_owned();
    }
    let mut quoted = String::from('"');
    let mut backslashes = 0;
    for character in word.chars() {
        // Backslashes before a quote count double.
        if character == '"' {
            quoted.push_str(&"\\".repeat(backslashes + 1));
        }
        backslashes = if character == '\\' {
            backslashes + 1
        } else {
            0
        };
        quoted.push(character);
    }
    quoted.push_str(&"\\".repeat(backslashes));
    quoted.push('"');
    quoted
}

fn is_plain(word: &str, punctuation: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || punctuation.contains(c);
    !word.is_empty() && word.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::args::BucketOptions;
    use crate::app::args::{OnError, TypesSource};

    /// A command in which words are quoted as the platform does.
    fn quoted(command: &str) -> String {
        if cfg!(windows) {
            command.replace('\'', "\"")
        } else {
            command.to_owned()
        }
    }

    fn global(region: Option<&str>, endpoint_url: Option<&str>) -> Global {
        Global {
            region: region.map(str::to_owned),
            endpoint_url: endpoint_url.map(str::to_owned),
            ..Global::default()
        }
    }

    #[test]
    fn shows_a_command_for_the_same_export() {
        assert_eq!(
            wait_again(
                &global(None, None),
                "arn:aws:sdb:us-east-1:1:domain/B/export/0"
            ),
            "to keep waiting: simpledb-export wait export-succeeded --export-arn \
             arn:aws:sdb:us-east-1:1:domain/B/export/0"
        );
        let global = global(Some("eu-west-1"), Some("http://localhost:1"));
        assert_eq!(
            look_for(&global, "my books"),
            quoted(
                "the export may have been started; to check: simpledb-export list-exports \
             --domain-name 'my books' --region eu-west-1 --endpoint-url http://localhost:1"
            )
        );
    }

    #[test]
    fn includes_what_follows_the_wait() {
        let global = global(Some("eu-west-1"), None);
        let source = SourceOptions {
            bucket: BucketOptions {
                s3_endpoint_url: Some("http://localhost:1".to_owned()),
                expected_bucket_owner: None,
            },
            threads: None,
        };
        let mut download = Download {
            to: Path::new("my out"),
            source: &source,
            format: None,
        };
        assert_eq!(
            wait_and_download(&global, "arn:x", &download),
            quoted(
                "to resume: simpledb-export wait export-succeeded --export-arn arn:x --region \
             eu-west-1 && simpledb-export download --export-arn arn:x --to 'my out' \
             --s3-endpoint-url http://localhost:1 --region eu-west-1"
            )
        );
        download.format = Some(DataFormat::Csv);
        assert_eq!(
            download_again(&global, "arn:x", &download),
            quoted(
                "the export is in its bucket; to resume the download: simpledb-export download \
             --export-arn arn:x --to 'my out' --s3-endpoint-url http://localhost:1 --region \
             eu-west-1; then convert the directory it reports, with --format csv"
            )
        );
    }

    #[test]
    fn keeps_the_options_of_a_conversion_except_a_taken_name() {
        let mut options = ConversionOptions {
            key_name: Some("id".to_owned()),
            columns: vec!["a b".to_owned(), "c".to_owned()],
            separator: Some(';'),
            on_error: Some(OnError::Skip),
            types: TypesSource::parse("my types.json").ok(),
            gzip: true,
            ..ConversionOptions::default()
        };
        let command = |format, is_key_name_taken, options: &_| {
            convert(&Convert {
                directory: Path::new("out/AWSSimpleDB/1/my books"),
                format,
                options,
                is_key_name_taken,
                to: Path::new("out/my books"),
            })
        };
        assert_eq!(
            command(DataFormat::Csv, false, &options),
            quoted(
                "to convert: simpledb-export convert 'out/AWSSimpleDB/1/my books' --format csv \
             --types 'my types.json' --key-name id --columns 'a b,c' --separator ';' --on-error skip --gzip --to 'out/my books'"
            )
        );
        options = ConversionOptions {
            lists: true,
            ..ConversionOptions::default()
        };
        assert_eq!(
            command(DataFormat::Dynamodb, true, &options),
            quoted(
                "to convert: simpledb-export convert 'out/AWSSimpleDB/1/my books' --format dynamodb \
             --key-name NAME --lists --to 'out/my books'"
            )
        );
    }

    #[test]
    fn downloads_to_the_same_directory_again() {
        for (arn, directory, expected) in [
            (
                Some("arn:x"),
                "my out/AWSSimpleDB/id/Books",
                "--export-arn arn:x --to 'my out'",
            ),
            (None, "AWSSimpleDB/id/Books", "--export-arn ARN --to ."),
            (None, "Books", "--export-arn ARN --to DIR"),
            (None, "/a/b/c/d", "--export-arn ARN --to DIR"),
        ] {
            let hint = download_into(arn, Path::new(directory));
            assert_eq!(
                hint,
                quoted(&format!(
                    "to download missing and damaged files again: simpledb-export download {expected}"
                ))
            );
        }
    }

    #[test]
    fn shows_the_token_to_use_again() {
        assert_eq!(
            same_token("0e1e-2f"),
            "the export may have been started; to retry without starting a second one, run the \
             same command within 8 hours with --client-token 0e1e-2f"
        );
    }

    #[test]
    fn quotes_words_for_a_posix_shell() {
        for (word, quoted) in [
            ("arn:aws:sdb", "arn:aws:sdb"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(quote_for_posix(word), quoted);
        }
    }

    #[test]
    fn quotes_words_for_windows() {
        for (word, quoted) in [
            (r"C:\out\data", r"C:\out\data"),
            ("", r#""""#),
            ("my out", r#""my out""#),
            (r"my out\", r#""my out\\""#),
            (r#"a "b" \"c"#, r#""a \"b\" \\\"c""#),
            ("it's", r#""it's""#),
            ("a,b", r#""a,b""#),
            ("a & b", r#""a & b""#),
        ] {
            assert_eq!(quote_for_windows(word), quoted);
        }
    }
}
