//! Reads several data files of a bucket at once, ahead of the one that is needed.
//!
//! A connection to S3 is slower than a conversion. So the files that come next are received while
//! one is converted, each on its own thread, up to a limit of bytes; they are needed in order.

use std::collections::VecDeque;
use std::io::{self, Cursor, Read};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex};

use crate::data::error::{Error, ErrorKind};
use crate::data::manifest::Entry;
use crate::data::source::DataFiles;
use crate::system::{self, lock};

/// How much is passed to the conversion at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// How many chunks of a file are received before they are needed: 2 MiB.
const CHUNKS_AHEAD: usize = 32;

/// The data files of an export, which are needed in the manifest's order.
#[derive(Debug)]
pub(crate) struct ReadAhead {
    files: Arc<dyn DataFiles>,
    entries: Arc<Vec<Entry>>,
    /// How many files are received at once.
    count: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many files were started.
    started: usize,
    /// Those that were started, but are not needed yet.
    incoming: VecDeque<Incoming>,
}

/// A file that a thread receives.
#[derive(Debug)]
struct Incoming {
    path: Box<str>,
    /// `None` if the system gives no more threads.
    messages: Option<Receiver<Message>>,
}

enum Message {
    /// The file is open, or cannot be opened; its length, if it is known.
    Opened(Result<Option<u64>, Error>),
    /// What follows; nothing at the end.
    Chunk(io::Result<Vec<u8>>),
}

impl ReadAhead {
    pub(crate) fn new(
        files: Arc<dyn DataFiles>,
        entries: Arc<Vec<Entry>>,
        count: usize,
    ) -> ReadAhead {
        ReadAhead {
            files,
            entries,
            count,
            state: Mutex::default(),
        }
    }

    /// Returns the next file, and starts those after it.
    fn next(&self, path: &str) -> Option<Receiver<Message>> {
        let mut state = lock(&self.state);
        let rest = self.entries.get(state.started..).unwrap_or_default();
        let room = self.count.saturating_sub(state.incoming.len());
        for entry in rest.iter().take(room) {
            state.started += 1;
            state.incoming.push_back(self.start(entry.clone()));
        }
        let next = state.incoming.pop_front()?;
        next.messages.filter(|_| *next.path == *path)
    }

    fn start(&self, entry: Entry) -> Incoming {
        let (sender, messages) = mpsc::sync_channel(CHUNKS_AHEAD);
        let files = Arc::clone(&self.files);
        let path = entry.path.clone();
        let receive = Box::new(move || receive(&*files, &entry, &sender));
        let started = system::start_thread("simpledb-export-read", receive);
        Incoming {
            path,
            messages: started.is_ok().then_some(messages),
        }
    }
}

impl DataFiles for ReadAhead {
    fn open(&self, entry: &Entry) -> Result<(Box<dyn Read + Send + '_>, Option<u64>), Error> {
        let Some(messages) = self.next(&entry.path) else {
            return self.files.open(entry);
        };
        match messages.recv() {
            Ok(Message::Opened(length)) => {
                let received = Received {
                    messages,
                    chunk: Cursor::default(),
                    is_at_end: false,
                };
                Ok((Box::new(received), length?))
            }
            _ => Err(Error::new(ErrorKind::Fetch, STOPPED)),
        }
    }
}

const STOPPED: &str = "a thread that reads from the bucket panicked; please report this bug";

/// Receives a file until it is complete, or not needed any more.
fn receive(files: &dyn DataFiles, entry: &Entry, sender: &SyncSender<Message>) {
    let (mut object, length) = match files.open(entry) {
        Ok(opened) => opened,
        Err(error) => {
            // Nobody waits for it if the conversion has ended.
            let _ = sender.send(Message::Opened(Err(error)));
            return;
        }
    };
    let mut message = Message::Opened(Ok(length));
    let mut is_last = false;
    while sender.send(message).is_ok() && !is_last {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let read = (&mut object)
            .take(CHUNK_BYTES as u64)
            .read_to_end(&mut chunk);
        is_last = !matches!(read, Ok(1..));
        message = Message::Chunk(read.map(|_| chunk));
    }
}

/// A file that a thread receives.
struct Received {
    messages: Receiver<Message>,
    chunk: Cursor<Vec<u8>>,
    is_at_end: bool,
}

impl Read for Received {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.chunk.read(buffer)?;
            if count > 0 || self.is_at_end || buffer.is_empty() {
                return Ok(count);
            }
            match self.messages.recv() {
                Ok(Message::Chunk(chunk)) => {
                    let chunk = chunk?;
                    self.is_at_end = chunk.is_empty();
                    self.chunk = Cursor::new(chunk);
                }
                _ => return Err(io::Error::other(STOPPED)),
            }
        }
    }
}
