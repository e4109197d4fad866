//! Sends one request and reads its response: the only module that knows ureq.
//!
//! Nothing here knows AWS. No redirect is followed, since a signature is for one address only;
//! every phase has a time limit; a response has a size limit.

mod connect;
mod connect_error;
mod exchange;
mod failure;
mod message;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod pem;
mod pooled;
mod proxy;
mod socket;
#[cfg(feature = "data")]
mod stream;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod tls;
mod url;

use std::fmt;
use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use log::debug;
pub(crate) use ureq::http::Method;
pub(crate) use ureq::http::header;
use ureq::http::uri::{Authority, Scheme};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri};
use ureq::{Agent, Body};

pub(crate) use self::connect::IsAllowed;
use self::connect::{Connect, NoLookup};
use self::exchange::Exchange;
pub(crate) use self::failure::{FailureKind, HttpFailure};
use self::message::header_value;
pub(crate) use self::message::{HttpRequest, HttpResponse};
use self::pooled::LostConnection;
use self::proxy::Proxy;
#[cfg(feature = "data")]
pub(crate) use self::stream::HttpStream;
pub(crate) use self::url::Url;
use crate::settings::Setting;
use crate::settings::proxy::ProxySettings;

/// Requests and responses are small; clearing larger buffers takes a third of a first call.
const BUFFER_BYTES: usize = 16 * 1024;

/// Bodies that are read piece by piece are large: fewer system calls, each of which costs more than
/// the bytes that it copies.
const STREAM_BUFFER_BYTES: usize = 256 * 1024;

/// This many threads can share a client without connecting anew for each call.
const MAX_IDLE_CONNECTIONS: usize = 64;

/// Headers that fill the buffer would be taken for a connection that ended.
const MAX_HEADER_BYTES: usize = BUFFER_BYTES - 1;

/// ureq takes zero for no limit.
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(1);

/// Longer timeouts mean no limit, and could not be added to every point in time.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether this build can speak https.
const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// The settings that connections are made with.
#[derive(Clone, Copy)]
pub(crate) struct HttpSettings<'a> {
    /// Time limit for looking up the host, connecting, and negotiating TLS.
    pub(crate) connect_timeout: Duration,
    /// Time limit for a whole request, unless the request sets a shorter one.
    pub(crate) request_timeout: Duration,
    /// A PEM file of certificates to trust instead of the built-in ones.
    #[cfg_attr(
        not(any(feature = "rustls", feature = "native-tls")),
        expect(dead_code, reason = "without TLS there is nothing to trust")
    )]
    pub(crate) ca_bundle: Option<&'a Setting<PathBuf>>,
    pub(crate) proxy: Option<&'a ProxySettings>,
    /// The `user-agent` of all requests; none if it is empty. Must be valid as a header.
    pub(crate) user_agent: &'a str,
    /// The addresses that may be connected to; all if `None`.
    pub(crate) is_allowed: Option<IsAllowed>,
}

/// A setting that no connection can be made with.
#[derive(Debug)]
pub(crate) struct SettingsError(pub(crate) String);

/// A pool of connections.
pub(crate) struct Http {
    agent: Agent,
    proxy: Option<Proxy>,
    /// Whether the proxy gets the requests themselves, rather than a tunnel to the host.
    is_forwarding: bool,
    connect_timeout: Duration,
    request_timeout: Duration,
}

impl Http {
    /// Creates a pool of connections for requests to `url`. Reads the CA bundle if TLS is needed.
    pub(crate) fn new(url: &str, settings: &HttpSettings<'_>) -> Result<Http, SettingsError> {
        let uri: Uri = url.parse().unwrap_or_default();
        let is_https = uri.scheme() == Some(&Scheme::HTTPS);
        if is_https && !HAS_TLS {
            return Err(SettingsError(
                "this build does not support https: enable the feature rustls or native-tls, or set \
                 an endpoint at http://"
                    .to_owned(),
            ));
        }
        let proxy = settings.proxy.map_or(Ok(None), |proxy| proxy.for_url(url));
        let proxy = proxy.map_err(|error| SettingsError(error.to_string()))?;
        let proxy = proxy.map(Proxy::new).transpose()?;
        let connect_timeout = bounded(settings.connect_timeout);
        let request_timeout = bounded(settings.request_timeout);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept("")
            .accept_encoding("")
            .user_agent("")
            // `Connect` knows the proxy, which ureq would also ask to tunnel plain http.
            .proxy(None)
            .input_buffer_size(BUFFER_BYTES)
            .output_buffer_size(BUFFER_BYTES)
            .max_response_header_size(MAX_HEADER_BYTES)
            .max_idle_connections(MAX_IDLE_CONNECTIONS)
            .max_idle_connections_per_host(MAX_IDLE_CONNECTIONS)
            .timeout_connect(Some(connect_timeout))
            .timeout_per_call(Some(request_timeout));
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let config = {
            let needs_tls = is_https || proxy.as_ref().is_some_and(Proxy::is_https);
            let ca_bundle = settings.ca_bundle.filter(|_| needs_tls);
            config.tls_config(tls::config(ca_bundle, request_timeout)?)
        };
        let headers = match settings.user_agent {
            "" => String::new(),
            text => format!("user-agent: {text}\r\n"),
        };
        let connect = Connect::new(proxy.clone(), settings.is_allowed, headers);
        Ok(Http {
            agent: Agent::with_parts(config.build(), connect, NoLookup),
            is_forwarding: proxy.is_some() && !is_https,
            proxy,
            connect_timeout,
            request_timeout,
        })
    }

