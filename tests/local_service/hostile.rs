//! Clients that are slow, many, or up to no good.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::json;
use simpledb_export::local::{LocalService, LocalServiceBuilder, Pace};
use simpledb_export::{ListExportsInput, StartDomainExportInput};

use super::support::{Caller, Folder};

fn builder(folder: &Folder) -> LocalServiceBuilder {
    LocalService::builder()
        .root(folder.path())
        .bucket("bucket")
        .sample_domain()
        .pace(Pace::instant())
        .without_quotas()
}

/// More bytes than the system's buffers take for a client that does not read.
const LARGE: usize = 12_000_000;

/// Sends bytes and reads what comes until the service closes the connection.
fn exchange(service: &LocalService, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(service.address()).unwrap();
    // The service may close before it has read everything.
    stream.write_all(bytes).ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    String::from_utf8(answer).unwrap()
}

fn status_line(answer: &str) -> &str {
    answer.lines().next().unwrap_or_default()
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let folder = Folder::new();
    let service = builder(&folder).start().unwrap();
    let input = json!({ "domainName": "a".repeat(64 * 1024) });
    let head = format!(
        "POST /v2/ListExports HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
        input.to_string().len()
    );
    let answer = exchange(&service, format!("{head}{input}").as_bytes());
    assert_eq!(status_line(&answer), "HTTP/1.1 413 Payload Too Large");
    assert!(
        answer.contains("RequestEntityTooLargeException"),
        "{answer}"
    );
    assert!(answer.contains("the body is longer than 65536 bytes"));
}

#[test]
fn headers_over_the_limit_are_refused() {
    let folder = Folder::new();
    let service = builder(&folder).start().unwrap();
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
fn what_is_no_http_ends_the_connection() {
    let folder = Folder::new();
    let service = builder(&folder).start().unwrap();
    for request in [
        "\x16\x03\x01\x02\x00",
        "nonsense\r\n\r\n",
        "GET \0 HTTP/1.1\r\n\r\n",
    ] {
        let answer = exchange(&service, request.as_bytes());
        assert_eq!(status_line(&answer), "HTTP/1.1 400 Bad Request");
    }
    assert_eq!(
        Caller::new(&service).call("ListExports", &json!({})).status,
        200
    );
}

#[test]
fn a_request_without_a_signature_is_told_so_by_each_service() {
    let folder = Folder::new();
    let service = builder(&folder).start().unwrap();
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
            "POST /bucket/key",
            "HTTP/1.1 404 Not Found",
            "UnknownOperationException",
        ),
        (
            "GET /bucket/key",
            "HTTP/1.1 403 Forbidden",
            "<Code>AccessDenied</Code>",
        ),
        (
            "DELETE /bucket/key",
            "HTTP/1.1 405 Method Not Allowed",
            "<Code>MethodNotAllowed</Code>",
        ),
    ];
    for (line, status, code) in table {
        let request = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = exchange(&service, request.as_bytes());
        assert_eq!(status_line(&answer), status, "{line}");
        assert!(answer.contains(code), "{answer}");
        assert!(answer.contains("\r\nx-amzn-requestid: "), "{answer}");
    }
}

#[test]
fn a_client_that_does_not_finish_its_request_is_let_go() {
    let folder = Folder::new();
    let service = builder(&folder)
        .request_timeout(Duration::from_millis(50))
        .start()
        .unwrap();
    assert_eq!(exchange(&service, b""), "");
    assert_eq!(exchange(&service, b"POST /v2/ListExports HTT"), "");
    let no_body = b"POST /v2/ListExports HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{";
    let answer = exchange(&service, no_body);
    assert_eq!(status_line(&answer), "HTTP/1.1 408 Request Timeout");
    assert!(answer.contains("RequestTimeoutException"), "{answer}");
}

#[test]
fn no_limit_on_the_time_of_a_request_is_a_limit_that_no_request_reaches() {
    let folder = Folder::new();
    let service = builder(&folder)
        .request_timeout(Duration::MAX)
        .start()
        .unwrap();
    let answer = exchange(
        &service,
        b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[test]
fn many_clients_are_served_beside_slow_ones() {
    let folder = Folder::new();
    let service = builder(&folder).start().unwrap();
    fs::write(folder.path().join("bucket/large"), vec![0; LARGE]).unwrap();
    let caller = Caller::new(&service);
    assert_eq!(caller.get("/bucket/large").status, 200);
    let connect = |request: &str| {
        let mut stream = TcpStream::connect(service.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    };
    // Half of them do not finish what they ask, the others do not read what they asked for.
    let slow: Vec<TcpStream> = (0..32)
        .flat_map(|_| {
            let request = caller.raw_get("/bucket/large");
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
        .list_exports_pages(&ListExportsInput::new().max_results(10))
        .map(|page| page.unwrap().export_summaries.len());
    assert_eq!(arns.sum::<usize>(), 64);
    // Those who begin to read after all get everything.
    let mut reader = slow.into_iter().nth(1).unwrap();
    let mut bytes = vec![0; LARGE];
    reader.read_exact(&mut bytes).unwrap();
    assert!(bytes.starts_with(b"HTTP/1.1 200 OK"));
}

#[test]
fn it_stops_while_clients_are_connected_and_frees_its_port() {
    let folder = Folder::new();
    let service = builder(&folder).start().unwrap();
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
