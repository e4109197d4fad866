//! A loopback server that plays scripts and keeps the requests.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// One step of a connection's script. After the last one the server closes the connection.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Reads a request and keeps it.
    Request,
    /// Reads this many bytes of a request.
    Read(usize),
    Send(Vec<u8>),
    /// Sends these bytes one by one, again and again, with a pause after each.
    Drip(Vec<u8>, Duration),
    /// Sends these bytes again and again.
    Flood(Vec<u8>),
    /// Sends nothing until the client closes the connection.
    Silence,
    /// Closes the connection after what was sent.
    #[cfg_attr(
        not(all(feature = "data", feature = "local")),
        expect(dead_code, reason = "for downloads")
    )]
    Close,
    /// Resets the connection.
    Reset,
}

/// A request as it was received.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(n, _)| n == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} was sent more than once");
        value
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

type Handler = Box<dyn Fn(usize, &Request) -> Vec<Step> + Send + Sync>;

enum Play {
    /// A script per connection; further connections play the last one.
    Scripts(Vec<Vec<Step>>),
    /// Returns the steps for each request, counted from 0 over all connections.
    Handler(Handler),
}

pub(crate) type WrapResult = io::Result<Box<dyn Duplex>>;

/// Wraps an accepted connection, such as in TLS.
pub(crate) type Wrap = Box<dyn Fn(TcpStream) -> WrapResult + Send + Sync>;

pub(crate) trait Duplex: Read + Write + Send {}

impl<T: Read + Write + Send> Duplex for T {}

struct Shared {
    play: Play,
    wrap: Option<Wrap>,
    is_over: AtomicBool,
    connections: AtomicUsize,
    handled: AtomicUsize,
    requests: Mutex<Vec<Request>>,
    streams: Mutex<Vec<(usize, TcpStream)>>,
}

/// A server that stops, with its connections, when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server that plays a script on each connection.
    pub(crate) fn scripted(scripts: Vec<Vec<Step>>) -> Server {
        assert!(!scripts.is_empty(), "there must be something to play");
        Server::start(Play::Scripts(scripts), None)
    }

    /// Does the same on connections wrapped by `wrap`.
    pub(crate) fn wrapped(scripts: Vec<Vec<Step>>, wrap: Wrap) -> Server {
        Server::start(Play::Scripts(scripts), Some(wrap))
    }

    /// Starts a server that takes the steps that `handler` returns for each request, and keeps
    /// connections open.
    pub(crate) fn responding(
        handler: impl Fn(usize, &Request) -> Vec<Step> + Send + Sync + 'static,
    ) -> Server {
        Server::start(Play::Handler(Box::new(handler)), None)
    }

    /// Starts a server that sends these responses in order, and the last one to further requests.
    pub(crate) fn with_responses(responses: Vec<Vec<u8>>) -> Server {
        assert!(!responses.is_empty(), "there must be a response");
        Server::responding(move |n, _| {
            vec![Step::Send(responses[n.min(responses.len() - 1)].clone())]
        })
    }

    fn start(play: Play, wrap: Option<Wrap>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            play,
            wrap,
            is_over: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            handled: AtomicUsize::new(0),
            requests: Mutex::default(),
            streams: Mutex::default(),
        });
        let accepting = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || accept(&listener, &shared))
        };
        Server {
            address,
            shared,
            accepting: Some(accepting),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the number of connections accepted.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Returns the complete requests in the order of their arrival.
    pub(crate) fn requests(&self) -> Vec<Request> {
        lock(&self.shared.requests).clone()
    }

    /// Returns the only request.
    #[track_caller]
    pub(crate) fn request(&self) -> Request {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "one request was expected");
        requests.remove(0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        for (_, stream) in lock(&self.shared.streams).iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the accepting thread.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.is_over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let index = shared.connections.fetch_add(1, Ordering::SeqCst);
        if let Ok(clone) = stream.try_clone() {
            lock(&shared.streams).push((index, clone));
        }
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // Many tests are about clients that disappear.
            let _ = Connection::open(stream, index, &shared).and_then(Connection::play);
        });
    }
}

struct Connection<'a> {
    socket: TcpStream,
    stream: BufReader<Box<dyn Duplex>>,
    index: usize,
    is_reset: bool,
    /// The client token of the last request.
    token: Option<String>,
    shared: &'a Shared,
}

