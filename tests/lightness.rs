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

/// The variable with the number of calls and the URL, for this program under `strace`.
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

/// What each thread may need, as `--help` says.
#[cfg(feature = "data")]
const MEMORY_PER_THREAD: u64 = 16 << 20;

/// What each column of Parquet beyond the hundredth may need besides.
#[cfg(feature = "parquet")]
const MEMORY_PER_COLUMN: u64 = 60 << 10;

/// A conversion on one thread does everything on the calling one, whose memory is counted.
#[cfg(feature = "data")]
#[test]
fn reading_and_converting_need_little_memory() {
    use simpledb_export::data::{
        CsvWriter, Dialect, DynamoDbWriter, Export, JsonLinesWriter, SqlWriter,
    };

    let dir = env::temp_dir().join(format!("simpledb-export-lightness-{}", std::process::id()));
    for (shape, item) in [("small", item(3, 10)), ("large", item(256, 1024))] {
        write_export(&dir, &item, 8 << 20).expect("an export");
        let export = Export::open(&dir).expect("an export");
        let types = export.describe().run().expect("a description").text_types();
        let convert = || export.convert().threads(1);
        check(shape, 0, "verify", || {
            export.verify().threads(1).run().expect("a report");
        });
        check(shape, 0, "describe", || {
            export.describe().threads(1).run().expect("a description");
        });
        for gzip in [false, true] {
            let name = |format: &str| format!("{format}, {}", if gzip { "gzip" } else { "plain" });
            let writer = JsonLinesWriter::new(io::sink()).gzip(gzip);
            check(shape, 0, &name("JSON Lines"), || {
                convert().write_to(writer).expect("output");
            });
            let writer = CsvWriter::new(io::sink()).types(types.clone()).gzip(gzip);
            check(shape, 0, &name("CSV"), || {
                convert().write_to(writer).expect("output");
            });
            let writer = DynamoDbWriter::new(io::sink()).gzip(gzip);
            check(shape, 0, &name("DynamoDB"), || {
                convert().write_to(writer).expect("output");
            });
            let writer = SqlWriter::new(io::sink(), Dialect::Sqlite).types(types.clone());
            let writer = writer.gzip(gzip);
            check(shape, 0, &name("SQL"), || {
                convert().write_to(writer).expect("output");
            });
        }
        #[cfg(feature = "parquet")]
        {
            let more = types.len().saturating_sub(100) as u64 * MEMORY_PER_COLUMN;
            let writer = simpledb_export::data::ParquetWriter::new(io::sink()).types(types);
            check(shape, more, "Parquet", || {
                convert().write_to(writer).expect("output");
            });
        }
        fs::remove_dir_all(&dir).expect("the export's directory");
    }
}

#[cfg(feature = "data")]
fn check(shape: &str, more: u64, what: &str, work: impl FnOnce()) {
    let bytes = allocation_counter::measure(work).bytes_max;
    println!("{shape} items, {what}: {} KiB", bytes >> 10);
    assert!(
        bytes <= MEMORY_PER_THREAD + more,
        "{shape} items, {what}: {bytes} bytes"
    );
}

/// Returns an item with so many attributes, each with a value of so many bytes.
#[cfg(feature = "data")]
fn item(attributes: usize, bytes: usize) -> String {
    let attributes = (0..attributes).map(|number| {
        let value = format!("{number} ").repeat(bytes);
        let value = &value[..bytes];
        format!(r#"{{"name":"attribute{number}","values":["{value}"]}}"#)
    });
    let attributes: Vec<_> = attributes.collect();
    format!(
        r#"{{"itemName":"item","attributes":[{}]}}"#,
        attributes.join(",")
    )
}

/// Writes an export of two files, together of about this size.
#[cfg(feature = "data")]
fn write_export(dir: &std::path::Path, item: &str, bytes: usize) -> io::Result<()> {
    fs::create_dir_all(dir.join("data"))?;
    let items = bytes / 2 / item.len();
    let mut entries = Vec::new();
    for number in 0..2 {
        let name = format!("data/dataFile_{number}.json");
        fs::write(
            dir.join(&name),
            format!("[{}]", vec![item; items].join(",")),
        )?;
        entries.push(format!(
            r#"{{"dataFileS3Key":"AWSSimpleDB/c0ffee/Books/{name}","dataFileItemCount":{items}}}"#
        ));
    }
    fs::write(
        dir.join("manifest-file.json"),
        format!("[{}]", entries.join(",")),
    )?;
    let items = 2 * items;
    let summary =
        format!(r#"{{"s3ExportPrefix":"AWSSimpleDB/c0ffee/Books","itemsCount":{items}}}"#);
    fs::write(dir.join("manifest-summary.json"), summary)
}
