use serde_json::json;

use super::*;

fn start(change: &Value) -> Result<StartDomainExportInput, ServiceError> {
    let mut body = json!({ "domainName": "Books", "s3Bucket": "bucket" });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    start_request(body.to_string().as_bytes())
}

fn message<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(
        (error.status, error.code),
        (400, "InvalidParameterValueException")
    );
    error.message
}

#[test]
fn reads_every_member_and_ignores_nulls_and_unknown_members() {
    let request = start(&json!({
        "clientToken": "t",
        "s3KeyPrefix": "p",
        "s3SseAlgorithm": "KMS",
        "s3SseKmsKeyId": "k",
        "s3BucketOwner": "111122223333",
        "somethingNew": [1],
    }));
    let expected = StartDomainExportInput::new("Books", "bucket")
        .client_token("t")
        .s3_key_prefix("p")
        .s3_sse_algorithm(S3SseAlgorithm::Kms)
        .s3_sse_kms_key_id("k")
        .s3_bucket_owner("111122223333");
    assert_eq!(request, Ok(expected));
    let request = start(&json!({ "clientToken": null, "s3SseAlgorithm": "AES256" }));
    let expected = StartDomainExportInput::new("Books", "bucket");
    let expected = expected.s3_sse_algorithm(S3SseAlgorithm::Aes256);
    assert_eq!(request, Ok(expected));
}

#[test]
fn rejects_a_missing_required_member() {
    assert_eq!(message(start_request(b"")), "domainName is required");
    assert_eq!(
        message(start(&json!({ "domainName": null }))),
        "domainName is required"
    );
    assert_eq!(
        message(start(&json!({ "s3Bucket": null }))),
        "s3Bucket is required"
    );
    assert_eq!(message(get_request(b"{}")), "exportArn is required");
}

#[test]
fn enforces_lengths_at_both_ends() {
    let table = [
        (
            "clientToken",
            0,
            "clientToken must have 1 to 128 characters; it has 0",
        ),
        (
            "clientToken",
            129,
            "clientToken must have 1 to 128 characters; it has 129",
        ),
        (
            "s3Bucket",
            2,
            "s3Bucket must have 3 to 63 characters; it has 2",
        ),
        (
            "s3Bucket",
            64,
            "s3Bucket must have 3 to 63 characters; it has 64",
        ),
        (
            "s3KeyPrefix",
            0,
            "s3KeyPrefix must have 1 to 850 characters; it has 0",
        ),
        (
            "s3KeyPrefix",
            851,
            "s3KeyPrefix must have 1 to 850 characters; it has 851",
        ),
        (
            "s3SseKmsKeyId",
            0,
            "s3SseKmsKeyId must have 1 to 2048 characters; it has 0",
        ),
        (
            "s3SseKmsKeyId",
            2049,
            "s3SseKmsKeyId must have 1 to 2048 characters; it has 2049",
        ),
    ];
    for (name, length, expected) in table {
        assert_eq!(
            message(start(&json!({ name: "a".repeat(length) }))),
            expected
        );
    }
    for (name, length) in [
        ("clientToken", 128),
        ("s3Bucket", 3),
        ("s3Bucket", 63),
        ("s3KeyPrefix", 850),
    ] {
        assert!(start(&json!({ name: "a".repeat(length) })).is_ok());
    }
    let longest = json!({ "s3SseAlgorithm": "KMS", "s3SseKmsKeyId": "a".repeat(2048) });
    assert!(start(&longest).is_ok());
    // A character counts once, regardless of its length in bytes.
    assert!(start(&json!({ "s3KeyPrefix": "é".repeat(850) })).is_ok());
}

