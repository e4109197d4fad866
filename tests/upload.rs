//! Uploads of objects: to the local service, and to a bucket that misbehaves.

use std::fs;
use std::io::Write;
use std::sync::Mutex;

use simpledb_export::data::{BucketOptions, ErrorKind, ObjectWriter};
use simpledb_export::local::LocalService;
use simpledb_export::{Client, Config, Credentials, RetryConfig};

use crate::support::breaker::Breaker;
use crate::support::server::{Request, Server, Step, response};
use crate::support::temp_dir::TempDir;

const MIB: usize = 1 << 20;

fn service(root: &TempDir) -> LocalService {
    let builder = LocalService::builder().root(root.path());
    builder.bucket("bucket").start().unwrap()
}

/// Bytes without a short period.
fn content(length: usize) -> Vec<u8> {
    let words =
        (0..=length / 8).flat_map(|n| (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    words.take(length).collect()
}

fn start(client: &Client, key: &str) -> ObjectWriter {
    client.upload("bucket", key).start().unwrap()
}

fn upload(client: &Client, key: &str, content: &[u8]) {
    let mut object = start(client, key);
    for piece in content.chunks(100_000) {
        object.write_all(piece).unwrap();
    }
    object.finish().unwrap();
}

/// The unfinished uploads in the bucket's directory. Before Windows 10, a part that is still arriving
/// keeps the directory of an upload that has ended.
fn unfinished(root: &TempDir) -> usize {
    let uploads = root.path().join("bucket/.simpledb-export/uploads");
    let exists = |entry: &fs::DirEntry| cfg!(unix) || entry.path().join("upload.json").exists();
    let uploads = fs::read_dir(uploads).into_iter().flatten();
    uploads
        .filter(|entry| exists(entry.as_ref().unwrap()))
        .count()
}

#[test]
fn writes_objects_of_any_size() {
    let root = TempDir::new();
    let service = service(&root);
    let client = service.client();
    for (key, length) in [
        ("empty", 0),
        ("small", 10),
        ("a part", 8 * MIB),
        ("a/b/\u{e4} &+%/large", 21 * MIB + 1),
    ] {
        let content = content(length);
        upload(&client, key, &content);
        let path = service.object_path("bucket", key);
        assert!(fs::read(path).unwrap() == content, "{key}");
        // Another upload replaces it.
        upload(&client, key, b"other");
        let path = service.object_path("bucket", key);
        assert_eq!(fs::read(path).unwrap(), b"other");
    }
    assert_eq!(unfinished(&root), 0);
}

#[test]
fn an_unfinished_upload_leaves_nothing() {
    let root = TempDir::new();
    let service = service(&root);
    let client = service.client();
    for length in [10, 20 * MIB] {
        let mut object = start(&client, "dropped");
        object.write_all(&content(length)).unwrap();
        drop(object);
        let mut object = start(&client, "aborted");
        object.write_all(&content(length)).unwrap();
        object.abort().unwrap();
    }
    assert_eq!(unfinished(&root), 0);
    for key in ["dropped", "aborted"] {
        assert!(!service.object_path("bucket", key).exists());
    }
}

#[test]
fn removes_what_a_killed_upload_to_the_same_key_has_left() {
    let root = TempDir::new();
    let service = service(&root);
    let client = service.client();
    for key in ["a", "ab"] {
        let mut object = start(&client, key);
        object.write_all(&content(9 * MIB)).unwrap();
        std::mem::forget(object);
    }
    assert_eq!(unfinished(&root), 2);
    upload(&client, "a", b"small");
    assert_eq!(unfinished(&root), 1);
}

#[test]
fn an_upload_that_another_one_ended_says_so() {
    let root = TempDir::new();
    let service = service(&root);
    let client = service.client();
    let mut first = start(&client, "a");
    first.write_all(&content(9 * MIB)).unwrap();
    upload(&client, "a", b"second");
    let error = first.finish().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Upload);
    let message = error.to_string();
    assert!(message.starts_with("s3://bucket/a: "), "{message}");
    assert!(
        message.ends_with(
            "another upload to the same key has ended this one: upload again once there is only one"
        ),
        "{message}"
    );
    assert_eq!(
        fs::read(service.object_path("bucket", "a")).unwrap(),
        b"second"
    );
}

#[test]
fn does_not_replace_what_another_process_wrote_during_the_upload() {
    let root = TempDir::new();
    let service = service(&root);
    let client = service.client();
    for (key, length) in [("small", 10), ("large", 9 * MIB)] {
        for existing in [false, true] {
            let path = service.object_path("bucket", key);
            if existing {
                fs::write(&path, "existing").unwrap();
            } else {
                fs::remove_file(&path).ok();
            }
            let mut object = start(&client, key);
            object.write_all(&content(length)).unwrap();
            fs::write(&path, "other").unwrap();
            let message = object.finish().unwrap_err().to_string();
            assert!(
                message.ends_with(
                    "another process wrote the object during this upload; upload again to replace it"
                ),
                "{message}"
            );
            assert_eq!(fs::read(&path).unwrap(), b"other");
        }
    }
    assert_eq!(unfinished(&root), 0);
}

#[test]
fn finds_a_bucket_in_another_region_and_names_what_is_missing() {
    let root = TempDir::new();
    let builder = LocalService::builder().root(root.path()).bucket("bucket");
    let service = builder.region("eu-west-1").start().unwrap();
    let config = Config::builder()
        .endpoint_url(service.endpoint_url())
        .s3_endpoint_url(service.endpoint_url())
        .credentials(service.credentials())
        .region("us-east-1");
    let client = Client::new(config.build().unwrap()).unwrap();
    upload(&client, "a", b"content");
    assert_eq!(
        fs::read(service.object_path("bucket", "a")).unwrap(),
        b"content"
    );

    let error = client.upload("missing", "a").start().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Upload);
    let message = error.to_string();
    assert!(
        message.starts_with("s3://missing/a: ListMultipartUploads failed: NoSuchBucket: "),
        "{message}"
    );
    assert!(
        message.ends_with("; create the bucket, or correct its name or the endpoint"),
        "{message}"
    );
    let error = client.upload("bucket", "").start().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOption);
    let options = BucketOptions::new().expected_bucket_owner("111122223333");
    let other = client.upload("bucket", "a").bucket_options(options);
    let mut object = other.start().unwrap();
    object.write_all(b"content").unwrap();
    let message = object.finish().unwrap_err().to_string();
    assert!(message.contains("; allow s3:PutObject on it"), "{message}");
}

