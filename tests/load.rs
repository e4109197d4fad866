//! Many threads sharing one client.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use simpledb_export::config::System;
use simpledb_export::local::{LocalService, Quotas};
use simpledb_export::{Client, GetExportInput, Item, ListExportsInput, StartDomainExportInput};

use crate::support::alone::{alone, assert_passes, is_alone};
use crate::support::temp_dir::TempDir;
use crate::support::{ARN, Server, Step, client, export_body, json_response};

const THREADS: usize = 64;

/// Makes `calls` calls on `threads` threads and returns how long they took.
fn share(threads: usize, calls: usize, call: impl Fn(usize) + Sync) -> Duration {
    let made = AtomicUsize::new(0);
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let n = made.fetch_add(1, Ordering::Relaxed);
                    if n >= calls {
                        break;
                    }
                    call(n);
                }
            });
        }
    });
    begun.elapsed()
}

#[test]
fn threads_share_no_more_connections_than_there_are_threads() {
    let server = Server::responding(|_, _| {
        vec![Step::Send(json_response(200, &export_body("PENDING", "")))]
    });
    let client = client(&server.url());
    share(THREADS, 30 * THREADS, |_| {
        let export = client.get_export(&GetExportInput::new(ARN));
        export.expect("an export");
    });
    let connections = server.connections();
    eprintln!(
        "{} calls of {THREADS} threads: {connections} connections",
        30 * THREADS
    );
    assert!(connections <= THREADS, "{connections}");
}

#[test]
fn every_call_of_many_threads_succeeds() {
    let figures = run(2_000);
    eprintln!("{figures}");
}

#[test]
#[ignore = "takes minutes"]
fn a_hundred_thousand_calls_of_many_threads_succeed_in_flat_memory() {
    // Other tests leave memory to the allocator, which would hide or imitate growth.
    let mut command = alone("load::a_hundred_thousand_calls");
    assert_passes(command.arg("--nocapture").stderr(Stdio::inherit()));
}

#[test]
#[ignore = "the test above runs it, in its own process"]
fn a_hundred_thousand_calls() {
    if !is_alone() {
        return;
    }
    run(10_000);
    let before = memory_kib("VmRSS:");
    let figures = run(100_000);
    let (after, peak) = (memory_kib("VmRSS:"), memory_kib("VmHWM:"));
    eprintln!("{figures}; {before} KiB in memory before, {after} KiB after, {peak} KiB at most");
    // The service remembers its exports, and the allocator keeps memory.
    assert!(
        after < before + 64 * 1024,
        "{before} KiB before, {after} KiB after"
    );
}

/// Makes calls, of which one in ten starts an export and one lists exports.
fn run(calls: usize) -> String {
    let dir = TempDir::new();
    let service = LocalService::builder()
        .root(dir.path())
        .bucket("bucket")
        .domain("Books", [Item::new("book1").attribute("author", ["Ada"])])
        .quotas(Quotas::unlimited())
        .start()
        .expect("a service");
    let config = service.config().to_builder().system(NeverRetries);
    let client = Client::new(config.build().expect("good settings")).expect("a client");
    let first = start(&client);
    let took = share(THREADS, calls, |n| match n % 10 {
        0 => drop(start(&client)),
        1 => {
            let input = ListExportsInput::new().max_results(10);
            client.list_exports(&input).expect("a page");
        }
        _ => {
            let input = GetExportInput::new(&first);
            client.get_export(&input).expect("an export");
        }
    });
    format!("{calls} calls of {THREADS} threads in {took:.1?}, none retried")
}

/// A system on which no retry may happen.
#[derive(Debug)]
struct NeverRetries;

impl System for NeverRetries {
    fn sleep(&self, _duration: Duration) {
        panic!("something was retried");
    }
}

fn start(client: &Client) -> String {
    let input = StartDomainExportInput::new("Books", "bucket");
    client
        .start_domain_export(&input)
        .expect("a start")
        .export_arn
}

/// Returns the process's memory in KiB, or 0 if the system does not say.
fn memory_kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[test]
#[ignore = "measures, and needs an idle machine"]
fn throughput_grows_with_the_cores() {
    let server = Server::responding(|_, _| {
        vec![Step::Send(json_response(200, &export_body("PENDING", "")))]
    });
    let client = client(&server.url());
    let call = |_| {
        let export = client.get_export(&GetExportInput::new(ARN));
        export.expect("an export");
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let per_second = |threads: usize| {
        let calls = 4_000 * threads;
        calls as u128 * 1_000_000 / share(threads, calls, call).as_micros()
    };
    let (one, all) = (per_second(1), per_second(cores));
    let crowd = per_second(THREADS);
    eprintln!("calls a second: {one} by 1 thread, {all} by {cores}, {crowd} by {THREADS}");
    assert!(
        cores == 1 || all * 10 >= one * 11,
        "{one} by one thread, {all} by {cores}"
    );
    assert!(
        crowd * 10 >= all * 7,
        "{all} by {cores} threads, {crowd} by {THREADS}"
    );
}
