//! What must hold for every input: nothing panics or takes long, and what is read or built is
//! sound. A short run is part of the tests; the long one is `cargo test --lib -- --ignored`.

mod mutate;

use std::time::{Duration, Instant};

use time::OffsetDateTime;

use self::mutate::Random;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorBody};
use crate::operation::get_export::GetExportOutput;
use crate::operation::list_exports::ListExportsOutput;
use crate::operation::start_domain_export::StartDomainExportOutput;
use crate::sigv4::{SignableBody, SignableRequest, Signer, SigningSettings};
use crate::wire::timestamp::{parse_epoch_seconds, parse_http_date, parse_rfc3339};

/// No input here is longer than some kilobytes; a second is what a loop without end takes too.
const LONGEST: Duration = Duration::from_secs(1);

/// Runs a property on so many inputs, and says what was the slowest.
fn check(name: &str, inputs: u64, property: impl Fn(&mut Random)) {
    let mut slowest = Duration::ZERO;
    for seed in 0..inputs {
        let begun = Instant::now();
        property(&mut Random::new(seed));
        slowest = slowest.max(begun.elapsed());
    }
    eprintln!("{name}: {inputs} inputs, the slowest took {slowest:?}");
    assert!(slowest < LONGEST, "{name}: {slowest:?}");
}

fn check_all(inputs: u64) {
    check("answers", inputs, answers_are_read_or_refused);
    check("errors", inputs, errors_are_one_line);
    check("times", inputs, times_stay_in_their_range);
    check(
        "signatures",
        inputs,
        the_order_of_headers_and_parameters_does_not_matter,
    );
    check(
        "canonical requests",
        inputs,
        what_is_canonical_stays_as_it_is,
    );
}

#[test]
fn properties_hold_for_some_inputs() {
    check_all(2_000);
}

#[test]
#[ignore = "takes minutes in a debug build"]
fn properties_hold_for_a_million_inputs() {
    check_all(1_000_000);
}

const ANSWERS: [&str; 3] = [
    r#"{"clientToken":"t","exportArn":"arn","requestedAt":1771261003.659}"#,
    r#"{"exportArn":"arn","clientToken":"t","exportStatus":"FAILED","domainName":"d",
    "requestedAt":"2026-02-16T16:56:43.659Z","s3Bucket":"b","itemsCount":4650,
    "exportDataCutoffTime":1,"failureCode":null}"#,
    r#"{"exportSummaries":[{"exportArn":"arn","exportStatus":"PENDING","requestedAt":1,
    "domainName":"d"},null],"nextToken":""}"#,
];
const JSON_WORDS: [&str; 14] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1e999",
    "\\ud800",
    "\"",
    "\\",
    "\"requestedAt\":",
    "0.1",
];

fn answers_are_read_or_refused(random: &mut Random) {
    let body = random.mutated(&ANSWERS, &JSON_WORDS);
    let times = [
        serde_json::from_slice::<StartDomainExportOutput>(&body).map(|output| output.requested_at),
        serde_json::from_slice::<GetExportOutput>(&body).map(|output| output.requested_at),
    ];
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok();
    for time in times {
        assert!(
            time.is_err() || is_json,
            "{}",
            String::from_utf8_lossy(&body)
        );
    }
    let page = serde_json::from_slice::<ListExportsOutput>(&body);
    assert!(
        page.is_err() || is_json,
        "{}",
        String::from_utf8_lossy(&body)
    );
}

const ERRORS: [&str; 4] = [
    r#"{"__type":"aws.x#NoSuchDomainException:http://x/","message":"There is none."}"#,
    r#"{"code":"Throttling","Message":"slower","errorMessage":7}"#,
    "<html>\n<body>Bad Gateway</body></html>",
    "",
];

fn errors_are_one_line(random: &mut Random) {
    let body = random.mutated(&ERRORS, &JSON_WORDS);
    let header = random.mutated_text(&["", "a#B:c", "ConflictException"], &["#", ":", " ", "\n"]);
    let header = Some(header.as_str()).filter(|header| !header.is_empty());
    let read = ErrorBody::read(header, &body);
    if let Some(code) = &read.code {
        assert!(!code.is_empty() && !code.contains([':', '#']), "{code:?}");
    }
    let error = Error::service(400, header.map(str::to_owned), read);
    assert_is_one_line(&error.to_string());
}

