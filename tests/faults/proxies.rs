//! Proxies that refuse, break or never respond.

use simpledb_export::ErrorKind;

#[cfg(feature = "rustls")]
use super::connections::PAUSE;
use super::connections::success;
use super::row::{Connection, Row, address_of, closed_port};
use crate::support::{Step, again_and_again, response};

/// A host that only a proxy could know.
const ENDPOINT: &str = "http://sdb.invalid:8080";

/// The same, to be tunneled to.
#[cfg(feature = "rustls")]
const HTTPS_ENDPOINT: &str = "https://sdb.invalid";

const NO_CREDENTIALS: &str =
    ": the proxy {host} requires a user name and password: add them to its URL (1 attempt)";

pub(super) fn rows() -> Vec<Row> {
    #[cfg_attr(not(feature = "rustls"), expect(unused_mut))]
    let mut rows = forwarding();
    #[cfg(feature = "rustls")]
    rows.extend(tunneling());
    rows
}

/// Responds to every request on a connection.
fn always(status: u16) -> Vec<Vec<Step>> {
    let response = Step::Send(response(status, &[], b""));
    vec![again_and_again(&[Step::Request, response])]
}

/// Proxies that get plain http to forward.
fn forwarding() -> Vec<Row> {
    let closed = closed_port();
    let address = address_of(&closed);
    vec![
        Row::new("a proxy that requires a password", always(407))
            .proxy_to(ENDPOINT)
            .fails_for_good(ErrorKind::Connect, NO_CREDENTIALS),
        Row::new("a proxy that cannot reach the host", always(502))
            .proxy_to(ENDPOINT)
            .fails(ErrorKind::Service, " (HTTP status 502, 3 attempts)")
            .connection(Connection::Reused),
        Row::new("a proxy that closes", vec![vec![Step::Request]])
            .proxy_to(ENDPOINT)
            .fails(
                ErrorKind::Io,
                ": the connection to sdb.invalid:8080 was lost: Peer disconnected (3 attempts)",
            )
            .connection(Connection::NotReused),
        Row::new(
            "a proxy that is silent",
            vec![vec![Step::Request, Step::Silence]],
        )
        .proxy_to(ENDPOINT)
        .endless()
        .fails(
            ErrorKind::Timeout,
            ": sdb.invalid:8080 did not respond through the proxy {host} within {limit} (3 attempts)",
        )
        .connection(Connection::NotReused),
        Row::new("a proxy on which nobody listens", vec![vec![]])
            .configure(move |config, _| {
                let proxy = format!("http://{}", address_of(&closed));
                config.endpoint_url(ENDPOINT).proxy(proxy)
            })
            .fails(
                ErrorKind::Connect,
                format!(": cannot connect to the proxy {address}: * (3 attempts)"),
            ),
        Row::new(
            "a proxy that forwards to a host that only it knows",
            vec![again_and_again(&[Step::Request, success()])],
        )
        .configure(|config, server| {
            let proxy = format!("http://me:open%20sesame@{}", server.address());
            config.endpoint_url(ENDPOINT).proxy(proxy)
        })
        .connection(Connection::Reused)
        .check(|server| {
            let request = &server.requests()[0];
            assert_eq!(request.method, "POST");
            assert_eq!(request.path, "http://sdb.invalid:8080/v2/GetExport");
            assert_eq!(request.header("host"), Some("sdb.invalid:8080"));
            assert_eq!(
                request.header("proxy-authorization"),
                Some("Basic bWU6b3BlbiBzZXNhbWU=")
            );
        }),
    ]
}

/// Proxies that are asked for a tunnel to an https host.
#[cfg(feature = "rustls")]
fn tunneling() -> Vec<Row> {
    vec![
        Row::new("a tunnel that requires a password", always(407))
            .proxy_to(HTTPS_ENDPOINT)
            .fails_for_good(ErrorKind::Connect, NO_CREDENTIALS)
            .connection(Connection::NotReused)
            .check(|server| {
                let request = server.request();
                assert_eq!(request.method, "CONNECT");
                assert_eq!(request.path, "sdb.invalid:443");
                assert_eq!(request.header("host"), Some("sdb.invalid:443"));
                assert_eq!(request.header("authorization"), None);
            }),
        Row::new("a tunnel that is refused", always(502))
            .proxy_to(HTTPS_ENDPOINT)
            .fails(
                ErrorKind::Connect,
                ": the proxy {host} refused to tunnel to sdb.invalid: HTTP status 502 (3 attempts)",
            )
            .connection(Connection::NotReused),
        Row::new(
            "a proxy that closes before there is a tunnel",
            vec![vec![Step::Request]],
        )
        .proxy_to(HTTPS_ENDPOINT)
        .fails(
            ErrorKind::Connect,
            ": the proxy {host} closed the connection (3 attempts)",
        )
        .connection(Connection::NotReused),
        Row::new(
            "a proxy whose response to CONNECT drips forever",
            vec![vec![
                Step::Request,
                Step::Send(b"HTTP/1.1 200 OK\r\nx: ".to_vec()),
                Step::Drip(b"y".to_vec(), PAUSE),
            ]],
        )
        .proxy_to(HTTPS_ENDPOINT)
        .endless()
        .fails(
            ErrorKind::Timeout,
            ": connecting to the proxy {host} timed out after {limit} (3 attempts)",
        )
        .connection(Connection::NotReused),
        Row::new(
            "a host that is silent at the end of a tunnel",
            vec![vec![
                Step::Request,
                Step::Send(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
                Step::Silence,
            ]],
        )
        .proxy_to(HTTPS_ENDPOINT)
        .endless()
        .fails(
            ErrorKind::Timeout,
            ": connecting to sdb.invalid timed out after {limit} (3 attempts)",
        )
        .connection(Connection::NotReused),
    ]
}
