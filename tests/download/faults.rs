//! A bucket, or a disk, that misbehaves.

use std::error::Error as _;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use simpledb_export::credentials::{CredentialsCache, CredentialsError, ProvideCredentials};
use simpledb_export::data::{BucketOptions, Error, ErrorKind};
use simpledb_export::{Credentials, Error as RequestError, ErrorKind as RequestErrorKind};

use super::bucket::{
    DATA, bucket, client, content, download, export, export_dir, good_response, impatient, object,
    path, refusal, requests_for, s3_config,
};
use super::files;
use crate::support::temp_dir::TempDir;
use crate::support::{SECRET, Server, Step, new_client, response, with_slashes};

/// The request error below.
fn source(error: &Error) -> &RequestError {
    error.source().unwrap().downcast_ref().unwrap()
}

/// The files that have their final names.
fn complete(dir: &Path) -> Vec<String> {
    let mut files = files(dir);
    files.retain(|file| !file.contains(".part"));
    files
}

#[test]
fn a_refused_object_ends_the_download_and_a_rerun_completes_it() {
    for (status, code, what_to_do) in [
        (
            403,
            "AccessDenied",
            "allow s3:GetObject on it, and kms:Decrypt if it is encrypted with a KMS key",
        ),
        (
            404,
            "NoSuchKey",
            "it is no longer in the bucket; start a new export",
        ),
    ] {
        let to = TempDir::new();
        let server = bucket(move |nth, name, _| {
            (nth == 0 && name == DATA[1]).then(|| vec![Step::Send(refusal(status, code))])
        });
        let error = download(&client(&server), &to).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Fetch);
        assert_eq!(
            error.to_string(),
            format!(
                "s3://bucket/AWSSimpleDB/c0ffee/Books/data/b.json: GetObject failed: {code}: no (HTTP \
                 status {status}, request id r-1, 1 attempt); {what_to_do}"
            )
        );
        assert_eq!(source(&error).status(), Some(status));
        assert_eq!(complete(&export_dir(&to)), [DATA[0]]);
        let report = download(&client(&server), &to).unwrap();
        assert_eq!((report.fetched_files, report.kept_files), (1, 1));
    }
}

#[test]
fn the_first_error_ends_the_other_threads() {
    let to = TempDir::new();
    let server = bucket(|_, name, _| {
        DATA.contains(&name)
            .then(|| vec![Step::Send(refusal(403, "AccessDenied"))])
    });
    let error = client(&server)
        .download(&export(""), to.path())
        .run()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fetch);
}

