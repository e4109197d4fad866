//! Roles that are assumed with keys, with other roles, and with a web identity.

use simpledb_export::credentials::ProvideCredentials;

use super::{Home, LATER, PATIENT, assert_is, unix};
use crate::support::{Request, Server, response};

const ROLE: &str = "arn:aws:iam::111122223333:role/Export";

const PROFILE: &str = "[default]\nrole_arn = arn:aws:iam::111122223333:role/Export\n\
    source_profile = base\nexternal_id = a b&c\nduration_seconds = 900\n\
    [profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = hidden\n";

fn home(server: &Server) -> Home {
    Home::new().with("AWS_ENDPOINT_URL_STS", &server.url())
}

pub(super) fn good(action: &str, id: &str) -> Vec<u8> {
    let xml = format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
         <AssumedRoleUser><Arn>arn:aws:sts::444455556666:assumed-role/Export/s</Arn>\
         <AssumedRoleId>x:s</AssumedRoleId></AssumedRoleUser><Credentials>\
         <AccessKeyId>{id}</AccessKeyId><SecretAccessKey>hidden-key</SecretAccessKey>\
         <SessionToken>hidden-token</SessionToken><Expiration>{LATER}</Expiration>\
         </Credentials></{action}Result></{action}Response>"
    );
    response(200, &[("content-type", "text/xml")], xml.as_bytes())
}

pub(super) fn refusal(status: u16, code: &str) -> Vec<u8> {
    let xml = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>not you</Message>\
         </Error><RequestId>r-1</RequestId></ErrorResponse>"
    );
    response(status, &[], xml.as_bytes())
}

pub(super) fn body(request: &Request) -> String {
    String::from_utf8(request.body.clone()).expect("a form")
}

#[test]
fn assumes_a_role_with_the_keys_of_another_profile() {
    let server = Server::with_responses(vec![good("AssumeRole", "assumed")]);
    let credentials = home(&server).with_config(PROFILE).credentials();
    let source = format!("profile \"default\" (role {ROLE})");
    assert_is(&credentials, "assumed", &source);
    assert_eq!(credentials.account_id(), Some("444455556666"));
    assert_eq!(unix(credentials.expiration()), 1_771_264_800);
    let request = server.request();
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/")
    );
    assert_eq!(
        body(&request),
        "Action=AssumeRole&Version=2011-06-15\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FExport\
         &RoleSessionName=simpledb-export-1771243200&ExternalId=a%20b%26c&DurationSeconds=900"
    );
    let authorization = request.header("authorization").expect("a signature");
    let start = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260216/us-east-1/sts/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date, ";
    assert!(authorization.starts_with(start), "{authorization}");
}

#[test]
fn assumes_a_role_with_another_role() {
    let server = Server::with_responses(vec![
        good("AssumeRole", "first"),
        good("AssumeRole", "second"),
    ]);
    let config = format!(
        "[profile top]\nrole_arn = arn:top\nsource_profile = default\nrole_session_name = me\n\
         {PROFILE}"
    );
    let home = home(&server)
        .with_config(&config)
        .with("AWS_PROFILE", "top");
    assert_eq!(home.credentials().access_key_id(), "second");
    let requests = server.requests();
    assert!(body(&requests[0]).contains("role%2FExport"));
    assert!(body(&requests[1]).contains("RoleArn=arn%3Atop&RoleSessionName=me"));
    let authorization = requests[1].header("authorization").unwrap_or_default();
    assert!(authorization.contains("Credential=first/"));
    let token = requests[1].header("x-amz-security-token");
    assert_eq!(token, Some("hidden-token"));
}

#[test]
fn assumes_a_role_only_with_the_credential_source_of_the_profile() {
    let server = Server::with_responses(vec![good("AssumeRole", "assumed")]);
    let config = "[default]\nrole_arn = arn:top\ncredential_source = Environment\n";
    let without = home(&server).with_config(config);
    assert_eq!(
        without.broken(),
        "profile \"default\": credential_source of profile \"default\" (~/.aws/config, line 3) \
         is Environment, but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"
    );
    assert_eq!(server.connections(), 0);
}

