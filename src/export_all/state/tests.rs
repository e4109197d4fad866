use super::*;
use crate::operation::types::S3SseAlgorithm;

fn input(domain_name: &str) -> StartDomainExportInput {
    StartDomainExportInput::new(domain_name, "bucket")
}

fn entry(domain_name: &str, attempts: u32, stage: Stage) -> Entry {
    Entry {
        input: input(domain_name),
        attempts,
        stage,
    }
}

fn time() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(1_771_261_003_659_000_000).unwrap()
}

fn done() -> Stage {
    Stage::Done {
        export_arn: "arn:x".to_owned(),
        items_count: Some(u64::MAX),
        export_manifest: None,
    }
}

fn failed() -> Stage {
    Stage::Failed {
        code: "S3NoSuchBucket".to_owned(),
        message: Some("no".to_owned()),
        export_arn: None,
        permanent: true,
    }
}

fn state(domains: impl IntoIterator<Item = Entry>) -> State {
    State {
        domains: domains.into_iter().collect(),
        ..State::default()
    }
}

#[test]
fn writes_and_reads_every_stage() {
    let mut state = state([
        entry("A", 0, Stage::Waiting),
        entry("B", 1, Stage::Starting { since: time() }),
        entry(
            "C",
            1,
            Stage::Started {
                export_arn: "arn:x".to_owned(),
                requested_at: time(),
            },
        ),
        entry("D", 2, done()),
        entry("E", 3, failed()),
    ]);
    state.domains[1].input.client_token = Some("t".to_owned());
    let json = serde_json::to_string(&state).unwrap();
    let starting = r#"{"input":{"domainName":"B","s3Bucket":"bucket","clientToken":"t"},"attempts":1,"state":"starting","since":"2026-02-16T16:56:43.659Z"}"#;
    assert!(json.contains(starting), "{json}");
    assert_eq!(State::parse(json.as_bytes()).unwrap(), state);
}

#[test]
fn refuses_what_is_no_state() {
    assert_eq!(
        State::parse(br#"{"version":3,"domains":7}"#).unwrap_err(),
        "has version 3, but this program supports version 2: use the program that wrote it, or \
         name another file"
    );
    assert_eq!(
        State::parse(b"").unwrap_err(),
        "damaged (EOF while parsing a value at line 1 column 0): restore a copy, or name another \
         file"
    );
    let unknown_stage = br#"{"version":2,"service":{},"domains":[
        {"input":{"domainName":"A","s3Bucket":"b"},"attempts":0,"state":"x"}]}"#;
    let reason = State::parse(unknown_stage).unwrap_err();
    assert!(reason.starts_with("damaged (unknown variant"), "{reason}");
}

#[test]
fn belongs_to_one_region_and_endpoint_once_a_request_was_sent() {
    let at = |host: Option<&str>| Service {
        region: Some("us-east-1".to_owned()),
        endpoint_host: host.map(str::to_owned),
    };
    let mut state = state([entry("A", 0, Stage::Waiting)]);
    state.use_service(at(Some("localhost"))).unwrap();
    state.use_service(at(None)).unwrap();

    state.domains[0].attempts = 1;
    state.use_service(at(None)).unwrap();
    let error = state.use_service(at(Some("127.0.0.1"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherSettings);
    assert_eq!(
        error.to_string(),
        "the state file belongs to region us-east-1, not to region us-east-1 at endpoint \
         127.0.0.1: name another state file for that"
    );
}

#[test]
fn belongs_to_one_account_once_a_request_was_sent() {
    let mut state = state([entry("A", 0, Stage::Waiting)]);
    state.bind_to_account("111122223333").unwrap();
    assert_eq!(state.bound_account(), None);
    state.bind_to_account("444455556666").unwrap();

    state.domains[0].attempts = 1;
    assert_eq!(state.bound_account(), Some("444455556666"));
    state.bind_to_account("444455556666").unwrap();
    let error = state.bind_to_account("111122223333").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherAccount);
    assert_eq!(
        error.to_string(),
        "the state file belongs to account 444455556666, but the credentials belong to account \
         111122223333: use credentials of account 444455556666, or name another state file"
    );
    let json = serde_json::to_vec(&state).unwrap();
    assert_eq!(State::parse(&json).unwrap(), state);
}

#[test]
fn takes_the_account_from_the_first_export_rather_than_from_credentials() {
    let mut state = state([entry("A", 1, Stage::Waiting)]);
    state.bind_to_account("111122223333").unwrap();
    state.started_in("444455556666").unwrap();
    assert_eq!(state.bound_account(), Some("444455556666"));

    state.domains[0].stage = done();
    state.started_in("444455556666").unwrap();
    assert!(state.started_in("111122223333").is_err());
}

#[test]
fn orders_the_domains_as_the_inputs_and_forgets_none() {
    let mut state = state([
        entry("Old", 1, Stage::Waiting),
        entry("B", 2, Stage::Waiting),
    ]);
    let listed = state.arrange(["A", "B", "A", "C"].map(input).to_vec());
    assert_eq!(listed.unwrap(), 3);
    let names: Vec<_> = state
        .domains
        .iter()
        .map(|entry| (entry.input.domain_name.as_str(), entry.attempts))
        .collect();
    assert_eq!(names, [("A", 0), ("B", 2), ("C", 0), ("Old", 1)]);
}

#[test]
fn takes_other_settings_only_for_a_domain_that_may_be_started_again() {
    let other = || {
        input("A")
            .s3_key_prefix("p")
            .s3_sse_algorithm(S3SseAlgorithm::Kms)
    };
    for stage in [Stage::Waiting, failed()] {
        let mut state = state([entry("A", 3, stage)]);
        state.arrange(vec![other()]).unwrap();
        assert_eq!(state.domains, [Entry::new(other())]);
    }
    for stage in [Stage::Starting { since: time() }, done()] {
        let mut known = entry("A", 1, stage);
        known.input.client_token = Some("t".to_owned());
        let mut state = state([known]);
        state.arrange(vec![input("A")]).unwrap();
        let error = state.arrange(vec![other()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OtherSettings);
        assert_eq!(
            error.to_string(),
            "A is in the state file with s3Bucket bucket, not with s3Bucket bucket, s3KeyPrefix p, \
             s3SseAlgorithm KMS: name another state file for that"
        );
    }
}

#[test]
fn refuses_two_inputs_for_one_domain() {
    let inputs = vec![input("A"), input("A").s3_key_prefix("p")];
    let error = State::default().arrange(inputs).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        error.to_string(),
        "A is given twice, with s3Bucket bucket and with s3Bucket bucket, s3KeyPrefix p: give it \
         once"
    );
}
