//! How to go on: commands to be copied.

use std::fs::File;
use std::path::Path;

use simpledb_export::data::{MANIFEST_SUMMARY, ManifestSummary};

use super::args::{ConversionOptions, DataFormat, Global, SourceOptions};

/// Where the service starts no more exports for now.
pub(crate) const QUOTAS: &str = "the service starts 5 exports of a domain and 25 of an account within 24 hours; export-all \
     keeps count, and each of its runs starts what is allowed";

/// Where S3 itself was asked for what is elsewhere.
pub(crate) const S3_ENDPOINT: &str = "S3 itself was asked, since --endpoint-url is for the export service only: set \
     AWS_ENDPOINT_URL, which is for both, or give --s3-endpoint-url as well";

/// After a start of which nobody knows whether the service got it.
pub(crate) fn same_token(client_token: &str) -> String {
    format!(
        "the export may have been started; to go on without starting a second one, run the same \
         command within 8 hours with --client-token {}",
        quote(client_token)
    )
}

/// While or after waiting for an export that has not ended.
pub(crate) fn wait_again(global: &Global, export_arn: &str) -> String {
    format!("to go on waiting: {}", wait(global, export_arn))
}

/// The same where the export was to be downloaded next.
pub(crate) fn wait_and_download(global: &Global, export_arn: &str, download: &Download) -> String {
    format!(
        "to go on: {} && {}",
        wait(global, export_arn),
        download.command(global, export_arn)
    )
}

/// While or after downloading an export.
pub(crate) fn download_again(global: &Global, export_arn: &str, download: &Download) -> String {
    format!(
        "the export is in its bucket; to go on downloading: {}",
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

/// What `export` does with an export that has succeeded.
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
            command.push_str("; then convert the folder that it names, with --format ");
            command.push_str(format.name());
        }
        command
    }
}

/// Where files of an export are missing or are not what it wrote.
pub(crate) fn fetch_again(folder: &Path) -> String {
    let summary = File::open(folder.join(MANIFEST_SUMMARY)).ok();
    let summary = summary.and_then(|file| ManifestSummary::read(file).ok());
    let export_arn = summary.and_then(|summary| summary.export_arn);
    download_into(export_arn.as_deref(), folder)
}

/// A folder that lies as `download` lays it below the one that it is given.
fn download_into(export_arn: Option<&str>, folder: &Path) -> String {
    // AWSSimpleDB/<id>/<domain>
    let above = folder.ancestors().nth(2);
    let is_laid_out = above.and_then(Path::file_name) == Some("AWSSimpleDB".as_ref());
    let to = match above.and_then(Path::parent) {
        Some(to) if is_laid_out && to == Path::new("") => ".".to_owned(),
        Some(to) if is_laid_out => quote(&to.display().to_string()),
        _ => "DIR".to_owned(),
    };
    format!(
        "to fetch only what is missing or wrong: simpledb-export download --export-arn {} --to {to}",
        export_arn.map_or_else(|| "ARN".to_owned(), quote)
    )
}

/// What `export` converts an export that is here to.
#[derive(Debug)]
pub(crate) struct Convert<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) format: DataFormat,
    pub(crate) options: &'a ConversionOptions,
    /// Whether another name has to be chosen for the items' names.
    pub(crate) is_key_name_taken: bool,
    pub(crate) to: &'a Path,
}

/// After a conversion that failed.
pub(crate) fn convert(convert: &Convert) -> String {
    let Convert {
        folder,
        format,
        options,
        is_key_name_taken,
        to,
    } = convert;
    let separator = options.separator.map(String::from);
    let columns = options.columns.join(",");
    let key_name = if *is_key_name_taken {
        Some("NAME")
    } else {
        options.key_name.as_deref()
    };
    let mut command = format!(
        "to convert: simpledb-export convert {} --format {}{}",
        quote(&folder.display().to_string()),
        format.name(),
        given([
            ("--key-name", key_name),
            (
                "--columns",
                Some(&*columns).filter(|names| !names.is_empty())
            ),
            ("--separator", separator.as_deref()),
        ])
    );
    if options.lists {
        command.push_str(" --lists");
    }
    if options.gzip {
        command.push_str(" --gzip");
    }
    command.push_str(" --to ");
    command.push_str(&quote(&to.display().to_string()));
    command
}

/// While the start of an export is under way.
pub(crate) fn look_for(global: &Global, domain_name: &str) -> String {
    format!(
        "the export may have been started; to see: simpledb-export list-exports --domain-name \
         {}{}",
        quote(domain_name),
        flags(global)
    )
}

/// The flags that decide which export an ARN means.
fn flags(global: &Global) -> String {
    given([
        ("--region", global.region.as_deref()),
        ("--profile", global.profile.as_deref()),
        ("--endpoint-url", global.endpoint_url.as_deref()),
    ])
}

