use super::*;

/// Returns the string to sign of a request.
fn string_to_sign(
    signer: &Signer,
    request: &SignableRequest<'_>,
    credentials: &Credentials,
    time: OffsetDateTime,
) -> String {
    let date = AmzDate::new(time);
    let mut scope = String::new();
    signer.push_scope(&mut scope, date);
    let mut canonical = CanonicalRequest::new(request, credentials, date.as_str(), signer.is_s3);
    canonical.string_to_sign(date.as_str(), &scope).to_owned()
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn noon() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_440_938_160).unwrap()
}

/// The example that AWS's guide works through, stage by stage.
#[test]
fn reproduces_the_published_example_at_every_stage() {
    let signer = Signer::new("iam", "us-east-1");
    let request = SignableRequest {
        method: "GET",
        uri: "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
        headers: &[(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )],
        body: SignableBody::Bytes(b""),
    };
    let canonical = signer.canonical_request(&request, &credentials(), noon());
    assert_eq!(
        canonical,
        "GET\n/\nAction=ListUsers&Version=2010-05-08\n\
         content-type:application/x-www-form-urlencoded; charset=utf-8\n\
         host:iam.amazonaws.com\nx-amz-date:20150830T123600Z\n\n\
         content-type;host;x-amz-date\n\
         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(
        string_to_sign(&signer, &request, &credentials(), noon()),
        "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
         f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    );
    assert_eq!(
        signer.sign(&request, &credentials(), noon()).signature(),
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    );
}

fn canonical(signer: &Signer, uri: &str) -> Vec<String> {
    let request = SignableRequest {
        method: "GET",
        uri,
        headers: &[],
        body: SignableBody::Bytes(b""),
    };
    let text = signer.canonical_request(&request, &credentials(), noon());
    text.lines().map(str::to_owned).collect()
}

