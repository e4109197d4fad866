use super::*;
use crate::operation::start_domain_export::StartDomainExportInput;

const DELAY: Duration = Duration::from_secs(30);
const HOUR: Duration = Duration::from_secs(3600);

/// So many seconds after the run began.
fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_771_243_200 + seconds).unwrap()
}

fn starting(since: i64) -> Stage {
    Stage::Starting { since: at(since) }
}

fn started(requested_at: i64) -> Stage {
    Stage::Started {
        export_arn: "arn:x".to_owned(),
        requested_at: at(requested_at),
    }
}

fn done() -> Stage {
    Stage::Done {
        export_arn: "arn:x".to_owned(),
        items_count: Some(1),
        export_manifest: None,
    }
}

fn failed(permanent: bool) -> Stage {
    Stage::Failed {
        code: "NoSuchBucket".to_owned(),
        message: None,
        export_arn: None,
        permanent,
    }
}

fn state(stages: impl IntoIterator<Item = (u32, Stage)>) -> State {
    let mut state = State::default();
    for (attempts, stage) in stages {
        let domain_name = format!("domain{}", state.domains.len());
        state.domains.push(Entry {
            input: StartDomainExportInput::new(domain_name, "bucket"),
            attempts,
            stage,
        });
    }
    state
}

/// A run for all of these, with three attempts.
fn plan(stages: impl IntoIterator<Item = (u32, Stage)>) -> Plan {
    let state = state(stages);
    let listed = state.domains.len();
    Plan::new(state, listed, 3, DELAY, false)
}

#[test]
fn each_stage_leads_to_its_action() {
    let cases = [
        (0, Stage::Waiting, Action::Start(0)),
        (1, starting(0), Action::Resume(0)),
        (1, started(-9), Action::Poll(0)),
        (1, done(), Action::End),
        (2, failed(false), Action::Start(0)),
        (3, failed(false), Action::End),
        (1, failed(true), Action::End),
    ];
    for (attempts, stage, action) in cases {
        let plan = plan([(attempts, stage.clone())]);
        assert_eq!(plan.next(at(0), HOUR), action, "{attempts} {stage:?}");
    }
}

#[test]
fn a_token_is_valid_for_seven_and_a_half_hours_by_a_clock_that_was_not_set_back() {
    const LIFETIME: i64 = 15 * 1800;
    for (since, is_valid) in [
        (0, true),
        (1 - LIFETIME, true),
        (-LIFETIME, false),
        (1, false),
    ] {
        assert_eq!(is_token_valid(at(since), at(0)), is_valid, "{since}");
    }
}

#[test]
fn resumes_then_starts_then_polls_each_in_order() {
    let mut plan = plan([
        (1, done()),
        (1, started(-9)),
        (0, Stage::Waiting),
        (1, starting(-1)),
    ]);
    plan.skip_bucket_check(1);
    assert_eq!(plan.next(at(0), HOUR), Action::Resume(3));
    plan.started(3, "arn:3".to_owned(), at(0));
    assert_eq!(plan.next(at(0), HOUR), Action::Start(2));
    plan.begin(2, "new".to_owned(), at(0));
    assert_eq!(plan.next(at(0), HOUR), Action::Resume(2));
    plan.started(2, "arn:2".to_owned(), at(0));
    for index in 1..=3 {
        assert_eq!(plan.next(at(0), HOUR), Action::Poll(index));
        plan.polled(index, export("IN_PROGRESS", ""));
    }
    assert_eq!(plan.next(at(0), HOUR), Action::WaitUntil(at(30)));
    plan.begin_round();
    assert_eq!(plan.next(at(30), HOUR), Action::Poll(1));
}

