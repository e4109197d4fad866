//! Clients that are slow, numerous or malicious.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::json;
use simpledb_export::local::{LocalService, LocalServiceBuilder, Pace, Quotas};
use simpledb_export::{ListExportsInput, StartDomainExportInput};

use super::support::{Caller, TempDir};

fn builder(dir: &TempDir) -> LocalServiceBuilder {
    LocalService::builder()
        .root(dir.path())
        .bucket("bucket")
        .sample_domain()
        .pace(Pace::instant())
        .quotas(Quotas::unlimited())
}

/// More bytes than the system buffers for a client that does not read.
const LARGE: usize = 12_000_000;

/// Sends bytes and reads until the service closes the connection.
fn exchange(service: &LocalService, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(service.address()).unwrap();
    // The service may close before it has read everything.
    stream.write_all(bytes).ok();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).ok();
    String::from_utf8(response).unwrap()
}

/// Sends a request without a body or a signature.
fn send(service: &LocalService, line: &str, host: &str) -> String {
    let request = format!("{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    exchange(service, request.as_bytes())
}

fn status_line(response: &str) -> &str {
    response.lines().next().unwrap_or_default()
}

#[test]
fn rejects_a_body_over_the_limit() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    let input = json!({ "domainName": "a".repeat(4 * 1024 * 1024) });
    let head = format!(
        "POST /v2/ListExports HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n",
        input.to_string().len()
    );
    let response = exchange(&service, format!("{head}{input}").as_bytes());
    assert_eq!(status_line(&response), "HTTP/1.1 413 Payload Too Large");
    assert!(
        response.contains("RequestEntityTooLargeException"),
        "{response}"
    );
    assert!(response.contains("the body is longer than 4194304 bytes"));
}

#[test]
fn rejects_headers_over_the_limit() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    let long = format!("GET / HTTP/1.1\r\nlong: {}\r\n\r\n", "a".repeat(40_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(101));
    for request in [long, many] {
        assert_eq!(
            status_line(&exchange(&service, request.as_bytes())),
            "HTTP/1.1 431 Request Header Fields Too Large"
        );
    }
}

#[test]
fn closes_a_connection_that_does_not_speak_http() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    for request in [
        "\x16\x03\x01\x02\x00",
        "nonsense\r\n\r\n",
        "GET \0 HTTP/1.1\r\n\r\n",
    ] {
        let response = exchange(&service, request.as_bytes());
        assert_eq!(status_line(&response), "HTTP/1.1 400 Bad Request");
    }
    assert_eq!(
        Caller::new(&service).call("ListExports", &json!({})).status,
        200
    );
}

#[test]
fn each_service_rejects_a_request_without_a_signature() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    let table = [
        (
            "POST /v2/ListExports",
            "HTTP/1.1 403 Forbidden",
            "MissingAuthenticationTokenException",
        ),
        (
            "GET /v2/ListExports",
            "HTTP/1.1 404 Not Found",
            "UnknownOperationException",
        ),
        (
            "POST /bucket/key?uploads",
            "HTTP/1.1 403 Forbidden",
            "<Code>AccessDenied</Code>",
        ),
        (
            "GET /bucket/key",
            "HTTP/1.1 403 Forbidden",
            "<Code>AccessDenied</Code>",
        ),
        (
            "DELETE /bucket/key",
            "HTTP/1.1 403 Forbidden",
            "<Code>AccessDenied</Code>",
        ),
    ];
    for (line, status, code) in table {
        let response = send(&service, line, "localhost");
        assert_eq!(status_line(&response), status, "{line}");
        assert!(response.contains(code), "{response}");
        assert!(response.contains("\r\nx-amzn-requestid: "), "{response}");
    }
}

#[test]
fn on_loopback_accepts_only_loopback_hosts() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    let refusal = |host: &str| {
        format!(
            "this service listens on loopback only and does not accept the Host header {host:?}: \
             expected localhost, *.localhost, 127.0.0.1 or [::1]"
        )
    };
    for host in ["rebound.example", "rebound.example:8000", "10.0.0.1", ""] {
        let response = send(&service, "POST /v2/ListExports", host);
        assert_eq!(status_line(&response), "HTTP/1.1 403 Forbidden");
        let (_, body) = response.rsplit_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["__type"], "AccessDeniedException");
        assert_eq!(body["message"], refusal(host));
        let response = send(&service, "GET /bucket/key", host);
        assert_eq!(status_line(&response), "HTTP/1.1 403 Forbidden");
        let message = format!(
            "<Code>AccessDenied</Code><Message>{}</Message>",
            refusal(host)
        );
        assert!(response.contains(&message), "{response}");
    }
    for host in [
        "localhost",
        "bucket.s3.localhost:80",
        "127.0.0.1",
        "[::1]:80",
    ] {
        let response = send(&service, "POST /v2/ListExports", host);
        assert!(
            response.contains("MissingAuthenticationToken"),
            "{response}"
        );
    }

    let service = builder(&dir).bind([0, 0, 0, 0]).start().unwrap();
    let response = send(&service, "POST /v2/ListExports", "me.example");
    assert!(
        response.contains("MissingAuthenticationToken"),
        "{response}"
    );
}