/// Those flags that have values.
fn given<const N: usize>(flags: [(&str, Option<&str>); N]) -> String {
    flags
        .into_iter()
        .filter_map(|(flag, value)| Some(format!(" {flag} {}", quote(value?))))
        .collect()
}

/// A word as a POSIX shell takes it.
fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::args::Format;

    fn global(region: Option<&str>, endpoint_url: Option<&str>) -> Global {
        Global {
            region: region.map(str::to_owned),
            profile: None,
            endpoint_url: endpoint_url.map(str::to_owned),
            output: Format::Json,
            color: clap::ColorChoice::Auto,
            quiet: false,
            debug: false,
        }
    }

    #[test]
    fn a_command_to_go_on_with_finds_the_same_export() {
        assert_eq!(
            wait_again(
                &global(None, None),
                "arn:aws:sdb:us-east-1:1:domain/B/export/0"
            ),
            "to go on waiting: simpledb-export wait export-succeeded --export-arn \
             arn:aws:sdb:us-east-1:1:domain/B/export/0"
        );
        let global = global(Some("eu-west-1"), Some("http://localhost:1"));
        assert_eq!(
            look_for(&global, "my books"),
            "the export may have been started; to see: simpledb-export list-exports \
             --domain-name 'my books' --region eu-west-1 --endpoint-url http://localhost:1"
        );
    }

    #[test]
    fn what_was_to_come_after_the_wait_is_in_it() {
        let global = global(Some("eu-west-1"), None);
        let source = SourceOptions {
            s3_endpoint_url: Some("http://localhost:1".to_owned()),
            expected_bucket_owner: None,
            threads: 4,
        };
        let mut download = Download {
            to: Path::new("my out"),
            source: &source,
            format: None,
        };
        assert_eq!(
            wait_and_download(&global, "arn:x", &download),
            "to go on: simpledb-export wait export-succeeded --export-arn arn:x --region \
             eu-west-1 && simpledb-export download --export-arn arn:x --to 'my out' \
             --s3-endpoint-url http://localhost:1 --region eu-west-1"
        );
        download.format = Some(DataFormat::Csv);
        assert_eq!(
            download_again(&global, "arn:x", &download),
            "the export is in its bucket; to go on downloading: simpledb-export download \
             --export-arn arn:x --to 'my out' --s3-endpoint-url http://localhost:1 --region \
             eu-west-1; then convert the folder that it names, with --format csv"
        );
    }

    #[test]
    fn a_conversion_keeps_its_options_but_for_a_name_that_is_taken() {
        let mut options = ConversionOptions {
            key_name: Some("id".to_owned()),
            columns: vec!["a b".to_owned(), "c".to_owned()],
            separator: Some(';'),
            lists: false,
            gzip: true,
        };
        let command = |format, is_key_name_taken, options: &_| {
            convert(&Convert {
                folder: Path::new("out/AWSSimpleDB/1/my books"),
                format,
                options,
                is_key_name_taken,
                to: Path::new("out/my books"),
            })
        };
        assert_eq!(
            command(DataFormat::Csv, false, &options),
            "to convert: simpledb-export convert 'out/AWSSimpleDB/1/my books' --format csv \
             --key-name id --columns 'a b,c' --separator ';' --gzip --to 'out/my books'"
        );
        options = ConversionOptions {
            lists: true,
            ..ConversionOptions::default()
        };
        assert_eq!(
            command(DataFormat::Dynamodb, true, &options),
            "to convert: simpledb-export convert 'out/AWSSimpleDB/1/my books' --format dynamodb \
             --key-name NAME --lists --to 'out/my books'"
        );
    }

    #[test]
    fn what_is_wrong_is_fetched_to_where_it_lies() {
        for (arn, folder, expected) in [
            (
                Some("arn:x"),
                "my out/AWSSimpleDB/id/Books",
                "--export-arn arn:x --to 'my out'",
            ),
            (None, "AWSSimpleDB/id/Books", "--export-arn ARN --to ."),
            (None, "Books", "--export-arn ARN --to DIR"),
            (None, "/a/b/c/d", "--export-arn ARN --to DIR"),
        ] {
            let hint = download_into(arn, Path::new(folder));
            assert_eq!(
                hint,
                format!(
                    "to fetch only what is missing or wrong: simpledb-export download {expected}"
                )
            );
        }
    }

    #[test]
    fn a_token_is_to_be_used_again() {
        assert_eq!(
            same_token("0e1e-2f"),
            "the export may have been started; to go on without starting a second one, run the \
             same command within 8 hours with --client-token 0e1e-2f"
        );
    }

    #[test]
    fn words_survive_a_shell() {
        for (word, quoted) in [
            ("arn:aws:sdb", "arn:aws:sdb"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(quote(word), quoted);
        }
    }
}
