//! A bucket with one small export in it, on a server that misbehaves on demand.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde_json::json;
use simpledb_export::config::ConfigBuilder;
use simpledb_export::data::{DownloadReport, Error};
use simpledb_export::{Client, GetExportOutput, RetryConfig};

use crate::support::temp_dir::TempDir;
use crate::support::{FakeSystem, Request, Server, Step, config, new_client, response};

const DIR: &str = "AWSSimpleDB/c0ffee/Books";

/// The first data file, and the second.
pub(super) const DATA: [&str; 2] = ["data/a.json", "data/b.json"];

pub(super) const MANIFESTS: [&str; 2] = ["manifest-file.json", "manifest-summary.json"];

/// The content of a data file: one item, long enough to be cut.
pub(super) fn content(name: &str) -> Vec<u8> {
    let value = name.repeat(20_000);
    let file = json!([{"itemName": name, "attributes": [{"name": "n", "values": [value]}]}]);
    file.to_string().into_bytes()
}

/// The MD5 checksum as a manifest has it.
fn md5(content: &[u8]) -> String {
    STANDARD.encode(Md5::digest(content))
}

/// The ETag that the bucket gives an object.
pub(super) fn etag(content: &[u8]) -> String {
    format!("\"{}\"", md5(content).trim_end_matches('='))
}

/// The path of a request for a file of the export.
pub(super) fn path(name: &str) -> String {
    format!("/bucket/{DIR}/{name}")
}

/// S3's response to a request, by its object, range and condition.
pub(super) fn good_response(request: &Request) -> Vec<u8> {
    let entry = |name: &str| {
        json!({
            "md5Checksum": md5(&content(name)),
            "dataFileS3Key": format!("{DIR}/{name}"),
            "dataFileItemCount": 1,
        })
    };
    let prefix = format!("/bucket/{DIR}/");
    let body = match request.path.strip_prefix(&prefix) {
        Some("manifest-summary.json") => json!({"itemsCount": 2, "s3ExportPrefix": DIR})
            .to_string()
            .into_bytes(),
        Some("manifest-file.json") => json!(DATA.map(entry)).to_string().into_bytes(),
        Some(name) if DATA.contains(&name) => content(name),
        _ => return refusal(404, "NoSuchKey"),
    };
    object(request, &body)
}

/// The response for an object, with ranges and conditions.
pub(super) fn object(request: &Request, body: &[u8]) -> Vec<u8> {
    let etag = etag(body);
    if request
        .header("if-match")
        .is_some_and(|wanted| wanted != etag)
    {
        return refusal(412, "PreconditionFailed");
    }
    let Some(range) = request.header("range") else {
        return response(200, &[("etag", &etag)], body);
    };
    let first = range
        .strip_prefix("bytes=")
        .and_then(|range| range.strip_suffix('-'));
    let first: usize = first.unwrap().parse().unwrap();
    let length = body.len();
    if first >= length {
        let range = format!("bytes */{length}");
        return response(416, &[("content-range", &range)], b"");
    }
    let range = format!("bytes {first}-{}/{length}", length - 1);
    response(
        206,
        &[("etag", &etag), ("content-range", &range)],
        &body[first..],
    )
}

pub(super) fn refusal(status: u16, code: &str) -> Vec<u8> {
    let body = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
    response(status, &[("x-amz-request-id", "r-1")], body.as_bytes())
}

/// A server that responds as `misbehave` says, or else as S3 does. Requests for an object are
/// counted from 0.
pub(super) fn bucket(
    misbehave: impl Fn(usize, &str, &Request) -> Option<Vec<Step>> + Send + Sync + 'static,
) -> Server {
    let seen = std::sync::Mutex::new(Vec::<String>::new());
    Server::responding(move |_, request| {
        let nth = {
            let mut seen = seen.lock().unwrap();
            seen.push(request.path.clone());
            seen.iter().filter(|path| **path == request.path).count() - 1
        };
        let name = request.path.strip_prefix(&path("")).unwrap_or_default();
        misbehave(nth, name, request).unwrap_or_else(|| vec![Step::Send(good_response(request))])
    })
}

/// A response up to the middle of its body.
pub(super) fn cut(response: &[u8]) -> Vec<Step> {
    vec![
        Step::Send(response[..response.len() / 2].to_vec()),
        Step::Reset,
    ]
}

/// The export as GetExport returns it.
pub(super) fn export(more: &str) -> GetExportOutput {
    let text = format!(
        r#"{{"exportArn":"arn:aws:sdb:us-east-1:111122223333:domain/Books/export/c0ffee",
        "clientToken":"token","exportStatus":"SUCCEEDED","domainName":"Books","requestedAt":1,
        "s3Bucket":"bucket","itemsCount":2{more}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

pub(super) fn s3_config(server: &Server) -> ConfigBuilder {
    config("http://127.0.0.1:1", &FakeSystem::new()).s3_endpoint_url(server.url())
}

pub(super) fn client(server: &Server) -> Client {
    new_client(s3_config(server))
}

/// A client without retries.
pub(super) fn impatient(server: &Server) -> Client {
    new_client(s3_config(server).retry_config(RetryConfig::disabled()))
}

/// Downloads one file after the other, so that the order is known.
pub(super) fn download(client: &Client, to: &TempDir) -> Result<DownloadReport, Error> {
    client.download(&export(""), to.path()).threads(1).run()
}

/// Extends a time within which nothing that the bucket sends at once must time out: a busy or
/// emulated machine needs more.
pub(super) fn patience(least: Duration) -> Duration {
    let started = Instant::now();
    download(&client(&bucket(|_, _, _| None)), &TempDir::new()).unwrap();
    least + 3 * started.elapsed()
}

/// The directory of the downloaded export.
pub(super) fn export_dir(to: &TempDir) -> PathBuf {
    to.path().join(DIR)
}

/// The requests for one file.
pub(super) fn requests_for(server: &Server, name: &str) -> Vec<Request> {
    let mut requests = server.requests();
    requests.retain(|request| request.path == path(name));
    requests
}
