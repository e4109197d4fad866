//! The floor: receives the data files of an export over plain sockets, one thread for each connection,
//! and compares their MD5 checksums with the manifest's. There is no HTTP library, no signature, no
//! retry, no timeout, and no useful error. Without DIRECTORY, it writes nothing.
//!
//! usage: floor ADDRESS THREADS [DIRECTORY]

use std::error::Error;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde::Deserialize;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const MANIFEST: &str = "AWSSimpleDB/c0ffee/Generated/manifest-file.json";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    md5_checksum: String,
    data_file_s3_key: String,
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(address: &str) -> Outcome<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            buffer: vec![0; 64 * 1024],
        })
    }

    /// Requests an object, and passes on its content as it arrives.
    fn get(&mut self, key: &str, mut receive: impl FnMut(&[u8]) -> Outcome<()>) -> Outcome<()> {
        let request = format!("GET /exports/{key} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.stream.write_all(request.as_bytes())?;
        let mut filled = 0;
        let head = loop {
            filled += self.read(filled)?;
            let mut windows = self.buffer[..filled].windows(4);
            if let Some(at) = windows.position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let mut left = content_length(str::from_utf8(&self.buffer[..head])?)?;
        left -= filled - head;
        receive(&self.buffer[head..filled])?;
        while left > 0 {
            let read = self.read(0)?;
            left -= read;
            receive(&self.buffer[..read])?;
        }
        Ok(())
    }

    fn read(&mut self, from: usize) -> Outcome<usize> {
        match self.stream.read(&mut self.buffer[from..])? {
            0 => Err("the connection was closed".into()),
            read => Ok(read),
        }
    }
}

fn content_length(head: &str) -> Outcome<usize> {
    let length = head.split_once("Content-Length: ").ok_or("no length")?.1;
    Ok(length.lines().next().unwrap_or_default().parse()?)
}

fn main() -> Outcome<()> {
    let mut arguments = env::args().skip(1);
    let (Some(address), Some(threads)) = (arguments.next(), arguments.next()) else {
        return Err("usage: floor ADDRESS THREADS [DIRECTORY]".into());
    };
    let target = arguments.next().map(PathBuf::from);
    let mut manifest = Vec::new();
    Connection::open(&address)?.get(MANIFEST, |bytes| Ok(manifest.extend_from_slice(bytes)))?;
    let entries: Vec<Entry> = serde_json::from_slice(&manifest)?;

    let next = AtomicUsize::new(0);
    let work = || -> Outcome<()> {
        let mut connection = Connection::open(&address)?;
        while let Some(entry) = entries.get(next.fetch_add(1, Ordering::Relaxed)) {
            let path = target.as_ref().map(|dir| dir.join(&entry.data_file_s3_key));
            let mut file = match path {
                Some(path) => {
                    fs::create_dir_all(path.parent().ok_or("no directory")?)?;
                    Some(File::create(path)?)
                }
                None => None,
            };
            let mut digest = Md5::new();
            connection.get(&entry.data_file_s3_key, |bytes| {
                digest.update(bytes);
                file.as_mut()
                    .map_or(Ok(()), |file| Ok(file.write_all(bytes)?))
            })?;
            if STANDARD.encode(digest.finalize()) != entry.md5_checksum {
                return Err(format!("{}: another checksum", entry.data_file_s3_key).into());
            }
        }
        Ok(())
    };
    let threads: usize = threads.parse()?;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().map_err(|_| "panicked")?)
    })
}
