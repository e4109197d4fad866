//! A proxy, byte by byte, that breaks exchanges at random places.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::random::Random;

/// Where an exchange breaks.
#[derive(Debug, Clone, Copy)]
enum Place {
    Nowhere,
    /// After so much of the request, in 256ths.
    Request(u64),
    /// After so much of the answer, in 256ths.
    Answer(u64),
}

struct Shared {
    upstream: SocketAddr,
    seed: u64,
    is_over: AtomicBool,
    exchanges: AtomicU64,
    broken: AtomicU64,
    connections: AtomicU64,
}

/// It breaks a third of all exchanges, half of them with a reset; it ends when it is dropped.
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
            exchanges: AtomicU64::new(0),
            broken: AtomicU64::new(0),
            connections: AtomicU64::new(0),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if accepting.is_over.load(Ordering::SeqCst) {
                    break;
                }
                accepting.connections.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&accepting);
                // What breaks here is seen by the client.
                thread::spawn(move || relay(&client, &shared).ok());
            }
        });
        Breaker { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn exchanges(&self) -> u64 {
        self.shared.exchanges.load(Ordering::SeqCst)
    }

    pub(crate) fn broken(&self) -> u64 {
        self.shared.broken.load(Ordering::SeqCst)
    }

    pub(crate) fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Breaker {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        TcpStream::connect(self.address).ok();
    }
}

/// Exchange after exchange, until one breaks or the client closes.
fn relay(client: &TcpStream, shared: &Shared) -> io::Result<()> {
    let service = TcpStream::connect(shared.upstream)?;
    client.set_nodelay(true)?;
    service.set_nodelay(true)?;
    let mut requests = BufReader::new(client.try_clone()?);
    let mut answers = BufReader::new(service.try_clone()?);
    loop {
        let request = read_message(&mut requests)?;
        let n = shared.exchanges.fetch_add(1, Ordering::SeqCst);
        let mut random = Random::new(shared.seed.wrapping_add(n));
        let place = match random.below(6) {
            0 => Place::Request(random.below(257)),
            1 => Place::Answer(random.below(256)),
            _ => Place::Nowhere,
        };
        if !matches!(place, Place::Nowhere) {
            shared.broken.fetch_add(1, Ordering::SeqCst);
        }
        if let Place::Request(part) = place {
            write(&service, head_of(&request, part))?;
            if part == 256 {
                // All of it arrived: the service works on it while the client hears nothing.
                read_message(&mut answers)?;
            }
            return cut(client, &service, random.below(2) == 0);
        }
        write(&service, &request)?;
        let answer = read_message(&mut answers)?;
        if let Place::Answer(part) = place {
            write(client, head_of(&answer, part))?;
            return cut(client, &service, random.below(2) == 0);
        }
        write(client, &answer)?;
    }
}

fn write(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)
}

fn head_of(message: &[u8], part: u64) -> &[u8] {
    let end = message.len() as u64 * part / 256;
    &message[..usize::try_from(end).unwrap_or(message.len())]
}

fn cut(client: &TcpStream, service: &TcpStream, reset: bool) -> io::Result<()> {
    service.shutdown(Shutdown::Both)?;
    if reset {
        // The reset comes with the close.
        return socket2::SockRef::from(client).set_linger(Some(Duration::ZERO));
    }
    client.shutdown(Shutdown::Both)
}

/// A request or an answer with a Content-Length, as its bytes.
pub(crate) fn read_message(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
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
    stream.take(length).read_to_end(&mut message)?;
    Ok(message)
}
