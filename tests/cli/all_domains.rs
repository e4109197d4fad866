//! `export-all --all-domains`, and what it finds out before the first start.

use std::env;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use parquet::file::reader::{FileReader, SerializedFileReader};
use proptest::prelude::Rng;
use serde_json::{Value, json};
use simpledb_export::domains::{DomainMetadataInput, Domains};
use simpledb_export::local::{ManualClock, Pace};
use simpledb_export::{Item, ListExportsInput};
use time::OffsetDateTime;

use super::{Home, Ran};
use crate::support::breaker::random;
use crate::support::{Server, Step, response};

const ARGUMENTS: [&str; 5] = [
    "export-all",
    "--all-domains",
    "--s3-bucket=bucket",
    "--state=state.json",
    "--no-wait",
];

fn run(home: &Home, url: &str, more: &[&str]) -> Ran {
    let arguments = [&ARGUMENTS, more].concat();
    let mut command = home.command_for(url, ("local", "local"), &arguments);
    Ran::from(
        command
            .env("AWS_ACCOUNT_ID", "123456789012")
            .output()
            .unwrap(),
    )
}

/// Runs until nothing is left to do.
fn finish(home: &Home, url: &str, more: &[&str]) -> Value {
    for _ in 0..10 {
        let ran = run(home, url, more);
        if ran.code != Some(10) {
            assert_eq!(ran.code, Some(0), "{ran:?}");
            return serde_json::from_str(&ran.stdout).unwrap();
        }
    }
    panic!("work is left after ten runs")
}

fn names_and_states(report: &Value) -> Vec<(&str, &str)> {
    let domains = report["domains"].as_array().unwrap().iter();
    domains
        .map(|domain| {
            let [name, state] = ["domainName", "state"].map(|member| domain[member].as_str());
            (name.unwrap(), state.unwrap())
        })
        .collect()
}

