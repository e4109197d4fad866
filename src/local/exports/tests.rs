use super::*;
use crate::operation::types::{ExportStatus, S3SseAlgorithm};

fn start() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_771_261_003).unwrap()
}

fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

const MILLISECOND: Duration = Duration::from_millis(1);

fn exports(quotas: Quotas) -> Exports {
    let pace = Pace {
        pending: Duration::from_secs(1),
        in_progress: Duration::from_secs(2),
    };
    Exports::new(quotas, pace, 100)
}

/// Starts an export, or finds the one that its token identifies.
fn accept(
    exports: &mut Exports,
    domain: &str,
    token: &str,
    now: OffsetDateTime,
) -> Result<usize, ServiceError> {
    let input = StartDomainExportInput::new(domain, "bucket");
    if let Some(index) = exports.known(token, &input, now)? {
        return Ok(index);
    }
    let count = exports.records.len();
    let (id, arn) = (format!("id-{count}"), format!("arn-{count}"));
    exports.accept(id, arn, token.to_owned(), input, now)
}

#[test]
fn a_token_identifies_its_export_for_eight_hours() {
    let mut exports = exports(Quotas::unlimited());
    let t0 = start();
    assert_eq!(accept(&mut exports, "A", "t", t0), Ok(0));
    assert_eq!(accept(&mut exports, "A", "t", t0), Ok(0));
    let last = t0 + hours(8) - MILLISECOND;
    assert_eq!(accept(&mut exports, "A", "t", last), Ok(0));
    assert_eq!(accept(&mut exports, "B", "t", last), Err(conflict()));
    let after = t0 + hours(8);
    assert_eq!(accept(&mut exports, "B", "t", after), Ok(1));
    assert_eq!(accept(&mut exports, "A", "t", after), Err(conflict()));
}

#[test]
fn any_other_parameter_is_a_conflict() {
    let input = || StartDomainExportInput::new("A", "bucket");
    let changed = [
        StartDomainExportInput::new("A", "other"),
        input().s3_key_prefix("p"),
        input().s3_sse_algorithm(S3SseAlgorithm::Kms),
        input().s3_sse_kms_key_id("k"),
        input().s3_bucket_owner("111122223333"),
    ];
    let mut exports = exports(Quotas::unlimited());
    accept(&mut exports, "A", "t", start()).unwrap();
    assert_eq!(exports.known("t", &input(), start()), Ok(Some(0)));
    for changed in changed {
        assert_eq!(exports.known("t", &changed, start()), Err(conflict()));
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
    let of_domain = Err(limit_exceeded(5, "a domain"));
    let last = t0 + hours(24) - MILLISECOND;
    assert_eq!(accept(&mut exports, "A", "A5", last), of_domain);
    // A repeated request is not a new export, and another domain has its own quota.
    assert_eq!(accept(&mut exports, "A", "A4", t0 + hours(5)), Ok(4));
    for (number, domain) in ["B", "C", "D", "E"].iter().cycle().take(20).enumerate() {
        accept(&mut exports, domain, &format!("x{number}"), last).unwrap();
    }
    assert_eq!(
        accept(&mut exports, "F", "F0", last),
        Err(limit_exceeded(25, "an account"))
    );
    // After a day the first one no longer counts: there is room for one, not for two.
    let day = t0 + hours(24);
    assert_eq!(accept(&mut exports, "A", "A6", day), Ok(25));
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
    let success = Success {
        manifest: "m".to_owned(),
        items_count: 3,
    };
    let second = |count| t0 + Duration::from_secs(count);
    let get = |exports: &Exports, now| exports.get("arn-0", now).unwrap();
    let status = |exports: &Exports, now| get(exports, now).export_status.to_string();

    assert_eq!(status(&exports, second(9)), "PENDING");
    exports.begin(0, second(0));
    assert_eq!(status(&exports, second(1) - MILLISECOND), "PENDING");
    assert_eq!(status(&exports, second(1)), "IN_PROGRESS");
    assert_eq!(status(&exports, second(9)), "IN_PROGRESS");
    exports.finish(0, Ok(success));
    let before = get(&exports, second(3) - MILLISECOND);
    assert_eq!(before.export_status, ExportStatus::InProgress);
    assert_eq!((before.export_manifest, before.items_count), (None, None));
    let after = get(&exports, second(3));
    assert_eq!(after.export_status, ExportStatus::Succeeded);
    assert_eq!(after.export_manifest.as_deref(), Some("m"));
    assert_eq!(after.items_count, Some(3));
    for (code, fails_at) in [("InternalError", second(3)), ("S3NoSuchBucket", second(1))] {
        let failure = Failure {
            code,
            message: "gone".to_owned(),
        };
        exports.finish(0, Err(failure));
        let before = get(&exports, fails_at - MILLISECOND);
        assert_ne!(before.export_status, ExportStatus::Failed);
        let after = get(&exports, fails_at);
        assert_eq!(after.export_status, ExportStatus::Failed);
        assert_eq!(after.failure_code.as_deref(), Some(code));
        assert_eq!(after.failure_message.as_deref(), Some("gone"));
    }
}

fn list(
    exports: &Exports,
    input: &ListExportsInput,
    now: OffsetDateTime,
) -> (Vec<String>, Option<String>) {
    let page = exports.list(input, now).unwrap();
    let arns = page.export_summaries.into_iter();
    let arns = arns.map(|export| export.export_arn).collect();
    (arns, page.next_token)
}

#[test]
fn pages_stay_consistent_while_new_exports_start() {
    let mut exports = exports(Quotas::unlimited());
    let now = start();
    for number in 0..5 {
        let domain = if number % 2 == 0 { "A" } else { "B" };
        accept(&mut exports, domain, &number.to_string(), now).unwrap();
    }
    let mut request = ListExportsInput::new().max_results(2);
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
    let of_b = ListExportsInput::new().domain_name("B").max_results(2);
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
    let request = |domain: Option<&str>, next_token: Option<&str>| {
        let mut input = ListExportsInput::new().max_results(1);
        input.domain_name = domain.map(str::to_owned);
        input.next_token = next_token.map(str::to_owned);
        input
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
            invalid_next_token(),
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
    let greedy = ListExportsInput::new().max_results(u32::MAX);
    let (page, token) = list(&exports, &greedy, start());
    assert_eq!((page.len(), token.is_some()), (100, true));
}

#[test]
fn an_export_is_listed_for_ninety_days_and_found_afterwards() {
    let mut exports = exports(Quotas::unlimited());
    accept(&mut exports, "A", "t", start()).unwrap();
    let all = ListExportsInput::new();
    let last = start() + hours(90 * 24) - MILLISECOND;
    assert_eq!(list(&exports, &all, last).0, ["arn-0"]);
    assert_eq!(list(&exports, &all, last + MILLISECOND), (vec![], None));
    assert!(exports.get("arn-0", last).is_ok());
    assert_eq!(
        exports.get("arn-1", last).unwrap_err().message,
        "no export with ARN \"arn-1\""
    );
}
