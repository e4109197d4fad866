//! A server for what is measured: it reads of a request only what it must.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Serves connections until the process ends: sends what `respond` returns for the body of each
/// request.
pub(crate) fn serve(
    respond: impl Fn(&[u8]) -> String + Clone + Send + 'static,
) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let respond = respond.clone();
            // Ends when the client hangs up.
            thread::spawn(move || serve_connection(&stream, respond));
        }
    });
    Ok(address)
}

fn serve_connection(stream: &TcpStream, respond: impl Fn(&[u8]) -> String) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        (&*stream).write_all(respond(&body).as_bytes())?;
    }
}