impl<'a> Connection<'a> {
    fn open(socket: TcpStream, index: usize, shared: &'a Shared) -> io::Result<Connection<'a>> {
        socket.set_nodelay(true)?;
        let plain = socket.try_clone()?;
        let stream = match &shared.wrap {
            Some(wrap) => wrap(plain)?,
            None => Box::new(plain),
        };
        Ok(Connection {
            socket,
            stream: BufReader::new(stream),
            index,
            is_reset: false,
            token: None,
            shared,
        })
    }

    fn play(mut self) -> io::Result<()> {
        let played = match &self.shared.play {
            Play::Scripts(scripts) => {
                let script = &scripts[self.index.min(scripts.len() - 1)];
                script.iter().try_for_each(|step| self.step(step))
            }
            Play::Handler(handler) => self.handle(handler),
        };
        if !self.is_reset {
            let _ = self.socket.shutdown(Shutdown::Both);
        }
        // Only closing the last descriptor resets.
        lock(&self.shared.streams).retain(|(index, _)| *index != self.index);
        played
    }

    fn handle(&mut self, handler: &Handler) -> io::Result<()> {
        loop {
            let request = self.read_request()?;
            let n = self.shared.handled.fetch_add(1, Ordering::SeqCst);
            for step in handler(n, &request) {
                self.step(&step)?;
            }
        }
    }

    fn step(&mut self, step: &Step) -> io::Result<()> {
        match step {
            Step::Request => self.read_request().map(drop),
            Step::Read(count) => self.stream.read_exact(&mut vec![0; *count]),
            Step::Send(bytes) => self.send(&with_token(bytes, self.token.as_deref())),
            Step::Drip(bytes, pause) => loop {
                for byte in bytes {
                    self.send(&[*byte])?;
                    thread::sleep(*pause);
                }
            },
            Step::Flood(bytes) => loop {
                self.send(bytes)?;
            },
            Step::Silence => io::copy(&mut self.stream, &mut io::sink()).map(drop),
            Step::Close => Err(io::ErrorKind::ConnectionAborted.into()),
            Step::Reset => {
                socket2::SockRef::from(&self.socket).set_linger(Some(Duration::ZERO))?;
                self.is_reset = true;
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(bytes)?;
        stream.flush()
    }

    fn read_request(&mut self) -> io::Result<Request> {
        let first = self.read_line()?;
        let mut words = first.split(' ').map(str::to_owned);
        let mut request = Request {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_default(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        loop {
            let line = self.read_line()?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            let header = (name.to_ascii_lowercase(), value.trim().to_owned());
            request.headers.push(header);
        }
        let length = request.header("content-length");
        let length = length.map_or(0, |length| length.parse().expect("a length"));
        request.body = vec![0; length];
        self.stream.read_exact(&mut request.body)?;
        self.token = serde_json::from_slice(&request.body)
            .ok()
            .and_then(|body: serde_json::Value| Some(body["clientToken"].as_str()?.to_owned()));
        lock(&self.shared.requests).push(request.clone());
        Ok(request)
    }

    fn read_line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

/// Puts the token of the request in the place of the one in [`STARTED`](super::STARTED), as long
/// with the spaces behind it.
fn with_token(bytes: &[u8], token: Option<&str>) -> Vec<u8> {
    let place = b"\"00000000-0000-4000-8000-000000000000\"";
    let mut bytes = bytes.to_vec();
    let at = bytes.windows(place.len()).position(|part| part == place);
    if let (Some(at), Some(token)) = (at, token) {
        let token = format!("{:<1$}", format!("{token:?}"), place.len());
        bytes.splice(at..at + place.len(), token.into_bytes());
    }
    bytes
}

/// Repeats these steps as often as any test needs.
pub(crate) fn again_and_again(steps: &[Step]) -> Vec<Step> {
    steps
        .iter()
        .cycle()
        .take(8 * steps.len())
        .cloned()
        .collect()
}

/// Returns the bytes of a response with a Content-Length.
pub(crate) fn response(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        bytes.extend([*name, ": ", *value, "\r\n"]);
    }
    bytes.push_str("\r\n");
    let mut bytes = bytes.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Returns the bytes of a response from the service.
pub(crate) fn json_response(status: u16, body: &str) -> Vec<u8> {
    response(
        status,
        &[("content-type", "application/json")],
        body.as_bytes(),
    )
}
