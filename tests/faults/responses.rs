//! Responses that are not a success, not JSON, or not HTTP.

use simpledb_export::ErrorKind;

use super::connections::{responding, success};
use super::row::{Connection, Row};
use crate::support::{Server, Step, again_and_again, export_body, response};

pub(super) fn rows() -> Vec<Row> {
    let mut rows = no_http();
    rows.extend(too_large());
    rows.extend(refusals());
    rows.extend(redirects());
    rows.extend(retry_after());
    rows.extend(no_export());
    rows
}

/// The same response to every request on the connection.
fn always(bytes: Vec<u8>) -> Vec<Vec<Step>> {
    vec![again_and_again(&[Step::Request, Step::Send(bytes)])]
}

fn raw(text: &str) -> Vec<Vec<Step>> {
    vec![vec![Step::Request, Step::Send(text.as_bytes().to_vec())]]
}

/// A good response with more headers.
fn with_headers(headers: &str) -> Vec<u8> {
    let body = export_body("PENDING", "");
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
}

const TOO_LARGE: &str = ": the response headers from {host} exceed 16383 bytes (1 attempt)";

fn no_http() -> Vec<Row> {
    let garbage = |name: &str, text: &str, reason: &str| {
        let expected = format!(": invalid response from {{host}}: {reason} (3 attempts)");
        Row::new(name, raw(text))
            .fails(ErrorKind::Response, expected)
            .connection(Connection::NotReused)
            .sleeps(&[50, 100])
    };
    let many: Vec<String> = (0..100).map(|n| format!("x-{n}: y\r\n")).collect();
    let many = many.concat();
    let long = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    let informational = ["102 Processing", "103 Early Hints"];
    let informational = informational.map(|status| format!("HTTP/1.1 {status}\r\nlink: x\r\n\r\n"));
    let informational = informational.concat();
    let informational = format!("HTTP/1.1 100 Continue\r\n\r\n{informational}");
    let early = [informational.into_bytes(), with_headers("")].concat();
    vec![
        garbage(
            "no status line",
            "SSH-2.0-OpenSSH_9.2\r\n\r\n",
            "http parse fail: invalid HTTP version",
        ),
        garbage(
            "a status that is not a number",
            "HTTP/1.1 abc OK\r\n\r\n",
            "http parse fail: invalid response status",
        ),
        garbage(
            "a version of the future",
            "HTTP/9.9 200 OK\r\n\r\n",
            "http parse fail: invalid HTTP version",
        ),
        garbage(
            "a header that is not one",
            "HTTP/1.1 200 OK\r\n\0: x\r\n\r\n",
            "http parse fail: invalid header name",
        ),
        garbage(
            "a length that is not a number",
            "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
            "content-length header not a number",
        ),
        garbage(
            "a chunk's length that is not a number",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
            "chunk length cannot be read as a number",
        ),
        // Nobody asked for it, and no server does it; to be understood or refused, not to hang.
        garbage(
            "a 100 with headers",
            "HTTP/1.1 100 Continue\r\nlink: x\r\n\r\n",
            "received headers with 100-continue response",
        ),
        Row::new("a header of 100 KB", raw(&long))
            .fails_for_good(ErrorKind::Response, TOO_LARGE)
            .connection(Connection::NotReused),
        Row::new(
            "headers without an end",
            vec![vec![
                Step::Request,
                Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec()),
                Step::Flood(b"x: y\r\n".to_vec()),
            ]],
        )
        .fails(
            ErrorKind::Response,
            ": invalid response from {host}: http parse resulted in too many headers (3 attempts)",
        )
        .connection(Connection::NotReused),
        Row::new(
            "a header without an end",
            vec![vec![
                Step::Request,
                Step::Send(b"HTTP/1.1 200 OK\r\nx: ".to_vec()),
                Step::Flood(vec![b'y'; 1000]),
            ]],
        )
        .fails_for_good(ErrorKind::Response, TOO_LARGE)
        .connection(Connection::NotReused),
        Row::new("100 headers", always(with_headers(&many))).connection(Connection::Reused),
        Row::new("1xx before the response", always(early)).connection(Connection::Reused),
    ]
}

