use std::fs;
use std::io::{self, Write};
use std::time::Duration;

use super::*;
use crate::tests::temp_dir::TempDir;

const CONTENT: &str = "0123456789";
const ETAG: &str = "\"781e5e245d69b566979b86e28d23f2c7\"";

/// A store with one object; the directory is removed with the test.
fn store() -> (TempDir, Store) {
    let dir = TempDir::new();
    let store = Store::new(dir.path(), false).unwrap();
    store.create_bucket("bucket").unwrap();
    let bucket = store.bucket("bucket").unwrap();
    let mut object = bucket.create("a/digits").unwrap();
    object.write_all(CONTENT.as_bytes()).unwrap();
    object.finish().unwrap();
    (dir, store)
}

const CALLER: Caller<'_> = Caller {
    region: "eu-west-1",
    account_id: "123456789012",
    now: OffsetDateTime::UNIX_EPOCH,
};

fn serve(
    store: &Store,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> Result<Response, ServiceError> {
    let request = Request::new(method, target, headers, "");
    respond(&request, &mut io::empty(), store, &CALLER)
}

#[test]
fn returns_an_object_with_its_md5_as_etag() {
    let (_dir, store) = store();
    let response = serve(&store, "GET", "/bucket/a/digits?x-id=GetObject", &[]).unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.header("etag"), Some(ETAG));
    assert_eq!(response.header("accept-ranges"), Some("bytes"));
    assert!(response.header("last-modified").unwrap().ends_with(" GMT"));
    assert_eq!(response.text(), CONTENT);

    let response = serve(&store, "HEAD", "/bucket/a/digits", &[]).unwrap();
    assert_eq!(response.header("etag"), Some(ETAG));
    assert_eq!(response.header("content-length"), Some("10"));
}

#[test]
fn a_range_comes_with_its_position() {
    let (_dir, store) = store();
    let get = |range| serve(&store, "GET", "/bucket/a/digits", &[("range", range)]);
    let response = get("bytes=3-5").unwrap();
    assert_eq!(response.status(), 206);
    assert_eq!(response.header("content-range"), Some("bytes 3-5/10"));
    assert_eq!(response.header("etag"), Some(ETAG));
    assert_eq!(response.text(), "345");
    assert_eq!(get("bytes=-2").unwrap().text(), "89");
    assert_eq!(get("nonsense").unwrap().text(), CONTENT);
    assert_eq!(
        get("bytes=10-").unwrap_err(),
        ServiceError::invalid_range(10)
    );
}

#[test]
fn evaluates_conditions_on_the_etag() {
    let (_dir, store) = store();
    let status = |name, value| match serve(&store, "GET", "/bucket/a/digits", &[(name, value)]) {
        Ok(response) => response.status(),
        Err(error) => error.status,
    };
    let table = [
        ("if-match", ETAG, 200),
        ("if-match", "781e5e245d69b566979b86e28d23f2c7", 200),
        ("if-match", "*", 200),
        ("if-match", "\"other\"", 412),
        ("if-none-match", "\"other\"", 200),
        ("if-none-match", ETAG, 304),
        ("if-none-match", "\"other\", *", 304),
    ];
    for (name, value, expected) in table {
        assert_eq!(status(name, value), expected, "{name}: {value}");
    }
}

#[test]
fn an_etag_follows_the_content() {
    let (dir, store) = store();
    let etag = || {
        let request = Request::new("GET", "/bucket/a/digits", &[], "");
        let response = respond(&request, &mut io::empty(), &store, &CALLER);
        response.unwrap().header("etag").map(str::to_owned)
    };
    assert_eq!(etag().as_deref(), Some(ETAG));
    assert_eq!(etag().as_deref(), Some(ETAG));
    dir.write("bucket/a/digits", "other");
    assert_eq!(
        etag().as_deref(),
        Some("\"795f3202b17cb6bc3d4b771d8c6c9eaf\"")
    );
}

#[test]
fn serves_files_of_any_age() {
    let (dir, store) = store();
    let path = dir.path().join("bucket/a/digits");
    for (modified, expected) in [
        (
            SystemTime::UNIX_EPOCH + Duration::from_secs(400_000_000_000),
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ),
        (
            SystemTime::UNIX_EPOCH - Duration::from_secs(1),
            "Thu, 01 Jan 1970 00:00:00 GMT",
        ),
    ] {
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(modified).unwrap();
        // Not every file system can store every time.
        if file.metadata().unwrap().modified().unwrap() == modified {
            let response = serve(&store, "GET", "/bucket/a/digits", &[]).unwrap();
            assert_eq!(response.header("last-modified"), Some(expected));
        }
    }
}

#[test]
fn rejects_what_does_not_exist_or_is_not_supported() {
    let (_dir, store) = store();
    let owner: &[(&str, &str)] = &[("x-amz-expected-bucket-owner", "111122223333")];
    let long = format!("/bucket/{}", "k".repeat(1025));
    let table = [
        ("/bucket/a/none", [].as_slice(), 404, "NoSuchKey"),
        ("/bucket/a", &[], 404, "NoSuchKey"),
        ("/bucket/a/digits/more", &[], 404, "NoSuchKey"),
        ("/bucket/../bucket/a/digits", &[], 404, "NoSuchKey"),
        ("/missing/a", &[], 404, "NoSuchBucket"),
        ("/../a", &[], 404, "NoSuchBucket"),
        ("/bucket/a/digits", owner, 403, "AccessDenied"),
        (&long, &[], 400, "KeyTooLongError"),
        ("/bucket?acl", &[], 501, "NotImplemented"),
        ("/?acl", &[], 501, "NotImplemented"),
        ("/bucket?list-type=3", &[], 501, "NotImplemented"),
        ("/bucket?encoding-type=x", &[], 400, "InvalidArgument"),
        ("/bucket?max-keys=-1", &[], 400, "InvalidArgument"),
        ("/bucket?prefix=%zz", &[], 400, "InvalidURI"),
        ("/bucket/a/digits?uploadId=1", &[], 404, "NoSuchUpload"),
        ("/bucket/a/digits?uploadId=..", &[], 404, "NoSuchUpload"),
        ("/bucket/a/digits?acl", &[], 501, "NotImplemented"),
        ("/bucket/a/digits?versionId=1", &[], 501, "NotImplemented"),
    ];
    for (target, headers, status, code) in table {
        let error = serve(&store, "GET", target, headers).unwrap_err();
        assert_eq!((error.status, error.code), (status, code), "{target}");
    }
}
