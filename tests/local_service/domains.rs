//! The older API: ListDomains and DomainMetadata.

use std::time::Duration;

use simpledb_export::domains::{DomainMetadataInput, Domains, ListDomainsInput};
use simpledb_export::local::{LocalService, LocalServiceBuilder, ManualClock};
use simpledb_export::{Client, Config, Credentials, ErrorKind, Item};
use time::OffsetDateTime;

use super::support::{Caller, TempDir};

fn builder(dir: &TempDir) -> LocalServiceBuilder {
    LocalService::builder()
        .root(dir.path())
        .domain("Cars", [Item::new("a").attribute("model", ["x", "yz"])])
        .sample_domain()
        .domain("Empty", [])
}

fn domains(service: &LocalService) -> Domains {
    Domains::new(&service.client()).unwrap()
}

fn names(domains: &Domains, input: ListDomainsInput) -> Vec<String> {
    let names = domains.list_domains_pages(input).items();
    names.collect::<Result<_, _>>().unwrap()
}

#[test]
fn lists_domains_in_pages() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    let domains = domains(&service);
    let all = ["Books", "Cars", "Empty"];
    assert_eq!(names(&domains, ListDomainsInput::new()), all);
    for size in 1..4 {
        let input = ListDomainsInput::new().max_number_of_domains(size);
        assert_eq!(names(&domains, input), all, "{size}");
    }
    let first = domains.list_domains(&ListDomainsInput::new().max_number_of_domains(2));
    let first = first.unwrap();
    assert_eq!(first.request_id().map(str::len), Some(36));
    let rest = ListDomainsInput::new().next_token(first.next_token.unwrap());
    let rest = domains.list_domains(&rest).unwrap();
    assert_eq!(
        (rest.domain_names, rest.next_token),
        (vec!["Empty".to_owned()], None)
    );
}

#[test]
fn encodes_a_name_that_xml_cannot_hold() {
    let dir = TempDir::new();
    let items = dir.path().join("domains");
    std::fs::create_dir(&items).unwrap();
    let name = if cfg!(windows) {
        "a\u{fffe}b"
    } else {
        "a\u{1}<b\n"
    };
    std::fs::write(items.join(format!("{name}.json")), "[]").unwrap();
    let service = LocalService::builder()
        .root(dir.path().join("root"))
        .domains_directory(items)
        .start()
        .unwrap();
    let domains = domains(&service);
    assert_eq!(names(&domains, ListDomainsInput::new()), [name]);
    let metadata = domains.domain_metadata(&DomainMetadataInput::new(name));
    assert_eq!(metadata.unwrap().item_count, 0);
}

#[test]
fn counts_a_domain_at_the_time_of_its_clock() {
    let dir = TempDir::new();
    let clock = ManualClock::new(OffsetDateTime::from_unix_timestamp(1_771_261_003).unwrap());
    let service = builder(&dir).clock(clock.clone()).start().unwrap();
    clock.advance(Duration::from_secs(60));
    let metadata = domains(&service).domain_metadata(&DomainMetadataInput::new("Cars"));
    assert_eq!(
        serde_json::to_string(&metadata.unwrap()).unwrap(),
        r#"{"ItemCount":1,"ItemNamesSizeBytes":1,"AttributeNameCount":1,"AttributeNamesSizeBytes":5,"AttributeValueCount":2,"AttributeValuesSizeBytes":3,"Timestamp":1771261063}"#
    );
}

#[test]
fn reports_errors_as_the_service_does() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    let domains = domains(&service);
    let error = domains.domain_metadata(&DomainMetadataInput::new("Nothing"));
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSuchDomainException);
    assert_eq!(error.code(), Some("NoSuchDomain"));
    assert_eq!(
        error.message(),
        Some("The specified domain does not exist.")
    );
    assert_eq!(error.request_id().map(str::len), Some(36));
    let input = ListDomainsInput::new().max_number_of_domains(101);
    let error = domains.list_domains(&input).unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"));
    for token in ["", "x", "ZG9tYWlucyBhZnRlciBPdGhlcg"] {
        let error = domains.list_domains(&ListDomainsInput::new().next_token(token));
        assert_eq!(
            error.unwrap_err().code(),
            Some("InvalidNextToken"),
            "{token}"
        );
    }
}

#[test]
fn verifies_keys_tokens_and_the_signature() {
    let dir = TempDir::new();
    let session = Credentials::builder("AKIDEXAMPLE", "secret").session_token("token/=+");
    let service = builder(&dir).credentials(session.build()).start().unwrap();
    let code = |credentials: Credentials| {
        let config = service.config().to_builder().credentials(credentials);
        let client = Client::new(config.build().unwrap()).unwrap();
        let listed = Domains::new(&client)
            .unwrap()
            .list_domains(&ListDomainsInput::new());
        listed
            .err()
            .map(|error| (error.status().unwrap(), error.code().unwrap().to_owned()))
    };
    let refused = |status: u16, code: &str| Some((status, code.to_owned()));
    let session = |secret, token| Credentials::builder("AKIDEXAMPLE", secret).session_token(token);
    assert_eq!(code(session("secret", "token/=+").build()), None);
    assert_eq!(
        code(session("secret", "other").build()),
        refused(403, "AuthFailure")
    );
    assert_eq!(
        code(Credentials::new("other", "local")),
        refused(403, "AuthFailure")
    );
    assert_eq!(
        code(session("other", "token/=+").build()),
        refused(403, "SignatureDoesNotMatch")
    );
}

#[test]
fn corrects_a_clock_that_is_an_hour_off() {
    let dir = TempDir::new();
    let hour_ahead = ManualClock::new(OffsetDateTime::now_utc() + Duration::from_secs(3600));
    let service = builder(&dir).clock(hour_ahead).start().unwrap();
    let domains_of = |correction| {
        let config = Config::builder()
            .region("us-east-1")
            .endpoint_url(service.endpoint_url())
            .credentials(service.credentials())
            .clock_skew_correction(correction);
        Domains::new(&Client::new(config.build().unwrap()).unwrap()).unwrap()
    };
    let refused = domains_of(false).list_domains(&ListDomainsInput::new());
    assert_eq!(refused.unwrap_err().code(), Some("RequestExpired"));
    assert!(
        domains_of(true)
            .list_domains(&ListDomainsInput::new())
            .is_ok()
    );
}

#[test]
fn names_what_a_form_lacks() {
    let dir = TempDir::new();
    let service = builder(&dir).start().unwrap();
    let caller = Caller::new(&service);
    for (form, code, message) in [
        (
            "",
            "MissingParameter",
            "The request must contain the parameter Action",
        ),
        (
            "Action=ListDomains",
            "AuthMissingFailure",
            "the request is not signed: it has no Signature (this API accepts Signature Version 2 \
             only)",
        ),
        (
            "Action=ListDomains&Signature=x&SignatureVersion=1",
            "InvalidParameterValue",
            "SignatureVersion is \"1\": expected \"2\"",
        ),
        (
            "Action=ListDomains&Signature=x&SignatureVersion=2&SignatureMethod=HmacSHA256",
            "MissingParameter",
            "The request must contain the parameter Timestamp",
        ),
        (
            "a=%ff",
            "InvalidParameterValue",
            "the form is not percent-encoded UTF-8",
        ),
    ] {
        let response = caller.form(form);
        assert_eq!(response.header("content-type"), Some("text/xml"));
        let text = response.text().replace("&quot;", "\"");
        let expected = format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message>\
             <BoxUsage>0</BoxUsage></Error></Errors><RequestID>"
        );
        assert!(text.contains(&expected), "{text}");
    }
}
