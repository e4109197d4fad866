//! Writing, listing and deleting objects through S3.

use std::fs;

use simpledb_export::local::LocalService;

use super::support::{Caller, Response, TempDir};

const MIB: usize = 1 << 20;

fn service(dir: &TempDir) -> LocalService {
    let builder = LocalService::builder().root(dir.path());
    builder.bucket("bucket").start().unwrap()
}

fn code(response: &Response) -> String {
    let (_, rest) = response.text().split_once("<Code>").unwrap_or_default();
    let (code, _) = rest.split_once("</Code>").unwrap_or_default();
    format!("{} {code}", response.status)
}

fn texts<'a>(response: &'a Response, element: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{element}>"), format!("</{element}>"));
    let parts = response.text().split(&start).skip(1);
    parts.map(|part| part.split(&end).next().unwrap()).collect()
}

#[test]
fn stores_an_object_with_its_headers() {
    let dir = TempDir::new();
    let service = service(&dir);
    let caller = Caller::new(&service);
    let headers = [
        ("content-type", "text/plain"),
        ("content-encoding", "aws-chunked,gzip"),
        ("x-amz-meta-color", "blue"),
        ("x-amz-checksum-crc32", "y/Q5Jg=="),
        ("content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="),
    ];
    let response = caller.s3("PUT", "/bucket/a/b", &headers, b"123456789");
    assert_eq!(response.status, 200, "{}", response.text());
    let etag = "\"25f9e794323b453885f5181f1b624d0b\"";
    assert_eq!(response.header("etag"), Some(etag));
    assert_eq!(response.header("x-amz-checksum-crc32"), Some("y/Q5Jg=="));
    assert_eq!(
        fs::read(dir.path().join("bucket/a/b")).unwrap(),
        b"123456789"
    );

    let response = caller.get("/bucket/a/b");
    assert_eq!(response.text(), "123456789");
    assert_eq!(response.header("etag"), Some(etag));
    assert_eq!(response.header("content-type"), Some("text/plain"));
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    assert_eq!(response.header("x-amz-meta-color"), Some("blue"));

    // What is changed on the disk is another object.
    fs::write(dir.path().join("bucket/a/b"), "other").unwrap();
    let response = caller.get("/bucket/a/b");
    assert_eq!(response.text(), "other");
    assert_eq!(response.header("x-amz-meta-color"), None);
}

#[test]
fn reads_a_body_in_chunks() {
    let dir = TempDir::new();
    let service = service(&dir);
    let caller = Caller::new(&service);
    let put = |trailer: &str| {
        let headers = [
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-decoded-content-length", "9"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("content-encoding", "aws-chunked"),
        ];
        let body = format!("9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:{trailer}\r\n\r\n");
        caller.s3("PUT", "/bucket/a", &headers, body.as_bytes())
    };
    assert_eq!(code(&put("AAAAAA==")), "400 BadDigest");
    assert_eq!(caller.get("/bucket/a").status, 404);
    assert_eq!(put("y/Q5Jg==").status, 200);
    let response = caller.get("/bucket/a");
    assert_eq!(response.text(), "123456789");
    assert_eq!(response.header("content-encoding"), None);
}

#[test]
fn a_refused_upload_leaves_nothing() {
    let dir = TempDir::new();
    let service = service(&dir);
    let caller = Caller::new(&service);
    let zeros = "0".repeat(64);
    for (headers, expected) in [
        (("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="), "400 BadDigest"),
        (("x-amz-checksum-sha256", "AAAA"), "400 BadDigest"),
        (
            ("x-amz-content-sha256", zeros.as_str()),
            "400 XAmzContentSHA256Mismatch",
        ),
        (("x-amz-copy-source", "/bucket/b"), "501 NotImplemented"),
        (("if-match", "\"etag\""), "404 NoSuchKey"),
        (
            ("x-amz-expected-bucket-owner", "111122223333"),
            "403 AccessDenied",
        ),
    ] {
        let response = caller.s3("PUT", "/bucket/a", &[headers], &vec![b'x'; 3 * MIB]);
        assert_eq!(code(&response), expected);
    }
    let response = caller.s3("PUT", "/missing/a", &[], &vec![b'x'; 3 * MIB]);
    assert_eq!(code(&response), "404 NoSuchBucket");
    assert_eq!(fs::read_dir(dir.path().join("bucket")).unwrap().count(), 0);
    // An object cannot be in the place of a directory.
    assert_eq!(caller.s3("PUT", "/bucket/a/b", &[], b"b").status, 200);
    let response = caller.s3("PUT", "/bucket/a", &[], b"a");
    assert_eq!(code(&response), "409 OperationAborted");
    let response = caller.s3("PUT", "/bucket/a/b/c", &[], b"c");
    assert_eq!(code(&response), "409 OperationAborted");
}

