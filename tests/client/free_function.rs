//! The free function, in a process whose environment is known.

use simpledb_export::StartDomainExportInput;

use crate::support::alone::{alone, assert_passes, clear_environment, is_alone};
use crate::support::{SECRET, STARTED, Server, json_response};

#[test]
fn reads_everything_from_the_environment() {
    let server = Server::with_responses(vec![json_response(200, STARTED)]);
    let missing = std::env::temp_dir().join("simpledb-export-test-no-such-file");
    assert_passes(
        clear_environment(&mut alone("client::free_function::in_a_child"))
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ENDPOINT_URL_SIMPLEDBV2", server.url())
            .env("AWS_CONFIG_FILE", &missing)
            .env("AWS_SHARED_CREDENTIALS_FILE", &missing),
    );

    let request = server.request();
    assert_eq!(request.path, "/v2/StartDomainExport");
    assert_eq!(request.json()["domainName"], "Books");
    let authorization = request.header("authorization").expect("a signature");
    assert!(
        authorization.contains("/eu-west-1/sdb/aws4_request"),
        "{authorization}"
    );
}

#[test]
#[ignore = "the test above runs it, in its own environment"]
fn in_a_child() {
    if is_alone() {
        let input = StartDomainExportInput::new("Books", "bucket");
        let started = simpledb_export::start_domain_export(&input).expect("a start");
        assert_eq!(
            started.export_arn,
            "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a"
        );
    }
}
