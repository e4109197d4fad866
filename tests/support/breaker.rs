//! A proxy that breaks exchanges at random points.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// Where an exchange breaks.
#[derive(Debug, Clone, Copy)]
enum Place {
    Nowhere,
    /// After this part of the request, in parts of 256.
    Request(usize),
    /// After this part of the response, in parts of 256.
    Response(usize),
}

struct Shared {
    upstream: SocketAddr,
    seed: u64,
    is_over: AtomicBool,
    exchanges: AtomicUsize,
    broken: AtomicUsize,
    connections: AtomicUsize,
}

/// Breaks a third of all exchanges, half of them with a reset, until it is dropped.
pub(crate) struct Breaker {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Breaker {
    pub(crate) fn start(upstream: SocketAddr, seed: u64) -> Breaker {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            upstream,
            seed,
            is_over: AtomicBool::new(false),
            exchanges: AtomicUsize::new(0),
            broken: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if accepting.is_over.load(Ordering::SeqCst) {
                    break;
                }
                accepting.connections.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&accepting);
                // The client observes the error.
                thread::spawn(move || relay(&client, &shared).ok());
            }
        });
        Breaker { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn exchanges(&self) -> usize {
        self.shared.exchanges.load(Ordering::SeqCst)
    }

    pub(crate) fn broken(&self) -> usize {
        self.shared.broken.load(Ordering::SeqCst)
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Breaker {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Wakes the accepting thread.
        TcpStream::connect(self.address).ok();
    }
}

/// Relays exchanges until one breaks or the client closes.
fn relay(client: &TcpStream, shared: &Shared) -> io::Result<()> {
    let service = TcpStream::connect(shared.upstream)?;
    client.set_nodelay(true)?;
    service.set_nodelay(true)?;
    let mut requests = BufReader::new(client.try_clone()?);
    let mut responses = BufReader::new(service.try_clone()?);
    loop {
        let request = read_message(&mut requests)?;
        let is_head = request.starts_with(b"HEAD ");
        let n = shared.exchanges.fetch_add(1, Ordering::SeqCst);
        let mut random = random(shared.seed, n);
        let place = match random.random_range(0..6) {
            0 => Place::Request(random.random_range(0..=256)),
            1 => Place::Response(random.random_range(0..256)),
            _ => Place::Nowhere,
        };
        let reset = random.random();
        if !matches!(place, Place::Nowhere) {
            shared.broken.fetch_add(1, Ordering::SeqCst);
        }
        if let Place::Request(part) = place {
            write(&service, head_of(&request, part))?;
            if part == 256 {
                // The service handles a complete request while the client receives nothing.
                read_response(&mut responses, is_head)?;
            }
            return cut(client, &service, reset);
        }
        write(&service, &request)?;
        let response = read_response(&mut responses, is_head)?;
        if let Place::Response(part) = place {
            write(client, head_of(&response, part))?;
            return cut(client, &service, reset);
        }
        write(client, &response)?;
    }
}

fn write(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)
}

/// Returns the random numbers of one part of a test, such as an exchange: the same in every run.
pub(crate) fn random(seed: u64, part: usize) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&(part as u64).to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

fn head_of(message: &[u8], part: usize) -> &[u8] {
    &message[..message.len() * part / 256]
}

fn cut(client: &TcpStream, service: &TcpStream, reset: bool) -> io::Result<()> {
    service.shutdown(Shutdown::Both)?;
    if reset {
        // Closing the socket sends the reset.
        return socket2::SockRef::from(client).set_linger(Some(Duration::ZERO));
    }
    client.shutdown(Shutdown::Both)
}

/// Reads the bytes of a request or response with a Content-Length.
pub(crate) fn read_message(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    read_response(stream, false)
}

/// Reads a response; that to HEAD has no body, despite its Content-Length.
fn read_response(stream: &mut impl BufRead, is_head: bool) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut length = 0;
    loop {
        let start = message.len();
        if stream.read_until(b'\n', &mut message)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&message[start..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    if !is_head {
        stream.take(length).read_to_end(&mut message)?;
    }
    Ok(message)
}
