//! The HTTP server.

mod upload;
mod write_timeout;

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::runtime;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use self::upload::Upload;
use self::write_timeout::WriteTimeout;
use super::app::App;
use super::error::ServiceError;
use super::exchange::{Body, Request};

/// The maximum size of a body that is not an upload, in bytes: the list of ten thousand parts.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// The maximum size of request line and headers, in bytes.
const MAX_HEADERS: usize = 32 * 1024;

/// How long a shutdown waits for responses in progress.
const GRACE: Duration = Duration::from_secs(2);

/// A server that runs on its own threads until it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    app: Arc<App>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts to serve this many connections at once; further ones wait. `max_time` is the limit for
    /// receiving a request's headers, again for its body, and for a write or an upload that makes no
    /// progress.
    pub(super) fn start(
        listener: TcpListener,
        app: Arc<App>,
        connections: usize,
        max_time: Duration,
    ) -> io::Result<Server> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            // One for each connection: the thread of an upload waits for its client.
            .max_blocking_threads(connections)
            .thread_name("simpledb-local-http")
            .enable_all()
            .build()?;
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let serve = {
            let accept = accept(listener, Arc::clone(&app), connections, max_time, stopped);
            move || {
                runtime.block_on(accept);
                runtime.shutdown_timeout(GRACE);
            }
        };
        let thread = thread::Builder::new().name("simpledb-local-serve".to_owned());
        Ok(Server {
            address,
            app,
            stop: Some(stop),
            thread: Some(thread.spawn(serve)?),
        })
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
        if let Some(thread) = self.thread.take() {
            // A panic was already reported by the thread itself.
            thread.join().ok();
        }
    }
}

async fn accept(
    listener: tokio::net::TcpListener,
    app: Arc<App>,
    connections: usize,
    max_time: Duration,
    mut stopped: oneshot::Receiver<()>,
) {
    let connections = Arc::new(Semaphore::new(connections));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(max_time)
        .max_header_size(MAX_HEADERS)
        .max_buf_size(2 * MAX_HEADERS)
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
        let service = service_fn(move |request| handle(Arc::clone(&app), request, max_time));
        let stream = TokioIo::new(WriteTimeout::new(stream, max_time));
        let connection = graceful.watch(http.serve_connection(stream, service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                log::debug!("connection failed: {error}");
            }
            drop(permit);
        });
    }
    drop(listener);
    timeout(GRACE, graceful.shutdown()).await.ok();
}

async fn handle(
    app: Arc<App>,
    request: hyper::Request<Incoming>,
    max_time: Duration,
) -> Result<hyper::Response<Body>, Infallible> {
    let (request, mut upload) = match read(request, max_time).await {
        Ok(read) => read,
        // The rest of the request is not read, so the connection cannot be reused.
        Err(error) => return Ok(app.refuse(error).with_header("connection", "close").0),
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
    let response = response.await.unwrap_or_else(|_| {
        app.refuse(ServiceError::internal(
            "the local service panicked; see its standard error",
        ))
    });
    Ok(response.0)
}

/// Reads a request; the body of an upload remains to be read.
async fn read(
    request: hyper::Request<Incoming>,
    max_time: Duration,
) -> Result<(Request, Upload), ServiceError> {
    let (head, body) = request.into_parts();
    let mut request = Request {
        head,
        body: Bytes::new(),
    };
    if request.is_upload() {
        let awaits_consent = request.header("expect").is_some();
        return Ok((request, Upload::new(Some(body), max_time, awaits_consent)));
    }
    request.body = collect(body, max_time).await?;
    Ok((request, Upload::new(None, max_time, false)))
}

async fn collect(body: Incoming, max_time: Duration) -> Result<Bytes, ServiceError> {
    match timeout(max_time, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(ServiceError::new(
            413,
            "RequestEntityTooLargeException",
            format!("the body is longer than {MAX_BODY} bytes"),
        )),
        Ok(Err(error)) => Err(ServiceError::serialization(&error)),
        Err(_) => Err(ServiceError::new(
            408,
            "RequestTimeoutException",
            "the body was not received in time",
        )),
    }
}

#[cfg(test)]
mod tests;
