//! The HTTP edge: the only part of the service that knows hyper and tokio.

mod body;

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::runtime::{self, Runtime};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use self::body::StreamedBody;
use super::app::App;
use super::exchange::{Answer, AnswerBody, Request};
use super::simpledb_error::SimpleDbError;

/// What the server puts up with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How long a client may take to send a request's headers, and again to send its body.
    pub(super) request_time: Duration,
    /// The longest body, in bytes.
    pub(super) body_size: usize,
    /// The longest request line and headers together, in bytes.
    pub(super) header_size: usize,
    /// How many connections are served at once; further ones wait.
    pub(super) connections: usize,
    /// How long a shutdown waits for answers that are under way.
    pub(super) grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            request_time: Duration::from_secs(30),
            body_size: 64 * 1024,
            header_size: 32 * 1024,
            connections: 1024,
            grace: Duration::from_secs(2),
        }
    }
}

/// A server that runs in threads of its own until it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    app: Arc<App>,
    stop: Option<oneshot::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(
        listener: TcpListener,
        app: Arc<App>,
        limits: Limits,
    ) -> io::Result<Server> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("simpledb-local-http")
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let mut server = Server {
            address,
            app: Arc::clone(&app),
            stop: Some(stop),
            threads: Vec::new(),
        };
        let worker = Arc::clone(&app);
        server.spawn("simpledb-local-work", move || worker.work())?;
        server.spawn("simpledb-local-serve", move || {
            serve(runtime, listener, app, limits, stopped);
        })?;
        Ok(server)
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let thread = thread::Builder::new().name(name.to_owned()).spawn(run)?;
        self.threads.push(thread);
        Ok(())
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.app.stop();
        // Dropping the sender is the signal.
        self.stop.take();
        for thread in self.threads.drain(..) {
            // A thread that panicked has told of it already, and is over.
            thread.join().ok();
        }
    }
}

fn serve(
    runtime: Runtime,
    listener: TcpListener,
    app: Arc<App>,
    limits: Limits,
    stopped: oneshot::Receiver<()>,
) {
    let result = runtime.block_on(accept(listener, app, limits, stopped));
    if let Err(error) = result {
        log::error!("the local service ended: {error}");
    }
    runtime.shutdown_timeout(limits.grace);
}

async fn accept(
    listener: TcpListener,
    app: Arc<App>,
    limits: Limits,
    mut stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let connections = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.request_time)
        .max_header_size(limits.header_size)
        .max_buf_size(2 * limits.header_size)
        .auto_date_header(false);
    loop {
        let next = async {
            let permit = Arc::clone(&connections).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, stream) = tokio::select! {
            _ = &mut stopped => break,
            (permit, accepted) = next => match accepted {
                Ok((stream, _)) => (permit, stream),
                Err(error) => {
                    // Out of file descriptors, or the client was gone at once.
                    log::debug!("a connection could not be accepted: {error}");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        stream.set_nodelay(true).ok();
        let app = Arc::clone(&app);
        let service = service_fn(move |request| handle(Arc::clone(&app), request, limits));
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                log::debug!("a connection broke: {error}");
            }
            drop(permit);
        });
    }
    drop(listener);
    timeout(limits.grace, graceful.shutdown()).await.ok();
    Ok(())
}

async fn handle(
    app: Arc<App>,
    request: hyper::Request<Incoming>,
    limits: Limits,
) -> Result<hyper::Response<StreamedBody>, Infallible> {
    let request = match read(request, limits).await {
        Ok(request) => request,
        // The rest of the request is never read, so that no other can follow.
        Err(error) => {
            return Ok(respond(
                app.refuse(error).with_header("connection", "close"),
            ));
        }
    };
    let answering = Arc::clone(&app);
    let answer = tokio::task::spawn_blocking(move || answering.answer(&request)).await;
    let answer = answer.unwrap_or_else(|_| {
        app.refuse(SimpleDbError::internal(
            "the local service could not answer; its log says more",
        ))
    });
    Ok(respond(answer))
}

async fn read(request: hyper::Request<Incoming>, limits: Limits) -> Result<Request, SimpleDbError> {
    let (head, body) = request.into_parts();
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), value.into_owned())
        })
        .collect();
    let limited = Limited::new(body, limits.body_size);
    let body = match timeout(limits.request_time, limited.collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return Err(SimpleDbError::new(
                413,
                "RequestEntityTooLargeException",
                format!("the body is longer than {} bytes", limits.body_size),
            ));
        }
        Ok(Err(error)) => return Err(SimpleDbError::serialization(&error.to_string())),
        Err(_) => {
            return Err(SimpleDbError::new(
                408,
                "RequestTimeoutException",
                "the body did not come in time",
            ));
        }
    };
    Ok(Request {
        method: head.method.as_str().to_owned(),
        target: target.to_owned(),
        headers,
        body: body.into(),
    })
}

fn respond(answer: Answer) -> hyper::Response<StreamedBody> {
    let status = hyper::StatusCode::from_u16(answer.status)
        .unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let head_length = match answer.body {
        AnswerBody::Head { length } => Some(length),
        AnswerBody::Bytes(_) | AnswerBody::File { .. } => None,
    };
    let mut response = hyper::Response::new(StreamedBody::new(answer.body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if let Some(length) = head_length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}
