//! The operation timeout holds, no matter what the server does.

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

/// Returns the overrun in percent with the first of these timeouts that a call keeps, or with the
/// last one. A busy or emulated machine is late now and then, by a time that does not grow with the
/// timeout; a client that ignores its deadline is late every time.
fn overrun(row: &Row, share_of: fn(Duration) -> Duration, timeouts: &[Duration]) -> f64 {
    let mut overrun = f64::MAX;
    for timeout in timeouts {
        let took = run(row, *timeout, share_of(*timeout));
        overrun = 100.0 * (took.as_secs_f64() / timeout.as_secs_f64() - 1.0);
        if overrun <= 10.0 {
            break;
        }
    }
    overrun
}

/// Returns the longest overrun, in percent of the timeout.
fn check(timeouts: &[Duration]) -> f64 {
    let shares: [fn(Duration) -> Duration; 2] = [
        |operation| operation * 10,
        |operation| operation / 2 + operation / 10,
    ];
    let overruns = thread::scope(|scope| {
        let rows: Vec<Row> = rows().into_iter().filter(Row::is_endless).collect();
        let running: Vec<_> = rows
            .into_iter()
            .map(|row| {
                scope.spawn(move || {
                    shares.map(|share| {
                        let overrun = overrun(&row, share, timeouts);
                        assert!(overrun <= 10.0, "{}: {overrun:.1} % late", row.name());
                        overrun
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
    let timeouts = [400, 400, 400, 1600, 6400].map(Duration::from_millis);
    let longest = check(&timeouts);
    eprintln!("the longest overrun of a deadline: {longest:.1} %");
}

#[test]
#[ignore = "takes half a minute"]
fn a_call_overruns_a_long_timeout_by_at_most_a_tenth() {
    let longest = check(&[Duration::from_secs(4); 2]);
    eprintln!("the longest overrun of a deadline of 4 s: {longest:.1} %");
}
