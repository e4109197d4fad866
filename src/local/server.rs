//! The HTTP server: the only part of the service that uses hyper and tokio.

mod body;
mod upload;
mod write_timeout;

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::StatusCode;
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
use self::upload::Upload;
use self::write_timeout::WriteTimeout;
use super::app::{App, is_operation};
use super::exchange::{Request, Response, ResponseBody};
use super::simpledb_error::SimpleDbError;

/// The server's limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Time limit for receiving a request's headers, again for its body, and for a write or an upload
    /// that makes no progress.
    pub(super) request_time: Duration,
    /// Maximum size of the body of an operation of SimpleDB, in bytes.
    pub(super) body_size: usize,
    /// Maximum size of the body of a request to S3 that is not an upload, in bytes: the list of ten
    /// thousand parts.
    pub(super) s3_body_size: usize,
    /// Maximum size of request line and headers, in bytes.
    pub(super) header_size: usize,
    /// Maximum number of connections served at once; further ones wait.
    pub(super) connections: usize,
    /// How long a shutdown waits for responses in progress.
    pub(super) grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            request_time: Duration::from_secs(30),
            body_size: 64 * 1024,
            s3_body_size: 4 * 1024 * 1024,
            header_size: 32 * 1024,
            connections: 1024,
            grace: Duration::from_secs(2),
        }
    }
}

/// A server that runs on its own threads until it is dropped.
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
            // One for each connection: the thread of an upload waits for its client.
            .max_blocking_threads(limits.connections.max(1))
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
            // A panic was already reported by the thread itself.
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
        log::error!("the local service stopped: {error}");
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
                    // Out of file descriptors, or the client has already disconnected.
                    log::debug!("cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        stream.set_nodelay(true).ok();
        let app = Arc::clone(&app);
        let service = service_fn(move |request| handle(Arc::clone(&app), request, limits));
        let stream = TokioIo::new(WriteTimeout::new(stream, limits.request_time));
        let connection = graceful.watch(http.serve_connection(stream, service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                log::debug!("connection failed: {error}");
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
    let (request, mut upload) = match read(request, limits).await {
        Ok(read) => read,
        // The rest of the request is not read, so the connection cannot be reused.
        Err(error) => {
            let response = app.refuse(error).with_header("connection", "close");
            return Ok(into_hyper(response));
        }
    };
    let handler = Arc::clone(&app);
    let response = tokio::task::spawn_blocking(move || {
        let response = handler.respond(&request, &mut upload);
        upload.drain();
        if upload.awaits_consent() {
            response.with_header("connection", "close")
        } else {
            response
        }
    });
    let response = response.await;
    let response = response.unwrap_or_else(|_| {
        app.refuse(SimpleDbError::internal(
            "the local service panicked; see its standard error",
        ))
    });
    Ok(into_hyper(response))
}

/// Reads a request; the body of an upload remains to be read.
async fn read(
    request: hyper::Request<Incoming>,
    limits: Limits,
) -> Result<(Request, Upload), SimpleDbError> {
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
    let mut request = Request {
        method: head.method.as_str().to_owned(),
        target: target.to_owned(),
        headers,
        body: Vec::new(),
    };
    if request.is_upload() {
        let awaits_consent = request.header("expect").is_some();
        let upload = Upload::of(body, limits.request_time, awaits_consent);
        return Ok((request, upload));
    }
    let max_bytes = if is_operation(&request) {
        limits.body_size
    } else {
        limits.s3_body_size
    };
    request.body = collect(body, max_bytes, limits.request_time).await?;
    Ok((request, Upload::empty()))
}

async fn collect(
    body: Incoming,
    max_bytes: usize,
    max_time: Duration,
) -> Result<Vec<u8>, SimpleDbError> {
    let limited = Limited::new(body, max_bytes);
    match timeout(max_time, limited.collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes().into()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            Err(SimpleDbError::new(
                413,
                "RequestEntityTooLargeException",
                format!("the body is longer than {max_bytes} bytes"),
            ))
        }
        Ok(Err(error)) => Err(SimpleDbError::serialization(&error)),
        Err(_) => Err(SimpleDbError::new(
            408,
            "RequestTimeoutException",
            "the body was not received in time",
        )),
    }
}

fn into_hyper(response: Response) -> hyper::Response<StreamedBody> {
    let Response {
        status,
        headers,
        body,
    } = response;
    let length = match body {
        ResponseBody::Head { length } => Some(length),
        ResponseBody::Bytes(_) | ResponseBody::File { .. } => None,
    };
    let mut response = hyper::Response::new(StreamedBody::new(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::try_from(value),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    if let Some(length) = length {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

#[cfg(test)]
mod tests;
