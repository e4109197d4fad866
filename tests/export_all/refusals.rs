//! Failures, and how a run continues or ends.

use std::fs;

use simpledb_export::export_all::{self, DomainStatus, ExportAll};
use simpledb_export::{ErrorKind, StartDomainExportInput};

use super::{World, continuing, inputs};

#[test]
fn a_domain_that_does_not_exist_fails_and_the_others_continue() {
    let world = World::new(2);
    let export_all = || {
        let names = ["domain000", "Nowhere", "domain001"];
        ExportAll::new(world.service.client(), inputs(&names), world.state())
    };
    let report = export_all().run().unwrap();
    assert_eq!((report.done(), report.failed_permanently()), (2, 1));
    assert_eq!(report.next_run, None);
    let DomainStatus::Failed {
        code,
        export_arn: None,
        permanent: true,
        ..
    } = &report.domains[1].status
    else {
        panic!("{report:?}");
    };
    assert_eq!(code, "NoSuchDomainException");

    let report = export_all()
        .on_event(continuing(|event| panic!("{event}")))
        .run();
    assert_eq!(report.unwrap().failed_permanently(), 1);
    let mut events = 0;
    let again = export_all()
        .retry_failed(true)
        .on_event(continuing(|_| events += 1));
    assert_eq!(again.run().unwrap().failed_permanently(), 1);
    assert_eq!(events, 1);
    world.assert_each_exported_once();
}

#[test]
fn later_runs_retry_a_failed_export_but_not_forever() {
    let world = World::new(1);
    let bucket = world.dir.path().join("bucket");
    fs::remove_dir_all(&bucket).unwrap();
    for attempt in 1..=2 {
        let report = world.export_all().max_attempts(2).run().unwrap();
        assert_eq!(report.to_be_retried(), usize::from(attempt == 1));
        assert_eq!(report.failed_permanently(), usize::from(attempt == 2));
        assert_eq!(report.next_run.is_some(), attempt == 1);
        assert_eq!(report.domains[0].attempts, attempt);
    }
    let report = world.export_all().max_attempts(2).run().unwrap();
    assert_eq!(report.failed_permanently(), 1);
    assert_eq!(world.exports()["domain000"], (2, 0));

    fs::create_dir(&bucket).unwrap();
    let report = world.export_all().max_attempts(3).run().unwrap();
    assert_eq!(report.done(), 1);
    assert_eq!(world.exports()["domain000"], (3, 1));
}

#[test]
fn settings_that_the_service_rejects_end_the_run_and_can_be_corrected() {
    let world = World::new(3);
    let export_all = |owner: &str| {
        let inputs = inputs(&world.names).into_iter();
        let inputs = inputs.map(|input| input.s3_bucket_owner(owner));
        ExportAll::new(world.service.client(), inputs, world.state())
    };
    let report = export_all("nobody").run().unwrap();
    let error = report.stopped_by.unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidParameterValueException);
    let waiting = report
        .domains
        .iter()
        .filter(|domain| matches!(domain.status, DomainStatus::Waiting) && domain.attempts == 0);
    assert_eq!(waiting.count(), 3);

    assert_eq!(export_all("123456789012").run().unwrap().done(), 3);
    let error = world.export_all().run().unwrap_err();
    assert_eq!(error.kind(), export_all::ErrorKind::OtherSettings);
    assert_eq!(
        error.to_string(),
        "domain000 is in the state file with s3Bucket bucket, s3BucketOwner 123456789012, not with \
         s3Bucket bucket: name another state file for that"
    );
    world.assert_each_exported_once();
}

#[test]
fn refuses_a_second_run_at_the_same_time() {
    let world = World::new(1);
    let mut refused = None;
    let report = world.export_all().on_event(continuing(|_| {
        refused.get_or_insert_with(|| world.export_all().run().unwrap_err());
    }));
    assert_eq!(report.run().unwrap().done(), 1);
    let refused = refused.unwrap();
    assert_eq!(refused.kind(), export_all::ErrorKind::InUse);
    world.assert_each_exported_once();
}

#[test]
fn refuses_inputs_that_cannot_work_before_anything_is_sent() {
    let world = World::new(1);
    let input = || StartDomainExportInput::new("domain000", "bucket");
    let cases = [
        (vec![], "no domains are given: name at least one"),
        (
            vec![input(), StartDomainExportInput::new("", "bucket")],
            "a domain name is empty: remove it from the list",
        ),
        (
            vec![StartDomainExportInput::new("domain000", "")],
            "domain000: s3Bucket is required and must not be empty",
        ),
        (
            vec![input().client_token("t")],
            "domain000: clientToken must not be set: each attempt gets its own",
        ),
        (
            vec![input(), input().s3_key_prefix("p")],
            "domain000 is given twice, with s3Bucket bucket and with s3Bucket bucket, s3KeyPrefix \
             p: give it once",
        ),
    ];
    for (inputs, text) in cases {
        let error = ExportAll::new(world.service.client(), inputs, world.state())
            .run()
            .unwrap_err();
        assert_eq!(error.kind(), export_all::ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), text);
    }
    assert!(!world.state().exists());
    assert!(world.exports().is_empty());
}
