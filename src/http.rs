//! Sending one request and reading one answer: the only place that knows ureq.
//!
//! Nothing here decides anything about AWS. No redirect is followed, since a signature is for one
//! address only; every phase has a time limit; an answer has a size limit.

mod failure;
mod guard;
mod one_write;
mod resolver;
pub(crate) mod slot;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod tls;
mod transport;

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

#[cfg(feature = "data")]
use ureq::BodyReader;
use ureq::http::response::Parts;
use ureq::http::{HeaderMap, HeaderValue, Method, Request};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, TcpConnector};
use ureq::{Agent, Body, Proxy, ProxyProtocol};

use self::failure::Exchange;
pub(crate) use self::failure::{FailureKind, HttpFailure};
use self::guard::GuardedResolver;
pub(crate) use self::guard::IsAllowed;
use self::one_write::OneWriteConnector;
use self::resolver::CachingResolver;
use self::transport::SteadyConnector;
use crate::settings::proxy::ProxySettings;
use crate::url::Url;

/// Requests and answers are small: with larger buffers, clearing them is a third of a first call.
const BUFFER_BYTES: usize = 16 * 1024;

/// So many threads may share a client without connecting anew for each call.
const MAX_IDLE_CONNECTIONS: usize = 64;

/// Headers that fill the buffer would be taken for a connection that ended.
const MAX_HEADER_BYTES: usize = BUFFER_BYTES - 1;

/// A limit of nothing would be no limit.
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(1);

/// What is longer is meant as no limit, and would be past the last time that a clock can tell.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// The settings that connections are made with.
#[derive(Clone, Copy)]
pub(crate) struct HttpSettings<'a> {
    /// Time limit for name resolution, and again for connecting with the TLS handshake.
    pub(crate) connect_timeout: Duration,
    /// Time limit for a whole request, unless the request sets a shorter one.
    pub(crate) request_timeout: Duration,
    /// A PEM file of certificates to trust instead of the built-in ones.
    pub(crate) ca_bundle: Option<&'a Path>,
    pub(crate) proxy: Option<&'a ProxySettings>,
    /// The addresses that may be connected to; all if `None`.
    pub(crate) is_allowed: Option<IsAllowed>,
}

/// A setting that no connection can be made with.
#[derive(Debug)]
pub(crate) struct SettingsError(pub(crate) String);

/// A pool of connections.
pub(crate) struct Http {
    agent: Agent,
    /// The host of the proxy.
    proxy: Option<String>,
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

/// An answer whose body is still to be read.
#[cfg(feature = "data")]
pub(crate) struct HttpStream {
    pub(crate) status: u16,
    headers: HeaderMap,
    body: BodyReader<'static>,
    exchange: Exchange,
}

#[cfg(feature = "data")]
impl HttpStream {
    /// A header's value; the first one where there are several.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Reads some more of the body; nothing at its end. A body that ends early is a failure.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HttpFailure> {
        self.body
            .read(buffer)
            .map_err(|error| self.exchange.failure(error.into()))
    }
}

/// What the time that a request has is for.
#[derive(Clone, Copy)]
enum Limits {
    OfCall,
    #[cfg(feature = "data")]
    OfEachStep,
}

impl Http {
    /// Creates a pool of connections for requests to `url`. Reads the CA bundle if `url` is https.
    pub(crate) fn new(url: &str, settings: &HttpSettings<'_>) -> Result<Http, SettingsError> {
        let is_https = url.starts_with("https://");
        if is_https && !HAS_TLS {
            return Err(SettingsError(
                "this build cannot speak https: enable the feature rustls or native-tls, or set \
                 an endpoint at http://"
                    .to_owned(),
            ));
        }
        let proxy_url = match settings.proxy {
            Some(proxy) => proxy
                .for_url(url)
                .map_err(|error| SettingsError(error.to_string()))?,
            None => None,
        };
        let proxy = proxy_url.map(proxy).transpose()?;
        let connect_timeout = bounded(settings.connect_timeout);
        let request_timeout = bounded(settings.request_timeout);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept("")
            .accept_encoding("")
            .user_agent("")
            .proxy(proxy)
            .input_buffer_size(BUFFER_BYTES)
            .output_buffer_size(BUFFER_BYTES)
            .max_response_header_size(MAX_HEADER_BYTES)
            .max_idle_connections(MAX_IDLE_CONNECTIONS)
            .max_idle_connections_per_host(MAX_IDLE_CONNECTIONS)
            .timeout_resolve(Some(connect_timeout))
            .timeout_connect(Some(connect_timeout))
            .timeout_per_call(Some(request_timeout));
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let config = config.tls_config(tls::config(settings.ca_bundle.filter(|_| is_https))?);
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
        let resolver = GuardedResolver::new(resolver, settings.is_allowed);
        let agent = Agent::with_parts(config.build(), connector.chain(OneWriteConnector), resolver);
        Ok(Http {
            agent,
            proxy: proxy_url.map(|url| Url::new(url).host_and_port.to_owned()),
            connect_timeout,
            request_timeout,
        })
    }

