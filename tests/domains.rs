//! The older API: its requests, responses, errors, retries and pages.

use std::time::Duration;

use simpledb_export::config::ConfigBuilder;
use simpledb_export::domains::{DomainMetadataInput, Domains, ListDomainsInput};
use simpledb_export::{Credentials, Error, ErrorKind};

use crate::support::{FakeSystem, SECRET, Server, Step, client, config, new_client, response};

const METADATA: &str = "<DomainMetadataResponse><DomainMetadataResult><ItemCount>3</ItemCount>\
    <ItemNamesSizeBytes>15</ItemNamesSizeBytes><AttributeNameCount>2</AttributeNameCount>\
    <AttributeNamesSizeBytes>11</AttributeNamesSizeBytes>\
    <AttributeValueCount>6</AttributeValueCount>\
    <AttributeValuesSizeBytes>60</AttributeValuesSizeBytes><Timestamp>1771243199</Timestamp>\
    </DomainMetadataResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>\
    </DomainMetadataResponse>";

fn xml(status: u16, body: &str) -> Vec<u8> {
    response(status, &[("content-type", "text/xml")], body.as_bytes())
}

fn error_response(status: u16, code: &str) -> Vec<u8> {
    let body = format!(
        "<?xml version=\"1.0\"?>\n<Response><Errors><Error><Code>{code}</Code>\
         <Message>because</Message></Error></Errors><RequestID>id-2</RequestID></Response>"
    );
    xml(status, &body)
}

fn page(names: &[&str], next_token: &str) -> Vec<u8> {
    let name = |name: &&str| format!("<DomainName>{name}</DomainName>");
    let names: String = names.iter().map(name).collect();
    let body = format!(
        "<ListDomainsResponse><ListDomainsResult>{names}{next_token}</ListDomainsResult>\
         </ListDomainsResponse>"
    );
    xml(200, &body)
}

fn domains_of(config: ConfigBuilder) -> Domains {
    Domains::new(&new_client(config)).expect("an endpoint")
}

fn domains(server: &Server) -> Domains {
    domains_of(config(&server.url(), &FakeSystem::new().random(0)))
}

fn metadata_error(domains: &Domains) -> Error {
    let input = DomainMetadataInput::new("Books");
    domains.domain_metadata(&input).expect_err("an error")
}

#[test]
fn posts_a_signed_form() {
    let server = Server::with_responses(vec![xml(200, METADATA)]);
    let credentials = Credentials::builder("AKIDEXAMPLE", SECRET).session_token("a/token=");
    let config = config(&server.url(), &FakeSystem::new()).credentials(credentials.build());
    let input = DomainMetadataInput::new("Bücher & Co");
    let output = domains_of(config)
        .domain_metadata(&input)
        .expect("the metadata");
    assert_eq!(
        (output.item_count, output.attribute_values_size_bytes),
        (3, 60)
    );
    assert_eq!(output.timestamp.unix_timestamp(), 1_771_243_199);
    assert_eq!(output.request_id(), Some("id-1"));

    let request = server.request();
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/")
    );
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded; charset=utf-8")
    );
    assert_eq!(request.header("amz-sdk-request"), Some("attempt=1; max=3"));
    assert_eq!(request.header("authorization"), None);
    let agent = request.header("user-agent").expect("a user agent");
    let product = concat!(
        "simpledb-export/",
        env!("CARGO_PKG_VERSION"),
        " ua/2.1 api/simpledb#"
    );
    assert!(agent.starts_with(product), "{agent}");
    let body = String::from_utf8(request.body.clone()).expect("a form");
    let (signed, signature) = body.split_once("&Signature=").expect("a signature");
    assert_eq!(
        signed,
        "AWSAccessKeyId=AKIDEXAMPLE&Action=DomainMetadata&DomainName=B%C3%BCcher%20%26%20Co\
         &SecurityToken=a%2Ftoken%3D&SignatureMethod=HmacSHA256&SignatureVersion=2\
         &Timestamp=2026-02-16T12%3A00%3A00Z&Version=2009-04-15"
    );
    assert!(
        signature.ends_with("%3D") && !body.contains(SECRET),
        "{body}"
    );
}

#[test]
fn lists_all_pages() {
    let server = Server::with_responses(vec![
        page(&["Airports", "Books"], "<NextToken>one</NextToken>"),
        page(&[], "<NextToken>two</NextToken>"),
        page(&["Cars"], ""),
    ]);
    let input = ListDomainsInput::new().max_number_of_domains(2);
    let mut names = domains(&server).list_domains_pages(input).items();
    let mut next = || names.next().map(|name| name.expect("a name"));
    assert_eq!(server.requests().len(), 0);
    assert_eq!(next().as_deref(), Some("Airports"));
    assert_eq!(next().as_deref(), Some("Books"));
    assert_eq!(server.requests().len(), 1);
    assert_eq!(next().as_deref(), Some("Cars"));
    assert_eq!((next(), next()), (None, None));
    let has = |request: usize, parameter: &str| {
        let body = String::from_utf8_lossy(&server.requests()[request].body).into_owned();
        assert!(body.contains("MaxNumberOfDomains=2&"), "{body}");
        body.contains(parameter)
    };
    assert!(!has(0, "NextToken") && has(1, "NextToken=one&") && has(2, "NextToken=two&"));
}

