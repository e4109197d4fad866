use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use time::OffsetDateTime;

use super::*;

const PATIENT: Duration = Duration::from_secs(60);

/// A machine whose clocks are moved by hand and which has no jitter.
#[derive(Debug, Clone)]
struct Clock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    start: Instant,
    seconds: AtomicI64,
    /// How often the time of day was looked at.
    looks: AtomicUsize,
}

impl Clock {
    fn new() -> Clock {
        Clock(Arc::new(Hands {
            start: Instant::now(),
            seconds: AtomicI64::new(0),
            looks: AtomicUsize::new(0),
        }))
    }

    fn set(&self, seconds: i64) {
        self.0.seconds.store(seconds, Ordering::SeqCst);
    }

    fn seconds(&self) -> i64 {
        self.0.seconds.load(Ordering::SeqCst)
    }

    fn looks(&self) -> usize {
        self.0.looks.load(Ordering::SeqCst)
    }
}

impl System for Clock {
    fn now(&self) -> OffsetDateTime {
        self.0.looks.fetch_add(1, Ordering::SeqCst);
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

/// What a source does when it is asked.
#[derive(Debug)]
enum Step {
    Give(&'static str, Option<i64>),
    Fail(&'static str),
    Panic,
    /// Tells that it was asked, and waits until it is told to go on.
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

    fn asked(&self) -> usize {
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
            Step::Block(asked, go_on, step) => {
                asked.send(()).unwrap();
                go_on.lock().unwrap().recv().unwrap();
                Script::follow(*step)
            }
        }
    }
}

impl ProvideCredentials for Script {
    fn provide_credentials(&self, _timeout: Duration) -> Result<Credentials, CredentialsError> {
        self.0.1.fetch_add(1, Ordering::SeqCst);
        let step = self.0.0.lock().unwrap().pop_front();
        Script::follow(step.expect("the source is asked too often"))
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
fn credentials_are_kept_until_a_refresh_is_due() {
    let (cache, script, clock) = cache([
        Step::Give("first", Some(3_600)),
        Step::Give("second", Some(7_200)),
    ]);
    for (second, id, asked) in [
        (0, "first", 1),
        (3_299, "first", 1),
        (3_300, "second", 2),
        (6_899, "second", 2),
    ] {
        clock.set(second);
        assert_eq!((get(&cache).as_str(), script.asked()), (id, asked));
    }
}

#[test]
fn credentials_that_last_are_asked_for_once() {
    let (cache, script, clock) = cache([Step::Give("only", None)]);
    assert_eq!(get(&cache), "only");
    clock.set(1_000_000_000);
    assert_eq!((get(&cache).as_str(), script.asked()), ("only", 1));
}

#[test]
fn a_failed_refresh_keeps_the_last_credentials_and_is_put_off() {
    let (cache, script, clock) = cache([
        Step::Give("first", Some(3_600)),
        Step::Fail("down"),
        Step::Fail("still down"),
        Step::Fail("down for good"),
        Step::Give("second", Some(7_200)),
    ]);
    for (second, id, asked) in [
        (0, "first", 1),
        (3_300, "first", 2),
        (3_304, "first", 2),
        (3_305, "first", 3),
        (3_314, "first", 3),
        (3_600, "down for good", 4),
        (3_601, "second", 5),
    ] {
        clock.set(second);
        assert_eq!((get(&cache).as_str(), script.asked()), (id, asked));
    }
}

#[test]
fn credentials_that_come_expired_are_passed_on_and_not_kept() {
    let (cache, script, clock) = cache([
        Step::Give("old", Some(10)),
        Step::Give("new", Some(100_000)),
    ]);
    clock.set(10);
    assert_eq!((get(&cache).as_str(), script.asked()), ("old", 1));
    assert_eq!((get(&cache).as_str(), script.asked()), ("new", 2));
    assert_eq!((get(&cache).as_str(), script.asked()), ("new", 2));
}

/// A step that stands still, who it tells, and what makes it go on.
fn blocking(step: Step) -> (Step, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (asked, was_asked) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let step = Step::Block(asked, Mutex::new(may_go_on), Box::new(step));
    (step, was_asked, go_on)
}

#[test]
fn while_one_thread_refreshes_the_others_go_on() {
    let (step, was_asked, go_on) = blocking(Step::Give("second", Some(7_200)));
    let (cache, script, clock) = cache([Step::Give("first", Some(3_600)), step]);
    assert_eq!(get(&cache), "first");
    clock.set(3_400);
    thread::scope(|scope| {
        let refreshes = scope.spawn(|| get(&cache));
        was_asked.recv().unwrap();
        assert_eq!(get(&cache), "first");
        go_on.send(()).unwrap();
        assert_eq!(refreshes.join().unwrap(), "second");
    });
    assert_eq!((get(&cache).as_str(), script.asked()), ("second", 2));
}

#[test]
fn without_credentials_all_wait_for_one_refresh() {
    for (step, result) in [
        (Step::Give("first", None), "first"),
        (Step::Fail("down"), "down"),
    ] {
        let (step, was_asked, go_on) = blocking(step);
        let (cache, script, clock) = cache([step]);
        thread::scope(|scope| {
            let first = scope.spawn(|| get(&cache));
            was_asked.recv().unwrap();
            let short = Duration::from_millis(20);
            let error = cache.provide_credentials(short).unwrap_err();
            assert!(error.is_timed_out());
            assert_eq!(
                format!("{error}"),
                "another thread did not get credentials in the time that was given"
            );
            // A thread looks twice before it waits, and holds the lock from there on.
            let looks = clock.looks() + 2 * 4;
            let others: Vec<_> = (0..4).map(|_| scope.spawn(|| get(&cache))).collect();
            while clock.looks() < looks {
                thread::yield_now();
            }
            go_on.send(()).unwrap();
            for thread in others.into_iter().chain([first]) {
                assert_eq!(thread.join().unwrap(), result);
            }
        });
        assert_eq!(script.asked(), 1);
    }
}

#[test]
fn in_the_last_seconds_a_thread_waits_and_takes_the_old_ones_if_it_must() {
    let (step, was_asked, go_on) = blocking(Step::Give("second", Some(7_200)));
    let (cache, _, clock) = cache([Step::Give("first", Some(3_600)), step]);
    assert_eq!(get(&cache), "first");
    clock.set(3_595);
    thread::scope(|scope| {
        scope.spawn(|| get(&cache));
        was_asked.recv().unwrap();
        let waited = cache
            .provide_credentials(Duration::from_millis(20))
            .unwrap();
        assert_eq!(waited.access_key_id(), "first");
        go_on.send(()).unwrap();
    });
    assert_eq!(get(&cache), "second");
}

#[test]
fn a_source_that_panics_holds_nobody_up() {
    let (cache, script, _) = cache([Step::Panic, Step::Give("second", None)]);
    thread::scope(|scope| {
        assert!(scope.spawn(|| get(&cache)).join().is_err());
    });
    assert_eq!((get(&cache).as_str(), script.asked()), ("second", 2));
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
