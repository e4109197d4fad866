//! A bucket that wastes time, memory or disk space, or that points elsewhere.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;
use simpledb_export::RetryConfig;
use simpledb_export::data::ErrorKind;

use super::bucket::{
    DATA, bucket, content, download, export, export_dir, good_response, path, patience, s3_config,
};
use super::files;
use crate::support::temp_dir::TempDir;
use crate::support::{Server, Step, new_client, response, with_slashes};

/// The error of a download with short timeouts, which must end long before the test's limit.
fn ends(server: &Server) -> String {
    let to = TempDir::new();
    let limit = patience(Duration::from_secs(1));
    let config = s3_config(server)
        .attempt_timeout(limit)
        .operation_timeout(2 * limit)
        .retry_config(RetryConfig::disabled());
    let started = Instant::now();
    let error = download(&new_client(config), &to).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(60));
    error.to_string()
}

/// The head of a response whose body is sent in chunks.
fn chunked(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\ntransfer-encoding: chunked\r\n\r\n").into_bytes()
}

const DRIP: Duration = Duration::from_millis(100);

#[test]
fn a_dripping_refusal_ends() {
    let server = bucket(|_, _, _| {
        let head = b"HTTP/1.1 403 X\r\ncontent-length: 60000\r\n\r\n".to_vec();
        Some(vec![Step::Send(head), Step::Drip(b" ".to_vec(), DRIP)])
    });
    let error = ends(&server);
    assert!(error.contains("HTTP status 403"), "{error}");
}

#[test]
fn endless_trailers_end() {
    for status in [200, 403] {
        let server = bucket(move |_, _, _| {
            let mut head = chunked(status);
            head.extend(b"1\r\nx\r\n0\r\n");
            Some(vec![
                Step::Send(head),
                Step::Drip(b"a: b\r\n".to_vec(), DRIP),
            ])
        });
        let error = ends(&server);
        assert!(error.contains("s3://bucket/"), "{error}");
    }
}

#[test]
fn a_dripping_file_ends() {
    for file in ["manifest-summary.json", "manifest-file.json", DATA[0]] {
        let server = bucket(move |_, name, _| {
            let head = b"HTTP/1.1 200 X\r\ncontent-length: 60000\r\n\r\n".to_vec();
            (name == file).then(|| vec![Step::Send(head), Step::Drip(b" ".to_vec(), DRIP)])
        });
        let error = ends(&server);
        assert!(error.contains(" stalled"), "{error}");
    }
}

#[test]
fn rejects_manifests_that_are_too_large() {
    const MIB: u64 = 1 << 20;
    for (file, length, limit) in [
        ("manifest-summary.json", Some(2 * MIB), 1),
        ("manifest-summary.json", None, 1),
        ("manifest-file.json", Some(2048 * MIB), 1024),
    ] {
        let to = TempDir::new();
        let server = bucket(move |_, name, _| {
            let head = match length {
                Some(length) => {
                    format!("HTTP/1.1 200 X\r\ncontent-length: {length}\r\n\r\n").into_bytes()
                }
                None => b"HTTP/1.1 200 X\r\n\r\n".to_vec(),
            };
            (name == file).then(|| vec![Step::Send(head), Step::Flood(vec![b' '; 65536])])
        });
        let error = download(&new_client(s3_config(&server)), &to).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidManifest);
        assert_eq!(
            error.to_string(),
            format!(
                "s3://bucket/AWSSimpleDB/c0ffee/Books/{file}: larger than {limit} MiB, the limit \
                 for this manifest"
            )
        );
        assert_eq!(files(to.path()), [""; 0]);
    }
}

#[test]
fn removes_what_a_killed_download_left_beside_a_complete_file() {
    let to = TempDir::new();
    let server = bucket(|_, _, _| None);
    fs::create_dir_all(export_dir(&to).join("data")).unwrap();
    fs::write(export_dir(&to).join(DATA[0]), content(DATA[0])).unwrap();
    let note = export_dir(&to).join(format!("{}.part.etag", DATA[0]));
    fs::write(note, "\"etag\"").unwrap();
    let report = download(&new_client(s3_config(&server)), &to).unwrap();
    assert_eq!((report.fetched_files, report.kept_files), (1, 1));
    let verified = report.export.verify().run().unwrap();
    assert!(verified.is_ok(), "{:?}", verified.problems);
}

#[test]
fn a_domain_name_never_leads_out_of_the_directory() {
    let to = TempDir::new();
    let server = Server::responding(|_, request| {
        let mut inner = request.clone();
        let name = request
            .path
            .strip_prefix("/bucket/AWSSimpleDB/c0ffee/../../x/");
        inner.path = name.map(path).unwrap_or_default();
        vec![Step::Send(good_response(&inner))]
    });
    let mut export = export("");
    export.domain_name = "../../x".to_owned();
    let inner = to.path().join("deep");
    let client = new_client(s3_config(&server));
    let report = client.download(&export, &inner).run().unwrap();
    assert_eq!(
        report.export.dir(),
        inner.join("AWSSimpleDB/c0ffee/%2E.%2F..%2Fx")
    );
    assert!(
        files(to.path())
            .iter()
            .all(|file| file.starts_with("deep/AWSSimpleDB/c0ffee/"))
    );
}

#[test]
fn rejects_files_that_a_disk_takes_for_one() {
    for (other, problem) in [
        ("data/a.json", "lists data/a.json more than once"),
        (
            "data/A.json",
            "lists data/a.json and data/A.json, which are the same file on a disk that ignores case",
        ),
        (
            "data/a.json.part",
            "the name data/a.json.part is reserved for the download itself",
        ),
    ] {
        let to = TempDir::new();
        let server = bucket(move |_, name, _| {
            let keys = [DATA[0], other].map(|key| json!({"dataFileS3Key": key}));
            let manifest = json!(keys).to_string();
            (name == "manifest-file.json")
                .then(|| vec![Step::Send(response(200, &[], manifest.as_bytes()))])
        });
        let error = download(&new_client(s3_config(&server)), &to).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidManifest);
        let manifest = export_dir(&to).join("manifest-file.json");
        let manifest = with_slashes(&manifest.display().to_string());
        // Which of the two comes first is not specified.
        let text = with_slashes(&error.to_string())
            .replace("data/A.json and data/a.json", "data/a.json and data/A.json");
        assert_eq!(text, format!("{manifest}: {problem}"));
    }
}