#[test]
fn signs_the_path_as_it_is_and_the_hash_of_the_body_for_s3() {
    let signer = Signer::s3("us-east-1");
    let lines = canonical(&signer, "https://b.s3.amazonaws.com/a//b%20c/../d");
    assert_eq!(lines[1], "/a//b%20c/../d");
    assert!(
        lines.contains(&"host;x-amz-content-sha256;x-amz-date".to_owned()),
        "{lines:?}"
    );

    let request = SignableRequest {
        method: "GET",
        uri: "https://b.s3.amazonaws.com/k",
        headers: &[],
        body: SignableBody::Unsigned,
    };
    let signed = signer.sign(&request, &credentials(), noon());
    let headers: Vec<_> = signed.headers().take(2).collect();
    assert_eq!(
        headers,
        [
            ("x-amz-date", "20150830T123600Z"),
            ("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        ]
    );
}

#[test]
fn signs_a_normalized_path_encoded_again_for_other_services() {
    let signer = Signer::new("sdb", "us-east-1");
    let path = |uri| canonical(&signer, uri).swap_remove(1);
    assert_eq!(path("https://h/a%20b"), "/a%2520b");
    assert_eq!(path("https://h"), "/");
    assert_eq!(path("https://h/a/./b//../c/"), "/a/c/");
    assert_eq!(path("https://h/../.."), "/");
    assert_eq!(path("/v2/GetExport"), "/v2/GetExport");
}

#[test]
fn signs_a_query_the_same_however_it_is_written() {
    let signer = Signer::new("sdb", "us-east-1");
    let query = |uri| canonical(&signer, uri).swap_remove(2);
    assert_eq!(query("/?b=2&a=%7e&a=1&c"), "a=1&a=~&b=2&c=");
    assert_eq!(query("/?c=&a=1&b=2&a=~"), "a=1&a=~&b=2&c=");
    assert_eq!(query("/?x=100%&y=%zz"), "x=100%25&y=%25zz");
}

#[test]
fn keeps_headers_that_the_request_has() {
    let signer = Signer::new("sdb", "us-east-1");
    let request = SignableRequest {
        method: "POST",
        uri: "/v2/GetExport",
        headers: &[("Host", "example.com"), ("X-Amz-Date", "20150830T123600Z")],
        body: SignableBody::Bytes(b"{}"),
    };
    let signed = signer.sign(&request, &credentials(), noon());
    assert_eq!(
        signed.headers().map(|(name, _)| name).collect::<Vec<_>>(),
        ["authorization"]
    );
}

#[test]
fn derives_the_key_again_for_another_day_or_other_keys() {
    let signer = Signer::new("sdb", "us-east-1");
    let request = SignableRequest {
        method: "POST",
        uri: "https://sdb.amazonaws.com/v2/ListExports",
        headers: &[],
        body: SignableBody::Bytes(b"{}"),
    };
    let other = Credentials::new("AKIDEXAMPLE", "another key");
    let tomorrow = noon() + time::Duration::DAY;
    for (credentials, time) in [
        (credentials(), noon()),
        (other, noon()),
        (credentials(), tomorrow),
        (credentials(), noon()),
    ] {
        let fresh = Signer::new("sdb", "us-east-1").sign(&request, &credentials, time);
        assert_eq!(
            signer.sign(&request, &credentials, time).signature(),
            fresh.signature()
        );
    }
}

#[test]
fn prints_no_secrets() {
    let signer = Signer::new("sdb", "us-east-1");
    let credentials = Credentials::builder("AKIDEXAMPLE", "hidden-key")
        .session_token("hidden-token")
        .build();
    let request = SignableRequest {
        method: "POST",
        uri: "https://sdb.amazonaws.com/",
        headers: &[],
        body: SignableBody::Bytes(b"{}"),
    };
    let signed = signer.sign(&request, &credentials, noon());
    let printed = format!("{signer:?} {signed:?}");
    assert!(!printed.contains("hidden"), "{printed}");
    assert!(!printed.contains(signed.signature()), "{printed}");
}

/// What botocore 1.44.5 signs for the same input, time and keys, with and without a token.
#[test]
fn signs_as_boto3_does() {
    let start = SignableRequest {
        method: "POST",
        uri: "https://sdb.eu-west-1.amazonaws.com/v2/StartDomainExport",
        headers: &[("content-type", "application/json")],
        body: SignableBody::Bytes(
            br#"{"domainName":"Books","s3Bucket":"my-export-bucket","clientToken":"0e1e2f9a-1111-4222-8333-444455556666"}"#,
        ),
    };
    let get_object = SignableRequest {
        method: "GET",
        uri: "https://my-export-bucket.s3.eu-west-1.amazonaws.com/AWSSimpleDB/a%20b/caf%C3%A9%2B/data/dataFile_1_2.json",
        headers: &[
            ("range", "bytes=7-"),
            ("x-amz-expected-bucket-owner", "111122223333"),
        ],
        body: SignableBody::Bytes(b""),
    };
    let sdb = Signer::new("sdb", "eu-west-1");
    let s3 = Signer::s3("eu-west-1");
    let with_token = credentials()
        .into_builder()
        .session_token("session-token-of-the-test")
        .build();
    let cases = [
        (
            &sdb,
            &start,
            credentials(),
            "9f80c05208da7adb64b299368700c82c78b1fd72a96ef61d2dcaf7d90eb4207f",
        ),
        (
            &sdb,
            &start,
            with_token.clone(),
            "079544179bf6e5e7d6278a95ca067efebfaf13a51e5075ca20236b515874559a",
        ),
        (
            &s3,
            &get_object,
            credentials(),
            "0c7ffc049bb826a764483a22c7ecd23ac1d606d329667a6efda50b056f163d5e",
        ),
        (
            &s3,
            &get_object,
            with_token,
            "7d5ff78e50b0aacc76e15fa6bba713378232bd03e55f53f4a5a39b619892f4ba",
        ),
    ];
    for (signer, request, credentials, signature) in cases {
        let signed = signer.sign(request, &credentials, noon());
        assert_eq!(signed.signature(), signature, "{}", request.uri);
    }
}

mod suite;
