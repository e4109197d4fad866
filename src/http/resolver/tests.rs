//! The system's resolver is replaced by one that answers as it is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use super::*;

const SOON: Duration = Duration::from_millis(20);
const LATER: Duration = Duration::from_secs(20);

fn within(after: Duration) -> NextTimeout {
    NextTimeout {
        after: after.into(),
        reason: Timeout::Resolve,
        ..NextTimeout::default()
    }
}

fn address() -> SocketAddr {
    ([192, 0, 2, 1], 0).into()
}

/// A resolver whose answers come out of a channel, one for each question, and how many were asked.
fn scripted() -> (
    CachingResolver,
    mpsc::Sender<io::Result<Vec<SocketAddr>>>,
    Arc<AtomicUsize>,
) {
    let (sender, receiver) = mpsc::channel();
    let receiver = Mutex::new(receiver);
    let asked = Arc::<AtomicUsize>::default();
    let counter = Arc::clone(&asked);
    let resolver = CachingResolver::new(move |host| {
        assert_eq!(host, "host");
        counter.fetch_add(1, Ordering::SeqCst);
        receiver.lock().unwrap().recv().map_err(io::Error::other)?
    });
    (resolver, sender, asked)
}

#[test]
fn an_answer_is_kept_until_it_is_forgotten() {
    let (resolver, answers, asked) = scripted();
    let look_up = || resolver.look_up("host", within(LATER)).unwrap();
    answers.send(Ok(vec![address()])).unwrap();
    assert_eq!(*look_up(), [address()]);
    assert_eq!(*look_up(), [address()]);
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    resolver.forget(&Uri::from_static("https://host/v2"));
    answers.send(Ok(vec![address()])).unwrap();
    assert_eq!(*look_up(), [address()]);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn a_name_that_is_never_answered_times_out_and_is_asked_for_once() {
    let (resolver, answers, asked) = scripted();
    for _ in 0..3 {
        let error = resolver.look_up("host", within(SOON)).unwrap_err();
        assert!(matches!(error, Error::Timeout(Timeout::Resolve)), "{error}");
    }
    // What comes late is good for whoever asks next.
    answers.send(Ok(vec![address()])).unwrap();
    let found = resolver.look_up("host", within(LATER)).unwrap();
    assert_eq!(*found, [address()]);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn a_failure_is_told_to_all_who_wait_and_not_kept() {
    let (resolver, answers, asked) = scripted();
    // The question is open before anybody else asks.
    resolver.look_up("host", within(SOON)).unwrap_err();
    thread::scope(|scope| {
        let waiting: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| resolver.look_up("host", within(LATER))))
            .collect();
        // One for each that comes too late for the first, and one for later.
        for _ in 0..6 {
            answers.send(Err(io::Error::other("no such name"))).unwrap();
        }
        for waiting in waiting {
            let error = waiting.join().unwrap().unwrap_err();
            assert_eq!(
                format!("{error}"),
                "other: the name host cannot be resolved: no such name"
            );
        }
    });
    let before = asked.load(Ordering::SeqCst);
    resolver.look_up("host", within(LATER)).unwrap_err();
    assert_eq!(asked.load(Ordering::SeqCst), before + 1);
}

#[test]
fn no_address_is_a_failure() {
    let (resolver, answers, _) = scripted();
    answers.send(Ok(Vec::new())).unwrap();
    let error = resolver.look_up("host", within(LATER)).unwrap_err();
    assert_eq!(
        format!("{error}"),
        "other: the name host cannot be resolved: it has no address"
    );
}

#[test]
fn an_answer_is_good_for_any_port() {
    let (resolver, answers, asked) = scripted();
    answers.send(Ok(vec![address()])).unwrap();
    for (uri, port) in [("https://host", 443), ("http://host:8000/v2", 8000)] {
        let found = resolver.resolve(&Uri::from_static(uri), &Config::default(), within(LATER));
        let expected: SocketAddr = ([192, 0, 2, 1], port).into();
        assert_eq!(&found.unwrap()[..], [expected]);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn an_address_needs_no_question() {
    let (resolver, _answers, asked) = scripted();
    for (uri, expected) in [
        ("https://192.0.2.1", "192.0.2.1:443"),
        ("http://[::1]", "[::1]:80"),
        ("http://127.0.0.1:8000/v2", "127.0.0.1:8000"),
    ] {
        let uri: Uri = uri.parse().unwrap();
        let found = resolver
            .resolve(&uri, &Config::default(), within(LATER))
            .unwrap();
        let expected: SocketAddr = expected.parse().unwrap();
        assert_eq!(&found[..], [expected]);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
