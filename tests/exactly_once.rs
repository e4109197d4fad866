//! A call starts exactly one export, no matter what breaks between client and service.

use std::collections::{HashMap, HashSet};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

use simpledb_export::config::System;
use simpledb_export::local::{LocalService, Quotas};
use simpledb_export::{
    Client, Config, ErrorKind, GetExportInput, Item, ListExportsInput, RetryConfig,
    StartDomainExportInput,
};

use crate::support::alone::alone;
use crate::support::breaker::Breaker;
use crate::support::temp_dir::TempDir;
use crate::support::{Server, Step};

const THREADS: usize = 8;

/// The real clock, because the service checks the time, without waiting.
#[derive(Debug)]
struct Impatient;

impl System for Impatient {
    fn sleep(&self, _: Duration) {}
}

fn service(dir: &TempDir) -> LocalService {
    LocalService::builder()
        .root(dir.path())
        .bucket("bucket")
        .domain("Books", [Item::new("book1").attribute("author", ["Ada"])])
        .quotas(Quotas::unlimited())
        .start()
        .expect("a service")
}

fn client(service: &LocalService, url: &str) -> Client {
    let config = Config::builder()
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(service.credentials())
        .attempt_timeout(Duration::from_secs(60))
        // A third of all exchanges breaks: a quota would stop the retries.
        .retry_config(RetryConfig::standard().quota(u32::MAX))
        .system(Impatient);
    Client::new(config.build().expect("good settings")).expect("a client")
}

/// Returns the client tokens of the service's exports, by ARN.
fn exports(client: &Client) -> HashMap<String, String> {
    let exports = client.list_exports_pages(ListExportsInput::new()).items();
    exports
        .map(|export| {
            let arn = export.expect("an export").export_arn;
            let export = client.get_export(&GetExportInput::new(&arn));
            (arn, export.expect("an export").client_token)
        })
        .collect()
}

#[test]
fn starts_one_export_per_call_however_often_it_breaks() {
    run(400, 1);
}

#[test]
#[ignore = "takes minutes"]
fn starts_one_export_for_each_of_ten_thousand_calls() {
    run(10_000, 2);
}

fn run(calls: usize, seed: u64) {
    let dir = TempDir::new();
    let service = service(&dir);
    let breaker = Breaker::start(service.address(), seed);
    let client_of_all = client(&service, &breaker.url());
    let (made, given_up) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let started = Mutex::new(HashMap::new());
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while made.fetch_add(1, Ordering::SeqCst) < calls {
                    let (arn, token) = start(&client_of_all, &given_up);
                    let mut started = started.lock().expect("no panic before");
                    let before = started.insert(arn.clone(), token);
                    assert_eq!(before, None, "{arn} belongs to two calls");
                }
            });
        }
    });
    let took = begun.elapsed();

    let started = started.into_inner().expect("no panic before");
    let exports = exports(&client(&service, service.endpoint_url()));
    let tokens: HashSet<&String> = exports.values().collect();
    let duplicates = exports.len() - tokens.len();
    let losses = started
        .keys()
        .filter(|arn| !exports.contains_key(*arn))
        .count();
    eprintln!(
        "{calls} calls in {took:.1?}, {} exchanges, {} of them broken, {} connections, \
         {} calls that gave up and were made again with their token; {} exports, \
         {duplicates} duplicates, {losses} losses",
        breaker.exchanges(),
        breaker.broken(),
        breaker.connections(),
        given_up.load(Ordering::SeqCst),
        exports.len(),
    );
    assert_eq!(started.len(), calls);
    assert_eq!(exports, started, "exports and calls that belong together");
    let share = breaker.broken() * 100 / breaker.exchanges();
    assert!((20..47).contains(&share), "{share} % broken");
}

/// Starts an export as a program does that is run again: with the token of the error, until it
/// succeeds. Returns the export's ARN and token.
fn start(client: &Client, given_up: &AtomicUsize) -> (String, String) {
    let mut input = StartDomainExportInput::new("Books", "bucket");
    loop {
        match client.start_domain_export(&input) {
            Ok(started) => {
                if let Some(token) = &input.client_token {
                    assert_eq!(started.client_token, *token);
                }
                return (started.export_arn, started.client_token);
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Io, "{error}");
                assert_eq!(error.attempts(), 3, "{error}");
                assert!(error.is_retryable(), "{error}");
                input.client_token = error.client_token().map(str::to_owned);
                assert!(input.client_token.is_some(), "{error}");
                given_up.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// The variable with the URL of the service, for the child process.
const CHILD_URL: &str = "SIMPLEDB_EXPORT_TEST_EXACTLY_ONCE";

#[test]
fn starts_one_export_if_a_killed_process_is_run_again_with_its_token() {
    let dir = TempDir::new();
    let service = service(&dir);
    // Forwards each request, and never returns the response.
    let direct = client(&service, service.endpoint_url());
    let server = {
        let direct = direct.clone();
        Server::responding(move |_, request| {
            let token = request.json()["clientToken"].as_str().map(str::to_owned);
            let input = StartDomainExportInput::new("Books", "bucket");
            let input = input.client_token(token.expect("a token"));
            direct.start_domain_export(&input).expect("a start");
            vec![Step::Silence]
        })
    };
    let mut child = alone("exactly_once::in_a_child")
        .env(CHILD_URL, server.url())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    let patience = Instant::now() + Duration::from_secs(60);
    while exports(&direct).is_empty() && Instant::now() < patience {
        thread::sleep(Duration::from_millis(10));
    }
    child.kill().expect("a process that can be killed");
    assert!(!child.wait().expect("its end").success());

    let arn = start_with_the_token_of_the_child(&direct);
    let expected = HashMap::from([(arn, "the-child's".to_owned())]);
    assert_eq!(exports(&direct), expected);
}

fn start_with_the_token_of_the_child(client: &Client) -> String {
    let input = StartDomainExportInput::new("Books", "bucket").client_token("the-child's");
    client
        .start_domain_export(&input)
        .expect("a start")
        .export_arn
}

#[test]
#[ignore = "the test above runs it, in its own process"]
fn in_a_child() {
    if let Ok(url) = env::var(CHILD_URL) {
        let config = Config::builder()
            .region("us-east-1")
            .endpoint_url(url)
            .credentials(simpledb_export::Credentials::new("local", "local"));
        start_with_the_token_of_the_child(&crate::support::new_client(config));
    }
}