#[test]
fn ends_a_list_whose_token_repeats() {
    let looping = page(&["Books"], "<NextToken>one</NextToken>");
    let server = Server::with_responses(vec![looping]);
    let pages = domains(&server).list_domains_pages(ListDomainsInput::new());
    let pages: Vec<_> = pages.collect();
    assert_eq!(pages.len(), 3);
    let error = pages.into_iter().next_back().expect("a result");
    assert_eq!(
        error.expect_err("an error").to_string(),
        "ListDomains failed: pagination loop: the service repeated a nextToken"
    );
}

#[test]
fn reports_the_errors_of_the_service() {
    for (status, code, kind) in [
        (400, "NoSuchDomain", ErrorKind::NoSuchDomainException),
        (
            400,
            "MissingParameter",
            ErrorKind::InvalidParameterValueException,
        ),
        (
            400,
            "InvalidNextToken",
            ErrorKind::InvalidNextTokenException,
        ),
        (403, "AuthFailure", ErrorKind::Service),
    ] {
        let server = Server::with_responses(vec![error_response(status, code)]);
        let error = metadata_error(&domains(&server));
        assert_eq!(error.kind(), kind);
        assert_eq!(error.code(), Some(code));
        assert!(!error.is_retryable() && !error.is_outcome_unknown());
        assert_eq!(
            error.to_string(),
            format!(
                "DomainMetadata failed: {code}: because (HTTP status {status}, request id id-2, 1 \
                 attempt)"
            )
        );
    }
}

#[test]
fn retries_an_unavailable_service() {
    let server = Server::with_responses(vec![
        error_response(503, "ServiceUnavailable"),
        xml(200, METADATA),
    ]);
    let input = DomainMetadataInput::new("Books");
    let output = domains(&server).domain_metadata(&input);
    assert_eq!(output.expect("the metadata").item_count, 3);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(
        requests[1].header("amz-sdk-request"),
        Some("attempt=2; max=3")
    );
    let ids = [&requests[0], &requests[1]].map(|request| request.header("amz-sdk-invocation-id"));
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn signs_an_expired_request_again_in_the_services_time() {
    let expired =
        "<Response><Errors><Error><Code>RequestExpired</Code></Error></Errors></Response>";
    let date = [("date", "Mon, 16 Feb 2026 13:00:00 GMT")];
    let server = Server::with_responses(vec![
        response(400, &date, expired.as_bytes()),
        xml(200, METADATA),
    ]);
    let input = DomainMetadataInput::new("Books");
    domains(&server)
        .domain_metadata(&input)
        .expect("the metadata");
    let requests = server.requests();
    let times = ["12%3A00%3A00Z", "13%3A00%3A00Z"];
    for (request, time) in requests.iter().zip(times) {
        let body = String::from_utf8_lossy(&request.body);
        assert!(
            body.contains(&format!("Timestamp=2026-02-16T{time}")),
            "{body}"
        );
    }
}

#[test]
fn rejects_what_is_no_response_of_the_operation() {
    for (body, message) in [
        (
            "<html><body>Sign in</body></html>",
            "the response is HTML, not XML (is a proxy or login page in the way?): \
             <html><body>Sign in</body></html>",
        ),
        ("{}", "the response is not a DomainMetadataResponse: {}"),
        ("", "the response is empty"),
    ] {
        let server = Server::with_responses(vec![xml(200, body)]);
        let error = metadata_error(&domains(&server));
        assert_eq!(error.kind(), ErrorKind::Response);
        assert_eq!(
            error.to_string(),
            format!("DomainMetadata failed: {message} (HTTP status 200, 3 attempts)")
        );
    }
}

#[test]
fn limits_the_time_and_the_size_of_a_response() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n".to_vec();
    let flood = vec![
        Step::Request,
        Step::Send(head),
        Step::Flood(vec![b' '; 65_536]),
    ];
    let server = Server::scripted(vec![flood]);
    let error = metadata_error(&domains(&server));
    assert_eq!(error.kind(), ErrorKind::Response);

    let server = Server::scripted(vec![vec![Step::Request, Step::Silence]]);
    let config = config(&server.url(), &FakeSystem::new());
    let config = config.attempt_timeout(Duration::from_millis(50));
    let error = metadata_error(&domains_of(config));
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 3));
}

#[test]
fn rejects_an_empty_name_before_anything_is_sent() {
    let domains = Domains::new(&client("http://127.0.0.1:9")).expect("an endpoint");
    let error = domains.domain_metadata(&DomainMetadataInput::new(""));
    assert_eq!(
        error.expect_err("an error").to_string(),
        "DomainMetadata failed: DomainName is required and must not be empty"
    );
}
