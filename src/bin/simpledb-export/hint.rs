//! Next steps: commands to copy.

pub(crate) mod dynamodb;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use super::args::{FileOptions, Global};
use super::conversion::{ConversionOptions, DataFormat};
use super::shell::quote;

/// After a request to S3 itself for a bucket of another endpoint.
pub(crate) const S3_ENDPOINT: &str = "the request was sent to AWS, since --endpoint-url covers the \
    export service only: set AWS_ENDPOINT_URL, which covers both, or use --s3-endpoint-url as well";

/// After a started export that cannot be printed.
pub(crate) fn show(global: &Global, client_token: &str, export_arn: &str) -> String {
    format!(
        "the export was started with client token {}; to show it: {}",
        quote(client_token),
        command("get-export", &json!({"export-arn": export_arn}), global)
    )
}

/// During or after a wait for a running export.
pub(crate) fn wait_again(global: &Global, export_arn: &str) -> String {
    format!("to keep waiting: {}", wait(global, export_arn))
}

/// The same for an export to download next.
pub(crate) fn wait_and_download(
    global: &Global,
    export_arn: &str,
    to: &Path,
    files: &FileOptions,
) -> String {
    format!(
        "to resume: {} && {}",
        wait(global, export_arn),
        download(global, export_arn, to, files)
    )
}

/// During or after a download.
pub(crate) fn download_again(
    global: &Global,
    export_arn: &str,
    to: &Path,
    files: &FileOptions,
) -> String {
    format!(
        "the export is in its bucket; to resume the download: {}",
        download(global, export_arn, to, files)
    )
}

fn wait(global: &Global, export_arn: &str) -> String {
    let options = json!({"export-arn": export_arn});
    command("wait export-succeeded", &options, global)
}

fn download(global: &Global, export_arn: &str, to: &Path, files: &FileOptions) -> String {
    let options = json!({
        "export-arn": export_arn,
        "to": to.to_string_lossy(),
        "s3-endpoint-url": files.source.bucket.s3_endpoint_url,
        "expected-bucket-owner": files.source.bucket.expected_bucket_owner,
    });
    let download = command("download", &options, global);
    match files.format {
        Some(format) => format!(
            "{download}; then convert the directory it reports, with --format {}",
            format.name()
        ),
        None => download,
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
        Some(to) if is_downloaded && to == Path::new("") => ".".into(),
        Some(to) if is_downloaded => to.to_string_lossy(),
        _ => "DIR".into(),
    };
    let options = json!({"export-arn": export_arn.unwrap_or("ARN"), "to": to});
    format!(
        "to download missing and damaged files again: simpledb-export download{}",
        given(&options)
    )
}

/// After a failed conversion.
pub(crate) fn convert(
    directory: &Path,
    format: DataFormat,
    options: &ConversionOptions,
    is_key_name_taken: bool,
    to: &Path,
) -> String {
    let mut options = serde_json::to_value(options).unwrap_or_default();
    if is_key_name_taken {
        options["key-name"] = "NAME".into();
    }
    let source = quote(&directory.display().to_string());
    let to = to.display().to_string();
    format!(
        "to convert: {}",
        convert_command(&source, format, &options, &to)
    )
}

/// After an export whose conversion in its bucket is not complete.
pub(crate) fn convert_in_bucket(
    export_arn: &str,
    format: DataFormat,
    options: &ConversionOptions,
    to: &str,
) -> String {
    let source = format!("--export-arn {}", quote(export_arn));
    let options = serde_json::to_value(options).unwrap_or_default();
    format!(
        "the export has succeeded; to convert it: {}",
        convert_command(&source, format, &options, to)
    )
}

fn convert_command(source: &str, format: DataFormat, options: &Value, to: &str) -> String {
    format!(
        "simpledb-export convert {source} --format {}{} --to {}",
        format.name(),
        given(options),
        quote(to)
    )
}

/// During the start of an export.
pub(crate) fn look_for(global: &Global, domain_name: &str) -> String {
    let list = command("list-exports", &json!({"domain-name": domain_name}), global);
    format!("the export may have been started; to check: {list}")
}

/// Returns a command for the same service and account.
fn command(name: &str, options: &Value, global: &Global) -> String {
    let ca_bundle = global.ca_bundle.as_ref().map(|file| file.to_string_lossy());
    let same_service = json!({
        "region": global.region,
        "profile": global.profile,
        "endpoint-url": global.endpoint_url,
        "ca-bundle": ca_bundle,
    });
    format!(
        "simpledb-export {name}{}{}",
        given(options),
        given(&same_service)
    )
}

/// Returns the options that are set, named by their keys.
fn given(options: &Value) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{BucketOptions, SourceOptions};
    use crate::conversion::{OnError, TypesSource};

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
        let mut files = FileOptions {
            source: SourceOptions {
                bucket: BucketOptions {
                    s3_endpoint_url: Some("http://localhost:1".to_owned()),
                    expected_bucket_owner: None,
                },
                threads: None,
            },
            ..FileOptions::default()
        };
        let to = Path::new("my out");
        assert_eq!(
            wait_and_download(&global, "arn:x", to, &files),
            quoted(
                "to resume: simpledb-export wait export-succeeded --export-arn arn:x --region \
             eu-west-1 && simpledb-export download --export-arn arn:x --to 'my out' \
             --s3-endpoint-url http://localhost:1 --region eu-west-1"
            )
        );
        files.format = Some(DataFormat::Csv);
        assert_eq!(
            download_again(&global, "arn:x", to, &files),
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
            let directory = Path::new("out/AWSSimpleDB/1/my books");
            let to = Path::new("out/my books");
            convert(directory, format, options, is_key_name_taken, to)
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
}