/// Downloads an export with a prefix from a bucket that refuses every request; returns the error.
fn refused_with_a_prefix(to: &TempDir, status: u16, code: &'static str) -> (Server, String) {
    let server = bucket(move |_, _, _| Some(vec![Step::Send(refusal(status, code))]));
    let export = export(r#","s3KeyPrefix":"p""#);
    let error = client(&server)
        .download(&export, to.path())
        .run()
        .unwrap_err();
    (server, error.to_string())
}

#[test]
fn searches_for_an_export_with_and_without_the_prefix() {
    let to = TempDir::new();
    let (server, text) = refused_with_a_prefix(&to, 403, "AccessDenied");
    let object = "s3://bucket/p/AWSSimpleDB/c0ffee/Books/manifest-summary.json: ";
    assert!(text.starts_with(object), "{text}");
    assert_eq!(server.requests().len(), 2);
    assert_eq!(files(to.path()), [""; 0]);
}

#[test]
fn requests_a_missing_bucket_once() {
    let to = TempDir::new();
    let (server, text) = refused_with_a_prefix(&to, 404, "NoSuchBucket");
    assert!(
        text.ends_with("the bucket was deleted, or the endpoint is wrong"),
        "{text}"
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn retries_transient_failures() {
    let to = TempDir::new();
    let server = bucket(|nth, name, _| {
        (nth < 2 && name == DATA[0]).then(|| vec![Step::Send(refusal(503, "SlowDown"))])
    });
    download(&client(&server), &to).unwrap();
    assert_eq!(requests_for(&server, DATA[0]).len(), 3);

    let to = TempDir::new();
    let server = bucket(|_, name, _| (name == DATA[0]).then(|| vec![Step::Reset]));
    let error = download(&client(&server), &to).unwrap_err();
    assert_eq!(source(&error).kind(), RequestErrorKind::Io);
    assert_eq!(source(&error).attempts(), 3);
    let text = error.to_string();
    assert!(text.ends_with("; download again to resume"), "{text}");
}

/// Provides another session each time.
#[derive(Debug, Default)]
struct Rotating(AtomicUsize);

impl ProvideCredentials for Rotating {
    fn provide_credentials(&self, _: Duration) -> Result<Credentials, CredentialsError> {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        let credentials = Credentials::builder("AKIDEXAMPLE", SECRET);
        Ok(credentials.session_token(format!("token-{n}")).build())
    }
}

#[test]
fn drops_credentials_that_s3_refuses_as_expired() {
    let to = TempDir::new();
    let server = bucket(|nth, name, _| {
        (nth == 0 && name == DATA[0]).then(|| vec![Step::Send(refusal(400, "ExpiredToken"))])
    });
    let cache = CredentialsCache::new(Rotating::default());
    download(&new_client(s3_config(&server).credentials(cache)), &to).unwrap();
    let requests = requests_for(&server, DATA[0]);
    let tokens: Vec<_> = requests
        .iter()
        .map(|request| request.header("x-amz-security-token").unwrap())
        .collect();
    assert_eq!(tokens, ["token-0", "token-1"]);
}

#[test]
fn fetches_a_file_with_a_wrong_checksum_twice_and_never_renames_it() {
    let to = TempDir::new();
    let server = bucket(|nth, name, request| {
        (nth == 0 && name == DATA[0]).then(|| vec![Step::Send(object(request, b"damaged"))])
    });
    download(&client(&server), &to).unwrap();
    assert_eq!(
        fs::read(export_dir(&to).join(DATA[0])).unwrap(),
        content(DATA[0])
    );

    let to = TempDir::new();
    let server = bucket(|_, name, request| {
        (name == DATA[0]).then(|| vec![Step::Send(object(request, b"damaged"))])
    });
    let error = download(&client(&server), &to).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed);
    let text = error.to_string();
    assert!(
        text.ends_with("it was changed after the export; start a new export"),
        "{text}"
    );
    assert_eq!(requests_for(&server, DATA[0]).len(), 2);
    assert_eq!(complete(&export_dir(&to)), [""; 0]);
}

#[test]
fn signs_for_another_region_and_follows_no_redirect() {
    let elsewhere = Server::responding(|_, request| vec![Step::Send(good_response(request))]);
    for (status, in_header) in [(301, true), (307, true), (400, true), (301, false)] {
        let to = TempDir::new();
        let location = format!("{}{}", elsewhere.url(), path("manifest-summary.json"));
        let server = bucket(move |nth, name, _| {
            let is_first = nth == 0 && name == "manifest-summary.json";
            let region = "eu-central-1";
            let mut headers = vec![("location", &*location)];
            let mut body = "<Error><Code>PermanentRedirect</Code>".to_owned();
            if in_header {
                headers.push(("x-amz-bucket-region", region));
            } else {
                body.extend(["<Region>", region, "</Region>"]);
            }
            body += "</Error>";
            is_first.then(|| vec![Step::Send(response(status, &headers, body.as_bytes()))])
        });
        download(&client(&server), &to).unwrap();
        let scopes: Vec<bool> = server
            .requests()
            .iter()
            .map(|request| {
                let authorization = request.header("authorization").unwrap();
                authorization.contains("/eu-central-1/s3/aws4_request")
            })
            .collect();
        assert_eq!(scopes, [false, true, true, true, true]);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn reports_a_bucket_that_moves_between_regions() {
    let to = TempDir::new();
    let server = bucket(|nth, _, _| {
        let region = ["eu-west-1", "eu-west-2"][nth % 2];
        Some(vec![Step::Send(response(
            301,
            &[("x-amz-bucket-region", region)],
            b"",
        ))])
    });
    let error = client(&server)
        .download(&export(""), to.path())
        .run()
        .unwrap_err();
    assert_eq!(source(&error).status(), Some(301));
    assert!(
        error.to_string().ends_with("; set the bucket's region"),
        "{error}"
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn looks_for_the_first_object_below_every_prefix_unless_the_bucket_fails() {
    let export = export(r#","s3KeyPrefix":"p""#);
    for (status, requests) in [(404, 2), (403, 2), (503, 1)] {
        let server = bucket(move |_, _, _| Some(vec![Step::Send(response(status, &[], b""))]));
        let client = impatient(&server);
        assert!(!client.download(&export, "unused").has_started());
        assert_eq!(server.requests().len(), requests, "{status}");
    }
}

#[test]
fn signs_the_expected_bucket_owner_in_every_request() {
    let to = TempDir::new();
    let server = bucket(|_, _, _| None);
    let export = export(r#","s3BucketOwner":"123456789012""#);
    client(&server).download(&export, to.path()).run().unwrap();
    client(&server)
        .download(&export, to.path())
        .bucket_options(BucketOptions::new().expected_bucket_owner("111122223333"))
        .run()
        .unwrap();
    let requests = server.requests();
    let owners: Vec<_> = requests
        .iter()
        .map(|request| request.header("x-amz-expected-bucket-owner").unwrap())
        .collect();
    assert_eq!(owners[..4], ["123456789012"; 4]);
    assert_eq!(owners[4..], ["111122223333"; 2]);
    for request in &requests {
        let authorization = request.header("authorization").unwrap();
        assert!(
            authorization.contains("x-amz-content-sha256;x-amz-date;x-amz-expected-bucket-owner"),
            "{authorization}"
        );
    }
}

#[test]
fn names_the_file_that_cannot_be_written() {
    let server = bucket(|_, _, _| None);
    let to = TempDir::new();
    let file = to.path().join("file");
    fs::write(&file, "").unwrap();
    let error = client(&server)
        .download(&export(""), &file)
        .run()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Write);
    let dir_in_file = file.join("AWSSimpleDB/c0ffee/Books");
    let not_a_directory = fs::create_dir_all(&dir_in_file).unwrap_err();
    assert_eq!(
        with_slashes(&error.to_string()),
        format!(
            "{}: cannot be written: {not_a_directory}; fix this and download again to resume",
            with_slashes(&dir_in_file.display().to_string())
        )
    );
    assert_eq!(server.requests().len(), 0);

    // A directory in place of the second data file.
    fs::create_dir_all(export_dir(&to).join(DATA[1])).unwrap();
    let error = download(&client(&server), &to).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Read);
    assert_eq!(error.path(), Some(&*export_dir(&to).join(DATA[1])));
    fs::remove_dir(export_dir(&to).join(DATA[1])).unwrap();

    // A directory in place of a temporary file.
    fs::create_dir(export_dir(&to).join("data/b.json.part")).unwrap();
    let error = download(&client(&server), &to).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Write);
    fs::remove_dir(export_dir(&to).join("data/b.json.part")).unwrap();
    let report = download(&client(&server), &to).unwrap();
    assert_eq!((report.fetched_files, report.kept_files), (1, 1));
}
