use super::*;

fn start() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_771_261_003).unwrap()
}

fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

const MILLISECOND: Duration = Duration::from_millis(1);

fn parameters(domain_name: &str) -> ExportParameters {
    ExportParameters {
        domain_name: domain_name.to_owned(),
        s3_bucket: "bucket".to_owned(),
        s3_key_prefix: None,
        s3_sse_algorithm: None,
        s3_sse_kms_key_id: None,
        s3_bucket_owner: None,
    }
}

fn exports(quotas: Quotas) -> Exports {
    let pace = Pace {
        pending: Duration::from_secs(1),
        in_progress: Duration::from_secs(2),
    };
    Exports::new(quotas, pace, 100)
}

fn accept(
    exports: &mut Exports,
    domain: &str,
    token: &str,
    now: OffsetDateTime,
) -> Result<Accepted, SimpleDbError> {
    let count = exports.records.len();
    let new = NewExport {
        id: format!("id-{count}"),
        arn: format!("arn-{count}"),
        client_token: token.to_owned(),
    };
    exports.accept(new, parameters(domain), now)
}

#[test]
fn a_token_identifies_its_export_for_eight_hours() {
    let mut exports = exports(Quotas::unlimited());
    let t0 = start();
    assert_eq!(accept(&mut exports, "A", "t", t0), Ok(Accepted::New(0)));
    assert_eq!(accept(&mut exports, "A", "t", t0), Ok(Accepted::Known(0)));
    let last = t0 + hours(8) - MILLISECOND;
    assert_eq!(accept(&mut exports, "A", "t", last), Ok(Accepted::Known(0)));
    assert_eq!(
        accept(&mut exports, "B", "t", last),
        Err(SimpleDbError::conflict())
    );
    let after = t0 + hours(8);
    assert_eq!(accept(&mut exports, "B", "t", after), Ok(Accepted::New(1)));
    assert_eq!(
        accept(&mut exports, "A", "t", after),
        Err(SimpleDbError::conflict())
    );
}

#[test]
fn any_other_parameter_is_a_conflict() {
    type Change = fn(&mut ExportParameters);
    let changes: [Change; 5] = [
        |p| p.s3_bucket = "other".to_owned(),
        |p| p.s3_key_prefix = Some("p".to_owned()),
        |p| p.s3_sse_algorithm = Some("KMS".to_owned()),
        |p| p.s3_sse_kms_key_id = Some("k".to_owned()),
        |p| p.s3_bucket_owner = Some("111122223333".to_owned()),
    ];
    let mut exports = exports(Quotas::unlimited());
    accept(&mut exports, "A", "t", start()).unwrap();
    for change in changes {
        let mut changed = parameters("A");
        change(&mut changed);
        assert_eq!(
            exports.known("t", &changed, start()),
            Err(SimpleDbError::conflict())
        );
    }
}

#[test]
fn quotas_count_a_rolling_day_per_domain_and_per_account() {
    let mut exports = exports(Quotas::default());
    let t0 = start();
    for hour in 0..5 {
        let token = format!("A{hour}");
        accept(&mut exports, "A", &token, t0 + hours(hour)).unwrap();
    }
    let of_domain = Err(SimpleDbError::limit_exceeded(5, "a domain"));
    let last = t0 + hours(24) - MILLISECOND;
    assert_eq!(accept(&mut exports, "A", "A5", last), of_domain);
    // A repeated request is not a new export, and another domain has its own quota.
    assert_eq!(
        accept(&mut exports, "A", "A4", t0 + hours(5)),
        Ok(Accepted::Known(4))
    );
    for (number, domain) in ["B", "C", "D", "E"].iter().cycle().take(20).enumerate() {
        accept(&mut exports, domain, &format!("x{number}"), last).unwrap();
    }
    assert_eq!(
        accept(&mut exports, "F", "F0", last),
        Err(SimpleDbError::limit_exceeded(25, "an account"))
    );
    // After a day the first one no longer counts: there is room for one, not for two.
    let day = t0 + hours(24);
    assert_eq!(accept(&mut exports, "A", "A6", day), Ok(Accepted::New(25)));
    assert_eq!(accept(&mut exports, "A", "A7", day), of_domain);
}

#[test]
fn unlimited_quotas_accept_any_number() {
    let mut exports = exports(Quotas::unlimited());
    for number in 0..100 {
        accept(&mut exports, "A", &number.to_string(), start()).unwrap();
    }
    assert_eq!(exports.records.len(), 100);
}