#[test]
fn writes_only_under_the_condition_of_the_request() {
    let dir = TempDir::new();
    let service = service(&dir);
    let caller = Caller::new(&service);
    let put = |name, value, body: &str| {
        let response = caller.s3("PUT", "/bucket/a", &[(name, value)], body.as_bytes());
        code(&response)
    };
    assert_eq!(put("if-none-match", "*", "first"), "200 ");
    assert_eq!(
        put("if-none-match", "*", "second"),
        "412 PreconditionFailed"
    );
    let first = caller.get("/bucket/a").header("etag").unwrap().to_owned();
    assert_eq!(put("if-match", &first, "third"), "200 ");
    assert_eq!(put("if-match", &first, "fourth"), "412 PreconditionFailed");
    assert_eq!(caller.get("/bucket/a").text(), "third");
}

#[test]
fn lists_and_deletes_objects() {
    let dir = TempDir::new();
    let service = service(&dir);
    let caller = Caller::new(&service);
    // Wine cannot rename a file to a name of 255 characters, to which a longer one is cut.
    let long = "d".repeat(if cfg!(windows) { 200 } else { 300 });
    let keys = ["a b/\u{e4}&", "a.txt", "a/1", "a/2", "z", &long];
    for key in keys {
        let target: String = format!("/bucket/{key}")
            .bytes()
            .map(|byte| match byte {
                b'/' => "/".to_owned(),
                byte => format!("%{byte:02X}"),
            })
            .collect();
        let response = caller.s3("PUT", &target, &[], b"1");
        assert_eq!(response.status, 200, "{key}: {}", response.text());
    }
    fs::write(dir.path().join("bucket/by hand"), "12").unwrap();
    let list = |query: &str| caller.get(&format!("/bucket?list-type=2{query}"));
    let all = list("");
    let mut expected: Vec<&str> = keys.into();
    expected[0] = "a b/\u{e4}&amp;";
    expected.insert(4, "by hand");
    expected.swap(5, 6);
    assert_eq!(texts(&all, "Key"), expected);
    assert_eq!(texts(&all, "IsTruncated"), ["false"]);
    assert_eq!(texts(&all, "Size"), ["1", "1", "1", "1", "2", "1", "1"]);
    let etag = "\"c4ca4238a0b923820dcc509a6f75849b\"";
    assert_eq!(texts(&all, "ETag")[0], etag);

    let page = list("&max-keys=2&delimiter=%2F&encoding-type=url");
    assert_eq!(texts(&page, "Key"), ["a.txt"]);
    assert_eq!(texts(&page, "Prefix"), ["", "a%20b/"]);
    assert_eq!(texts(&page, "KeyCount"), ["2"]);
    let token = texts(&page, "NextContinuationToken")[0];
    let page = list(&format!("&delimiter=%2F&continuation-token={token}"));
    assert_eq!(texts(&page, "Key"), ["by hand", &long, "z"]);
    assert_eq!(texts(&page, "Prefix"), ["", "a/"]);

    let page = caller.get("/bucket?prefix=a%2F&marker=a%2F1");
    assert_eq!(texts(&page, "Key"), ["a/2"]);
    assert_eq!(texts(&list("&prefix=none/x"), "Key"), [""; 0]);

    for target in ["/bucket/a/1", "/bucket/a/2", "/bucket/a/2"] {
        assert_eq!(caller.s3("DELETE", target, &[], b"").status, 204);
    }
    assert_eq!(texts(&list("&prefix=a"), "Key").len(), 2);
    // The directory is gone as well.
    assert_eq!(caller.s3("PUT", "/bucket/a", &[], b"").status, 200);
}

#[test]
fn describes_buckets() {
    let dir = TempDir::new();
    let builder = LocalService::builder().root(dir.path());
    let builder = builder.bucket("one").bucket("two").region("eu-west-1");
    let service = builder.start().unwrap();
    let caller = Caller::new(&service);
    assert_eq!(texts(&caller.get("/"), "Name"), ["one", "two"]);
    let response = caller.s3("HEAD", "/one", &[], b"");
    assert_eq!(response.status, 200);
    assert_eq!(response.header("x-amz-bucket-region"), Some("eu-west-1"));
    assert_eq!(caller.s3("HEAD", "/none", &[], b"").status, 404);
    let location = caller.get("/one?location");
    assert!(
        location.text().ends_with(">eu-west-1</LocationConstraint>"),
        "{}",
        location.text()
    );
}

/// Creates an upload and returns its query.
fn create(caller: &Caller<'_>, target: &str) -> String {
    let headers = [("content-type", "text/plain")];
    let response = caller.s3("POST", &format!("{target}?uploads"), &headers, b"");
    let id = texts(&response, "UploadId")[0].to_owned();
    format!("{target}?uploadId={id}")
}

fn completion(parts: &[(u32, &str)]) -> String {
    let parts = parts.iter().map(|(number, etag)| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
    });
    let parts: String = parts.collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
}

