use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use time::OffsetDateTime;

use super::*;

const PATIENT: Duration = Duration::from_secs(60);

/// A system whose clocks are moved by hand and which has no jitter.
#[derive(Debug, Clone)]
struct Clock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    start: Instant,
    seconds: Mutex<i64>,
    /// How often the time was read.
    reads: AtomicUsize,
}

impl Clock {
    fn new() -> Clock {
        Clock(Arc::new(Hands {
            start: Instant::now(),
            seconds: Mutex::new(0),
            reads: AtomicUsize::new(0),
        }))
    }

    fn set(&self, seconds: i64) {
        *lock(&self.0.seconds) = seconds;
    }

    fn seconds(&self) -> i64 {
        *lock(&self.0.seconds)
    }

    fn reads(&self) -> usize {
        self.0.reads.load(Ordering::SeqCst)
    }
}

impl System for Clock {
    fn now(&self) -> OffsetDateTime {
        self.0.reads.fetch_add(1, Ordering::SeqCst);
        OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(self.seconds())
    }

    fn instant(&self) -> Instant {
        self.0.start + Duration::from_secs(u64::try_from(self.seconds()).unwrap())
    }

    fn fill_random(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        bytes.fill(0);
        Ok(())
    }
}

/// What a source does when it is called.
#[derive(Debug)]
enum Step {
    Give(&'static str, Option<i64>),
    Fail(&'static str),
    Panic,
    /// Signals that it was called, and waits for the signal to continue.
    Block(mpsc::Sender<()>, Mutex<mpsc::Receiver<()>>, Box<Step>),
}

#[derive(Debug, Clone, Default)]
struct Script(Arc<(Mutex<VecDeque<Step>>, AtomicUsize)>);

impl Script {
    fn new(steps: impl IntoIterator<Item = Step>) -> Script {
        Script(Arc::new((
            Mutex::new(steps.into_iter().collect()),
            AtomicUsize::new(0),
        )))
    }

    fn calls(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }

    fn follow(step: Step) -> Result<Credentials, CredentialsError> {
        match step {
            Step::Give(id, expires) => {
                let credentials = Credentials::builder(id, "hidden");
                Ok(match expires {
                    Some(expires) => {
                        let expires = time::Duration::seconds(expires);
                        let expires = OffsetDateTime::UNIX_EPOCH + expires;
                        credentials.expiration(expires).build()
                    }
                    None => credentials.build(),
                })
            }
            Step::Fail(reason) => Err(CredentialsError::failed(reason)),
            Step::Panic => panic!("the source panics"),
            Step::Block(calls, resume, step) => {
                calls.send(()).unwrap();
                resume.lock().unwrap().recv().unwrap();
                Script::follow(*step)
            }
        }
    }
}

impl ProvideCredentials for Script {
    fn provide_credentials(&self, _timeout: Duration) -> Result<Credentials, CredentialsError> {
        self.0.1.fetch_add(1, Ordering::SeqCst);
        let step = self.0.0.lock().unwrap().pop_front();
        Script::follow(step.expect("the source is called too often"))
    }
}

fn cache(steps: impl IntoIterator<Item = Step>) -> (CredentialsCache, Script, Clock) {
    let (script, clock) = (Script::new(steps), Clock::new());
    let cache = CredentialsCache::new(script.clone()).system(clock.clone());
    (cache, script, clock)
}

fn get(cache: &CredentialsCache) -> String {
    match cache.provide_credentials(PATIENT) {
        Ok(credentials) => credentials.access_key_id().to_owned(),
        Err(error) => format!("{error}"),
    }
}

#[test]
fn caches_credentials_until_a_refresh_is_due() {
    let (cache, script, clock) = cache([
        Step::Give("first", Some(3_600)),
        Step::Give("second", Some(7_200)),
    ]);
    for (second, id, calls) in [
        (0, "first", 1),
        (3_299, "first", 1),
        (3_300, "second", 2),
        (6_899, "second", 2),
    ] {
        clock.set(second);
        assert_eq!((get(&cache).as_str(), script.calls()), (id, calls));
    }
}

#[test]
fn requests_long_term_credentials_once() {
    let (cache, script, clock) = cache([Step::Give("only", None)]);
    assert_eq!(get(&cache), "only");
    clock.set(1_000_000_000);
    assert_eq!((get(&cache).as_str(), script.calls()), ("only", 1));
}

#[test]
fn a_failed_refresh_keeps_the_current_credentials_and_delays_the_next() {
    let (cache, script, clock) = cache([
        Step::Give("first", Some(3_600)),
        Step::Fail("down"),
        Step::Fail("still down"),
        Step::Fail("down for good"),
        Step::Give("second", Some(7_200)),
    ]);
    for (second, id, calls) in [
        (0, "first", 1),
        (3_300, "first", 2),
        (3_304, "first", 2),
        (3_305, "first", 3),
        (3_314, "first", 3),
        (3_600, "down for good", 4),
        (3_601, "second", 5),
    ] {
        clock.set(second);
        assert_eq!((get(&cache).as_str(), script.calls()), (id, calls));
    }
}

#[test]
fn returns_expired_credentials_without_caching_them() {
    let (cache, script, clock) = cache([
        Step::Give("old", Some(10)),
        Step::Give("new", Some(100_000)),
    ]);
    clock.set(10);
    assert_eq!((get(&cache).as_str(), script.calls()), ("old", 1));
    assert_eq!((get(&cache).as_str(), script.calls()), ("new", 2));
    assert_eq!((get(&cache).as_str(), script.calls()), ("new", 2));
}

/// Returns a step that blocks, the signal that it was called, and the signal to continue.
fn blocking(step: Step) -> (Step, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (calls, was_called) = mpsc::channel();
    let (resume, may_continue) = mpsc::channel();
    let step = Step::Block(calls, Mutex::new(may_continue), Box::new(step));
    (step, was_called, resume)
}

#[test]
fn other_threads_keep_working_during_a_refresh() {
    let (step, was_called, resume) = blocking(Step::Give("second", Some(7_200)));
    let (cache, script, clock) = cache([Step::Give("first", Some(3_600)), step]);
    assert_eq!(get(&cache), "first");
    clock.set(3_400);
    thread::scope(|scope| {
        let refreshes = scope.spawn(|| get(&cache));
        was_called.recv().unwrap();
        assert_eq!(get(&cache), "first");
        resume.send(()).unwrap();
        assert_eq!(refreshes.join().unwrap(), "second");
    });
    assert_eq!((get(&cache).as_str(), script.calls()), ("second", 2));
}

#[test]
fn without_credentials_all_threads_wait_for_one_refresh() {
    for (step, result) in [
        (Step::Give("first", None), "first"),
        (Step::Fail("down"), "down"),
    ] {
        let (step, was_called, resume) = blocking(step);
        let (cache, script, clock) = cache([step]);
        thread::scope(|scope| {
            let first = scope.spawn(|| get(&cache));
            was_called.recv().unwrap();
            let short = Duration::from_millis(20);
            let error = cache.provide_credentials(short).unwrap_err();
            assert!(error.is_timed_out());
            assert_eq!(
                format!("{error}"),
                "timed out waiting for another thread to get credentials"
            );
            // A thread reads once before it waits, and holds the lock from there on.
            let reads = clock.reads() + 4;
            let others: Vec<_> = (0..4).map(|_| scope.spawn(|| get(&cache))).collect();
            while clock.reads() < reads {
                thread::yield_now();
            }
            resume.send(()).unwrap();
            for thread in others.into_iter().chain([first]) {
                assert_eq!(thread.join().unwrap(), result);
            }
        });
        assert_eq!(script.calls(), 1);
    }
}

#[test]
fn during_the_last_seconds_a_thread_waits_and_then_uses_the_current_ones() {
    let (step, was_called, resume) = blocking(Step::Give("second", Some(7_200)));
    let (cache, _, clock) = cache([Step::Give("first", Some(3_600)), step]);
    assert_eq!(get(&cache), "first");
    clock.set(3_595);
    thread::scope(|scope| {
        scope.spawn(|| get(&cache));
        was_called.recv().unwrap();
        let waited = cache
            .provide_credentials(Duration::from_millis(20))
            .unwrap();
        assert_eq!(waited.access_key_id(), "first");
        resume.send(()).unwrap();
    });
    assert_eq!(get(&cache), "second");
}

#[test]
fn a_source_that_panics_blocks_no_other_thread() {
    let (cache, script, _) = cache([Step::Panic, Step::Give("second", None)]);
    thread::scope(|scope| {
        assert!(scope.spawn(|| get(&cache)).join().is_err());
    });
    assert_eq!((get(&cache).as_str(), script.calls()), ("second", 2));
}

#[test]
fn debug_shows_the_source_and_no_credentials() {
    let (cache, ..) = cache([Step::Give("first", None)]);
    get(&cache);
    let text = format!(
        "{:?}",
        CredentialsCache::new(Credentials::new("id", "hidden"))
    );
    assert!(
        text.starts_with("CredentialsCache { source: Credentials {"),
        "{text}"
    );
    assert!(!text.contains("hidden"));
    assert!(!format!("{cache:?}").contains("first"));
}
