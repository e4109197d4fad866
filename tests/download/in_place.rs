//! Exports that are read in their bucket.

use std::fs;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use simpledb_export::data::{CsvWriter, ErrorKind, Export, JsonLinesWriter};
use simpledb_export::local::LocalService;
use simpledb_export::{
    Client, Config, Credentials, ExportStatus, GetExportOutput, Item, RetryConfig,
};

use super::local::{ITEMS, export, service};
use crate::support::breaker::Breaker;
use crate::support::server::{Request, Server, Step, response};
use crate::support::temp_dir::TempDir;

fn json_lines(export: &Export) -> Vec<u8> {
    let writer = JsonLinesWriter::new(Vec::new());
    export.convert().write_to(writer).unwrap().0
}

fn csv(export: &Export) -> Vec<u8> {
    let types = export.describe().run().unwrap().types();
    let writer = CsvWriter::new(Vec::new()).types(types);
    export.convert().write_to(writer).unwrap().0
}

/// The path of a data file in the service's directory.
fn data_file(service: &LocalService, export: &Export, number: usize) -> PathBuf {
    let path = export.data_files().nth(number).unwrap().path();
    let key = path.to_str().unwrap().strip_prefix("s3://bucket/").unwrap();
    service.object_path("bucket", key)
}

#[test]
fn reads_the_same_as_from_a_disk() {
    let (root, to) = (TempDir::new(), TempDir::new());
    let service = service(&root);
    let client = service.client();
    for prefix in [None, Some("a b+\u{e9}/#?")] {
        let done = export(&client, prefix);
        let local = client.download(&done, to.path()).run().unwrap().export;
        let remote = client.open_export(&done).open().unwrap().check_md5(true);
        assert_eq!(remote.export_arn(), local.export_arn());
        assert!(remote.dir().to_str().unwrap().starts_with("s3://bucket/"));
        let items: Vec<Item> = remote.items().map(Result::unwrap).collect();
        assert_eq!(items.len(), ITEMS);
        assert!(items.into_iter().eq(local.items().map(Result::unwrap)));
        assert!(json_lines(&remote) == json_lines(&local));
        assert!(csv(&remote) == csv(&local));
        let verified = remote.verify().run().unwrap();
        assert!(verified.is_ok(), "{:?}", verified.problems);
        assert_eq!(verified.items, ITEMS as u64);
    }
}

#[test]
fn resumes_where_a_connection_breaks() {
    let root = TempDir::new();
    let service = service(&root);
    let done = export(&service.client(), None);
    let expected = json_lines(&service.client().open_export(&done).open().unwrap());
    let mut broken = 0;
    for seed in 0..8 {
        let breaker = Breaker::start(service.address(), seed);
        let retry = RetryConfig::standard()
            .max_attempts(20)
            .quota(100_000)
            .initial_backoff(Duration::from_millis(1));
        let config = Config::builder()
            .endpoint_url(breaker.url())
            .s3_endpoint_url(breaker.url())
            .credentials(service.credentials())
            .region("us-east-1")
            .retry_config(retry);
        let client = Client::new(config.build().unwrap()).unwrap();
        let remote = client.open_export(&done).open().unwrap().check_md5(true);
        assert!(json_lines(&remote) == expected, "seed {seed}");
        broken += breaker.broken();
    }
    assert!(broken > 0);
}

/// A bucket with the files of an export, which responds to the request for a data file only once the
/// next one is requested too.
fn waiting_for_the_next(export: &Export) -> Server {
    let data: Vec<PathBuf> = export.data_files().map(|file| file.path()).collect();
    let directory = export.dir().to_owned();
    let requested = (Mutex::new(0), Condvar::new());
    Server::responding(move |_, request: &Request| {
        let name = request.path.rsplit('/').next().unwrap();
        let number = data.iter().position(|file| file.ends_with(name));
        let Some(number) = number else {
            let manifest = fs::read(directory.join(name)).unwrap();
            return vec![Step::Send(response(200, &[], &manifest))];
        };
        let wanted = data.len().min(number + 2);
        let (count, changed) = &requested;
        *count.lock().unwrap() += 1;
        changed.notify_all();
        let limit = Duration::from_secs(60);
        let waited = changed.wait_timeout_while(count.lock().unwrap(), limit, |n| *n < wanted);
        assert!(!waited.unwrap().1.timed_out(), "{number}");
        let etag = format!("\"{number}\"");
        let body = fs::read(&data[number]).unwrap();
        vec![Step::Send(response(200, &[("etag", &etag)], &body))]
    })
}

#[test]
fn receives_several_files_at_once_while_converting_in_order() {
    let (root, to) = (TempDir::new(), TempDir::new());
    let service = service(&root);
    let client = service.client();
    let done = export(&client, None);
    let local = client.download(&done, to.path()).run().unwrap().export;
    for threads in [2, 3, 16] {
        let server = waiting_for_the_next(&local);
        let client = client_of(&server);
        let remote = client.open_export(&done).open().unwrap().check_md5(true);
        let writer = JsonLinesWriter::new(Vec::new());
        let convert = remote.convert().threads(threads);
        assert!(convert.write_to(writer).unwrap().0 == json_lines(&local));
    }
}