#[test]
fn the_status_follows_the_pace_and_the_work() {
    let mut exports = exports(Quotas::unlimited());
    let t0 = start();
    accept(&mut exports, "A", "t", t0).unwrap();
    let outcome = Outcome::Succeeded {
        manifest: "m".to_owned(),
        items_count: 3,
    };
    let second = |count| t0 + Duration::from_secs(count);
    let status = |exports: &Exports, now| exports.status(&exports.records[0], now).as_str();

    assert_eq!(status(&exports, second(9)), "PENDING");
    exports.begin(0, second(0));
    assert_eq!(status(&exports, second(1) - MILLISECOND), "PENDING");
    assert_eq!(status(&exports, second(1)), "IN_PROGRESS");
    assert_eq!(status(&exports, second(9)), "IN_PROGRESS");
    exports.finish(0, outcome);
    assert_eq!(status(&exports, second(3) - MILLISECOND), "IN_PROGRESS");
    assert_eq!(status(&exports, second(3)), "SUCCEEDED");
    let failure = Failure {
        code: "NoSuchBucket",
        message: "gone".to_owned(),
    };
    exports.finish(0, Outcome::Failed(failure));
    assert_eq!(status(&exports, second(3)), "FAILED");
}

fn list(
    exports: &Exports,
    request: &ListRequest,
    now: OffsetDateTime,
) -> (Vec<String>, Option<String>) {
    let (page, token) = exports.list(request, now).unwrap();
    let arns = page.iter().map(|record| record.arn.clone()).collect();
    (arns, token)
}

#[test]
fn pages_stay_consistent_while_new_exports_start() {
    let mut exports = exports(Quotas::unlimited());
    let now = start();
    for number in 0..5 {
        let domain = if number % 2 == 0 { "A" } else { "B" };
        accept(&mut exports, domain, &number.to_string(), now).unwrap();
    }
    let mut request = ListRequest {
        max_results: Some(2),
        ..ListRequest::default()
    };
    let (page, token) = list(&exports, &request, now);
    assert_eq!(page, ["arn-4", "arn-3"]);
    accept(&mut exports, "A", "later", now).unwrap();
    request.next_token = token;
    let (page, token) = list(&exports, &request, now);
    assert_eq!(page, ["arn-2", "arn-1"]);
    request.next_token = token;
    assert_eq!(
        list(&exports, &request, now),
        (vec!["arn-0".to_owned()], None)
    );

    // A page that is exactly full has no token if it is the last.
    let of_b = ListRequest {
        domain_name: Some("B".to_owned()),
        max_results: Some(2),
        next_token: None,
    };
    assert_eq!(
        list(&exports, &of_b, now),
        (vec!["arn-3".to_owned(), "arn-1".to_owned()], None)
    );
}

#[test]
fn rejects_a_page_token_of_another_list_or_of_none() {
    let mut exports = exports(Quotas::unlimited());
    for number in 0..4 {
        let domain = if number % 2 == 0 { "A" } else { "B" };
        accept(&mut exports, domain, &number.to_string(), start()).unwrap();
    }
    let request = |domain: Option<&str>, next_token: Option<&str>| ListRequest {
        domain_name: domain.map(str::to_owned),
        max_results: Some(1),
        next_token: next_token.map(str::to_owned),
    };
    let token = |domain| list(&exports, &request(domain, None), start()).1.unwrap();
    let (of_all, of_a) = (token(None), token(Some("A")));
    assert_eq!(
        list(&exports, &request(Some("A"), Some(&of_a)), start()).0,
        ["arn-0"]
    );
    for (domain, token) in [
        (Some("A"), of_all.as_str()),
        (Some("B"), &of_all),
        (None, &of_a),
        (Some("B"), &of_a),
        (None, &of_all.to_uppercase()),
        (None, &of_all[1..]),
        (None, &format!("{of_all}0")),
        (None, "all-"),
        (None, "é"),
    ] {
        assert_eq!(
            exports
                .list(&request(domain, Some(token)), start())
                .unwrap_err(),
            SimpleDbError::invalid_next_token(),
            "{domain:?} {token}"
        );
    }
}

#[test]
fn a_page_is_never_longer_than_the_page_size() {
    let mut exports = exports(Quotas::unlimited());
    for number in 0..101 {
        accept(&mut exports, "A", &number.to_string(), start()).unwrap();
    }
    let greedy = ListRequest {
        max_results: Some(usize::MAX),
        ..ListRequest::default()
    };
    let (page, token) = list(&exports, &greedy, start());
    assert_eq!((page.len(), token.is_some()), (100, true));
}

#[test]
fn an_export_is_listed_for_ninety_days_and_found_afterwards() {
    let mut exports = exports(Quotas::unlimited());
    accept(&mut exports, "A", "t", start()).unwrap();
    let all = ListRequest::default();
    let last = start() + hours(90 * 24) - MILLISECOND;
    assert_eq!(list(&exports, &all, last).0, ["arn-0"]);
    assert_eq!(list(&exports, &all, last + MILLISECOND), (vec![], None));
    assert!(exports.by_arn("arn-0").is_ok());
    assert_eq!(
        exports.by_arn("arn-1").unwrap_err(),
        SimpleDbError::no_such_export("arn-1")
    );
}
