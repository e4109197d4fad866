//! The time for a call holds, whatever the other side does.

use std::time::{Duration, Instant};

use simpledb_export::ErrorKind;

use super::row::{Row, call};
use super::rows;
use crate::support::{FakeSystem, new_client};

/// The time that passes until a call ends which may take this long, of which an attempt may take
/// `share`.
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

/// Gives the longest overrun, in per cent of the limit.
fn check(operation: Duration, tries: usize) -> f64 {
    let mut longest = 0.0_f64;
    for row in rows().into_iter().filter(Row::is_endless) {
        for share in [operation * 10, operation / 2 + operation / 10] {
            // A machine that has other things to do is late now and then; a client that is not in
            // time is late every time.
            let took = (0..tries).map(|_| run(&row, operation, share));
            let limit = operation + operation / 10;
            let took = took.into_iter().find_or_least(limit);
            assert!(took <= limit, "{}: {took:?} of {operation:?}", row.name());
            let overrun = took.as_secs_f64() / operation.as_secs_f64() - 1.0;
            longest = longest.max(100.0 * overrun);
        }
    }
    longest
}

trait FindOrLeast {
    /// The first that is within the limit, or else the least.
    fn find_or_least(self, limit: Duration) -> Duration;
}

impl<I: Iterator<Item = Duration>> FindOrLeast for I {
    fn find_or_least(self, limit: Duration) -> Duration {
        let mut least = Duration::MAX;
        for duration in self {
            least = least.min(duration);
            if least <= limit {
                break;
            }
        }
        least
    }
}

#[test]
fn the_time_for_a_call_holds_within_a_tenth() {
    let longest = check(Duration::from_millis(400), 5);
    eprintln!("the longest overrun of a deadline: {longest:.1} %");
}

#[test]
#[ignore = "takes minutes"]
fn a_long_time_for_a_call_holds_within_a_tenth() {
    let longest = check(Duration::from_secs(4), 2);
    eprintln!("the longest overrun of a deadline of 4 s: {longest:.1} %");
}
