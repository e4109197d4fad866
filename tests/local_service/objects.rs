//! Reading objects through S3's GetObject and HeadObject.

use std::fs;

use simpledb_export::Credentials;
use simpledb_export::local::{LocalService, Pace};

use super::support::{Caller, TempDir};

fn service(dir: &TempDir) -> LocalService {
    let bucket = dir.path().join("bucket");
    fs::create_dir_all(bucket.join("a b")).unwrap();
    fs::write(bucket.join("a b/%C3%A4+&#.txt"), "0123456789").unwrap();
    fs::write(bucket.join("large"), vec![b'x'; 1_000_000]).unwrap();
    fs::write(bucket.join("empty"), "").unwrap();
    LocalService::builder()
        .root(dir.path())
        .pace(Pace::instant())
        .start()
        .unwrap()
}

const TARGET: &str = "/bucket/a%20b/%C3%A4%2B%26%23.txt";
const ETAG: &str = "\"781e5e245d69b566979b86e28d23f2c7\"";

#[test]
fn reads_an_object_in_both_styles() {
    let dir = TempDir::new();
    let service = service(&dir);
    let caller = Caller::new(&service);
    let response = caller.get(TARGET);
    assert_eq!((response.status, response.text()), (200, "0123456789"));
    assert_eq!(response.header("etag"), Some(ETAG));
    assert_eq!(response.header("content-length"), Some("10"));
    assert!(response.header("x-amz-request-id").is_some());

    let (_, key) = TARGET.split_at("/bucket".len());
    let response = caller.object("GET", key, "bucket.s3.localhost", &[]);
    assert_eq!((response.status, response.text()), (200, "0123456789"));

    let host = service.address().to_string();
    let response = caller.object("HEAD", TARGET, &host, &[]);
    assert_eq!((response.status, response.body.len()), (200, 0));
    assert_eq!(response.header("content-length"), Some("10"));
    assert_eq!(response.header("etag"), Some(ETAG));

    assert_eq!(caller.get("/bucket/large").body, vec![b'x'; 1_000_000]);
    assert_eq!(caller.get("/bucket/empty").body, b"");
}

#[test]
fn reads_a_range() {
    let dir = TempDir::new();
    let service = service(&dir);
    let caller = Caller::new(&service);
    let host = service.address().to_string();
    let get = |range| caller.object("GET", TARGET, &host, &[("range", range)]);
    let response = get("bytes=4-");
    assert_eq!((response.status, response.text()), (206, "456789"));
    assert_eq!(response.header("content-range"), Some("bytes 4-9/10"));
    let response = get("bytes=10-");
    assert_eq!(response.status, 416);
    assert_eq!(response.header("content-range"), Some("bytes */10"));
    assert!(response.text().contains("<Code>InvalidRange</Code>"));
}

#[test]
fn errors_are_xml() {
    let dir = TempDir::new();
    let service = service(&dir);
    let mut caller = Caller::new(&service);
    let response = caller.get("/bucket/none");
    assert_eq!(response.status, 404);
    assert_eq!(response.header("content-type"), Some("application/xml"));
    let request_id = response.header("x-amz-request-id").unwrap();
    assert_eq!(
        response.text(),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>\
             no object with this key</Message><RequestId>{request_id}</RequestId></Error>"
        )
    );
    let host = service.address().to_string();
    let response = caller.object("HEAD", "/bucket/none", &host, &[]);
    assert_eq!((response.status, response.body.len()), (404, 0));
    for target in ["/bucket/..%2f..%2fetc%2fpasswd", "/bucket/%00", "/none/key"] {
        assert_eq!(caller.get(target).status, 404, "{target}");
    }

    caller.credentials = Credentials::new("local", "guess");
    let response = caller.get(TARGET);
    assert_eq!(response.status, 403);
    assert!(
        response
            .text()
            .contains("<Code>SignatureDoesNotMatch</Code>")
    );
    caller.credentials = Credentials::new("stranger", "local");
    let response = caller.get(TARGET);
    assert_eq!(response.status, 403);
    assert!(response.text().contains("<Code>InvalidAccessKeyId</Code>"));
}

#[test]
fn reports_the_right_region_to_a_client_that_signs_for_another() {
    let dir = TempDir::new();
    let service = LocalService::builder()
        .root(dir.path())
        .region("eu-west-1")
        .start()
        .unwrap();
    let mut caller = Caller::new(&service);
    caller.region = "us-east-1";
    let response = caller.get("/bucket/key");
    assert_eq!(response.status, 400);
    assert_eq!(response.header("x-amz-bucket-region"), Some("eu-west-1"));
    assert!(
        response
            .text()
            .contains("<Code>AuthorizationHeaderMalformed</Code>"),
        "{}",
        response.text()
    );
    assert!(response.text().contains("<Region>eu-west-1</Region>"));
}