#[test]
fn repeats_what_broke() {
    let root = TempDir::new();
    let service = service(&root);
    let mut broken = 0;
    for seed in 0..3 {
        let breaker = Breaker::start(service.address(), seed);
        let retry = RetryConfig::standard()
            .max_attempts(20)
            .quota(100_000)
            .initial_backoff(std::time::Duration::from_millis(1));
        let config = Config::builder()
            .endpoint_url(breaker.url())
            .s3_endpoint_url(breaker.url())
            .credentials(service.credentials())
            .region("us-east-1")
            .retry_config(retry);
        let client = Client::new(config.build().unwrap()).unwrap();
        let content = content(8 * MIB + 5);
        for (key, content) in [("large", &content[..]), ("small", b"small")] {
            upload(&client, key, content);
            let path = service.object_path("bucket", key);
            assert!(fs::read(&path).unwrap() == content, "{key}, seed {seed}");
            fs::remove_file(path).unwrap();
        }
        broken += breaker.broken();
    }
    assert!(broken > 0);
    // An upload whose creation got no response is left to the next one.
    upload(&service.client(), "large", b"");
    assert_eq!(unfinished(&root), 0);
}

/// A bucket that handles an upload, but responds to some requests with this refusal.
fn refusing(method: &'static str, in_query: &'static str, status: u16, code: &str) -> Server {
    let refusal = format!("<Error><Code>{code}</Code></Error>");
    Server::responding(move |_, request: &Request| {
        let query = request.path.split_once('?').map_or("", |(_, query)| query);
        let sent = match request.method.as_str() {
            sent if sent == method && query.contains(in_query) => {
                response(status, &[], refusal.as_bytes())
            }
            "HEAD" => response(404, &[], b""),
            "GET" => response(200, &[], b"<ListMultipartUploadsResult/>"),
            "POST" if query == "uploads" => response(200, &[], b"<R><UploadId>id</UploadId></R>"),
            "DELETE" => response(204, &[], b""),
            _ => response(200, &[("etag", "\"e\"")], b""),
        };
        vec![Step::Send(sent)]
    })
}