fn too_large() -> Vec<Row> {
    vec![
        Row::new(
            "a length near 2^64",
            raw("HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n{"),
        )
        .fails_for_good(
            ErrorKind::Response,
            ": the response from {host} exceeds 16777216 bytes (1 attempt)",
        )
        .connection(Connection::NotReused),
        Row::new(
            "a body over the limit",
            vec![vec![
                Step::Request,
                Step::Send(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
                Step::Flood(vec![b' '; 64 * 1024]),
            ]],
        )
        .fails_for_good(
            ErrorKind::Response,
            ": the response from {host} exceeds 16777216 bytes (1 attempt)",
        )
        .connection(Connection::NotReused),
    ]
}

fn refusals() -> Vec<Row> {
    let html = b"<html>\n<body>Bad Gateway</body></html>";
    let mut rows = vec![
        Row::new(
            "a page of a proxy",
            always(response(502, &[("content-type", "text/html")], html)),
        )
        .fails(
            ErrorKind::Service,
            ": the response is HTML, not JSON (is a proxy or login page in the way?): <html> \
             <body>Bad Gateway</body></html> (HTTP status 502, 3 attempts)",
        )
        .connection(Connection::Reused)
        .sleeps(&[50, 100]),
        Row::new(
            "a page instead of an export",
            always(response(200, &[], html)),
        )
        .fails(
            ErrorKind::Response,
            ": the response is HTML, not JSON (is a proxy or login page in the way?): <html> \
             <body>Bad Gateway</body></html> (HTTP status 200, 3 attempts)",
        )
        .connection(Connection::Reused),
        Row::new("a bare 429", always(response(429, &[], b"")))
            .fails(ErrorKind::Service, " (HTTP status 429, 3 attempts)")
            .connection(Connection::Reused)
            .sleeps(&[1_000, 2_000]),
        Row::new(
            "a bare 404",
            always(response(404, &[("x-amzn-requestid", "id-1")], b"")),
        )
        .fails_for_good(
            ErrorKind::Service,
            " (HTTP status 404, request id id-1, 1 attempt)",
        )
        .connection(Connection::Reused),
    ];
    let servers = [
        (500, " (HTTP status 500, 3 attempts)"),
        (502, " (HTTP status 502, 3 attempts)"),
        (503, " (HTTP status 503, 3 attempts)"),
        (504, " (HTTP status 504, 3 attempts)"),
    ];
    for (status, text) in servers {
        let row = Row::new(
            format!("a bare {status}"),
            always(response(status, &[], b"")),
        )
        .fails(ErrorKind::Service, text)
        .connection(Connection::Reused)
        .sleeps(&[50, 100]);
        rows.push(row);
    }
    for code in THROTTLING {
        let body = format!(r#"{{"__type":"{code}"}}"#);
        let row = Row::new(
            code,
            vec![again_and_again(&[
                Step::Request,
                Step::Send(response(400, &[], body.as_bytes())),
                Step::Request,
                success(),
            ])],
        )
        .attempts(2)
        .connection(Connection::Reused)
        .sleeps(&[1_000]);
        rows.push(row);
    }
    rows
}

const THROTTLING: [&str; 14] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];

fn redirects() -> Vec<Row> {
    let text = |status: u16| {
        format!(
            ": the endpoint redirects, and a signed request is for one address only: set the right \
             endpoint or region (HTTP status {status}, 1 attempt)"
        )
    };
    [301, 302, 303, 307, 308]
        .into_iter()
        .map(|status| {
            let elsewhere = Server::scripted(vec![responding()]);
            let location = elsewhere.url();
            let response = response(status, &[("location", &location)], b"");
            Row::new(format!("a redirect by {status}"), always(response))
                .fails_for_good(ErrorKind::Service, text(status))
                .connection(Connection::Reused)
                .check(move |_| assert_eq!(elsewhere.connections(), 0, "it was followed"))
        })
        .collect()
}

fn retry_after() -> Vec<Row> {
    let once = |value: &'static str, milliseconds: u64| {
        let refusal = response(503, &[("x-amz-retry-after", value)], b"");
        let steps = [Step::Request, Step::Send(refusal), Step::Request, success()];
        Row::new(
            format!("x-amz-retry-after: {value}"),
            vec![again_and_again(&steps)],
        )
        .attempts(2)
        .connection(Connection::Reused)
        .sleeps(&[milliseconds])
    };
    vec![
        once("1500", 1_500),
        once("0", 50),
        once("3600000", 5_050),
        once("18446744073709551615", 5_050),
        once("99999999999999999999999", 50),
        once("-1", 50),
        once("Wed, 21 Oct 2026 07:28:00 GMT", 50),
    ]
}

fn no_export() -> Vec<Row> {
    let body = export_body("PENDING", "");
    let deep = "[".repeat(100_000);
    let surrogate = body.replace("Books", r"\ud800");
    let nul = body.replace("Books", "a\0b");
    let nested = body.replace(r#""Books""#, &deep);
    let unknown = body.replacen('{', &format!(r#"{{"unknown":{deep},"#), 1);
    let not_utf8 = body.replace("Books", "@").into_bytes();
    let not_utf8 = not_utf8
        .into_iter()
        .map(|byte| if byte == b'@' { 0xff } else { byte })
        .collect();
    let bodies: [(&str, Vec<u8>); 10] = [
        ("no body", Vec::new()),
        ("an array", b"[]".to_vec()),
        ("an empty object", b"{}".to_vec()),
        (
            "a number for a text",
            body.replace(r#""Books""#, "7").into(),
        ),
        (
            "a negative count",
            export_body("PENDING", r#","itemsCount":-1"#).into(),
        ),
        ("a lone surrogate", surrogate.into()),
        ("a NUL", nul.into()),
        ("what is not UTF-8", not_utf8),
        ("a text nested deeply", nested.into()),
        ("an unknown member nested deeply", unknown.into()),
    ];
    bodies
        .into_iter()
        .map(|(name, body)| {
            Row::new(
                format!("in the response: {name}"),
                always(response(200, &[], &body)),
            )
            .fails(
                ErrorKind::Response,
                ": the response could not be parsed: * (HTTP status 200, 3 attempts)",
            )
            .connection(Connection::Reused)
            .sleeps(&[50, 100])
        })
        .collect()
}