fn with_web_identity(home: Home) -> Home {
    let home = home.with_file("token", "hidden.jwt\n");
    let path = home.path("token").display().to_string();
    home.with("AWS_WEB_IDENTITY_TOKEN_FILE", &path)
        .with("AWS_ROLE_ARN", ROLE)
        .with("AWS_ROLE_SESSION_NAME", "pod")
}

#[test]
fn sends_a_web_identity_unsigned_and_reads_its_token_each_time() {
    let server = Server::with_responses(vec![good("AssumeRoleWithWebIdentity", "web")]);
    let home = with_web_identity(home(&server));
    let chain = home.chain();
    let credentials = chain.provide_credentials(PATIENT).expect("credentials");
    assert_is(&credentials, "web", &format!("web identity (role {ROLE})"));
    home.write("token", "hidden.second");
    chain.provide_credentials(PATIENT).expect("credentials");
    let requests = server.requests();
    for (request, token) in requests.iter().zip(["hidden.jwt", "hidden.second"]) {
        assert_eq!(request.header("authorization"), None);
        assert_eq!(
            body(request),
            format!(
                "Action=AssumeRoleWithWebIdentity&Version=2011-06-15\
                 &RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FExport&RoleSessionName=pod\
                 &WebIdentityToken={token}"
            )
        );
    }
    assert_eq!(requests.len(), 2);
}

#[test]
fn assumes_a_role_with_the_web_identity_of_a_profile() {
    let server = Server::with_responses(vec![good("AssumeRoleWithWebIdentity", "web")]);
    let home = home(&server)
        .with_file("token", "hidden.jwt")
        .with_config("[default]\nrole_arn = arn:r\nweb_identity_token_file = ~/token\n");
    let source = "profile \"default\" (role arn:r)";
    assert_is(&home.credentials(), "web", source);
}