fn assert_is_one_line(text: &str) {
    assert!(!text.is_empty());
    assert!(!text.contains(char::is_control), "{text:?}");
}

const TIMES: [&str; 5] = [
    "1771261003.659",
    "-1.5e3",
    "2026-02-16T16:56:43.659Z",
    "2026-02-16t17:56:43+01:00",
    "Tue, 29 Apr 2014 18:30:38.25 GMT",
];
const TIME_WORDS: [&str; 10] = [
    "-",
    "+",
    ".",
    "e",
    "E99",
    "0000000000",
    "Z",
    ":60",
    "9999",
    "é",
];

fn times_stay_in_their_range(random: &mut Random) {
    let text = random.mutated_text(&TIMES, &TIME_WORDS);
    for parse in [parse_epoch_seconds, parse_rfc3339, parse_http_date] {
        if let Some(time) = parse(&text) {
            assert!((-9999..=9999).contains(&time.year()), "{text}: {time}");
        }
    }
    // What is written as epoch seconds is read back to the nanosecond.
    let nanoseconds = random.below(4_000_000_000_000_000_000);
    let written = format!(
        "{}.{:09}",
        nanoseconds / 1_000_000_000,
        nanoseconds % 1_000_000_000
    );
    let read = parse_epoch_seconds(&written).map(OffsetDateTime::unix_timestamp_nanos);
    assert_eq!(read, i128::try_from(nanoseconds).ok(), "{written}");
}

fn time() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_440_938_160).unwrap()
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

const PARTS: [&str; 6] = ["a", "A=%41", "b=1", "%zz=%", "é=ü", "x y=+"];
const PART_WORDS: [&str; 8] = ["=", "%20", "%", "+", "/", "~", "*", "\u{1F600}"];

fn the_order_of_headers_and_parameters_does_not_matter(random: &mut Random) {
    let count = random.below(6);
    // A parameter or header that comes twice has an order of its own.
    let mut parameters: Vec<String> = (0..count)
        .map(|n| {
            random
                .mutated_text(&PARTS, &PART_WORDS)
                .replace(['&', '#', '?'], "")
                + &format!("={n}")
        })
        .collect();
    let names: Vec<String> = (0..count).map(|n| format!("x-Header-{n}")).collect();
    let mut headers: Vec<(&str, String)> = names
        .iter()
        .map(|name| {
            (
                name.as_str(),
                random.mutated_text(&["  a  b ", "", "é"], &[" ", "\t", ":"]),
            )
        })
        .collect();
    let signer = Signer::new("service", "us-east-1");
    let sign = |parameters: &[String], headers: &[(&str, String)]| {
        let uri = format!("https://host/a/./b/../c?{}", parameters.join("&"));
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let request = SignableRequest {
            method: "GET",
            uri: &uri,
            headers: &headers,
            body: SignableBody::Bytes(b""),
        };
        signer.canonical_request(&request, &credentials(), time())
    };
    let before = sign(&parameters, &headers);
    random.shuffle(&mut parameters);
    random.shuffle(&mut headers);
    assert_eq!(sign(&parameters, &headers), before);
}

const PATHS: [&str; 5] = ["/", "/a/b", "/a//b/../c/.", "/%41/%2f/é", "/a b/~*"];

fn what_is_canonical_stays_as_it_is(random: &mut Random) {
    let path = random.mutated_text(&PATHS, &["/", "//", "/../", "/./", "%", "%25", " "]);
    let path = path.replace(['?', '#'], "").replace(char::is_control, "");
    let query = random.mutated_text(&PARTS, &PART_WORDS).replace('#', "");
    // What is encoded twice is another text each time.
    let settings = SigningSettings::normalized_without_encoding();
    let signer = Signer::new("service", "us-east-1").settings(settings);
    let canonical = |path: &str, query: &str| {
        let uri = format!("https://host/{}?{query}", path.trim_start_matches('/'));
        let request = SignableRequest {
            method: "GET",
            uri: &uri,
            headers: &[],
            body: SignableBody::Bytes(b""),
        };
        let text = signer.canonical_request(&request, &credentials(), time());
        let mut lines = text.split('\n').skip(1).map(str::to_owned);
        (lines.next().unwrap(), lines.next().unwrap())
    };
    let once = canonical(&path, &query);
    let twice = canonical(&once.0, &once.1);
    assert_eq!(twice, once, "{path:?} {query:?}");
}
