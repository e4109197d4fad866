//! What a call costs, in counts that do not depend on the speed of the processor. If a count grows,
//! find out why; raise its limit only for a reason.

// The allocator that counts ends the program at its start on Windows.
#![cfg(not(windows))]

#[path = "support/responder.rs"]
mod responder;

use std::env;
use std::fs;
use std::io;
use std::process::{Command, Stdio};

use simpledb_export::{Client, Config, Credentials, ListExportsOutput, StartDomainExportInput};

/// Heap allocations of a call on a pooled connection; most of them are the HTTP library's.
const ALLOCATIONS_PER_CALL: u64 = 37;

/// System calls of a call on a pooled connection, to a host name and with the default deadlines.
const SYSTEM_CALLS_PER_CALL: u64 = 3;

/// The variable that holds how often and where to call, for this program under `strace`.
const CALL: &str = "SIMPLEDB_EXPORT_LIGHTNESS";

const CALLS: u64 = 50;

const TOKEN: &str = "0e1e2f9a-1111-4222-8333-444455556666";

const STARTED: &str = r#"{"clientToken":"0e1e2f9a-1111-4222-8333-444455556666","exportArn":"arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a","requestedAt":1771261003.659}"#;

#[test]
fn calls_and_pages_stay_light() {
    if let Ok(text) = env::var(CALL) {
        let (calls, url) = text.split_once(' ').expect("a number and a URL");
        start_exports(&client(url), calls.parse().expect("a number"));
        return;
    }
    let url = serve().expect("a server");
    let client = client(&url);
    start_exports(&client, 2);
    let calls = allocation_counter::measure(|| start_exports(&client, CALLS));
    let allocations = calls.count_total / CALLS;
    println!("{allocations} allocations per call");
    assert!(allocations <= ALLOCATIONS_PER_CALL, "{allocations}");

    let page = page(1000);
    let parsed = allocation_counter::measure(|| {
        let page: ListExportsOutput = serde_json::from_str(&page).expect("a page");
        assert_eq!(page.export_summaries.len(), 1000);
    });
    // Two strings each, and a growing list.
    let allocations = parsed.count_total;
    println!("{allocations} allocations per page of 1,000");
    assert!(allocations <= 2_030, "{allocations}");

    match (system_calls(1, &url), system_calls(1 + CALLS, &url)) {
        (Ok(few), Ok(many)) => {
            // Occasional ones, such as for growing memory, are fewer than one per call.
            let each = (many - few) / CALLS;
            println!("{each} system calls per call");
            assert!(each <= SYSTEM_CALLS_PER_CALL, "{each}");
        }
        (Err(error), _) | (_, Err(error)) => {
            println!("WARNING: system calls were not counted: {error}");
        }
    }
}

fn client(url: &str) -> Client {
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let config = Config::builder()
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(credentials)
        .build();
    Client::new(config.expect("good settings")).expect("a valid configuration")
}

fn start_exports(client: &Client, calls: u64) {
    let input = StartDomainExportInput::new("Books", "my-export-bucket").s3_key_prefix("exports");
    for _ in 0..calls {
        let started = client.start_domain_export(&input).expect("a response");
        assert!(started.export_arn.starts_with("arn:"));
    }
}

/// Returns the number of system calls of a process that makes `calls` calls.
fn system_calls(calls: u64, url: &str) -> io::Result<u64> {
    let table = env::temp_dir().join(format!("lightness-{}-{calls}", std::process::id()));
    let status = Command::new("strace")
        .args(["-f", "-c", "-o"])
        .arg(&table)
        .arg(env::current_exe()?)
        .args(["--exact", "calls_and_pages_stay_light"])
        .env(CALL, format!("{calls} {url}"))
        .stdout(Stdio::null())
        .status()?;
    let text = fs::read_to_string(&table)?;
    fs::remove_file(&table)?;
    if !status.success() {
        return Err(io::Error::other("strace failed"));
    }
    let total = text.lines().find(|line| line.ends_with(" total"));
    total
        .and_then(|line| line.split_whitespace().nth(3)?.parse().ok())
        .ok_or_else(|| io::Error::other("strace printed no total"))
}

fn page(summaries: usize) -> String {
    let summary = r#"{"exportArn":"arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a","exportStatus":"SUCCEEDED","requestedAt":1771261003.659,"domainName":"Books"}"#;
    let summaries = vec![summary; summaries].join(",");
    format!(r#"{{"exportSummaries":[{summaries}]}}"#)
}

/// Starts a server, and returns its URL, which has a host name.
fn serve() -> io::Result<String> {
    let size = STARTED.len();
    let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n{STARTED}");
    let address = responder::serve(move |body| {
        let body: serde_json::Value = serde_json::from_slice(body).expect("a JSON body");
        response.replace(TOKEN, body["clientToken"].as_str().expect("a token"))
    })?;
    Ok(format!("http://localhost:{}", address.port()))
}
