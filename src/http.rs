//! Sending one request and reading one answer: the only place that knows ureq.
//!
//! Nothing here decides anything about AWS. No redirect is followed, since a signature is for one
//! address only; every phase has a time limit; an answer has a size limit.

mod one_write;
mod resolver;
mod transport;

use std::fmt;
use std::io;
use std::time::Duration;

use ureq::http::{HeaderMap, HeaderValue, Method, Request};
use ureq::tls::{PemItem, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, TcpConnector};
use ureq::{Agent, Proxy, ProxyProtocol, Timeout};

use self::one_write::OneWriteConnector;
use self::resolver::{CachingResolver, LookupError};
use self::transport::SteadyConnector;

/// Requests and answers are small: with larger buffers, clearing them is a third of a first call.
const BUFFER_BYTES: usize = 16 * 1024;

/// How a connection is made.
#[derive(Clone, Default)]
pub(crate) struct HttpSettings {
    /// For name resolution, and for the connection with its TLS handshake.
    pub(crate) connect_timeout: Duration,
    /// For the whole of a request, unless less is left when it is sent.
    pub(crate) request_timeout: Duration,
    /// Certificates in PEM to trust instead of those that are built in.
    pub(crate) ca_bundle: Option<Vec<u8>>,
    /// The proxy to go through: `http://[user:password@]host[:port]`.
    pub(crate) proxy: Option<String>,
}

/// Why no [`Http`] could be made, for the one who configured it.
#[derive(Debug)]
pub(crate) struct SettingsError(pub(crate) String);

/// A pool of connections.
pub(crate) struct Http {
    agent: Agent,
    connect_timeout: Duration,
    request_timeout: Duration,
}

/// What goes over the wire.
pub(crate) struct HttpRequest<'a> {
    pub(crate) method: &'static str,
    pub(crate) url: &'a str,
    pub(crate) body: &'a [u8],
    /// How many bytes the answer's body may have.
    pub(crate) max_body: u64,
    /// How long the request may take, at most what the settings say.
    pub(crate) timeout: Duration,
}

/// What came back.
pub(crate) struct HttpAnswer {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl HttpAnswer {
    /// A header's value; the first one where there are several.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// How an exchange broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// No connection: the name, the network, the host, the proxy.
    Connect,
    /// TLS could not be established.
    Tls,
    /// The connection broke.
    Io,
    /// The time was over.
    Timeout,
    /// The answer is not HTTP, or too large.
    Response,
    /// The request cannot be sent as it is.
    Request,
}

/// An exchange that broke, and whether another may succeed.
#[derive(Debug)]
pub(crate) struct HttpFailure {
    pub(crate) kind: FailureKind,
    pub(crate) is_transient: bool,
    message: String,
}

impl fmt::Display for HttpFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for HttpFailure {}

impl Http {
    pub(crate) fn new(settings: &HttpSettings) -> Result<Http, SettingsError> {
        let proxy = settings.proxy.as_deref().map(proxy).transpose()?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept("")
            .accept_encoding("")
            .user_agent("")
            .proxy(proxy)
            .tls_config(tls_config(settings.ca_bundle.as_deref())?)
            .input_buffer_size(BUFFER_BYTES)
            .output_buffer_size(BUFFER_BYTES)
            .timeout_resolve(Some(settings.connect_timeout))
            .timeout_connect(Some(settings.connect_timeout))
            .timeout_per_call(Some(settings.request_timeout))
            .build();
        let resolver = CachingResolver::default();
        let connector =
            ().chain(ConnectProxyConnector::default())
                .chain(SteadyConnector::new(
                    TcpConnector::default(),
                    resolver.clone(),
                ));
        #[cfg(feature = "rustls")]
        let connector = connector.chain(ureq::unversioned::transport::RustlsConnector::default());
        #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
        let connector =
            connector.chain(ureq::unversioned::transport::NativeTlsConnector::default());
        let agent = Agent::with_parts(config, connector.chain(OneWriteConnector), resolver);
        Ok(Http {
            agent,
            connect_timeout: settings.connect_timeout,
            request_timeout: settings.request_timeout,
        })
    }

