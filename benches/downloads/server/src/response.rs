//! Responses.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::{Shutdown, TcpStream};

use crate::objects::{Object, Objects};
use crate::request::Request;

const BUCKET: &str = "/exports";
const EXPORT: &str = concat!(
    r#"{"exportArn":"arn:aws:sdb:us-east-1:111122223333:domain/Generated/export/c0ffee","#,
    r#""clientToken":"0e1e2f9a-1111-4222-8333-444455556666","exportStatus":"SUCCEEDED","#,
    r#""domainName":"Generated","requestedAt":1771261003.659,"s3Bucket":"exports","#,
    r#""exportManifest":"AWSSimpleDB/c0ffee/Generated/manifest-summary.json"}"#
);

/// Responds to a request; returns false if the connection is not to be used again. `is_cut` decides
/// whether a response with a data file ends in the middle.
pub fn send(
    stream: &TcpStream,
    request: &Request,
    objects: &Objects,
    is_cut: impl FnOnce() -> bool,
) -> io::Result<bool> {
    let key = request.path.strip_prefix(BUCKET);
    match (request.method.as_str(), key) {
        ("POST", None) if request.path == "/v2/GetExport" => text(stream, 200, EXPORT),
        ("GET", Some("" | "/")) => text(stream, 200, &list(request, objects)),
        ("HEAD", Some("" | "/")) => text(stream, 200, ""),
        ("GET" | "HEAD", Some(key)) => match objects.get(key.trim_start_matches('/')) {
            Some(found) => object(stream, request, found, is_cut),
            None => text(stream, 404, "<Error><Code>NoSuchKey</Code></Error>"),
        },
        _ => text(stream, 404, "<Error><Code>NotImplemented</Code></Error>"),
    }
}

fn text(mut stream: &TcpStream, status: u16, body: &str) -> io::Result<bool> {
    let kind = if body.starts_with('{') { "json" } else { "xml" };
    let size = body.len();
    let head = format!(
        "HTTP/1.1 {status} -\r\nContent-Type: application/{kind}\r\nContent-Length: {size}\r\n\r\n"
    );
    stream.write_all((head + body).as_bytes())?;
    Ok(true)
}

fn object(
    mut stream: &TcpStream,
    request: &Request,
    object: &Object,
    is_cut: impl FnOnce() -> bool,
) -> io::Result<bool> {
    let Object { bytes, etag, .. } = object;
    if request
        .header("if-match")
        .is_some_and(|wanted| wanted != etag)
    {
        return text(
            stream,
            412,
            "<Error><Code>PreconditionFailed</Code></Error>",
        );
    }
    let (first, last) = request.range().unwrap_or_default();
    if first >= *bytes {
        return text(stream, 416, "<Error><Code>InvalidRange</Code></Error>");
    }
    let last = last.unwrap_or(u64::MAX).min(bytes - 1);
    let length = last + 1 - first;
    let (status, range) = match request.range() {
        Some(_) => (
            "206 Partial Content",
            format!("Content-Range: bytes {first}-{last}/{bytes}\r\n"),
        ),
        None => ("200 OK", String::new()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nAccept-Ranges: bytes\r\n\
         Last-Modified: Mon, 16 Feb 2026 17:00:00 GMT\r\nETag: {etag}\r\n{range}\
         Content-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    if request.method == "HEAD" {
        return Ok(true);
    }
    let is_whole = !(object.is_data && is_cut());
    let sent = if is_whole { length } else { length / 2 };
    let mut file = File::open(&object.path)?;
    file.seek(SeekFrom::Start(first))?;
    // The standard library lets the system do this without copying.
    io::copy(&mut file.take(sent), &mut stream)?;
    if !is_whole {
        stream.shutdown(Shutdown::Both)?;
    }
    Ok(is_whole)
}

/// Returns the response to ListObjects and ListObjectsV2: all in one page.
fn list(request: &Request, objects: &Objects) -> String {
    let prefix = request.parameter("prefix").unwrap_or_default();
    let delimiter = request
        .parameter("delimiter")
        .filter(|text| !text.is_empty());
    let (mut contents, mut prefixes) = (String::new(), BTreeSet::new());
    let mut count = 0;
    for (key, object) in objects.below(prefix) {
        let rest = &key[prefix.len()..];
        if let Some((name, _)) = delimiter.and_then(|delimiter| rest.split_once(delimiter)) {
            prefixes.insert(format!("{prefix}{name}/"));
            continue;
        }
        count += 1;
        let _ = write!(
            contents,
            "<Contents><Key>{key}</Key><LastModified>2026-02-16T17:00:00.000Z</LastModified>\
             <ETag>{}</ETag><Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
            object.etag.replace('"', "&quot;"),
            object.bytes,
        );
    }
    count += prefixes.len();
    for name in prefixes {
        let _ = write!(
            contents,
            "<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>"
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>exports</Name>\
         <Prefix>{prefix}</Prefix><KeyCount>{count}</KeyCount><MaxKeys>1000</MaxKeys>\
         <IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
    )
}
