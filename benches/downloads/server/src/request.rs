//! Requests, as far as these clients' need it.

use std::io::{self, Read};
use std::net::TcpStream;

pub struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

impl Request {
    pub fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// Returns the first byte that is requested, and the last one, if it is named.
    pub fn range(&self) -> Option<(u64, Option<u64>)> {
        let (first, last) = self
            .header("range")?
            .strip_prefix("bytes=")?
            .split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()))
    }

    fn parse(head: &str) -> Option<Request> {
        let (first, rest) = head.split_once("\r\n")?;
        let mut words = first.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pair = |text: &str| {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            (name.to_string(), decode(value))
        };
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_string()))
        };
        Some(Request {
            method: method.to_string(),
            path: decode(path),
            query: query.split('&').map(pair).collect(),
            headers: rest.lines().filter_map(header).collect(),
        })
    }
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let (_, value) = pairs.iter().find(|(other, _)| other == name)?;
    Some(value)
}

/// Decodes slashes: nothing else in these keys is percent-encoded.
fn decode(text: &str) -> String {
    text.replace("%2F", "/")
}

/// A connection that receives requests.
pub struct Connection<'a> {
    stream: &'a TcpStream,
    received: Vec<u8>,
}

impl<'a> Connection<'a> {
    pub fn new(stream: &'a TcpStream) -> Connection<'a> {
        Connection {
            stream,
            received: Vec::new(),
        }
    }

    /// Receives a request with its body; `None` at the end of the connection.
    pub fn receive(&mut self) -> io::Result<Option<Request>> {
        let head = loop {
            let end = self
                .received
                .windows(4)
                .position(|bytes| bytes == b"\r\n\r\n");
            match end {
                Some(at) => break at + 4,
                None if !self.receive_more()? => return Ok(None),
                None => {}
            }
        };
        let request = Request::parse(&String::from_utf8_lossy(&self.received[..head]));
        let request = request.ok_or(io::ErrorKind::InvalidData)?;
        let body = request.header("content-length");
        let end = head + body.map_or(Ok(0), str::parse).map_err(io::Error::other)?;
        while self.received.len() < end {
            if !self.receive_more()? {
                return Ok(None);
            }
        }
        self.received.drain(..end);
        Ok(Some(request))
    }

    fn receive_more(&mut self) -> io::Result<bool> {
        let mut bytes = [0; 8192];
        let count = self.stream.read(&mut bytes)?;
        self.received.extend_from_slice(&bytes[..count]);
        Ok(count > 0)
    }
}
