//! Proxies that do not let through.

use simpledb_export::ErrorKind;

use super::connections::{PAUSE, success};
use super::row::{Connection, Row, address_of, closed_port};
use crate::support::{Step, again_and_again, answer};

/// A host that only a proxy could know.
const ENDPOINT: &str = "http://sdb.invalid:8080";

pub(super) fn rows() -> Vec<Row> {
    let closed = closed_port();
    let address = address_of(&closed);
    vec![
        Row::new(
            "a proxy that asks for a password",
            vec![vec![Step::Request, Step::Send(answer(407, &[], b""))]],
        )
        .proxy_to(ENDPOINT)
        .fails_for_good(ErrorKind::Connect, ": the proxy {host} asks for a user and a password: put them into its URL (1 attempt)")
        .connection(Connection::NotReused),
        Row::new(
            "a proxy that cannot reach the host",
            vec![vec![Step::Request, Step::Send(answer(502, &[], b""))]],
        )
        .proxy_to(ENDPOINT)
        .fails(ErrorKind::Connect, ": the proxy {host} does not let through to sdb.invalid:8080: HTTP status 502 (3 attempts)")
        .connection(Connection::NotReused),
        Row::new("a proxy that closes", vec![vec![Step::Request]])
            .proxy_to(ENDPOINT)
            .fails(ErrorKind::Connect, ": the proxy {host} does not let through to sdb.invalid:8080: proxy server did not respond (3 attempts)")
            .connection(Connection::NotReused),
        Row::new(
            "a proxy that is silent",
            vec![vec![Step::Request, Step::Silence]],
        )
        .proxy_to(ENDPOINT)
        .endless()
        .fails(ErrorKind::Timeout, ": sdb.invalid:8080 did not answer through the proxy {host} within 250ms (3 attempts)")
        .connection(Connection::NotReused),
        Row::new(
            "a proxy whose answer drips for ever",
            vec![vec![
                Step::Request,
                Step::Send(b"HTTP/1.1 200 OK\r\nx: ".to_vec()),
                Step::Drip(b"y".to_vec(), PAUSE),
            ]],
        )
        .proxy_to(ENDPOINT)
        .endless()
        .fails(ErrorKind::Timeout, ": sdb.invalid:8080 did not answer through the proxy {host} within 250ms (3 attempts)")
        .connection(Connection::NotReused),
        Row::new("a proxy that refuses", vec![vec![]])
            .configure(move |config, _| {
                let proxy = format!("http://{}", address_of(&closed));
                config.endpoint_url(ENDPOINT).proxy(proxy)
            })
            .fails(
                ErrorKind::Connect,
                format!(": cannot connect to the proxy {address}: * (3 attempts)"),
            ),
        Row::new(
            "a proxy that lets through to a host that only it knows",
            vec![
                [
                    vec![
                        Step::Request,
                        Step::Send(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
                    ],
                    again_and_again(&[Step::Request, success()]),
                ]
                .concat(),
            ],
        )
        .proxy_to(ENDPOINT)
        .connection(Connection::Reused)
        .check(|server| {
            let requests = server.requests();
            assert_eq!(requests[0].method, "CONNECT");
            assert_eq!(requests[0].path, "sdb.invalid:8080");
            assert_eq!(requests[0].header("authorization"), None);
            assert_eq!(requests[1].path, "/v2/GetExport");
        }),
    ]
}
