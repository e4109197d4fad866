//! What must hold for every input: nothing panics, and what is read or built is sound. For a long
//! run, set `PROPTEST_CASES=1000000`.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use time::OffsetDateTime;

use crate::credentials::Credentials;
use crate::error::Error;
use crate::operation::get_export::GetExportOutput;
use crate::operation::list_exports::ListExportsOutput;
use crate::operation::start_domain_export::StartDomainExportOutput;
use crate::sigv4::{SignableBody, SignableRequest, Signer};
use crate::wire::error_body::ErrorBody;
use crate::wire::percent;
use crate::wire::timestamp::{parse_epoch_seconds, parse_http_date, parse_rfc3339};

/// One of the seeds, changed in up to eight places by bytes, by `words`, or by parts of itself.
fn mutated(
    seeds: &'static [&'static str],
    words: &'static [&'static str],
) -> impl Strategy<Value = Vec<u8>> {
    let edit = (
        any::<Index>(),
        0..40_usize,
        any::<u8>(),
        select(words),
        0..5,
    );
    (select(seeds), vec(edit, 0..9)).prop_map(|(seed, edits)| {
        let mut input = seed.as_bytes().to_vec();
        for (at, length, byte, word, kind) in edits {
            let at = at.index(input.len() + 1);
            let range = at..input.len().min(at + length);
            match kind {
                0 => input.truncate(at),
                1 => drop(input.drain(range)),
                2 => input.insert(at, byte),
                3 => drop(input.splice(at..at, word.bytes())),
                _ => input.extend_from_within(range),
            }
        }
        input
    })
}

