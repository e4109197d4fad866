//! The proxy that connections go through.

use std::io::{self, Read, Write};

use base64::prelude::{BASE64_STANDARD, Engine};
use ureq::http::{HeaderValue, Uri};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, NextTimeout, Transport, TransportAdapter,
};
use ureq::{Error, ProxyProtocol};
use zeroize::Zeroizing;

use super::connect_error::Cause;
use super::{HAS_TLS, SettingsError};

/// No proxy has more to say.
const MAX_RESPONSE_HEAD: usize = 16 * 1024;

/// A proxy, with the credentials for it.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) uri: Uri,
    /// The value of `Proxy-Authorization`.
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxy {
    /// Parses `http://[user:password@]host[:port]`, or the same with `https`. No error repeats the
    /// URL, which may hold a password.
    pub(super) fn new(url: &str) -> Result<Proxy, SettingsError> {
        let proxy = ureq::Proxy::new(url)
            .map_err(|_| SettingsError("the proxy's URL is not valid".to_owned()))?;
        match proxy.protocol() {
            ProxyProtocol::Http => {}
            ProxyProtocol::Https if HAS_TLS => {}
            _ => {
                return Err(SettingsError(
                    "this build cannot connect to the proxy: expected one at http://".to_owned(),
                ));
            }
        }
        let user = proxy.username().unwrap_or_default();
        let password = proxy.password().unwrap_or_default();
        let authorization = (!user.is_empty() || !password.is_empty()).then(|| {
            let pair = Zeroizing::new([user, ":", password].concat());
            let value = Zeroizing::new(["Basic ", &BASE64_STANDARD.encode(&*pair)].concat());
            let mut value = HeaderValue::from_str(&value).expect("Base64 is valid in a header");
            value.set_sensitive(true);
            value
        });
        Ok(Proxy {
            uri: proxy.uri().clone(),
            authorization,
        })
    }

    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub(super) fn is_https(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }
}

/// A connection through a proxy, to a host that TLS is still to be negotiated with.
#[derive(Debug)]
pub(super) struct Tunnel(Box<dyn Transport>);

impl Tunnel {
    /// Asks the proxy for a tunnel to the host of `details` (RFC 9110, section 9.3.6).
    pub(super) fn open(
        proxy: &Proxy,
        details: &ConnectionDetails<'_>,
        transport: Box<dyn Transport>,
    ) -> Result<Tunnel, Cause> {
        let host = details.uri.host().unwrap_or_default();
        let port = details.uri.port_u16().unwrap_or(443);
        let mut request = Zeroizing::new(Vec::with_capacity(MAX_RESPONSE_HEAD));
        write!(
            request,
            "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        )?;
        if let Some(authorization) = &proxy.authorization {
            request.extend_from_slice(b"Proxy-Authorization: ");
            request.extend_from_slice(authorization.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        // Unlike a transport, the adapter counts its timeout down.
        let mut stream = TransportAdapter::new(transport, details.current_time.clone());
        stream.set_timeout(details.timeout);
        stream.write_all(&request)?;
        stream.get_mut().buffers().output().fill(0);
        match read_status(&mut stream)? {
            200..=299 => Ok(Tunnel(stream.into_inner())),
            status => Err(Cause::Refused(status)),
        }
    }
}

/// Reads only the head of a response, and returns its status.
fn read_status(stream: &mut impl Read) -> Result<u16, Cause> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read_exact(&mut byte) {
            Ok(()) if head.len() < MAX_RESPONSE_HEAD => head.push(byte[0]),
            Ok(()) => return Err(Cause::NotHttp),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(Cause::Closed);
            }
            Err(error) => return Err(Cause::from(error)),
        }
    }
    let status = head
        .strip_prefix(b"HTTP/1.")
        .and_then(|rest| std::str::from_utf8(rest.get(2..5)?).ok()?.parse().ok());
    status.ok_or(Cause::NotHttp)
}

impl Transport for Tunnel {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    // The default of `is_tls` is right: TLS with the proxy is not TLS with the host.
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_the_credentials_of_the_url() {
        let authorization = |url: &str| {
            let proxy = Proxy::new(url).unwrap();
            let value = proxy.authorization;
            value.map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(authorization("http://host:3128"), None);
        let expected = Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned());
        assert_eq!(authorization("http://Aladdin:open%20sesame@host"), expected);
        let proxy = Proxy::new("Aladdin:open@host:3128").unwrap();
        assert_eq!(crate::http::authority(&proxy.uri), "host:3128");
    }

    #[test]
    fn rejects_a_proxy_that_it_cannot_use_without_repeating_its_password() {
        for url in ["socks5://me:hidden@host", "http://me:hidden@"] {
            let error = Proxy::new(url).err().unwrap();
            assert!(!error.0.contains("hidden"), "{}", error.0);
        }
    }

    #[test]
    fn reads_no_more_than_the_head_of_the_response() {
        let mut stream = &b"HTTP/1.0 204 x\r\na: b\r\n\r\nrest"[..];
        assert_eq!(read_status(&mut stream).unwrap(), 204);
        assert_eq!(stream, b"rest");
        for (response, expected) in [
            (&b""[..], "Closed"),
            (b"HTTP/1.1 200 OK\r\n", "Closed"),
            (b"SSH-2.0-OpenSSH\r\n\r\n", "NotHttp"),
            (b"HTTP/1.1 OK\r\n\r\n", "NotHttp"),
            (&vec![b'x'; MAX_RESPONSE_HEAD + 1], "NotHttp"),
        ] {
            let error = read_status(&mut &*response).unwrap_err();
            assert_eq!(format!("{error:?}"), expected);
        }
    }
}