fn client_of(server: &Server) -> Client {
    let config = Config::builder()
        .endpoint_url(server.url())
        .s3_endpoint_url(server.url())
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .region("us-east-1")
        .retry_config(RetryConfig::disabled());
    Client::new(config.build().unwrap()).unwrap()
}

/// The methods and parameters of all requests but the first two.
fn sent(server: &Server) -> Vec<String> {
    let requests = server.requests().into_iter().skip(2);
    let lines = requests.map(|request| {
        let query = request.path.split_once('?').map_or("", |(_, query)| query);
        format!("{} {query}", request.method)
    });
    lines.collect()
}

#[test]
fn a_refused_part_ends_the_upload_and_removes_the_others() {
    let server = refusing("PUT", "partNumber=2&", 403, "AccessDenied");
    let object = client_of(&server).upload("bucket", "key").threads(1);
    let mut object = object.start().unwrap();
    let written = Mutex::new(0);
    let error = loop {
        match object.write_all(&content(MIB)) {
            Ok(()) => *written.lock().unwrap() += 1,
            Err(error) => break error,
        }
        assert!(*written.lock().unwrap() < 100, "nothing is refused");
    };
    assert_eq!(
        error.to_string(),
        "s3://bucket/key: UploadPart failed: AccessDenied (HTTP status 403, 1 attempt); allow \
         s3:PutObject on it, and kms:GenerateDataKey and kms:Decrypt if the bucket encrypts with a \
         KMS key"
    );
    let message = object.finish().unwrap_err().to_string();
    assert_eq!(message, "s3://bucket/key: the upload has failed before");
    assert_eq!(
        sent(&server),
        [
            "POST uploads",
            "PUT partNumber=1&uploadId=id",
            "PUT partNumber=2&uploadId=id",
            "DELETE uploadId=id",
        ]
    );
}

#[test]
fn an_error_after_the_headers_of_a_success_is_an_error() {
    let server = refusing("POST", "uploadId=", 200, "InternalError");
    let mut object = start(&client_of(&server), "key");
    object.write_all(&content(9 * MIB)).unwrap();
    let message = object.finish().unwrap_err().to_string();
    assert_eq!(
        message,
        "s3://bucket/key: CompleteMultipartUpload failed: InternalError (HTTP status 500, 1 \
         attempt); upload again"
    );
    // Whether it was completed all the same is checked, and it was not.
    let sent = sent(&server);
    assert_eq!(
        sent[sent.len() - 3..],
        ["POST uploadId=id", "HEAD ", "DELETE uploadId=id"]
    );
}

#[test]
fn every_request_carries_the_checksum_of_its_body() {
    let server = refusing("NONE", "", 200, "");
    let mut object = start(&client_of(&server), "key");
    object.write_all(&content(9 * MIB)).unwrap();
    object.finish().unwrap();
    let requests = server.requests();
    let parts = requests.iter().filter(|request| request.method == "PUT");
    for part in parts {
        let sha256 = part.header("x-amz-checksum-sha256").unwrap();
        assert_eq!(sha256.len(), 44);
        let signed = part.header("authorization").unwrap();
        assert!(signed.contains("x-amz-checksum-sha256"), "{signed}");
        let agent = part.header("user-agent").unwrap();
        assert!(agent.contains(" api/s3#"), "{agent}");
    }
    let complete = requests.last().unwrap();
    let body = String::from_utf8(complete.body.clone()).unwrap();
    assert_eq!(body.matches("<ETag>&quot;e&quot;</ETag>").count(), 2);
    assert_eq!(body.matches("<ChecksumSHA256>").count(), 2);
    assert_eq!(complete.header("if-none-match"), Some("*"));
}