#[test]
fn an_export_arn_must_be_one() {
    let get = |arn: &str| get_request(json!({ "exportArn": arn }).to_string().as_bytes());
    let of_length = |length: usize| {
        let start = "arn:aws::sdb:us-east-1:111122223333:domain/Books/export/";
        start.to_owned() + &"a".repeat(length - start.len())
    };
    let table = [("a".repeat(19), 19), (of_length(2049), 2049)];
    for (arn, length) in table {
        assert_eq!(
            message(get(&arn)),
            format!("exportArn must have 20 to 2048 characters; it has {length}")
        );
    }
    for arn in [
        of_length(2048),
        "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/c0ffee".to_owned(),
        "arn:aws-cn:sdb:cn-north-1:111122223333:domain/Books/export/c0ffee".to_owned(),
    ] {
        assert_eq!(get(&arn).unwrap().export_arn, arn);
    }
    for arn in [
        "this is not an ARN at all",
        "arn:aws:sdb:us-east-1:111122223333:domain/Books",
        "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/",
        "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/a/b",
        "arn:aws:s3:us-east-1:111122223333:domain/Books/export/c0ffee",
        "arn:aws:sdb:us-east-1:x",
    ] {
        assert_eq!(
            message(get(arn)),
            format!("exportArn must be an export's ARN, not {arn:?}")
        );
    }
}

#[test]
fn enforces_patterns() {
    for good in ["abc", "a.b", "a-_.b", "A1z"] {
        assert!(start(&json!({ "s3Bucket": good })).is_ok(), "{good}");
    }
    for bad in [
        "-ab", "ab-", "a/b", "a b", "...", "a\\b", "a\u{0}b", "bücher",
    ] {
        assert_eq!(
            message(start(&json!({ "s3Bucket": bad }))),
            "s3Bucket must consist of letters, digits, '.', '-' and '_', and start and end with a \
             letter or digit",
            "{bad}"
        );
    }
    for bad in ["a b", "a\n", "é", "\u{7f}"] {
        assert_eq!(
            message(start(&json!({ "clientToken": bad }))),
            "clientToken must consist of printable ASCII characters without spaces"
        );
    }
    assert!(start(&json!({ "clientToken": "!~" })).is_ok());
    for bad in ["", "11112222333", "1111222233334", "11112222333a"] {
        assert_eq!(
            message(start(&json!({ "s3BucketOwner": bad }))),
            "s3BucketOwner must be 12 digits"
        );
    }
    assert_eq!(
        message(start(&json!({ "s3SseAlgorithm": "aws:kms" }))),
        "s3SseAlgorithm must be AES256 or KMS, not \"aws:kms\""
    );
}

#[test]
fn a_key_id_requires_kms() {
    for algorithm in [json!(null), json!("AES256")] {
        let error =
            start(&json!({ "s3SseAlgorithm": algorithm, "s3SseKmsKeyId": "k" })).unwrap_err();
        assert_eq!(
            error,
            ServiceError::new(
                400,
                "InvalidParameterCombinationException",
                "s3SseKmsKeyId requires s3SseAlgorithm KMS"
            )
        );
    }
    assert!(start(&json!({ "s3SseAlgorithm": "KMS" })).is_ok());
}

#[test]
fn validates_a_list_request() {
    let list = |body: Value| list_request(body.to_string().as_bytes());
    assert_eq!(list(json!({})).unwrap(), ListExportsInput::new());
    assert_eq!(list_request(b"").unwrap(), ListExportsInput::new());
    for number in [-3, 0, 101, i64::MAX] {
        assert_eq!(
            message(list(json!({ "maxResults": number }))),
            format!("maxResults must be 1 to 100, not {number}")
        );
    }
    assert_eq!(
        message(list(json!({ "nextToken": "" }))),
        "nextToken must have 1 to 2048 characters; it has 0"
    );
    assert_eq!(
        message(list(json!({ "nextToken": "a".repeat(2049) }))),
        "nextToken must have 1 to 2048 characters; it has 2049"
    );
    for number in [1, 100] {
        assert!(list(json!({ "maxResults": number })).is_ok());
    }
}

#[test]
fn rejects_a_body_that_is_not_the_inputs_json() {
    for body in [
        &b"{"[..],
        b"[\"Books\"]",
        b"null",
        b"{\"maxResults\":\"many\"}",
        b"{\"domainName\":5}",
        b"\xff",
    ] {
        let error = list_request(body).unwrap_err();
        assert_eq!((error.status, error.code), (400, "SerializationException"));
    }
    assert_eq!(
        list_request(b"{\"domainName\":5}").unwrap_err().message,
        "invalid JSON input: invalid type: integer `5`, expected a string"
    );
}
