//! The effect of the environment on requests.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};

use simpledb_export::{Client, Config, Credentials, Error, ErrorKind, ListExportsInput};

fn config(pairs: &[(&str, &str)]) -> Config {
    let loader = Config::loader().environment(pairs.iter().copied());
    let config = loader.region("us-east-1").load().expect("good settings");
    let credentials = Credentials::new("AKIDEXAMPLE", "key");
    let config = config.to_builder().credentials(credentials).build();
    config.expect("good settings")
}

fn list_exports(config: Config) -> Result<usize, Error> {
    let output = Client::new(config)?.list_exports(&ListExportsInput::new())?;
    Ok(output.export_summaries.len())
}

/// Starts a proxy that refuses its first request; its thread returns the lines of that request.
fn refusing_proxy() -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let lines = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let reader = BufReader::new(stream.try_clone().expect("a second handle"));
        let lines = reader.lines().map(|line| line.expect("a line"));
        let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        stream
            .write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            .expect("a listener");
        lines
    });
    (address, lines)
}

/// Returns an address at which nothing listens.
fn closed_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

#[test]
fn sends_user_and_password_to_the_proxy() {
    let (address, lines) = refusing_proxy();
    let error = list_exports(config(&[
        ("HTTP_PROXY", &format!("http://user:p%40ss@{address}")),
        ("NO_PROXY", "127.0.0.1"),
        ("AWS_ENDPOINT_URL", "http://sdb.example:8080"),
        ("AWS_MAX_ATTEMPTS", "1"),
    ]))
    .unwrap_err();
    let lines = lines.join().expect("the proxy's thread");
    assert_eq!(
        lines[0],
        "POST http://sdb.example:8080/v2/ListExports HTTP/1.1"
    );
    let authorization = lines
        .iter()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"));
    let (_, authorization) = authorization.expect("a header");
    assert_eq!(authorization, "Basic dXNlcjpwQHNz");
    assert_eq!(error.kind(), ErrorKind::Service);
    assert!(!format!("{error} {error:?}").contains("p@ss"), "{error:?}");
}

#[test]
fn connects_directly_to_a_host_of_no_proxy() {
    let mut server = mockito::Server::new();
    let response = server
        .mock("POST", "/v2/ListExports")
        .with_body(r#"{"exportSummaries":[]}"#)
        .create();
    let exports = list_exports(config(&[
        ("ALL_PROXY", &format!("http://{}", closed_port())),
        ("NO_PROXY", "other.example, 127.0.0.0/8"),
        ("AWS_ENDPOINT_URL_SIMPLEDBV2", &server.url()),
    ]));
    assert_eq!(exports.expect("a response"), 0);
    response.assert();
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[test]
fn rejects_an_unusable_proxy_before_anything_is_sent() {
    // Case does not matter on Windows.
    let name = if cfg!(windows) {
        "https_proxy"
    } else {
        "HTTPS_PROXY"
    };
    let error = list_exports(config(&[("HTTPS_PROXY", "socks5://localhost:1080")])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        format!(
            "invalid {name}: expected http://[user:password@]host[:port] (SOCKS is not supported)"
        )
    );
}

#[test]
fn rejects_an_unusable_proxy_that_is_set_in_code() {
    let config = config(&[("AWS_ENDPOINT_URL", "http://sdb.example")]);
    let config = config.to_builder().proxy("socks5://localhost:1080").build();
    let error = Client::new(config.expect("good settings")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        "invalid proxy: expected http://[user:password@]host[:port] (SOCKS is not supported)"
    );
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[test]
fn reads_the_ca_bundle_only_for_https() {
    let bundle = ("AWS_CA_BUNDLE", "/nonexistent/ca.pem");
    let error = Client::new(config(&[bundle])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let text = error.to_string();
    let expected = r#"invalid AWS_CA_BUNDLE "/nonexistent/ca.pem": "#;
    assert!(text.starts_with(expected), "{text}");
    let expected = "; expected a file with PEM certificates";
    assert!(text.ends_with(expected), "{text}");
    let plain = config(&[bundle, ("AWS_ENDPOINT_URL", "http://localhost:1")]);
    assert!(Client::new(plain).is_ok());
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[test]
fn rejects_a_ca_bundle_without_a_certificate() {
    let path = std::env::temp_dir().join(format!("simpledb-export-{}.pem", std::process::id()));
    std::fs::write(&path, "no certificate").expect("a writable directory");
    let error = Client::new(
        config(&[])
            .to_builder()
            .ca_bundle(&path)
            .build()
            .expect("good settings"),
    )
    .unwrap_err();
    std::fs::remove_file(&path).expect("the file");
    assert_eq!(
        error.to_string(),
        format!(
            "invalid ca_bundle {:?}: the file has no certificate; expected a file with PEM \
             certificates",
            path.display().to_string()
        )
    );
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[test]
fn rejects_https_in_a_build_without_tls() {
    let error = Client::new(config(&[])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        "this build does not support https: enable the feature rustls or native-tls, or set an \
         endpoint at http://"
    );
}