#[test]
fn starts_one_domain_first_and_the_others_once_its_export_has_passed() {
    for (status, more, has_passed) in [
        ("PENDING", "", false),
        ("IN_PROGRESS", "", true),
        ("SUCCEEDED", "", true),
        ("FAILED", r#","failureCode":"ExportTimedOut""#, true),
    ] {
        let mut plan = plan([(0, Stage::Waiting), (0, Stage::Waiting)]);
        assert_eq!(plan.next(at(0), HOUR), Action::Start(0));
        plan.started(0, "arn:0".to_owned(), at(0));
        assert_eq!(plan.next(at(0), HOUR), Action::Poll(0));
        plan.polled(0, export(status, more));
        let expected = if has_passed {
            Action::Start(1)
        } else {
            Action::WaitUntil(at(30))
        };
        assert_eq!(plan.next(at(0), HOUR), expected, "{status}");
    }
}

#[test]
fn does_not_wait_forever_for_the_first_export_to_pass() {
    let mut plan = plan([(0, Stage::Waiting), (1, started(0))]);
    assert_eq!(plan.next(at(700), HOUR), Action::Poll(1));
    plan.polled(1, export("PENDING", ""));
    assert_eq!(plan.next(at(599), Duration::ZERO), Action::End);
    assert_eq!(plan.next_run(at(599)), Some(at(599 + 600)));
    assert_eq!(
        plan.next(at(600), Duration::ZERO),
        Action::SkipBucketCheck(1)
    );
    plan.skip_bucket_check(1);
    assert_eq!(plan.next(at(600), Duration::ZERO), Action::Start(0));
}

#[test]
fn the_next_run_waits_for_the_quotas_too() {
    let mut plan = plan([(0, Stage::Waiting), (0, Stage::Waiting)]);
    plan.refused(0, "ExportTimedOut".to_owned(), None, false);
    plan.postpone(1);
    assert_eq!(plan.next_run(at(0)), Some(at(3600)));
    plan.quota_used(0, QuotaUsed::Domain(at(9000)));
    assert_eq!(plan.next_run(at(0)), Some(at(3600)));
    plan.quota_used(1, QuotaUsed::Account(at(7200)));
    assert_eq!(plan.next_run(at(0)), Some(at(7200)));
}

#[test]
fn leaves_domains_outside_the_list_alone() {
    let state = state([(1, done()), (0, Stage::Waiting), (1, failed(false))]);
    let plan = Plan::new(state, 1, 3, DELAY, true);
    assert_eq!(plan.next(at(0), HOUR), Action::End);
    assert_eq!(plan.next_run(at(0)), None);
    assert_eq!(plan.state.domains[2].stage, failed(false));
}

#[test]
fn the_accounts_quota_stops_all_starts_and_a_domains_quota_its_own() {
    let mut plan = plan([(0, Stage::Waiting), (0, Stage::Waiting)]);
    plan.quota_used(0, QuotaUsed::Domain(at(600)));
    assert_eq!(plan.next(at(0), HOUR), Action::Start(1));
    assert_eq!(plan.next_run(at(0)), Some(at(0)));
    plan.quota_used(1, QuotaUsed::Account(at(300)));
    assert_eq!(plan.next(at(0), HOUR), Action::WaitUntil(at(300)));
    assert_eq!(plan.next_run(at(0)), Some(at(300)));
    assert_eq!(plan.next(at(300), HOUR), Action::Start(1));
    plan.started(1, "arn:1".to_owned(), at(300));
    plan.polled(1, export("SUCCEEDED", ""));
    assert_eq!(plan.next(at(301), HOUR), Action::WaitUntil(at(600)));
    assert_eq!(plan.next(at(600), HOUR), Action::Start(0));
}

#[test]
fn waits_for_a_quota_only_if_time_allows() {
    let mut plan = plan([(0, Stage::Waiting)]);
    plan.quota_used(0, QuotaUsed::Account(at(3600)));
    assert_eq!(plan.next(at(0), HOUR), Action::WaitUntil(at(3600)));
    assert_eq!(plan.next(at(0), Duration::from_secs(3599)), Action::End);
    assert_eq!(plan.next(at(0), Duration::ZERO), Action::End);
    assert_eq!(plan.next_run(at(0)), Some(at(3600)));
}

#[test]
fn the_delay_between_polls_grows_and_the_last_poll_falls_into_the_time() {
    let mut plan = plan([(1, started(-9))]);
    let mut delays = Vec::new();
    for _ in 0..4 {
        plan.polled(0, export("PENDING", ""));
        delays.push(plan.next(at(0), HOUR));
        plan.begin_round();
    }
    let expected = [30, 60, 120, 120].map(|seconds| Action::WaitUntil(at(seconds)));
    assert_eq!(delays, expected);
    plan.polled(0, export("PENDING", ""));
    let left = Duration::from_secs(7);
    assert_eq!(plan.next(at(0), left), Action::WaitUntil(at(7)));
    assert_eq!(plan.next(at(7), Duration::ZERO), Action::End);
}

#[test]
fn a_wait_for_a_quota_is_cut_by_a_poll() {
    let mut plan = plan([(1, started(-9)), (0, Stage::Waiting)]);
    plan.quota_used(1, QuotaUsed::Account(at(20)));
    plan.polled(0, export("PENDING", ""));
    assert_eq!(plan.next(at(0), HOUR), Action::WaitUntil(at(20)));
    plan.quota_used(1, QuotaUsed::Account(at(40)));
    assert_eq!(plan.next(at(0), HOUR), Action::WaitUntil(at(30)));
}

#[test]
fn what_was_postponed_waits_for_another_run() {
    let mut plan = plan([(1, starting(-9))]);
    plan.postpone(0);
    assert_eq!(plan.next(at(0), HOUR), Action::End);
    assert_eq!(plan.next_run(at(0)), Some(at(3600)));
    assert_eq!(plan.state.domains[0].stage, starting(-9));
}

#[test]
fn counts_attempts_but_not_quota_errors() {
    let mut plan = plan([(1, failed(false))]);
    plan.begin(0, "token".to_owned(), at(0));
    assert_eq!(plan.entries()[0].attempts, 2);
    plan.withdraw(0);
    assert_eq!(plan.entries()[0].attempts, 1);
    assert_eq!(plan.entries()[0].stage, Stage::Waiting);
}

#[test]
fn leaves_what_failed_to_the_next_run() {
    let mut plan = plan([(0, Stage::Waiting)]);
    plan.begin(0, "token".to_owned(), at(0));
    plan.refused(0, "AccessDenied".to_owned(), None, false);
    assert_eq!(plan.next(at(0), HOUR), Action::End);
    assert_eq!(plan.next_run(at(0)), Some(at(3600)));

    let again = Plan::new(plan.state.clone(), 1, 1, DELAY, false);
    assert_eq!(again.next(at(0), HOUR), Action::End);
    assert_eq!(again.next_run(at(0)), None);
    let again = Plan::new(plan.state.clone(), 1, 1, DELAY, true);
    assert_eq!(again.next(at(0), HOUR), Action::Start(0));
    assert_eq!(again.entries()[0].attempts, 0);
}

#[test]
fn keeps_the_result_of_an_export() {
    let mut plan = plan([(1, started(-9)), (1, started(-9)), (1, started(-9))]);
    plan.polled(
        0,
        export("SUCCEEDED", r#","itemsCount":7,"exportManifest":"m""#),
    );
    plan.polled(
        1,
        export(
            "FAILED",
            r#","failureCode":"NoSuchBucket","failureMessage":"no""#,
        ),
    );
    plan.polled(2, export("FAILED", ""));
    let stages: Vec<_> = plan.entries().iter().map(|entry| &entry.stage).collect();
    let failed = |code: &str, message: Option<&str>| Stage::Failed {
        code: code.to_owned(),
        message: message.map(str::to_owned),
        export_arn: Some("arn:x".to_owned()),
        permanent: false,
    };
    let done = Stage::Done {
        export_arn: "arn:x".to_owned(),
        items_count: Some(7),
        export_manifest: Some("m".to_owned()),
    };
    assert_eq!(
        stages,
        [
            &done,
            &failed("NoSuchBucket", Some("no")),
            &failed("FAILED", None)
        ]
    );
}

#[test]
fn an_export_unknown_to_the_service_has_five_minutes_to_appear() {
    let mut plan = plan([(1, started(-299)), (1, started(-300))]);
    for index in 0..2 {
        plan.unknown(index, "NoSuchExportException".to_owned(), at(0));
    }
    assert_eq!(plan.entries()[0].stage, started(-299));
    let failed = Stage::Failed {
        code: "NoSuchExportException".to_owned(),
        message: Some("the export no longer exists".to_owned()),
        export_arn: None,
        permanent: false,
    };
    assert_eq!(plan.entries()[1].stage, failed);
}

#[test]
fn reports_when_to_run_again() {
    let cases = [
        (0, Stage::Waiting, Some(at(0))),
        (1, starting(-9), Some(at(0))),
        (1, started(-9), Some(at(600))),
        (1, done(), None),
        (3, failed(false), None),
        (1, failed(true), None),
    ];
    for (attempts, stage, next_run) in cases {
        let plan = plan([(attempts, stage.clone())]);
        assert_eq!(plan.next_run(at(0)), next_run, "{attempts} {stage:?}");
    }
}

fn export(status: &str, more: &str) -> GetExportOutput {
    let json = format!(
        r#"{{"exportArn":"arn:x","clientToken":"token","exportStatus":"{status}",
        "domainName":"domain0","requestedAt":0,"s3Bucket":"bucket"{more}}}"#
    );
    serde_json::from_str(&json).unwrap()
}
