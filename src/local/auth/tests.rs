use super::*;

const NOW: i64 = 1_771_261_003;

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

fn keys() -> Credentials {
    Credentials::new("local", "local")
}

fn temporary(token: &str) -> Credentials {
    Credentials::builder("temporary", "key")
        .session_token(token)
        .build()
}

fn verifier() -> Verifier {
    Verifier {
        keys: vec![keys(), temporary("token")],
        region: None,
    }
}

/// A request as a client with these keys sends it.
fn signed(api: Api, credentials: &Credentials, seconds: i64) -> Request {
    let host = ("host", "127.0.0.1:8000");
    let signable = SignableRequest {
        method: "POST",
        uri: "/v2/ListExports",
        headers: &[host],
        body: SignableBody::Bytes(b"{}"),
    };
    let signer = api.signer("eu-west-1");
    let signed = signer.sign(&signable, credentials, at(seconds));
    let headers: Vec<_> = [host].into_iter().chain(signed.headers()).collect();
    Request::new(signable.method, signable.uri, &headers, "{}")
}

fn verify(request: &Request) -> Result<String, Refusal> {
    verifier().verify(request, Api::Exports, at(NOW))
}

fn replace(request: &mut Request, name: &'static str, change: impl Fn(&str) -> String) {
    let changed = change(request.header(name).unwrap());
    let changed = changed.try_into().unwrap();
    request.head.headers.insert(name, changed);
}

#[test]
fn returns_the_region_of_a_valid_signature() {
    assert_eq!(
        verify(&signed(Api::Exports, &keys(), NOW)),
        Ok("eu-west-1".to_owned())
    );
    let s3 = signed(Api::S3, &keys(), NOW);
    assert_eq!(
        verifier().verify(&s3, Api::S3, at(NOW)),
        Ok("eu-west-1".to_owned())
    );
}

#[test]
fn rejects_any_change_to_what_was_signed() {
    type Change = fn(&mut Request);
    let changes: [Change; 4] = [
        |r| r.body = "[]".into(),
        |r| r.head.uri = "/v2/GetExport".parse().unwrap(),
        |r| r.head.method = "PUT".parse().unwrap(),
        |r| replace(r, "host", |_| "elsewhere".to_owned()),
    ];
    for change in changes {
        let mut request = signed(Api::Exports, &keys(), NOW);
        change(&mut request);
        assert_eq!(verify(&request), Err(Refusal::WrongSignature));
    }
    let other_secret = Credentials::new("local", "guess");
    let request = signed(Api::Exports, &other_secret, NOW);
    assert_eq!(verify(&request), Err(Refusal::WrongSignature));
}

#[test]
fn rejects_an_incomplete_signature() {
    let mut request = signed(Api::Exports, &keys(), NOW);
    request.head.headers.remove("authorization");
    assert_eq!(
        verify(&request),
        Err(Refusal::Missing("Authorization header"))
    );

    let mut request = signed(Api::Exports, &keys(), NOW);
    request.head.headers.remove("x-amz-date");
    assert_eq!(
        verify(&request),
        Err(Refusal::Incomplete(
            "the request has no x-amz-date".to_owned()
        ))
    );

    let mut request = signed(Api::Exports, &keys(), NOW);
    replace(&mut request, "authorization", |value| {
        value.replace("host;", "")
    });
    assert_eq!(
        verify(&request),
        Err(Refusal::Incomplete("host is not signed".to_owned()))
    );

    let request = signed(Api::S3, &keys(), NOW);
    assert_eq!(
        verify(&request),
        Err(Refusal::WrongService {
            expected: "sdb",
            got: "s3".to_owned()
        })
    );
}

