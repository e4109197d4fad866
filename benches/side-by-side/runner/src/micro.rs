//! Pieces measured alone: a signature, and pages of ListExports.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use aws_credential_types::Credentials as OfficialCredentials;
use aws_sigv4::http_request as official;
use aws_sigv4::sign::v4;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use simpledb_export::sigv4::{SignableBody, SignableRequest, Signer};
use simpledb_export::{Credentials, ListExportsOutput};
use time::OffsetDateTime;

type Anything<T> = Result<T, Box<dyn std::error::Error>>;

const ROUNDS: usize = 31;
const KEY_ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const URI: &str = "https://sdb.amazonaws.com/v2/StartDomainExport";
const BODY: &str = r#"{"domainName":"Books","s3Bucket":"my-export-bucket","s3KeyPrefix":"exports","clientToken":"0e1e2f9a-1111-4222-8333-444455556666"}"#;

/// The median time of each, the rounds of all taken in turn.
fn medians<const N: usize>(mut pieces: [&mut dyn FnMut(); N], repeats: u32) -> [Duration; N] {
    let mut times = [(); N].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        for (piece, times) in pieces.iter_mut().zip(&mut times) {
            let started = Instant::now();
            for _ in 0..repeats {
                piece();
            }
            times.push(started.elapsed() / repeats);
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[ROUNDS / 2]
    })
}

/// A signature: the hashes alone, this crate's, and the official one.
pub fn signing() -> Anything<[Duration; 3]> {
    let credentials = Credentials::new(KEY_ID, SECRET);
    let time = OffsetDateTime::now_utc();
    let headers = [("content-type", "application/json")];
    let request = SignableRequest {
        method: "POST",
        uri: URI,
        headers: &headers,
        body: SignableBody::Bytes(BODY.as_bytes()),
    };
    let signer = Signer::new("sdb", "us-east-1");
    let canonical = signer.canonical_request(&request, &credentials, time);
    // As long as the string to sign.
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/sdb/aws4_request\n{}",
        "0".repeat(64)
    );
    let key = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?;

    let identity = OfficialCredentials::new(KEY_ID, SECRET, None, None, "keys").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("sdb")
        .time(SystemTime::now())
        .settings(official::SigningSettings::default())
        .build()?
        .into();
    let sign = || {
        let body = official::SignableBody::Bytes(BODY.as_bytes());
        let headers = headers.into_iter();
        let request = official::SignableRequest::new("POST", black_box(URI), headers, body)?;
        official::sign(request, &params)
    };
    sign()?;
    Ok(medians(
        [
            &mut || {
                black_box(Sha256::digest(black_box(BODY)));
                black_box(Sha256::digest(black_box(&canonical)));
                let mac = key.clone().chain_update(black_box(&to_sign));
                black_box(mac.finalize());
            },
            &mut || {
                black_box(signer.sign(black_box(&request), &credentials, time));
            },
            &mut || {
                black_box(sign().is_ok());
            },
        ],
        2_000,
    ))
}

/// The same members with nothing but serde's own types.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only the reading is of interest")]
struct PlainPage {
    export_summaries: Vec<PlainSummary>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only the reading is of interest")]
struct PlainSummary {
    export_arn: String,
    export_status: String,
    requested_at: f64,
    domain_name: String,
}

/// 10,000 summaries in pages of 1,000: plain structs, and this crate's.
pub fn pages() -> Anything<[Duration; 2]> {
    let pages: Vec<String> = (0..10).map(page).collect();
    let read = serde_json::from_str::<ListExportsOutput>(&pages[9])?;
    assert_eq!(read.export_summaries.len(), 1000);
    serde_json::from_str::<PlainPage>(&pages[9])?;
    Ok(medians(
        [
            &mut || {
                for page in &pages {
                    black_box(serde_json::from_slice::<PlainPage>(page.as_bytes()).is_ok());
                }
            },
            &mut || {
                for page in &pages {
                    black_box(serde_json::from_slice::<ListExportsOutput>(page.as_bytes()).is_ok());
                }
            },
        ],
        3,
    ))
}

fn page(number: usize) -> String {
    let mut text = r#"{"exportSummaries":["#.to_owned();
    for n in 0..1000 {
        let id = number * 1000 + n;
        let comma = if n > 0 { "," } else { "" };
        let status = ["SUCCEEDED", "FAILED", "IN_PROGRESS", "PENDING"][n % 4];
        let _ = write!(
            text,
            r#"{comma}{{"exportArn":"arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a-1111-4222-8333-{id:012}","exportStatus":"{status}","requestedAt":{}.{:03},"domainName":"Books"}}"#,
            1_771_261_003 + id,
            n
        );
    }
    let _ = write!(text, r#"],"nextToken":"page-{number}"}}"#);
    text
}
