//! What the tests share: a scripted server, a fake clock, certificates and temporary directories.

pub(crate) mod alone;
#[cfg(feature = "local")]
pub(crate) mod breaker;
pub(crate) mod log;
pub(crate) mod server;
// What the unit tests use, too.
#[path = "../src/tests/suites.rs"]
pub(crate) mod suites;
pub(crate) mod system;
pub(crate) mod temp_dir;
#[cfg(feature = "rustls")]
pub(crate) mod tls;

use std::time::Duration;

use simpledb_export::config::ConfigBuilder;
use simpledb_export::{Client, Config, Credentials, RetryConfig};

pub(crate) use self::server::{Request, Server, Step, again_and_again, json_response, response};
pub(crate) use self::system::FakeSystem;

/// The secret key of AWS's published examples.
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

pub(crate) const ARN: &str = "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a";

/// A response of StartDomainExport, into which the server puts the token of the request.
pub(crate) const STARTED: &str = r#"{"clientToken":"00000000-0000-4000-8000-000000000000","exportArn":"arn:aws:sdb:us-east-1:111122223333:domain/Books/export/0e1e2f9a","requestedAt":1771261003.659}"#;

/// The settings of every test's client: the example keys, no real sleep, and timeouts that only a
/// hanging test reaches.
pub(crate) fn config(url: &str, system: &FakeSystem) -> ConfigBuilder {
    Config::builder()
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET))
        .connect_timeout(Duration::from_secs(20))
        .attempt_timeout(Duration::from_secs(20))
        .operation_timeout(Duration::from_secs(60))
        .system(system.clone())
}

pub(crate) fn client(url: &str) -> Client {
    new_client(config(url, &FakeSystem::new()))
}

pub(crate) fn client_without_retries(url: &str) -> Client {
    let config = config(url, &FakeSystem::new());
    new_client(config.retry_config(RetryConfig::disabled()))
}

pub(crate) fn new_client(config: ConfigBuilder) -> Client {
    let config = config.build().expect("a valid configuration");
    Client::new(config).expect("a valid configuration")
}

/// Returns a message with `/` as the separator of its paths on every system.
pub(crate) fn with_slashes(message: &str) -> String {
    message.replace(std::path::MAIN_SEPARATOR, "/")
}

/// Returns the body of a GetExport response with this status and further members.
pub(crate) fn export_body(status: &str, more: &str) -> String {
    format!(
        r#"{{"exportArn":"{ARN}","clientToken":"token","exportStatus":"{status}",
        "domainName":"Books","requestedAt":1771261003.659,"s3Bucket":"bucket"{more}}}"#
    )
}