    /// Sends a request and reads the whole response, of any status.
    pub(crate) fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpFailure> {
        let sent = self.run(request, false)?;
        self.read(request, sent)
    }

    fn read(&self, request: &HttpRequest<'_>, sent: Sent) -> Result<HttpResponse, HttpFailure> {
        let (parts, mut body) = sent.response.into_parts();
        if body.content_length() > Some(request.max_body) {
            let error = ureq::Error::BodyExceedsLimit(request.max_body);
            return Err(self.exchange(request).failure(error));
        }
        // Finding the end of the body takes room beyond its last byte.
        let room = body.content_length().unwrap_or(0).saturating_add(32);
        let room = usize::try_from(room).unwrap_or(BUFFER_BYTES);
        let mut bytes = Vec::with_capacity(room.min(BUFFER_BYTES));
        // A limit of n refuses a body of exactly n bytes.
        let limit = request.max_body.saturating_add(1);
        body.with_config()
            .limit(limit)
            .reader()
            .read_to_end(&mut bytes)
            .map_err(|error| self.exchange(request).failure(error.into()))?;
        Ok(HttpResponse {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: bytes,
            was_resent: sent.was_resent,
        })
    }

    /// Sends a request and leaves the body of the response to be read piece by piece. The time limit
    /// applies to each step, such as a single read; `max_body` does not apply.
    #[cfg(feature = "data")]
    pub(crate) fn open(&self, request: &HttpRequest<'_>) -> Result<HttpStream, HttpFailure> {
        let sent = self.run(request, true)?;
        let (parts, body) = sent.response.into_parts();
        Ok(HttpStream {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.into_with_config().limit(u64::MAX).reader(),
            exchange: self.exchange(request),
            timeout: bounded(request.timeout),
        })
    }

    /// Sends a request, and a second time at once if a pooled connection turns out to be dead
    /// before the response begins. The body of a stream is read piece by piece.
    fn run(&self, request: &HttpRequest<'_>, is_stream: bool) -> Result<Sent, HttpFailure> {
        let started = Instant::now();
        let (timeout, is_fresh) = (request.timeout, request.is_unrepeatable);
        let first = self
            .agent
            .run(self.build(request, timeout, is_fresh, is_stream)?);
        match &first {
            Err(ureq::Error::Other(error)) if error.is::<LostConnection>() => {
                debug!("a pooled connection was dead ({error}): sending the request again");
                let left = timeout.saturating_sub(started.elapsed());
                self.run_again(request, left, is_stream)
            }
            _ => self.check(request, first, false),
        }
    }

    /// Apart from the first time, for a small stack.
    fn run_again(
        &self,
        request: &HttpRequest<'_>,
        timeout: Duration,
        is_stream: bool,
    ) -> Result<Sent, HttpFailure> {
        let second = self
            .agent
            .run(self.build(request, timeout, true, is_stream)?);
        self.check(request, second, true)
    }

    fn check(
        &self,
        request: &HttpRequest<'_>,
        result: Result<Response<Body>, ureq::Error>,
        was_resent: bool,
    ) -> Result<Sent, HttpFailure> {
        match result {
            // It is the proxy that requires authorization: nothing was forwarded.
            Ok(response) if response.status() == 407 && self.is_forwarding => {
                Err(self.exchange(request).proxy_refusal(407))
            }
            Ok(response) => Ok(Sent {
                response,
                was_resent,
            }),
            Err(error) => {
                let mut failure = self.exchange(request).failure(error);
                failure.is_unsent &= !was_resent;
                Err(failure)
            }
        }
    }