#[test]
fn an_object_that_changes_between_two_passes_is_an_error() {
    let root = TempDir::new();
    let service = service(&root);
    let client = service.client();
    let done = export(&client, None);
    let remote = client.open_export(&done).open().unwrap();
    let types = remote.describe().run().unwrap().types();
    let path = data_file(&service, &remote, 3);
    let same_length = fs::read_to_string(&path).unwrap().replace("09/27", "10/28");
    fs::write(&path, same_length).unwrap();
    let writer = CsvWriter::new(Vec::new()).types(types);
    let error = remote.convert().write_to(writer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed);
    let path = remote.data_files().nth(3).unwrap().path();
    assert_eq!(
        error.to_string(),
        format!(
            "{}: the object changed while it was read; find out what writes to the bucket, then \
             start again",
            path.display()
        )
    );
}

#[test]
fn a_wrong_checksum_is_an_error_before_the_output_is_complete() {
    let root = TempDir::new();
    let service = service(&root);
    let client = service.client();
    let done = export(&client, None);
    let remote = client.open_export(&done).open().unwrap().check_md5(true);
    let path = data_file(&service, &remote, 6);
    let other = fs::read_to_string(&path).unwrap().replace("09/27", "10/28");
    fs::write(&path, other).unwrap();
    let object = client.upload("bucket", "books.jsonl").start().unwrap();
    let writer = JsonLinesWriter::new(object);
    let error = remote.convert().write_to(writer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed);
    assert!(error.to_string().contains("MD5 checksum is "), "{error}");
    assert!(!service.object_path("bucket", "books.jsonl").exists());

    fs::remove_file(path).unwrap();
    let error = remote
        .convert()
        .write_to(JsonLinesWriter::new(Vec::new()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fetch);
    assert!(error.to_string().contains("NoSuchKey"), "{error}");
}

const ARN: &str = "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a";

fn succeeded() -> GetExportOutput {
    let json = serde_json::json!({
        "exportArn": ARN, "clientToken": "t", "exportStatus": "SUCCEEDED",
        "domainName": "Books", "requestedAt": 1_771_261_003, "s3Bucket": "bucket",
    });
    serde_json::from_str(&json.to_string()).unwrap()
}

/// A bucket with an export of one file, whose first response breaks in the middle and to whose second
/// it responds with this.
fn breaking(second: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Server {
    const FILE: &str = r#"[{"itemName":"a","attributes":[]},{"itemName":"b","attributes":[]}]"#;
    Server::responding(move |_, request: &Request| {
        let path = &request.path;
        if path.ends_with("manifest-summary.json") {
            return vec![Step::Send(response(200, &[], b"{}"))];
        }
        if path.ends_with("manifest-file.json") {
            let manifest = br#"[{"dataFileS3Key":"data/1.json"}]"#;
            return vec![Step::Send(response(200, &[], manifest))];
        }
        if request.header("range").is_some() {
            return vec![Step::Send(second(request))];
        }
        let whole = response(200, &[("etag", "\"e\"")], FILE.as_bytes());
        vec![Step::Send(whole[..whole.len() - 10].to_vec()), Step::Close]
    })
}

fn client_of(server: &Server) -> Client {
    let config = Config::builder()
        .endpoint_url(server.url())
        .s3_endpoint_url(server.url())
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .region("us-east-1");
    Client::new(config.build().unwrap()).unwrap()
}

fn read(server: &Server) -> Result<Vec<Item>, simpledb_export::data::Error> {
    let client = client_of(server);
    client.open_export(&succeeded()).open()?.items().collect()
}

#[test]
fn the_rest_belongs_to_the_same_object() {
    let server = breaking(|request| {
        assert_eq!(request.header("range"), Some("bytes=57-"));
        assert_eq!(request.header("if-match"), Some("\"e\""));
        let headers = [("content-range", "bytes 57-66/67"), ("etag", "\"e\"")];
        response(206, &headers, br#"ibutes":[]}]"#.split_at(2).1)
    });
    let items = read(&server).unwrap();
    let names: Vec<&str> = items.iter().map(|item| &*item.item_name).collect();
    assert_eq!(names, ["a", "b"]);

    for other in [
        || response(412, &[], b""),
        || {
            let headers = [("content-range", "bytes 57-66/67"), ("etag", "\"f\"")];
            response(206, &headers, b"0123456789")
        },
        || response(200, &[("etag", "\"f\"")], b"[]"),
    ] {
        let error = read(&breaking(move |_| other())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
    }
}

#[test]
fn an_export_that_has_not_succeeded_is_not_read() {
    let root = TempDir::new();
    let client = service(&root).client();
    let mut export = succeeded();
    export.export_status = ExportStatus::InProgress;
    let error = client.open_export(&export).open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSucceeded);
}
