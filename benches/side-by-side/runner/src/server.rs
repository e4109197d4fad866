//! The server that all programs call: one response, over http and https.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

type Anything<T> = Result<T, Box<dyn std::error::Error>>;

const BODY: &str = concat!(
    r#"{"clientToken":"0e1e2f9a-1111-4222-8333-444455556666","#,
    r#""exportArn":"arn:aws:sdb:us-east-1:111122223333:domain/Books/export/"#,
    r#"0e1e2f9a-1111-4222-8333-444455556666","requestedAt":1771261003.659}"#
);

/// The addresses of the servers, which run until the process ends.
pub struct Servers {
    pub http: String,
    pub https: String,
    /// The certificate that clients must trust.
    pub ca_bundle: PathBuf,
}

/// Starts both, and writes the certificate that clients must trust.
pub fn start(ca_bundle: PathBuf) -> Anything<Servers> {
    let tls = Arc::new(tls(&ca_bundle)?);
    let http = listen(|stream| respond(stream))?;
    let https = listen(move |stream| {
        let connection = ServerConnection::new(Arc::clone(&tls)).map_err(io::Error::other)?;
        respond(StreamOwned::new(connection, stream))
    })?;
    Ok(Servers {
        http: format!("http://localhost:{http}"),
        https: format!("https://localhost:{https}"),
        ca_bundle,
    })
}

/// Makes an authority, and a certificate for `localhost` issued by it.
fn tls(ca_bundle: &Path) -> Anything<ServerConfig> {
    let authority_key = KeyPair::generate()?;
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = authority.self_signed(&authority_key)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])?;
    let certificate = certificate.signed_by(&key, &authority, &authority_key)?;
    std::fs::write(ca_bundle, authority.pem())?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(config)
}

/// Listens on IPv4 and, if available, on the same port of IPv6: `localhost` may be either.
fn listen(
    serve: impl Fn(TcpStream) -> io::Result<()> + Clone + Send + Sync + 'static,
) -> io::Result<u16> {
    let v4 = TcpListener::bind("127.0.0.1:0")?;
    let port = v4.local_addr()?.port();
    let v6 = TcpListener::bind(("::1", port)).ok();
    for listener in [Some(v4), v6].into_iter().flatten() {
        let serve = serve.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serve = serve.clone();
                // A client that hangs up early reports its own error.
                thread::spawn(move || stream.set_nodelay(true).and_then(|()| serve(stream)));
            }
        });
    }
    Ok(port)
}

/// Sends the same response, with the request's client token, to every request of a connection.
fn respond(mut stream: impl Read + Write) -> io::Result<()> {
    let response = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         x-amzn-RequestId: 5f0d8b6e-2222-4333-8444-555566667777\r\n\r\n{BODY}",
        BODY.len()
    );
    let mut received = Vec::new();
    loop {
        let head = loop {
            match received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None if !receive(&mut stream, &mut received)? => return Ok(()),
                None => {}
            }
        };
        let end = head + content_length(&received[..head]);
        while received.len() < end {
            if !receive(&mut stream, &mut received)? {
                return Ok(());
            }
        }
        let mut response = response.clone().into_bytes();
        copy_token(&received[..end], &mut response);
        received.drain(..end);
        stream.write_all(&response)?;
        stream.flush()?;
    }
}

/// Copies the client token, which is a UUID in both.
fn copy_token(request: &[u8], response: &mut [u8]) {
    const NAME: &[u8] = br#""clientToken":""#;
    const UUID_LENGTH: usize = 36;
    let token = |text: &[u8]| {
        let at = text.windows(NAME.len()).position(|part| part == NAME)? + NAME.len();
        (at + UUID_LENGTH <= text.len()).then_some(at..at + UUID_LENGTH)
    };
    if let (Some(from), Some(to)) = (token(request), token(response)) {
        response[to].copy_from_slice(&request[from]);
    }
}

fn receive(stream: &mut impl Read, received: &mut Vec<u8>) -> io::Result<bool> {
    let mut bytes = [0; 8192];
    let count = stream.read(&mut bytes)?;
    received.extend_from_slice(&bytes[..count]);
    Ok(count > 0)
}

fn content_length(head: &[u8]) -> usize {
    String::from_utf8_lossy(head)
        .to_ascii_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0)
}