    /// Sends a request with these headers and reads the answer to its end, whatever its status.
    pub(crate) fn send<'h>(
        &self,
        request: &HttpRequest<'_>,
        headers: impl IntoIterator<Item = (&'static str, &'h str)>,
    ) -> Result<HttpAnswer, HttpFailure> {
        self.send_all(request, &mut headers.into_iter())
    }

    /// Made once, however many kinds of headers there are.
    fn send_all(
        &self,
        request: &HttpRequest<'_>,
        headers: &mut dyn Iterator<Item = (&'static str, &str)>,
    ) -> Result<HttpAnswer, HttpFailure> {
        let (parts, mut body) = self.run(request, headers, Limits::OfCall)?;
        // Room for the end of the body, too, which is looked for beyond its last byte.
        let room = body.content_length().map_or(0, |length| length + 32);
        let mut bytes = Vec::with_capacity(usize::try_from(room).unwrap_or(0).min(BUFFER_BYTES));
        // A limit of n refuses a body of exactly n bytes.
        let limit = request.max_body.saturating_add(1);
        body.with_config()
            .limit(limit)
            .reader()
            .read_to_end(&mut bytes)
            .map_err(|error| self.exchange(request).failure(error.into()))?;
        Ok(HttpAnswer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: bytes,
        })
    }

    /// Sends a request with these headers, and leaves the answer's body to be read bit by bit. The
    /// request's time is that of each step, a single read among them, not that of the whole; its
    /// `max_body` is no limit here.
    #[cfg(feature = "data")]
    pub(crate) fn open<'h>(
        &self,
        request: &HttpRequest<'_>,
        headers: impl IntoIterator<Item = (&'static str, &'h str)>,
    ) -> Result<HttpStream, HttpFailure> {
        let (parts, body) = self.run(request, &mut headers.into_iter(), Limits::OfEachStep)?;
        Ok(HttpStream {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.into_with_config().limit(u64::MAX).reader(),
            exchange: self.exchange(request),
        })
    }

    fn run(
        &self,
        request: &HttpRequest<'_>,
        headers: &mut dyn Iterator<Item = (&'static str, &str)>,
        limits: Limits,
    ) -> Result<(Parts, Body), HttpFailure> {
        let failure = |error: ureq::Error| self.exchange(request).failure(error);
        let timeout = bounded(request.timeout);
        let request = request
            .with_headers(headers)?
            .map_err(|error| failure(error.into()))?;
        // The limit of the whole call rarely cuts into that of a request; only then is it worth
        // a configuration for this request alone.
        let fits = timeout.saturating_add(timeout / 64) >= self.request_timeout;
        let sent = match limits {
            Limits::OfCall if fits => self.agent.run(request),
            Limits::OfCall => self.agent.run(
                self.agent
                    .configure_request(request)
                    .timeout_per_call(Some(timeout))
                    .build(),
            ),
            #[cfg(feature = "data")]
            Limits::OfEachStep => self.agent.run(
                self.agent
                    .configure_request(request)
                    .timeout_per_call(None)
                    .timeout_recv_response(Some(timeout))
                    .timeout_per_read(Some(timeout))
                    .timeout_per_write(Some(timeout))
                    .build(),
            ),
        };
        let response = sent.map_err(failure)?;
        Ok(response.into_parts())
    }

    fn exchange(&self, request: &HttpRequest<'_>) -> Exchange {
        Exchange {
            host: Url::new(request.url).host_and_port.to_owned(),
            proxy: self.proxy.clone(),
            connect_timeout: self.connect_timeout,
            timeout: bounded(request.timeout),
            max_headers: MAX_HEADER_BYTES,
            max_body: request.max_body,
        }
    }
}

impl<'a> HttpRequest<'a> {
    fn with_headers(
        &self,
        headers: &mut dyn Iterator<Item = (&'static str, &str)>,
    ) -> Result<ureq::http::Result<Request<&'a [u8]>>, HttpFailure> {
        let mut parts = Request::builder().method(method(self.method)).uri(self.url);
        if let Some(map) = parts.headers_mut() {
            for (name, value) in headers {
                let mut value =
                    HeaderValue::from_str(value).map_err(|_| HttpFailure::invalid_header(name))?;
                value.set_sensitive(matches!(
                    name,
                    "authorization"
                        | "x-amz-security-token"
                        | "x-amz-sso_bearer_token"
                        | "x-aws-ec2-metadata-token"
                ));
                map.append(name, value);
            }
        }
        Ok(parts.body(self.body))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

/// A time-out that holds, and that can be counted from now.
pub(crate) fn bounded(timeout: Duration) -> Duration {
    timeout.clamp(SHORTEST_TIMEOUT, LONGEST_TIMEOUT)
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
