use std::io::{Read, Write};

use super::*;
use crate::tests::temp_dir::TestFolder;

const CONTENT: &str = "0123456789";
const ETAG: &str = "\"781e5e245d69b566979b86e28d23f2c7\"";

/// A store with one object; the folder goes away with the test.
fn store() -> (TestFolder, Store) {
    let folder = TestFolder::new();
    let store = Store::new(folder.path(), false).unwrap();
    store.create_bucket("bucket").unwrap();
    let bucket = store.bucket("bucket").unwrap();
    let mut object = bucket.create("a/digits").unwrap();
    object.write_all(CONTENT.as_bytes()).unwrap();
    object.finish().unwrap();
    (folder, store)
}

fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Request {
    Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: Vec::new(),
    }
}

fn serve(
    store: &Store,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> Result<Answer, S3Error> {
    let request = request(method, target, headers);
    let address = Address::new("127.0.0.1", request.path())?;
    Objects::default().serve(&request, &address, store, "123456789012")
}

fn text(answer: Answer) -> String {
    match answer.body {
        AnswerBody::File { file, length } => {
            let mut text = String::new();
            file.take(length).read_to_string(&mut text).unwrap();
            text
        }
        other => panic!("not a file: {other:?}"),
    }
}

#[test]
fn an_object_comes_whole_with_its_md5_as_etag() {
    let (_folder, store) = store();
    let answer = serve(&store, "GET", "/bucket/a/digits?x-id=GetObject", &[]).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("etag"), Some(ETAG));
    assert_eq!(answer.header("accept-ranges"), Some("bytes"));
    assert!(answer.header("last-modified").unwrap().ends_with(" GMT"));
    assert_eq!(text(answer), CONTENT);

    let answer = serve(&store, "HEAD", "/bucket/a/digits", &[]).unwrap();
    assert_eq!(answer.header("etag"), Some(ETAG));
    assert!(matches!(answer.body, AnswerBody::Head { length: 10 }));
}

#[test]
fn a_range_comes_with_its_place() {
    let (_folder, store) = store();
    let get = |range| serve(&store, "GET", "/bucket/a/digits", &[("range", range)]);
    let answer = get("bytes=3-5").unwrap();
    assert_eq!(answer.status, 206);
    assert_eq!(answer.header("content-range"), Some("bytes 3-5/10"));
    assert_eq!(answer.header("etag"), Some(ETAG));
    assert_eq!(text(answer), "345");
    assert_eq!(text(get("bytes=-2").unwrap()), "89");
    assert_eq!(text(get("nonsense").unwrap()), CONTENT);
    assert_eq!(get("bytes=10-").unwrap_err(), S3Error::invalid_range(10));
}

#[test]
fn conditions_on_the_etag_are_kept() {
    let (_folder, store) = store();
    let status = |name, value| match serve(&store, "GET", "/bucket/a/digits", &[(name, value)]) {
        Ok(answer) => answer.status,
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
    let (folder, store) = store();
    let objects = Objects::default();
    let etag = || {
        let request = request("GET", "/bucket/a/digits", &[]);
        let address = Address::new("h", request.path()).unwrap();
        let answer = objects.serve(&request, &address, &store, "1").unwrap();
        answer.header("etag").map(str::to_owned)
    };
    assert_eq!(etag().as_deref(), Some(ETAG));
    assert_eq!(etag().as_deref(), Some(ETAG));
    folder.write("bucket/a/digits", "other");
    assert_eq!(
        etag().as_deref(),
        Some("\"795f3202b17cb6bc3d4b771d8c6c9eaf\"")
    );
}

#[test]
fn what_is_not_there_or_not_supported_is_refused() {
    let (_folder, store) = store();
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
        ("/bucket", &[], 501, "NotImplemented"),
        ("/bucket/", &[], 501, "NotImplemented"),
        ("/", &[], 501, "NotImplemented"),
        ("/bucket/a/digits?acl", &[], 501, "NotImplemented"),
        ("/bucket/a/digits?versionId=1", &[], 501, "NotImplemented"),
    ];
    for (target, headers, status, code) in table {
        let error = serve(&store, "GET", target, headers).unwrap_err();
        assert_eq!((error.status, error.code), (status, code), "{target}");
    }
}
