//! The operation timeout holds, whatever the server does.

use std::thread;
use std::time::{Duration, Instant};

use simpledb_export::ErrorKind;

use super::row::{Row, call};
use super::rows;
use crate::support::{FakeSystem, new_client};

/// Returns how long a call takes whose timeout is `operation`, and whose attempts have `share`.
fn run(row: &Row, operation: Duration, share: Duration) -> Duration {
    let server = row.server();
    let config = row
        .config(&server, &FakeSystem::new().random(0))
        .connect_timeout(share)
        .attempt_timeout(share)
        .operation_timeout(operation);
    let client = new_client(config);
    let started = Instant::now();
    let error = call(&client).expect_err("the time is over");
    let took = started.elapsed();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{}: {error}", row.name());
    assert!(error.is_retryable(), "{}", row.name());
    took
}

/// Returns the shortest time that a call takes: a busy machine is late now and then, but a client
/// that ignores its deadline is late every time.
fn best(row: &Row, operation: Duration, share: Duration, tries: usize) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..tries {
        best = best.min(run(row, operation, share));
        if best <= operation + operation / 10 {
            break;
        }
    }
    best
}

/// Returns the longest overrun, in percent of the timeout.
fn check(operation: Duration, tries: usize) -> f64 {
    let overruns = thread::scope(|scope| {
        let rows: Vec<Row> = rows().into_iter().filter(Row::is_endless).collect();
        let shares = [operation * 10, operation / 2 + operation / 10];
        let running: Vec<_> = rows
            .into_iter()
            .map(|row| {
                scope.spawn(move || {
                    shares.map(|share| {
                        let took = best(&row, operation, share, tries);
                        let limit = operation + operation / 10;
                        assert!(took <= limit, "{}: {took:?} of {operation:?}", row.name());
                        100.0 * (took.as_secs_f64() / operation.as_secs_f64() - 1.0)
                    })
                })
            })
            .collect();
        let overruns = running.into_iter().map(|row| row.join().expect("in time"));
        overruns.collect::<Vec<_>>()
    });
    overruns.into_iter().flatten().fold(0.0, f64::max)
}

#[test]
fn a_call_overruns_its_timeout_by_at_most_a_tenth() {
    let longest = check(Duration::from_millis(400), 5);
    eprintln!("the longest overrun of a deadline: {longest:.1} %");
}

#[test]
#[ignore = "takes half a minute"]
fn a_call_overruns_a_long_timeout_by_at_most_a_tenth() {
    let longest = check(Duration::from_secs(4), 2);
    eprintln!("the longest overrun of a deadline of 4 s: {longest:.1} %");
}