#[test]
fn finds_new_domains_and_reports_vanished_ones() {
    let home = Home::new();
    let first = home
        .service()
        .domain("Books", [Item::new("b")])
        .domain("Films", []);
    let service = first.domain("Old.Films", []).start().unwrap();
    let patterns = ["--include=*s", "--exclude=Old.*", "--to=out", "--quiet"];
    let report = finish(&home, service.endpoint_url(), &patterns);
    assert_eq!(
        names_and_states(&report),
        [("Books", "DONE"), ("Films", "DONE")]
    );
    assert_eq!(report.get("vanishedDomains"), None);
    drop(service);

    let second = home
        .service()
        .domain("Books", [Item::new("b")])
        .domain("Songs", []);
    let service = second.domain("Music", []).start().unwrap();
    let report = finish(&home, service.endpoint_url(), &patterns);
    assert_eq!(
        names_and_states(&report),
        [("Books", "DONE"), ("Songs", "DONE"), ("Films", "DONE")]
    );
    assert_eq!(report["vanishedDomains"], json!(["Films"]));
    let films = report["domains"][2]["artifacts"]["verified"].as_bool();
    assert_eq!(films, Some(true));
    // Nothing was exported twice: this service has exported Songs only.
    let exports = home
        .run_local(service.endpoint_url(), &["list-exports"])
        .json();
    assert_eq!(exports["exportSummaries"].as_array().unwrap().len(), 1);

    let ran = run(&home, service.endpoint_url(), &["--include=*s"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines: Vec<_> = ran.stderr.lines().collect();
    let note = "simpledb-export: Films: is no longer among the account's domains; it is exported";
    assert_eq!(lines, [note, "simpledb-export: 3 of 3 domains are done"]);
}

#[test]
fn exports_all_domains_of_a_local_service() {
    let home = Home::new();
    home.write("domains/Cars.json", "[]");
    home.write("domains/Books.json", "[]");
    let arguments = [
        "export-all",
        "--local",
        "--all-domains",
        "--domains=domains",
    ];
    let more = ["--state=state.json", "--quiet", "--exclude=C*"];
    let report = home.run(&[&arguments[..], &more].concat()).json();
    assert_eq!(names_and_states(&report), [("Books", "DONE")]);
}

#[test]
fn fails_if_no_domain_is_selected() {
    let home = Home::new();
    let service = home.service().domain("Books", []).start().unwrap();
    run(&home, service.endpoint_url(), &["--include=F*"]).assert(
        255,
        "",
        "simpledb-export: the account has no domains that match the patterns in the region; to \
         see the region and the account in use: simpledb-export whoami\n",
    );
}

#[test]
fn shows_in_a_dry_run_what_it_would_do() {
    let home = Home::new();
    let books = [Item::new("b1").attribute("title", ["Ä"]), Item::new("b2")];
    let service = home
        .service()
        .domain("Books", books)
        .domain("books", [])
        .start()
        .unwrap();
    let more = ["--dry-run", "--to=out", "--format=csv"];
    let ran = run(&home, service.endpoint_url(), &more);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(
        ran.stderr,
        "simpledb-export: 2 of 2 domains are to be exported, which takes 1 day by the quotas; \
         nothing was started\n"
    );
    let mut report: Value = serde_json::from_str(&ran.stdout).unwrap();
    if cfg!(unix) {
        assert!(report["freeBytes"].take().as_u64().unwrap() > 0);
    }
    report.as_object_mut().unwrap().remove("freeBytes");
    for index in 0..2 {
        let counted_at = report["domains"][index]["countedAt"].take();
        assert!(counted_at.as_str().unwrap().ends_with("+00:00"));
    }
    assert_eq!(
        report,
        json!({
            "domainsToStart": 2,
            "exportsInLast24Hours": 0,
            "daysNeeded": 1,
            "dataBytes": 6,
            "domains": [
                {"domainName": "Books", "state": "WAITING", "itemCount": 2, "dataBytes": 6,
                 "countedAt": null, "convertedFile": "%42ooks.csv"},
                {"domainName": "books", "state": "WAITING", "itemCount": 0, "dataBytes": 0,
                 "countedAt": null, "convertedFile": "books.csv"},
            ],
        })
    );
    let split = [&more[..], &["--split", "--quiet"]].concat();
    let split = run(&home, service.endpoint_url(), &split).json();
    for index in 0..2 {
        let name = report["domains"][index]["convertedFile"].as_str().unwrap();
        let pattern = name.replace(".csv", "-*.csv");
        assert_eq!(split["domains"][index]["convertedFile"], *pattern);
    }
    for path in ["out", "state.json", "state.json.lock"] {
        assert!(!home.path().join(path).exists(), "{path}");
    }
    let exports = home
        .run_local(service.endpoint_url(), &["list-exports"])
        .json();
    assert_eq!(exports, json!({"exportSummaries": []}));

    finish(&home, service.endpoint_url(), &["--quiet"]);
    let ran = run(&home, service.endpoint_url(), &["--dry-run", "--quiet"]).json();
    assert_eq!(
        (&ran["domainsToStart"], &ran["daysNeeded"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(ran["exportsInLast24Hours"], 2);
    assert_eq!(ran["domains"][0]["state"], "DONE");
}

/// A service of one domain that is larger than any disk, or that denies its metadata.
fn scripted(metadata: &'static str, status: u16) -> Server {
    Server::responding(move |_, request| {
        let body = String::from_utf8_lossy(&request.body);
        let response = if body.contains("Action=ListDomains") {
            let list = "<ListDomainsResponse><ListDomainsResult><DomainName>Books</DomainName>\
                        </ListDomainsResult></ListDomainsResponse>";
            response(200, &[], list.as_bytes())
        } else if body.contains("Action=DomainMetadata") {
            response(status, &[], metadata.as_bytes())
        } else {
            response(403, &[("x-amzn-errortype", "AccessDeniedException")], b"{}")
        };
        vec![Step::Send(response)]
    })
}

#[cfg(unix)]
#[test]
fn starts_nothing_that_cannot_fit_on_the_disk() {
    let home = Home::new();
    let metadata = "<DomainMetadataResponse><DomainMetadataResult><ItemCount>3</ItemCount>\
        <ItemNamesSizeBytes>0</ItemNamesSizeBytes><AttributeNameCount>2</AttributeNameCount>\
        <AttributeNamesSizeBytes>11</AttributeNamesSizeBytes>\
        <AttributeValueCount>6</AttributeValueCount>\
        <AttributeValuesSizeBytes>9000000000000000000</AttributeValuesSizeBytes>\
        <Timestamp>1</Timestamp></DomainMetadataResult></DomainMetadataResponse>";
    let server = scripted(metadata, 200);
    let [begin, end] = [
        "simpledb-export: out: this disk has ",
        " free, and the data to download is 9.00 EB: free some space, or name another \
         directory with --to; no export was started\n",
    ];
    let single = [
        "export",
        "--domain-name=Books",
        "--s3-bucket=bucket",
        "--to=out",
    ];
    for ran in [
        run(&home, &server.url(), &["--to=out"]),
        home.run_for(&server.url(), &single),
    ] {
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(255), ""), "{ran:?}");
        assert!(
            ran.stderr.starts_with(begin) && ran.stderr.ends_with(end),
            "{ran:?}"
        );
    }
    let requests = server.requests();
    assert!(
        requests.iter().all(|request| request.path == "/"),
        "{requests:?}"
    );
}

#[test]
fn continues_a_dry_run_without_sizes_that_are_denied() {
    let home = Home::new();
    let denied = "<Response><Errors><Error><Code>AuthorizationFailure</Code><Message>no</Message>\
                  </Error></Errors></Response>";
    let server = scripted(denied, 403);
    let ran = run(&home, &server.url(), &["--dry-run", "--quiet"]).json();
    let error = "DomainMetadata failed: AuthorizationFailure: no (HTTP status 403, 1 attempt)";
    assert_eq!(ran["sizesError"], error);
    assert_eq!(ran["exportsInLast24Hours"], Value::Null);
    assert_eq!(
        (ran.get("dataBytes"), &ran["daysNeeded"]),
        (None, &json!(1))
    );
}

/// Real domains, beside the crate's directory; without them the test has small ones only.
const REAL_DOMAINS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/domains");

/// Returns the text of a domain of this many items.
fn domain_of(items: usize) -> String {
    let items = (0..items).map(
        |n| json!({"itemName": format!("item{n}"), "attributes": [{"name": "n", "values": ["1"]}]}),
    );
    items.collect::<Value>().to_string()
}

/// Returns a new seed, or that of the environment, and prints it.
fn seed() -> u64 {
    let seed = env::var("SIMPLEDB_EXPORT_SEED").ok();
    let seed = seed.map_or_else(
        || RandomState::new().hash_one(0),
        |seed| seed.parse().unwrap(),
    );
    println!("SIMPLEDB_EXPORT_SEED={seed}");
    seed
}

#[test]
fn takes_a_whole_account_out_over_days_although_runs_are_killed() {
    let home = Home::new();
    let mut random = random(seed(), 0);
    let clock = ManualClock::new(OffsetDateTime::now_utc());
    let mut builder = home.service().clock(clock.clone()).pace(Pace {
        pending: Duration::from_secs(60),
        in_progress: Duration::from_secs(300),
    });
    if Path::new(REAL_DOMAINS).is_dir() {
        builder = builder.domains_directory(REAL_DOMAINS);
    }
    for number in 0..57 {
        let item = |item| Item::new(format!("item{item}")).attribute("n", [number.to_string()]);
        builder = builder.domain(format!("domain{number:02}"), (0..number % 4).map(item));
    }
    home.write("domains/growing.json", &domain_of(2));
    builder = builder.domains_directory(home.path().join("domains"));
    let service = builder.start().unwrap();
    let client = service.client();
    let exports_of = |name: &str| {
        let input = ListExportsInput::new().domain_name(name);
        client.list_exports_pages(input).items().count()
    };
    let more = ["--to=out", "--format=parquet", "--types=auto", "--quiet"];
    let arguments = [&ARGUMENTS[..], &more].concat();
    let start = || {
        let mut command = home.command_for(service.endpoint_url(), ("local", "local"), &arguments);
        // A run finds out first that its clock is wrong.
        command
            .env("AWS_MAX_ATTEMPTS", "3")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let mut last = None;
    let mut is_killed = false;
    for _ in 0..200 {
        let mut child = start();
        // Never two in a row, so that the quotas alone say how many days it takes.
        is_killed = !is_killed && random.random();
        if is_killed {
            thread::sleep(Duration::from_millis(random.random_range(0..400)));
            child.kill().unwrap();
            child.wait().unwrap();
        } else {
            let ran = Ran::from(child.wait_with_output().unwrap());
            if ran.code == Some(0) {
                last = Some(ran);
                break;
            }
            assert_eq!(ran.code, Some(10), "{ran:?}");
        }
        // The service has read the domain for its export, which no run has compared yet.
        if exports_of("growing") > 0 {
            home.write("domains/growing.json", &domain_of(3));
        }
        clock.advance(Duration::from_secs(3 * 3600));
    }
    let report: Value = serde_json::from_str(&last.expect("an end").stdout).unwrap();
    let reported = report["domains"].as_array().unwrap();
    assert_eq!(reported.len(), service.domain_names().len());
    let domains = Domains::new(&client).unwrap();
    for domain in reported {
        let name = domain["domainName"].as_str().unwrap();
        assert_eq!(domain["state"], "DONE", "{domain}");
        assert_eq!(domain["artifacts"]["verified"], true, "{domain}");
        assert_eq!(exports_of(name), 1, "{name}");
        let items = domain["itemsCount"].as_u64().unwrap();
        assert_eq!(rows(&home, name), items, "{name}");

        let metadata = DomainMetadataInput::new(name);
        let in_domain = domains.domain_metadata(&metadata).unwrap().item_count;
        let comparison = &domain["artifacts"]["domain"];
        if name == "growing" {
            assert_eq!((items, in_domain), (2, 3));
            assert_eq!(comparison["result"], "DIFFERS", "{domain}");
            assert_eq!(comparison["reason"], GROWN, "{domain}");
        } else {
            assert_eq!(items, in_domain, "{name}");
            assert_eq!(comparison["result"], "EQUAL", "{domain}");
        }
    }
    println!(
        "HOURS {}",
        (clock.now() - OffsetDateTime::now_utc()).whole_hours()
    );
    let days = (clock.now() - OffsetDateTime::now_utc()).whole_days();
    assert_eq!(days, 2, "the quotas need three days");
}

const GROWN: &str = "the domain may have been written to since the export's cutoff; if not, the \
                     export is incomplete: export the domain again";

/// Reads all rows of a domain's table.
fn rows(home: &Home, domain_name: &str) -> u64 {
    let file = File::open(home.path().join(format!("out/{domain_name}.parquet"))).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
    rows.count() as u64
}