    fn build<'b>(
        &self,
        request: &HttpRequest<'b>,
        timeout: Duration,
        is_fresh: bool,
        is_stream: bool,
    ) -> Result<Request<&'b [u8]>, HttpFailure> {
        let uri = request.url.uri();
        let uri = uri.map_err(|error| self.exchange(request).failure(error))?;
        let mut headers = HeaderMap::with_capacity(request.headers.len() + 2);
        headers.insert(header::HOST, request.url.host().clone());
        if let Some(content_type) = request.content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        for (name, value) in request.headers {
            let value =
                header_value(name, value).ok_or_else(|| HttpFailure::invalid_header(name))?;
            // Without a copy of a name that HTTP does not know.
            headers.append(HeaderName::from_static(name), value);
        }
        let proxy = self.proxy.as_ref().filter(|_| self.is_forwarding);
        if let Some(value) = proxy.and_then(|proxy| proxy.authorization.as_ref()) {
            headers.insert(header::PROXY_AUTHORIZATION, value.clone());
        }
        let mut built = Request::new(request.body);
        *built.method_mut() = request.method.clone();
        *built.uri_mut() = uri;
        *built.headers_mut() = headers;
        let timeout = bounded(timeout);
        // The limit of the whole call rarely cuts into that of a request; only then is it worth
        // a configuration for this request alone.
        let fits = timeout.saturating_add(timeout / 64) >= self.request_timeout;
        if fits && !is_fresh && !is_stream {
            return Ok(built);
        }
        Ok(self.configure(built, timeout, is_fresh, is_stream))
    }

    fn configure<'b>(
        &self,
        request: Request<&'b [u8]>,
        timeout: Duration,
        is_fresh: bool,
        is_stream: bool,
    ) -> Request<&'b [u8]> {
        let mut config = self.agent.configure_request(request);
        config = if is_stream {
            config
                .input_buffer_size(STREAM_BUFFER_BYTES)
                .timeout_per_call(None)
                .timeout_recv_response(Some(timeout))
                .timeout_per_read(Some(timeout))
                .timeout_per_write(Some(timeout))
        } else {
            config.timeout_per_call(Some(timeout))
        };
        if is_fresh {
            config = config.max_idle_age(Duration::ZERO);
        }
        config.build()
    }

    fn exchange(&self, request: &HttpRequest<'_>) -> Exchange {
        Exchange {
            host: request.url.authority().to_owned(),
            proxy: self
                .proxy
                .as_ref()
                .map(|proxy| authority(&proxy.uri).to_owned()),
            connect_timeout: self.connect_timeout,
            timeout: bounded(request.timeout),
            max_body: request.max_body,
        }
    }
}

/// A response whose body is still to be read.
struct Sent {
    response: Response<Body>,
    was_resent: bool,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

/// Limits a timeout to values that hold and that can be added to the current time.
pub(crate) fn bounded(timeout: Duration) -> Duration {
    timeout.clamp(SHORTEST_TIMEOUT, LONGEST_TIMEOUT)
}

/// Returns the host, with its port if the URI names one, without user and password.
fn authority(uri: &Uri) -> &str {
    let authority = uri.authority().map_or("", Authority::as_str);
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    /// Responds to `GET` requests; returns the URL and the number of connections.
    fn serve() -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::<AtomicUsize>::default();
        let counter = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || {
                    for line in BufReader::new(&stream).lines().map_while(Result::ok) {
                        if line.is_empty() {
                            let response = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                            (&stream).write_all(response).unwrap();
                        }
                    }
                });
            }
        });
        (url, connections)
    }

    fn pool(url: &str) -> Http {
        let settings = HttpSettings {
            connect_timeout: LONGEST_TIMEOUT,
            request_timeout: LONGEST_TIMEOUT,
            ca_bundle: None,
            proxy: None,
            user_agent: "",
            is_allowed: None,
        };
        Http::new(url, &settings).unwrap()
    }

    fn get(url: &Url) -> HttpRequest<'_> {
        HttpRequest {
            method: Method::GET,
            url,
            headers: &[],
            content_type: None,
            body: &[],
            max_body: 100,
            timeout: LONGEST_TIMEOUT,
            is_unrepeatable: false,
        }
    }

    #[test]
    fn names_the_port_in_the_host_as_signatures_do() {
        let url = Url::new("http://host:80/path");
        let request = pool(url.as_str())
            .build(&get(&url), LONGEST_TIMEOUT, false, false)
            .unwrap();
        assert_eq!(request.headers()[header::HOST], "host:80");
    }

    #[test]
    fn sends_a_request_that_uses_up_a_token_over_a_new_connection() {
        let (url, connections) = serve();
        let http = pool(&url);
        let url = Url::new(url);
        for (is_unrepeatable, expected) in [(false, 1), (false, 1), (true, 2), (true, 3)] {
            let request = HttpRequest {
                is_unrepeatable,
                ..get(&url)
            };
            assert_eq!(http.send(&request).unwrap().status, 200);
            assert_eq!(connections.load(Ordering::SeqCst), expected);
        }
    }
}
