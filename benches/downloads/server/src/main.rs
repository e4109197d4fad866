//! An S3 server on loopback that costs as little as possible: files go from the system's cache into
//! the socket, without being copied here. Also responds to GetExport.
//!
//! usage: server EXPORT [N]
//!
//! Serves the export in the directory EXPORT. With N, every Nth response with a data file ends in the
//! middle. Prints its address, and ends when its standard input does.

mod objects;
mod request;
mod response;

use std::error::Error;
use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, process, thread};

use self::objects::Objects;
use self::request::Connection;

/// What all connections share.
struct Service {
    objects: Objects,
    cuts: Cuts,
}

/// Decides which responses end early.
#[derive(Default)]
struct Cuts {
    every: Option<u64>,
    responses: AtomicU64,
}

impl Cuts {
    /// Counts a response, and returns whether it is to end early.
    fn is_next(&self) -> bool {
        let count = self.responses.fetch_add(1, Ordering::Relaxed) + 1;
        self.every.is_some_and(|every| count.is_multiple_of(every))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let export = arguments.next().ok_or("usage: server EXPORT [N]")?;
    let every = arguments.next().map(|text| text.parse()).transpose()?;
    let service = Arc::new(Service {
        objects: Objects::of_export(Path::new(&export))?,
        cuts: Cuts {
            every,
            ..Cuts::default()
        },
    });
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        process::exit(0);
    });
    for stream in listener.incoming() {
        let (service, stream) = (Arc::clone(&service), stream?);
        // A client that hangs up early reports its own error.
        thread::spawn(move || serve(&service, &stream));
    }
    Ok(())
}

fn serve(service: &Service, stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut connection = Connection::new(stream);
    while let Some(request) = connection.receive()? {
        if !response::send(stream, &request, &service.objects, || {
            service.cuts.is_next()
        })? {
            break;
        }
    }
    Ok(())
}