#[test]
fn disconnects_a_client_that_does_not_finish_its_request() {
    let dir = TempDir::new();
    let service = builder(&dir)
        .request_timeout(Duration::from_millis(50))
        .start()
        .unwrap();
    assert_eq!(exchange(&service, b""), "");
    assert_eq!(exchange(&service, b"POST /v2/ListExports HTT"), "");
    let no_body = b"POST /v2/ListExports HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{";
    let response = exchange(&service, no_body);
    assert_eq!(status_line(&response), "HTTP/1.1 408 Request Timeout");
    assert!(response.contains("RequestTimeoutException"), "{response}");
}

#[test]
fn a_client_that_gets_no_consent_to_send_its_body_does_not_reuse_the_connection() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    let put = |length| {
        let request = format!(
            "PUT /bucket/key HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n\
             content-length: {length}\r\n\r\n"
        );
        exchange(&service, request.as_bytes())
    };
    for length in [0, 12_000_000] {
        let response = put(length);
        assert_eq!(status_line(&response), "HTTP/1.1 403 Forbidden");
        assert!(response.contains("\r\nconnection: close\r\n"), "{response}");
    }
}

#[test]
fn accepts_the_longest_request_timeout() {
    let dir = TempDir::new();
    let service = builder(&dir)
        .request_timeout(Duration::MAX)
        .start()
        .unwrap();
    let response = send(&service, "GET /", "localhost");
    assert!(response.starts_with("HTTP/1.1 4"), "{response}");
}

#[test]
fn serves_many_clients_beside_slow_ones() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    fs::write(dir.path().join("bucket/large"), vec![0; LARGE]).unwrap();
    let caller = Caller::new(&service);
    assert_eq!(caller.get("/bucket/large").status, 200);
    let connect = |request: &str| {
        let mut stream = TcpStream::connect(service.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    };
    // Half of them do not finish their request, the others do not read the response.
    let slow: Vec<TcpStream> = (0..32)
        .flat_map(|_| {
            let request = caller.raw("GET", "/bucket/large");
            [connect("POST /v2/ListExp"), connect(&request)]
        })
        .collect();
    let client = service.client();
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                let input = StartDomainExportInput::new("Books", "bucket");
                client.start_domain_export(&input).unwrap();
                client.list_exports(&ListExportsInput::new()).unwrap();
            });
        }
    });
    let arns = client
        .list_exports_pages(ListExportsInput::new().max_results(10))
        .map(|page| page.unwrap().export_summaries.len());
    assert_eq!(arns.sum::<usize>(), 64);
    // A client that starts to read late still receives everything.
    let mut reader = slow.into_iter().nth(1).unwrap();
    let mut bytes = vec![0; LARGE];
    reader.read_exact(&mut bytes).unwrap();
    assert!(bytes.starts_with(b"HTTP/1.1 200 OK"));
}

#[test]
fn stops_while_clients_are_connected_and_frees_its_port() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    let address = service.address();
    let mut idle = TcpStream::connect(address).unwrap();
    let mut halfway = TcpStream::connect(address).unwrap();
    halfway.write_all(b"POST /v2/List").unwrap();
    service
        .client()
        .list_exports(&ListExportsInput::new())
        .unwrap();
    drop(service);
    for stream in [&mut idle, &mut halfway] {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).ok();
        assert!(rest.is_empty(), "{rest:?}");
    }
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn stops_during_an_upload_and_leaves_nothing_of_it() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    let head = Caller::new(&service).raw("PUT", "/bucket/key");
    let head = head.replace("\r\n\r\n", "\r\ncontent-length: 100\r\n\r\n");
    let mut upload = TcpStream::connect(service.address()).unwrap();
    upload.write_all(head.as_bytes()).unwrap();
    upload.write_all(b"the beginning").unwrap();
    let bucket = dir.path().join("bucket");
    let count = || fs::read_dir(&bucket).unwrap().count();
    while count() == 0 {
        thread::sleep(Duration::from_millis(1));
    }
    drop(service);
    assert_eq!(count(), 0);
}