#[test]
fn puts_an_object_together_from_its_parts() {
    let dir = TempDir::new();
    let mut service = service(&dir);
    let mut caller = Caller::new(&service);
    let upload = create(&caller, "/bucket/a/large");
    let put = |caller: &Caller<'_>, number: u32, body: &[u8]| {
        let target = format!("{upload}&partNumber={number}");
        let response = caller.s3("PUT", &target, &[], body);
        assert_eq!(response.status, 200, "{}", response.text());
        response.header("etag").unwrap().to_owned()
    };
    put(&caller, 1, b"replaced");
    let first = put(&caller, 1, &vec![b'1'; 5 * MIB]);
    // An upload outlives the service.
    drop(caller);
    drop(service);
    service = self::service(&dir);
    caller = Caller::new(&service);
    let second = put(&caller, 7, b"end");
    assert_eq!(second, "\"7f021a1415b86f2d013b2618fb31ae53\"");

    let listed = caller.get(&upload);
    assert_eq!(texts(&listed, "PartNumber"), ["1", "7"]);
    assert_eq!(texts(&listed, "Size"), ["5242880", "3"]);
    assert_eq!(texts(&listed, "ETag"), [&first, &second]);
    let listed = caller.get("/bucket?uploads&prefix=a/");
    assert_eq!(texts(&listed, "Key"), ["a/large"]);
    assert!(upload.ends_with(texts(&listed, "UploadId")[0]));
    assert_eq!(texts(&caller.get("/bucket?list-type=2"), "Key"), [""; 0]);

    let complete =
        |parts: &[(u32, &str)]| caller.s3("POST", &upload, &[], completion(parts).as_bytes());
    for (parts, expected) in [
        (&[][..], "400 MalformedXML"),
        (&[(7, &*second), (1, &first)], "400 InvalidPartOrder"),
        (&[(1, &*second)], "400 InvalidPart"),
        (&[(2, &*second)], "400 InvalidPart"),
        (&[(10_001, &*second)], "400 MalformedXML"),
    ] {
        assert_eq!(code(&complete(parts)), expected);
    }
    let response = complete(&[(1, &first), (7, &second)]);
    assert_eq!(response.status, 200, "{}", response.text());
    let etag = texts(&response, "ETag")[0].to_owned();
    assert!(etag.ends_with("-2\""), "{etag}");
    let response = caller.get("/bucket/a/large");
    assert_eq!(response.body.len(), 5 * MIB + 3);
    assert!(response.body.ends_with(b"11end"));
    assert_eq!(response.header("etag"), Some(&*etag));
    assert_eq!(response.header("content-type"), Some("text/plain"));
    assert_eq!(code(&complete(&[(1, &first)])), "404 NoSuchUpload");
    let listed = caller.get("/bucket?uploads");
    assert_eq!(texts(&listed, "UploadId"), [""; 0]);
}

#[test]
fn parts_have_the_sizes_that_s3_requires() {
    let dir = TempDir::new();
    let service = service(&dir);
    let caller = Caller::new(&service);
    let upload = create(&caller, "/bucket/a");
    for number in ["0", "10001", "x"] {
        let target = format!("{upload}&partNumber={number}");
        let response = caller.s3("PUT", &target, &[], b"1");
        assert_eq!(code(&response), "400 InvalidArgument");
    }
    let etags = [1, 2].map(|number| {
        let target = format!("{upload}&partNumber={number}");
        let response = caller.s3("PUT", &target, &[], b"1");
        response.header("etag").unwrap().to_owned()
    });
    let body = completion(&[(1, &etags[0]), (2, &etags[1])]);
    let response = caller.s3("POST", &upload, &[], body.as_bytes());
    assert_eq!(code(&response), "400 EntityTooSmall");
    let size = [("x-amz-mp-object-size", "2")];
    let body = completion(&[(1, &etags[0])]);
    let response = caller.s3("POST", &upload, &size, body.as_bytes());
    assert_eq!(code(&response), "400 InvalidRequest");
}

#[test]
fn an_aborted_upload_is_gone() {
    let dir = TempDir::new();
    let service = service(&dir);
    let caller = Caller::new(&service);
    let upload = create(&caller, "/bucket/a");
    let part = format!("{upload}&partNumber=1");
    assert_eq!(caller.s3("PUT", &part, &[], b"1").status, 200);
    // The upload is not that of another key.
    let other = upload.replace("/a?", "/b?");
    assert_eq!(
        code(&caller.s3("DELETE", &other, &[], b"")),
        "404 NoSuchUpload"
    );
    assert_eq!(caller.s3("DELETE", &upload, &[], b"").status, 204);
    for (method, target) in [("DELETE", &upload), ("PUT", &part), ("GET", &upload)] {
        let response = caller.s3(method, target, &[], b"");
        assert_eq!(code(&response), "404 NoSuchUpload", "{method}");
    }
    let listed = caller.get("/bucket?uploads");
    assert_eq!(texts(&listed, "UploadId"), [""; 0]);
}