fn mutated_text(
    seeds: &'static [&'static str],
    words: &'static [&'static str],
) -> impl Strategy<Value = String> {
    mutated(seeds, words).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

const RESPONSES: &[&str] = &[
    r#"{"clientToken":"t","exportArn":"arn","requestedAt":1771261003.659}"#,
    r#"{"exportArn":"arn","clientToken":"t","exportStatus":"FAILED","domainName":"d",
    "requestedAt":"2026-02-16T16:56:43.659Z","s3Bucket":"b","itemsCount":4650,
    "exportDataCutoffTime":1,"failureCode":null}"#,
    r#"{"exportSummaries":[{"exportArn":"arn","exportStatus":"PENDING","requestedAt":1,
    "domainName":"d"},null],"nextToken":""}"#,
];
const JSON_WORDS: &[&str] = &[
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

const ERRORS: &[&str] = &[
    r#"{"__type":"aws.x#NoSuchDomainException:http://x/","message":"There is none."}"#,
    r#"{"code":"Throttling","Message":"slower","errorMessage":7}"#,
    "<html>\n<body>Bad Gateway</body></html>",
    "",
];

const TIMES: &[&str] = &[
    "1771261003.659",
    "-1.5e3",
    "2026-02-16T16:56:43.659Z",
    "2026-02-16t17:56:43+01:00",
    "Tue, 29 Apr 2014 18:30:38.25 GMT",
];
const TIME_WORDS: &[&str] = &[
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

fn time() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_440_938_160).unwrap()
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

const PARTS: &[&str] = &["a", "A=%41", "b=1", "%zz=%", "é=ü", "x y=+"];
const PART_WORDS: &[&str] = &["=", "%20", "%", "+", "/", "~", "*", "\u{1F600}"];

const PATHS: &[&str] = &["/", "/a/b", "/a//b/../c/.", "/%41/%2f/é", "/a b/~*"];

fn canonical_request(signer: &Signer, uri: &str, headers: &[(&str, &str)]) -> String {
    let request = SignableRequest {
        method: "GET",
        uri,
        headers,
        body: SignableBody::Bytes(b""),
    };
    signer.canonical_request(&request, &credentials(), time())
}

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: default.cases.max(2_000),
        ..default
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn reads_or_rejects_responses(body in mutated(RESPONSES, JSON_WORDS)) {
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok();
        let read = [
            serde_json::from_slice::<StartDomainExportOutput>(&body).is_ok(),
            serde_json::from_slice::<GetExportOutput>(&body).is_ok(),
            serde_json::from_slice::<ListExportsOutput>(&body).is_ok(),
        ];
        prop_assert!(is_json || read == [false; 3]);
    }

    #[test]
    fn shows_errors_in_one_line(
        body in mutated(ERRORS, JSON_WORDS),
        header in mutated_text(&["", "a#B:c", "ConflictException"], &["#", ":", " ", "\n"]),
    ) {
        let header = Some(header.as_str()).filter(|header| !header.is_empty());
        let read = ErrorBody::read(header, &body);
        if let Some(code) = &read.code {
            prop_assert!(!code.is_empty() && !code.contains([':', '#']), "{code:?}");
        }
        let text = Error::service(400, header.map(str::to_owned), read).to_string();
        prop_assert!(!text.is_empty() && !text.contains(char::is_control), "{text:?}");
    }

    #[test]
    fn keeps_times_in_their_range(text in mutated_text(TIMES, TIME_WORDS)) {
        for parse in [parse_epoch_seconds, parse_rfc3339, parse_http_date] {
            if let Some(time) = parse(&text) {
                prop_assert!((-9999..=9999).contains(&time.year()), "{time}");
            }
        }
    }

    #[test]
    fn reads_epoch_seconds_to_the_nanosecond(seconds in 0..4_000_000_000_i64, nanos in 0..1_000_000_000_u32) {
        let time = parse_epoch_seconds(&format!("{seconds}.{nanos:09}")).unwrap();
        prop_assert_eq!((time.unix_timestamp(), time.nanosecond()), (seconds, nanos));
    }

    #[test]
    fn signs_headers_and_parameters_in_any_order(
        (sorted, shuffled) in vec(
            (
                mutated_text(PARTS, PART_WORDS),
                mutated_text(&["  a  b ", "", "é"], &[" ", "\t", ":"]),
            ),
            0..6,
        )
        .prop_map(|parts| parts.into_iter().enumerate().collect::<Vec<_>>())
        .prop_flat_map(|parts| (Just(parts.clone()), Just(parts).prop_shuffle())),
    ) {
        let signer = Signer::new("service", "us-east-1");
        let sign = |parts: &[(usize, (String, String))]| {
            // The number makes each unique: repeated names keep their order.
            let query: Vec<String> = parts
                .iter()
                .map(|(n, (part, _))| part.replace(['&', '#', '?'], "") + &format!("={n}"))
                .collect();
            let names: Vec<String> =
                parts.iter().map(|(n, _)| format!("x-Header-{n}")).collect();
            let values = parts.iter().map(|(_, (_, value))| value.as_str());
            let headers: Vec<_> = names.iter().map(String::as_str).zip(values).collect();
            let uri = format!("https://host/a/./b/../c?{}", query.join("&"));
            canonical_request(&signer, &uri, &headers)
        };
        prop_assert_eq!(sign(&sorted), sign(&shuffled));
    }

    #[test]
    fn keeps_what_is_canonical(
        path in mutated_text(PATHS, &["/", "//", "/../", "/./", "%", "%25", " "]),
        query in mutated_text(PARTS, PART_WORDS),
    ) {
        let signer = Signer::new("service", "us-east-1");
        let canonical = |path: &str, query: &str| {
            let uri = format!("https://host/{}?{query}", path.trim_start_matches('/'));
            let text = canonical_request(&signer, &uri, &[]);
            let mut lines = text.split('\n').skip(1);
            // The path is encoded once more than it is sent.
            let path = percent::decode(lines.next().unwrap()).into_owned();
            (String::from_utf8(path).unwrap(), lines.next().unwrap().to_owned())
        };
        let path = path.replace(['?', '#'], "").replace(char::is_control, "");
        let once = canonical(&path, &query.replace('#', ""));
        prop_assert_eq!(canonical(&once.0, &once.1), once);
    }
}