#[test]
fn reports_an_expired_web_identity() {
    let server = Server::with_responses(vec![refusal(400, "ExpiredTokenException")]);
    let home = with_web_identity(home(&server));
    assert_eq!(
        home.broken(),
        format!(
            "web identity: role {ROLE} (AWS_WEB_IDENTITY_TOKEN_FILE): STS responded to \
             AssumeRoleWithWebIdentity with HTTP 400: ExpiredTokenException: not you (request id r-1)"
        )
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn rejects_a_web_identity_without_its_file_or_its_role() {
    let server = Server::with_responses(vec![good("AssumeRoleWithWebIdentity", "web")]);
    let half = home(&server).with("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/t");
    assert_eq!(
        half.broken(),
        "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not: set both"
    );
    let text = half.with("AWS_ROLE_ARN", ROLE).broken();
    let expected = "web identity: cannot read the token file /nonexistent/t \
                    (AWS_WEB_IDENTITY_TOKEN_FILE): ";
    assert!(text.starts_with(expected), "{text}");
    let home = with_web_identity(home(&server));
    home.write("token", "\n");
    assert_eq!(
        home.broken(),
        "web identity: the token file ~/token (AWS_WEB_IDENTITY_TOKEN_FILE) is empty"
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn retries_temporary_failures_up_to_three_attempts() {
    let server = Server::with_responses(vec![
        refusal(400, "IDPCommunicationError"),
        refusal(503, "Unavailable"),
        good("AssumeRoleWithWebIdentity", "web"),
    ]);
    with_web_identity(home(&server)).credentials();
    let server = Server::with_responses(vec![refusal(500, "InternalFailure")]);
    with_web_identity(home(&server)).broken();
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn reports_an_error_response_with_the_place_in_the_profile() {
    for (status, code) in [
        (403, "AccessDenied"),
        (401, "InvalidClientTokenId"),
        (404, "None"),
    ] {
        let server = Server::with_responses(vec![refusal(status, code)]);
        assert_eq!(
            home(&server).with_config(PROFILE).broken(),
            format!(
                "profile \"default\": role {ROLE} (role_arn of profile \"default\" \
                 (~/.aws/config, line 2)): STS responded to AssumeRole with HTTP {status}: {code}: \
                 not you (request id r-1)"
            )
        );
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn does_not_repeat_an_invalid_response() {
    for garbage in [
        "hidden",
        "<html>hidden</html>",
        "<AssumeRoleResponse/>",
        "\u{0}",
    ] {
        let server = Server::with_responses(vec![response(200, &[], garbage.as_bytes())]);
        let text = home(&server).with_config(PROFILE).broken();
        let end = "the response from STS is not valid: is a proxy responding in its place?";
        assert!(text.ends_with(end), "{text}");
    }
}

#[test]
fn corrects_a_wrong_clock_by_the_response() {
    let late = refusal(403, "SignatureDoesNotMatch");
    let late = String::from_utf8(late).expect("text");
    let date = "\r\ndate: Mon, 16 Feb 2026 13:00:00 GMT\r\n";
    let server = Server::with_responses(vec![
        late.replacen("\r\n", date, 1).into_bytes(),
        good("AssumeRole", "assumed"),
    ]);
    home(&server).with_config(PROFILE).credentials();
    let requests = server.requests();
    let dates: Vec<_> = requests
        .iter()
        .map(|request| request.header("x-amz-date").unwrap_or_default()[..11].to_owned())
        .collect();
    assert_eq!(dates, ["20260216T12", "20260216T13"]);
}

#[test]
fn requires_a_region() {
    let home = Home::new().with_config(PROFILE).with("AWS_REGION", "");
    let text = home.broken();
    let end = "STS needs a region: set AWS_REGION, or region in the profile";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn finds_the_endpoint_url_as_for_every_other_service() {
    const NOWHERE: &str = "http://127.0.0.1:1";
    let (specific, general) = ("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL");
    // Variables, keys of the profile, and the content of the services section, with the server's
    // URL for URL.
    for (variables, keys, services) in [
        (&[(specific, "URL"), (general, NOWHERE)][..], "", ""),
        (
            &[(general, "URL")],
            "endpoint_url = http://127.0.0.1:1\n",
            "",
        ),
        (
            &[],
            "services = s\nendpoint_url = http://127.0.0.1:1\n",
            "sts =\n  endpoint_url = URL\n",
        ),
        (&[], "endpoint_url = URL\n", ""),
    ] {
        let server = Server::with_responses(vec![good("AssumeRole", "assumed")]);
        let config = format!("{PROFILE}[services s]\n{services}");
        let config = config.replacen("[default]\n", &format!("[default]\n{keys}"), 1);
        let config = config.replace("URL", &server.url());
        let home = Home::new().with_config(&config);
        let home = variables.iter().fold(home, |home, (name, value)| {
            home.with(name, &value.replace("URL", &server.url()))
        });
        assert_eq!(home.credentials().access_key_id(), "assumed", "{config}");
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[test]
fn ignores_configured_endpoint_urls_on_request() {
    let home = Home::new()
        .with_config(&PROFILE.replacen("[default]\n", "[default]\nendpoint_url = x\n", 1))
        .with("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        .with("AWS_ENDPOINT_URL_STS", "not a URL")
        .with("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
        .with("HTTPS_PROXY", "http://127.0.0.1:1");
    // The regional endpoint is requested, through a proxy that is not there.
    let text = home.broken();
    let start = "request to STS failed: cannot connect to the proxy 127.0.0.1:1: ";
    assert!(text.contains(start), "{text}");
}

#[test]
fn sends_no_web_identity_to_a_host_that_a_region_smuggles_in() {
    const REGION: &str = "evil.example/#";
    let home = || with_web_identity(Home::new());
    let profile = home()
        .with("AWS_REGION", "")
        .with_config(&format!("[default]\nregion = {REGION}\n"));
    for loader in [
        home().loader().region(REGION),
        home().with("AWS_REGION", REGION).loader(),
        profile.loader(),
    ] {
        let error = loader
            .load_credentials()
            .expect_err("no region")
            .to_string();
        assert!(error.contains(REGION), "{error}");
    }
}

#[test]
fn names_an_invalid_endpoint_url() {
    let home = Home::new()
        .with_config(PROFILE)
        .with("AWS_ENDPOINT_URL_STS", "sts.example.com");
    let text = home.broken();
    let end = "invalid AWS_ENDPOINT_URL_STS \"sts.example.com\": the endpoint URL must be absolute, \
               beginning with http:// or https://";
    assert!(text.ends_with(end), "{text}");
}
