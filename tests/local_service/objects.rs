//! Reading back what was written, through S3's `GetObject`.

use std::fs;

use simpledb_export::Credentials;
use simpledb_export::local::{LocalService, Pace};

use super::support::{Caller, Folder};

fn service(folder: &Folder) -> LocalService {
    let bucket = folder.path().join("bucket");
    fs::create_dir_all(bucket.join("a b")).unwrap();
    fs::write(bucket.join("a b/ä+&#.txt"), "0123456789").unwrap();
    fs::write(bucket.join("large"), vec![b'x'; 1_000_000]).unwrap();
    fs::write(bucket.join("empty"), "").unwrap();
    LocalService::builder()
        .root(folder.path())
        .pace(Pace::instant())
        .start()
        .unwrap()
}

const TARGET: &str = "/bucket/a%20b/%C3%A4%2B%26%23.txt";
const ETAG: &str = "\"781e5e245d69b566979b86e28d23f2c7\"";

#[test]
fn an_object_is_read_in_both_styles() {
    let folder = Folder::new();
    let service = service(&folder);
    let caller = Caller::new(&service);
    let answer = caller.get(TARGET);
    assert_eq!((answer.status, answer.text()), (200, "0123456789"));
    assert_eq!(answer.header("etag"), Some(ETAG));
    assert_eq!(answer.header("content-length"), Some("10"));
    assert!(answer.header("x-amz-request-id").is_some());

    let (_, key) = TARGET.split_at("/bucket".len());
    let answer = caller.object("GET", key, "bucket.s3.eu-west-1.amazonaws.com", &[]);
    assert_eq!((answer.status, answer.text()), (200, "0123456789"));

    let host = service.address().to_string();
    let answer = caller.object("HEAD", TARGET, &host, &[]);
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-length"), Some("10"));
    assert_eq!(answer.header("etag"), Some(ETAG));

    assert_eq!(caller.get("/bucket/large").body, vec![b'x'; 1_000_000]);
    assert_eq!(caller.get("/bucket/empty").body, b"");
}

#[test]
fn a_range_is_read() {
    let folder = Folder::new();
    let service = service(&folder);
    let caller = Caller::new(&service);
    let host = service.address().to_string();
    let get = |range| caller.object("GET", TARGET, &host, &[("range", range)]);
    let answer = get("bytes=4-");
    assert_eq!((answer.status, answer.text()), (206, "456789"));
    assert_eq!(answer.header("content-range"), Some("bytes 4-9/10"));
    let answer = get("bytes=10-");
    assert_eq!(answer.status, 416);
    assert_eq!(answer.header("content-range"), Some("bytes */10"));
    assert!(answer.text().contains("<Code>InvalidRange</Code>"));
}

#[test]
fn errors_are_xml() {
    let folder = Folder::new();
    let service = service(&folder);
    let mut caller = Caller::new(&service);
    let answer = caller.get("/bucket/none");
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("content-type"), Some("application/xml"));
    let request_id = answer.header("x-amz-request-id").unwrap();
    assert_eq!(
        answer.text(),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>\
             there is no object with this key</Message><RequestId>{request_id}</RequestId></Error>"
        )
    );
    let host = service.address().to_string();
    let answer = caller.object("HEAD", "/bucket/none", &host, &[]);
    assert_eq!((answer.status, answer.body.len()), (404, 0));
    for target in ["/bucket/..%2f..%2fetc%2fpasswd", "/bucket/%00", "/none/key"] {
        assert_eq!(caller.get(target).status, 404, "{target}");
    }

    caller.credentials = Credentials::new("local", "guess");
    let answer = caller.get(TARGET);
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("<Code>SignatureDoesNotMatch</Code>"));
    caller.credentials = Credentials::new("stranger", "local");
    let answer = caller.get(TARGET);
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("<Code>InvalidAccessKeyId</Code>"));
}

#[test]
fn a_client_that_signs_for_another_region_is_told_the_right_one() {
    let folder = Folder::new();
    let service = LocalService::builder()
        .root(folder.path())
        .region("eu-west-1")
        .start()
        .unwrap();
    let mut caller = Caller::new(&service);
    caller.region = "us-east-1";
    let answer = caller.get("/bucket/key");
    assert_eq!(answer.status, 400);
    assert_eq!(answer.header("x-amz-bucket-region"), Some("eu-west-1"));
    assert!(
        answer
            .text()
            .contains("<Code>AuthorizationHeaderMalformed</Code>"),
        "{}",
        answer.text()
    );
    assert!(answer.text().contains("<Region>eu-west-1</Region>"));
}