#[test]
fn rejects_signed_headers_that_are_absent_or_unsorted() {
    for (signed_headers, reason) in [
        (
            "host;x-absent;x-amz-date",
            "SignedHeaders names \"x-absent\", which the request does not have",
        ),
        (
            "Host;host;x-amz-date",
            "SignedHeaders names \"Host\", which the request does not have",
        ),
        (
            "x-amz-date;host",
            "SignedHeaders is not in alphabetical order",
        ),
        (
            "host;host;x-amz-date",
            "SignedHeaders is not in alphabetical order",
        ),
    ] {
        let mut request = signed(Api::Exports, &keys(), NOW);
        replace(&mut request, "authorization", |value| {
            value.replace("host;x-amz-date", signed_headers)
        });
        let expected = Err(Refusal::Incomplete(reason.to_owned()));
        assert_eq!(verify(&request), expected, "{signed_headers}");
    }
}

#[test]
fn accepts_only_known_keys_with_their_token() {
    let stranger = Credentials::new("stranger", "local");
    assert_eq!(
        verify(&signed(Api::Exports, &stranger, NOW)),
        Err(Refusal::UnknownKey("stranger".to_owned()))
    );
    let unexpected_token = Credentials::builder("local", "local").session_token("token");
    for (credentials, expected) in [
        (temporary("token"), Ok("eu-west-1".to_owned())),
        (temporary("other"), Err(Refusal::WrongToken)),
        (
            Credentials::new("temporary", "key"),
            Err(Refusal::WrongToken),
        ),
        (unexpected_token.build(), Err(Refusal::WrongToken)),
    ] {
        let request = signed(Api::Exports, &credentials, NOW);
        assert_eq!(verify(&request), expected);
    }
}

#[test]
fn tolerates_a_time_difference_of_fifteen_minutes() {
    for (seconds, is_fine) in [(900, true), (-900, true), (901, false), (-901, false)] {
        let result = verify(&signed(Api::Exports, &keys(), NOW + seconds));
        assert_eq!(result.is_ok(), is_fine, "{seconds}: {result:?}");
        if let Err(refusal) = result {
            assert!(matches!(refusal, Refusal::Skewed { .. }), "{refusal:?}");
        }
    }
}

#[test]
fn rejects_another_region_than_the_one_set() {
    let mut verifier = verifier();
    verifier.region = Some("us-east-1".to_owned());
    let request = signed(Api::Exports, &keys(), NOW);
    assert_eq!(
        verifier.verify(&request, Api::Exports, at(NOW)),
        Err(Refusal::WrongRegion {
            expected: "us-east-1".to_owned(),
            got: "eu-west-1".to_owned()
        })
    );
}

#[test]
fn s3_requires_the_hash_of_the_body() {
    let verify = |request: &Request| verifier().verify(request, Api::S3, at(NOW));
    let mut request = signed(Api::S3, &keys(), NOW);
    request.body = "[]".into();
    assert_eq!(verify(&request), Err(Refusal::WrongContentHash));
    request.head.headers.remove("x-amz-content-sha256");
    assert_eq!(
        verify(&request),
        Err(Refusal::Incomplete(
            "the request has no x-amz-content-sha256".to_owned()
        ))
    );
}

#[test]
fn a_refusal_says_what_to_do_and_shows_no_secret() {
    let skewed = Refusal::Skewed {
        sent: "20260101T000000Z".to_owned(),
        now: at(NOW),
    };
    assert_eq!(
        skewed.to_string(),
        "the request was signed at 20260101T000000Z, more than 15 minutes from this service's time, \
         2026-02-16T16:56:43.000Z; set the clock"
    );
    assert_eq!(
        Refusal::WrongSignature.to_string(),
        "the signature does not match the request; check the secret access key, and that no proxy \
         changes the request"
    );
    assert!(!format!("{:?}", verifier()).contains("\"key\""));
}

#[test]
fn reads_an_amz_date_and_nothing_else() {
    assert_eq!(parse_amz_date("20260216T165643Z"), Some(at(NOW)));
    for wrong in [
        "",
        "20260216T165643",
        "20260216 165643Z ",
        "20261316T165643Z",
        "20260230T165643Z",
        "20260216T245643Z",
        "2026021xT165643Z",
        "2026-02-16T16:56",
        "20260216T165643+",
        "20260216T16564éZ",
    ] {
        assert_eq!(parse_amz_date(wrong), None, "{wrong}");
    }
}
