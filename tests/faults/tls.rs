//! Servers that cannot prove their identity, and handshakes that end early.

use simpledb_export::ErrorKind;
use simpledb_export::config::ConfigBuilder;

use super::connections::{PAUSE, responding};
use super::row::{Connection, Row};
use crate::support::server::Server;
use crate::support::tls::{
    CA_BUNDLE, ODD_CA_BUNDLE, expired, for_another_host, good, self_signed, tunneled,
};
use crate::support::{Step, response};

/// The length of the header of a TLS record, which every client sends first.
const RECORD_HEADER: usize = 5;

const UNKNOWN_ISSUER: &str = "its certificate is not signed by a trusted authority \
    (UnknownIssuer); if its authority is a private one, such as that of a company's proxy, set \
    AWS_CA_BUNDLE or ca_bundle to a PEM file with the authority's certificate";

fn trusting(config: ConfigBuilder, _: &Server) -> ConfigBuilder {
    config.ca_bundle(CA_BUNDLE.as_path())
}

/// Expects TLS of the server.
fn https(config: ConfigBuilder, server: &Server) -> ConfigBuilder {
    config.endpoint_url(format!("https://{}", server.address()))
}

/// The server is a proxy for plain http.
fn https_proxy(config: ConfigBuilder, server: &Server) -> ConfigBuilder {
    config
        .endpoint_url("http://sdb.invalid")
        .proxy(format!("https://{}", server.address()))
}

pub(super) fn rows() -> Vec<Row> {
    let refused = |name: &str, wrap, reason: &str| {
        Row::new(name, vec![responding()])
            .wrapped(wrap)
            .configure(trusting)
            .fails_for_good(
                ErrorKind::Tls,
                format!(": TLS connection to {{host}} failed: {reason} (1 attempt)"),
            )
            .connection(Connection::NotReused)
    };
    let plain = |name: &str, script: Vec<Step>| {
        Row::new(name, vec![script])
            .configure(https)
            .connection(Connection::NotReused)
    };
    vec![
        Row::new("a certificate that is trusted", vec![responding()])
            .wrapped(good)
            .configure(trusting)
            .connection(Connection::Reused),
        Row::new("a bundle in another form", vec![responding()])
            .wrapped(good)
            .configure(|config, _| config.ca_bundle(ODD_CA_BUNDLE.as_path())),
        Row::new("a host at the end of a tunnel", vec![responding()])
            .wrapped(tunneled)
            .configure(|config, server| {
                let config = config.endpoint_url("https://127.0.0.1:1").proxy(server.url());
                trusting(config, server)
            })
            .connection(Connection::Reused)
            .check(|server| assert_eq!(server.requests()[0].path, "/v2/GetExport")),
        Row::new("an https proxy that is trusted", vec![responding()])
            .wrapped(good)
            .configure(|config, server| trusting(https_proxy(config, server), server))
            .connection(Connection::Reused),
        Row::new("an https proxy that is not trusted", vec![responding()])
            .wrapped(good)
            .configure(https_proxy)
            .fails_for_good(
                ErrorKind::Tls,
                format!(": TLS connection to the proxy {{host}} failed: {UNKNOWN_ISSUER} (1 attempt)"),
            )
            .connection(Connection::NotReused),
        refused("a good certificate that is not trusted", good, UNKNOWN_ISSUER).configure(|config, _| config),
        refused("self-signed", self_signed, UNKNOWN_ISSUER),
        refused("expired", expired, "its certificate expired on *; if that is wrong, set the clock"),
        refused("for another host", for_another_host, "invalid peer certificate: certificate not valid for name \"127.0.0.1\"*"),
        plain(
            "plain HTTP on a TLS port",
            vec![
                Step::Read(RECORD_HEADER),
                Step::Send(response(400, &[], b"")),
                Step::Silence,
            ],
        )
        .fails_for_good(ErrorKind::Tls, ": TLS connection to {host} failed: received corrupt message of type InvalidContentType (1 attempt)"),
        plain("a handshake that is cut", vec![Step::Read(RECORD_HEADER)]).fails(ErrorKind::Io, ": the connection to {host} was lost: unexpected end of file (3 attempts)"),
        plain(
            "a handshake that is reset",
            vec![Step::Read(RECORD_HEADER), Step::Reset],
        )
        .fails(ErrorKind::Io, ": the connection to {host} was lost: * (3 attempts)"),
        plain("a handshake without a response", vec![Step::Silence])
            .endless()
            .fails(ErrorKind::Timeout, ": connecting to {host} timed out after {limit} (3 attempts)"),
        plain(
            "a handshake that drips forever",
            vec![
                Step::Read(RECORD_HEADER),
                // The header of a long record.
                Step::Send(vec![22, 3, 3, 0x40, 0]),
                Step::Drip(vec![0], PAUSE),
            ],
        )
        .endless()
        .fails(ErrorKind::Timeout, ": connecting to {host} timed out after {limit} (3 attempts)"),
        Row::new("TLS on a plain HTTP port", vec![responding()])
            .wrapped(good)
            .configure(|config, server| config.endpoint_url(server.url()))
            .fails(ErrorKind::Response, ": invalid response from {host}: http parse fail: invalid HTTP version (3 attempts)")
            .connection(Connection::NotReused),
    ]
}
