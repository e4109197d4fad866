//! The parts of a call that this crate implements, and a whole call.

#[path = "../tests/support/responder.rs"]
mod responder;

use std::hint::black_box;
use std::{env, fs, process};

use divan::Bencher;
use simpledb_export::sigv4::{SignableBody, SignableRequest, Signer};
use simpledb_export::{
    Client, Config, Credentials, ErrorKind, ListExportsOutput, StartDomainExportInput,
};
use time::OffsetDateTime;

const STARTED: &str = r#"{"clientToken":"0e1e2f9a-1111-4222-8333-444455556666","exportArn":"arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a","requestedAt":1771261003.659}"#;
const REFUSED: &str = r#"{"__type":"com.amazonaws.simpledbv2#NoSuchDomainException","message":"The domain does not exist."}"#;

fn main() {
    divan::main();
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn request() -> SignableRequest<'static> {
    SignableRequest {
        method: "POST",
        uri: "https://sdb.amazonaws.com/v2/StartDomainExport",
        headers: &[("content-type", "application/json")],
        body: SignableBody::Bytes(br#"{"domainName":"Books","s3Bucket":"my-export-bucket"}"#),
    }
}

#[divan::bench]
fn sign(bencher: Bencher<'_, '_>) {
    let (signer, credentials) = (Signer::new("sdb", "us-east-1"), credentials());
    let time = OffsetDateTime::now_utc();
    bencher.bench_local(|| signer.sign(black_box(&request()), &credentials, time));
}

#[divan::bench]
fn sign_with_a_new_key(bencher: Bencher<'_, '_>) {
    let credentials = credentials();
    let time = OffsetDateTime::now_utc();
    bencher
        .with_inputs(|| Signer::new("sdb", "us-east-1"))
        .bench_local_refs(|signer| signer.sign(black_box(&request()), &credentials, time));
}

#[divan::bench]
fn load_fifty_profiles(bencher: Bencher<'_, '_>) {
    let profiles: Vec<String> = (0..50)
        .map(|n| format!("[profile team-{n}]\nregion = eu-west-1 # Ireland\nmax_attempts = 5\n\n"))
        .collect();
    let path = env::temp_dir().join(format!("simpledb-export-{}-config", process::id()));
    fs::write(&path, profiles.concat()).expect("a temporary file");
    let environment = [("AWS_CONFIG_FILE", path.as_os_str())];
    bencher.bench_local(|| {
        let loader = Config::loader().environment(environment);
        loader.profile("team-7").load().expect("good settings")
    });
    fs::remove_file(&path).expect("the temporary file");
}

#[divan::bench]
fn parse_a_page_of_1000_exports(bencher: Bencher<'_, '_>) {
    let summary = r#"{"exportArn":"arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a-1111-4222-8333-444455556666","exportStatus":"SUCCEEDED","requestedAt":1771261003.659,"domainName":"Books"}"#;
    let page = format!(r#"{{"exportSummaries":[{}]}}"#, [summary; 1000].join(","));
    bencher.bench_local(|| serde_json::from_slice::<ListExportsOutput>(black_box(page.as_bytes())));
}

#[divan::bench]
fn call_over_loopback(bencher: Bencher<'_, '_>) {
    let (client, input) = client_and_input("200 OK", STARTED);
    bencher.bench_local(|| client.start_domain_export(&input).expect("a response"));
}

#[divan::bench]
fn call_that_is_refused_over_loopback(bencher: Bencher<'_, '_>) {
    let (client, input) = client_and_input("400 Bad Request", REFUSED);
    bencher.bench_local(|| {
        let error = client.start_domain_export(&input).expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::NoSuchDomainException);
    });
}

fn client_and_input(status: &str, body: &str) -> (Client, StartDomainExportInput) {
    let size = body.len();
    let response = format!("HTTP/1.1 {status}\r\nContent-Length: {size}\r\n\r\n{body}");
    let address = responder::serve(move |_| response.clone()).expect("a free port");
    let config = Config::builder()
        .region("us-east-1")
        .endpoint_url(format!("http://{address}"))
        .credentials(credentials())
        .build();
    let client = config.and_then(Client::new).expect("a valid configuration");
    let input = StartDomainExportInput::new("Books", "my-export-bucket");
    (
        client,
        input.client_token("0e1e2f9a-1111-4222-8333-444455556666"),
    )
}