    /// Sends a request with these headers and reads the answer to its end, whatever its status.
    pub(crate) fn send<'h>(
        &self,
        request: &HttpRequest<'_>,
        headers: impl IntoIterator<Item = (&'static str, &'h str)>,
    ) -> Result<HttpAnswer, HttpFailure> {
        let mut parts = Request::builder()
            .method(method(request.method))
            .uri(request.url);
        if let Some(map) = parts.headers_mut() {
            for (name, value) in headers {
                let mut value = HeaderValue::from_str(value).map_err(|_| HttpFailure {
                    kind: FailureKind::Request,
                    is_transient: false,
                    message: format!(
                        "the value of the header {name} has characters that HTTP does not allow"
                    ),
                })?;
                value.set_sensitive(matches!(
                    name,
                    "authorization" | "x-amz-security-token" | "x-amz-sso_bearer_token"
                ));
                map.append(name, value);
            }
        }
        let http_request = parts
            .body(request.body)
            .map_err(|error| self.failure(&error.into(), request))?;

        // The limit of the whole call rarely cuts into that of a request; only then is it worth
        // a configuration for this request alone.
        let fits = request.timeout.saturating_add(request.timeout / 64) >= self.request_timeout;
        let sent = if fits {
            self.agent.run(http_request)
        } else {
            let configured = self
                .agent
                .configure_request(http_request)
                .timeout_per_call(Some(request.timeout.max(Duration::from_millis(1))))
                .build();
            self.agent.run(configured)
        };
        let (parts, mut body) = sent
            .map_err(|error| self.failure(&error, request))?
            .into_parts();
        // A limit of n refuses a body of exactly n bytes.
        let body = body
            .with_config()
            .limit(request.max_body.saturating_add(1))
            .read_to_vec();
        Ok(HttpAnswer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.map_err(|error| self.failure(&error, request))?,
        })
    }

    /// Tells a failure in terms of what the caller can do about it.
    fn failure(&self, error: &ureq::Error, request: &HttpRequest<'_>) -> HttpFailure {
        use ureq::Error as E;
        let host = host_of(request.url);
        let (kind, is_transient, message) = match error {
            E::Timeout(phase) => (
                FailureKind::Timeout,
                true,
                self.describe_timeout(*phase, request.timeout, host),
            ),
            E::Other(other) if other.is::<LookupError>() => {
                (FailureKind::Connect, true, other.to_string())
            }
            E::HostNotFound | E::ConnectionFailed => (
                FailureKind::Connect,
                true,
                format!("cannot connect to {host}"),
            ),
            E::ConnectProxyFailed(reason) => (
                FailureKind::Connect,
                false,
                format!("the proxy does not let through to {host}: {reason}"),
            ),
            E::Io(error) => describe_io(error, host),
            E::TlsRequired => (
                FailureKind::Tls,
                false,
                "this build cannot speak https: enable the feature rustls or native-tls".to_owned(),
            ),
            E::Protocol(_) | E::LargeResponseHeader(..) => (
                FailureKind::Response,
                true,
                format!("the answer of {host} is not valid: {error}"),
            ),
            E::BodyExceedsLimit(_) => (
                FailureKind::Response,
                false,
                format!(
                    "the answer of {host} is larger than {} bytes",
                    request.max_body
                ),
            ),
            E::BadUri(_) | E::Http(_) => (
                FailureKind::Request,
                false,
                format!("the request cannot be sent: {error}"),
            ),
            _ => (
                FailureKind::Tls,
                false,
                format!("no secure connection to {host}: {error}"),
            ),
        };
        HttpFailure {
            kind,
            is_transient,
            message,
        }
    }

    fn describe_timeout(&self, phase: Timeout, timeout: Duration, host: &str) -> String {
        let connect_timeout = self.connect_timeout;
        match phase {
            Timeout::Resolve => {
                format!("the name {host} was not resolved within {connect_timeout:?}")
            }
            Timeout::Connect => {
                format!("{host} did not accept a connection within {connect_timeout:?}")
            }
            _ => format!("{host} did not answer within {timeout:?}"),
        }
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

fn method(name: &'static str) -> Method {
    match name {
        "GET" => Method::GET,
        "PUT" => Method::PUT,
        _ => Method::POST,
    }
}

/// Whether this build can speak https.
pub(crate) const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

fn tls_config(ca_bundle: Option<&[u8]>) -> Result<TlsConfig, SettingsError> {
    let provider = if cfg!(feature = "rustls") {
        TlsProvider::Rustls
    } else {
        TlsProvider::NativeTls
    };
    let roots = match ca_bundle {
        Some(pem) => RootCerts::new_with_certs(&certificates(pem)?),
        None if cfg!(feature = "platform-verifier") || !cfg!(feature = "rustls") => {
            RootCerts::PlatformVerifier
        }
        None => RootCerts::WebPki,
    };
    Ok(TlsConfig::builder()
        .provider(provider)
        .root_certs(roots)
        .build())
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn certificates(pem: &[u8]) -> Result<Vec<ureq::tls::Certificate<'static>>, SettingsError> {
    let mut certificates = Vec::new();
    for item in ureq::tls::parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(error) => {
                return Err(SettingsError(format!(
                    "the CA bundle is not valid PEM: {error}"
                )));
            }
        }
    }
    if certificates.is_empty() {
        return Err(SettingsError(
            "there is no certificate in the CA bundle".to_owned(),
        ));
    }
    Ok(certificates)
}

/// The URL may hold a password, which no error repeats.
fn proxy(url: &str) -> Result<Proxy, SettingsError> {
    let proxy =
        Proxy::new(url).map_err(|_| SettingsError("the proxy's URL is not valid".to_owned()))?;
    match proxy.protocol() {
        ProxyProtocol::Http => Ok(proxy),
        ProxyProtocol::Https if HAS_TLS => Ok(proxy),
        _ => Err(SettingsError(
            "this build cannot speak to the proxy: expected one at http://".to_owned(),
        )),
    }
}

fn describe_io(error: &io::Error, host: &str) -> (FailureKind, bool, String) {
    use io::ErrorKind as K;
    match error.kind() {
        K::ConnectionRefused
        | K::HostUnreachable
        | K::NetworkUnreachable
        | K::AddrNotAvailable
        | K::NetworkDown => (
            FailureKind::Connect,
            true,
            format!("cannot connect to {host}: {error}"),
        ),
        // Only TLS calls data invalid.
        K::InvalidData => (
            FailureKind::Tls,
            false,
            format!("no secure connection to {host}: {error}"),
        ),
        _ => (
            FailureKind::Io,
            true,
            format!("the connection to {host} broke: {error}"),
        ),
    }
}

/// The host and port of a URL, without what else may be in it.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}
