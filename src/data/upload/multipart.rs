//! An upload in parts, by several threads.

use std::collections::BTreeMap;
#[cfg(feature = "cli")]
use std::convert::Infallible;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, Weak};
use std::thread::{self, JoinHandle};
#[cfg(feature = "cli")]
use std::time::Duration;

use log::debug;

use super::destination::{Destination, Part};
use crate::data::error::{Error, ErrorKind};
#[cfg(feature = "cli")]
use crate::data::parallel;
use crate::system::lock;
#[cfg(feature = "cli")]
use crate::system::run_within;

/// The uploads of this process that are neither completed nor aborted.
static IN_PROGRESS: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

/// Read while an upload is started; written from when all are aborted until the process ends.
static END: RwLock<()> = RwLock::new(());

/// How long a process that is interrupted waits until its parts are removed.
#[cfg(feature = "cli")]
const ABORT_TIME: Duration = Duration::from_secs(5);

/// How many uploads are then aborted at once.
#[cfg(feature = "cli")]
const ABORT_THREADS: usize = 8;

/// A part to send: its number and content.
type Job = (u32, Vec<u8>);

/// An upload in parts. Dropped before it is complete, it is aborted.
pub(super) struct Multipart {
    shared: Arc<Shared>,
    /// A part is handed over once a thread is free: as many are in memory as there are threads.
    jobs: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
    has_ended: bool,
}

/// What the threads share.
struct Shared {
    destination: Arc<Destination>,
    id: String,
    parts: Mutex<BTreeMap<u32, Part>>,
    failure: Mutex<Option<Error>>,
    /// Set once no further part is of use.
    stop: AtomicBool,
}

impl Multipart {
    pub(super) fn start(destination: Arc<Destination>, threads: usize) -> Result<Multipart, Error> {
        let shared = Shared::create(destination)?;
        let (jobs, waiting) = mpsc::sync_channel(0);
        let waiting = Arc::new(Mutex::new(waiting));
        let start = |_| {
            let (shared, waiting) = (Arc::clone(&shared), Arc::clone(&waiting));
            let thread = thread::Builder::new().name("simpledb-export-upload".to_owned());
            thread.spawn(move || shared.work(&waiting)).ok()
        };
        let threads: Vec<_> = (0..threads).map_while(start).collect();
        Ok(Multipart {
            shared,
            // If the system gives no threads, parts are sent by the one that writes.
            jobs: (!threads.is_empty()).then_some(jobs),
            threads,
            has_ended: false,
        })
    }

    /// Sends a part, or hands it over to be sent. The first failure of any part is returned.
    pub(super) fn send(&mut self, number: u32, part: Vec<u8>) -> Result<(), Error> {
        self.shared.check()?;
        match &self.jobs {
            Some(jobs) => {
                // Threads take parts until there are no more, even after an error.
                jobs.send((number, part)).ok();
            }
            None => self.shared.send(number, &part),
        }
        self.shared.check()
    }

    /// Waits for all parts.
    pub(super) fn wait(&mut self) -> Result<(), Error> {
        self.join();
        self.shared.check()
    }

    /// Waits for all parts, and makes the object of them.
    pub(super) fn complete(mut self) -> Result<(), Error> {
        self.wait()?;
        let parts = mem::take(&mut *lock(&self.shared.parts));
        let parts = parts.iter().map(|(number, part)| (*number, part));
        let completed = self.shared.destination.complete(&self.shared.id, parts);
        if completed.is_err() {
            drop(wait_if_over());
        }
        completed?;
        self.has_ended = true;
        Ok(())
    }

    pub(super) fn abort(mut self) -> Result<(), Error> {
        self.end()
    }

    /// Waits for the parts on their way, and removes all.
    fn end(&mut self) -> Result<(), Error> {
        self.has_ended = true;
        self.shared.stop.store(true, Ordering::SeqCst);
        self.join();
        self.shared.abort()
    }

    fn join(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                let message = "a thread of the upload panicked; please report this bug";
                self.shared.fail(Error::new(ErrorKind::Upload, message));
            }
        }
    }
}

impl Drop for Multipart {
    fn drop(&mut self) {
        if !self.has_ended {
            log_left(self.end());
        }
        let own = Arc::as_ptr(&self.shared);
        lock(&IN_PROGRESS).retain(|upload| upload.as_ptr() != own);
    }
}

impl Shared {
    fn create(destination: Arc<Destination>) -> Result<Arc<Shared>, Error> {
        let _starting = wait_if_over();
        let shared = Arc::new(Shared {
            id: destination.create()?,
            destination,
            parts: Mutex::default(),
            failure: Mutex::default(),
            stop: AtomicBool::new(false),
        });
        lock(&IN_PROGRESS).push(Arc::downgrade(&shared));
        Ok(shared)
    }

    /// Sends parts until there are no more.
    fn work(&self, waiting: &Mutex<Receiver<Job>>) {
        loop {
            let job = lock(waiting).recv();
            let Ok((number, part)) = job else {
                return;
            };
            self.send(number, &part);
        }
    }

    fn send(&self, number: u32, part: &[u8]) {
        if self.stop.load(Ordering::SeqCst) {
            return;
        }
        match self.destination.put_part(&self.id, number, part) {
            Ok(part) => {
                lock(&self.parts).insert(number, part);
            }
            Err(error) => self.fail(error),
        }
    }

    fn fail(&self, error: Error) {
        lock(&self.failure).get_or_insert(error);
        self.stop.store(true, Ordering::SeqCst);
    }

    /// Returns the first failure; after that, only that there was one.
    fn check(&self) -> Result<(), Error> {
        if !self.stop.load(Ordering::SeqCst) {
            return Ok(());
        }
        drop(wait_if_over());
        let failure = lock(&self.failure).take();
        Err(failure.unwrap_or_else(|| {
            let message = "the upload has failed before";
            Error::new(ErrorKind::Upload, message).in_file(&self.destination.path())
        }))
    }

    fn abort(&self) -> Result<(), Error> {
        self.destination.abort(&self.id)
    }
}

fn log_left(aborted: Result<(), Error>) {
    if let Err(error) = aborted {
        debug!("parts are left in the bucket: {error}");
    }
}

/// Waits for the end of the process if its uploads are aborted for that: what fails because of it is no
/// news.
fn wait_if_over() -> RwLockReadGuard<'static, ()> {
    END.read().unwrap_or_else(PoisonError::into_inner)
}

/// Aborts all uploads of this process, for one that ends without dropping them; gives up after some
/// seconds.
#[cfg(feature = "cli")]
pub fn abort_all() {
    let abort_all = || {
        // No upload is being started now, and none is from now on.
        mem::forget(END.write());
        let uploads = mem::take(&mut *lock(&IN_PROGRESS));
        let uploads: Vec<_> = uploads.iter().filter_map(Weak::upgrade).collect();
        for upload in &uploads {
            upload.stop.store(true, Ordering::SeqCst);
        }
        let never = AtomicBool::new(false);
        let aborted = parallel::try_map(ABORT_THREADS, &uploads, &never, |upload| {
            log_left(upload.abort());
            Ok::<(), Infallible>(())
        });
        aborted.is_ok()
    };
    // If the system gives no thread, nothing can be done.
    let _ = run_within(ABORT_TIME, "simpledb-export-abort", abort_all);
}
