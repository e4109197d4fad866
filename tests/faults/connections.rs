//! Connections that cannot be made, that break, and that never end.

use std::time::Duration;

use simpledb_export::{ErrorKind, RetryConfig};

use super::row::{Connection, Row, address_of, closed_port};
use crate::support::{Step, again_and_again, export_body, json_response};

pub(super) const PAUSE: Duration = Duration::from_millis(20);

pub(super) fn success() -> Step {
    Step::Send(json_response(200, &export_body("PENDING", "")))
}

/// A good response to every request.
pub(super) fn responding() -> Vec<Step> {
    again_and_again(&[Step::Request, success()])
}

fn head(rest: &str) -> Step {
    Step::Send(format!("HTTP/1.1 200 OK\r\n{rest}").into_bytes())
}

const BROKE: &str = ": the connection to {host} was lost: Peer disconnected (3 attempts)";
/// Whether this is an end, a reset or a broken pipe depends on timing.
const ANY_BREAK: &str = ": the connection to {host} was lost: * (3 attempts)";
const LATE: &str = ": {host} did not respond within {limit} (3 attempts)";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = broken();
    rows.extend(stale());
    rows.extend(endless());
    rows
}

fn broken() -> Vec<Row> {
    let refused = closed_port();
    let address = address_of(&refused);
    let chunks = "transfer-encoding: chunked\r\n\r\n5\r\n{\"exp\r\n";
    let fails = |name: &str, steps: Vec<Step>, text: &'static str| {
        Row::new(name, vec![steps])
            .fails(ErrorKind::Io, text)
            .connection(Connection::NotReused)
            .sleeps(&[50, 100])
    };
    vec![
        Row::new("refused", vec![vec![]])
            .configure(move |config, _| {
                config.endpoint_url(format!("http://{}", address_of(&refused)))
            })
            .fails(
                ErrorKind::Connect,
                format!(": cannot connect to {address}: * (3 attempts)"),
            )
            .sleeps(&[50, 100]),
        fails("closed before the request", vec![], ANY_BREAK),
        fails("closed in the request", vec![Step::Read(10)], ANY_BREAK),
        fails("closed after the request", vec![Step::Request], BROKE),
        fails(
            "reset after the request",
            vec![Step::Request, Step::Reset],
            ANY_BREAK,
        ),
        fails(
            "reset in the headers",
            vec![Step::Request, head("content-le"), Step::Reset],
            ANY_BREAK,
        ),
        fails(
            "closed in the headers",
            vec![Step::Request, head("content-le")],
            BROKE,
        ),
        fails(
            "reset in the body",
            vec![
                Step::Request,
                head("content-length: 100\r\n\r\n{\"exp"),
                Step::Reset,
            ],
            BROKE,
        ),
        fails(
            "closed in a body of a given length",
            vec![Step::Request, head("content-length: 100\r\n\r\n{\"exp")],
            BROKE,
        ),
        fails(
            "closed between chunks",
            vec![Step::Request, head(chunks)],
            BROKE,
        ),
        fails(
            "closed within a chunk",
            vec![Step::Request, head(&chunks.replace('5', "50"))],
            BROKE,
        ),
    ]
}

/// Connections that were good before.
fn stale() -> Vec<Row> {
    let once = || vec![Step::Request, success()];
    let then = |steps: &[Step]| {
        let first = [once().as_slice(), steps].concat();
        vec![first, responding()]
    };
    let resent = |name: &str, steps: &[Step]| {
        Row::new(name, then(steps))
            .warm_up()
            .configure(|config, _| config.retry_config(RetryConfig::disabled()))
            .sleeps(&[])
            .check(|server| {
                let requests = server.requests();
                let attempts: Vec<_> = requests
                    .iter()
                    .filter_map(|request| request.header("amz-sdk-request"))
                    .collect();
                assert_eq!(attempts, ["attempt=1; max=1"; 3]);
                let signatures = [1, 2].map(|n| requests[n].header("authorization"));
                assert_eq!(signatures[0], signatures[1]);
                assert_eq!(server.connections(), 2);
            })
    };
    vec![
        resent(
            "a pooled connection closed as the request comes",
            &[Step::Request],
        ),
        resent(
            "a pooled connection reset as the request comes",
            &[Step::Request, Step::Reset],
        ),
        Row::new(
            "closed once, then good",
            vec![vec![Step::Request], responding()],
        )
        .check(|server| assert_eq!(server.connections(), 2)),
    ]
}

fn endless() -> Vec<Row> {
    let late = |name: &str, steps: Vec<Step>| {
        Row::new(name, vec![steps])
            .endless()
            .fails(ErrorKind::Timeout, LATE)
            .connection(Connection::NotReused)
    };
    let drip = |text: &str| Step::Drip(text.as_bytes().to_vec(), PAUSE);
    vec![
        late("silence", vec![Step::Silence]),
        late(
            "silence after the request",
            vec![Step::Request, Step::Silence],
        ),
        late(
            "silence in the headers",
            vec![Step::Request, head("content-le"), Step::Silence],
        ),
        late(
            "silence in the body",
            vec![
                Step::Request,
                head("content-length: 9\r\n\r\n{"),
                Step::Silence,
            ],
        ),
        late(
            "headers that drip forever",
            vec![Step::Request, head(""), drip("x: y\r\n")],
        ),
        late(
            "one header that drips forever",
            vec![Step::Request, head("x: "), drip("y")],
        ),
        late(
            "a body that drips forever",
            vec![
                Step::Request,
                head("content-length: 100000\r\n\r\n"),
                drip(" "),
            ],
        ),
        late(
            "chunks that drip forever",
            vec![
                Step::Request,
                head("transfer-encoding: chunked\r\n\r\n"),
                drip("1\r\n \r\n"),
            ],
        ),
        late(
            "a body without an end that drips forever",
            vec![Step::Request, head("\r\n"), drip(" ")],
        ),
        late(
            "responses of 1xx forever",
            vec![Step::Request, drip("HTTP/1.1 103 Early Hints\r\n\r\n")],
        ),
    ]
}
