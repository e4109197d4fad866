//! What fails, and how a run goes on or ends.

use std::fs;

use simpledb_export::ErrorKind;
use simpledb_export::export_all::{DomainStatus, ExportAll, ExportAllErrorKind};

use super::World;

#[test]
fn a_domain_that_does_not_exist_fails_and_the_others_go_on() {
    let world = World::new(2);
    let export_all = || {
        let names = ["domain000", "Nowhere", "domain001"];
        ExportAll::new(world.service.client(), names, "bucket", world.state())
    };
    let report = export_all().run().unwrap();
    assert_eq!((report.done(), report.failed_for_good()), (2, 1));
    assert_eq!(report.next_run, None);
    let DomainStatus::Failed {
        code,
        export_arn: None,
        for_good: true,
        ..
    } = &report.domains[1].status
    else {
        panic!("{report:?}");
    };
    assert_eq!(code, "NoSuchDomainException");

    let report = export_all().on_event(|event| panic!("{event}")).run();
    assert_eq!(report.unwrap().failed_for_good(), 1);
    let mut events = 0;
    let again = export_all().retry_failed(true).on_event(|_| events += 1);
    assert_eq!(again.run().unwrap().failed_for_good(), 1);
    assert_eq!(events, 1);
    world.assert_each_exported_once();
}

#[test]
fn a_failed_export_is_tried_again_by_later_runs_and_not_for_ever() {
    let world = World::new(1);
    let bucket = world.folder.path().join("bucket");
    fs::remove_dir_all(&bucket).unwrap();
    for attempt in 1..=2 {
        let report = world.export_all().max_attempts(2).run().unwrap();
        assert_eq!(report.to_be_retried(), usize::from(attempt == 1));
        assert_eq!(report.failed_for_good(), usize::from(attempt == 2));
        assert_eq!(report.next_run.is_some(), attempt == 1);
        assert_eq!(report.domains[0].attempts, attempt);
    }
    let report = world.export_all().max_attempts(2).run().unwrap();
    assert_eq!(report.failed_for_good(), 1);
    assert_eq!(world.exports()["domain000"], (2, 0));

    fs::create_dir(&bucket).unwrap();
    let report = world.export_all().max_attempts(3).run().unwrap();
    assert_eq!(report.done(), 1);
    assert_eq!(world.exports()["domain000"], (3, 1));
}

#[test]
fn settings_that_the_service_refuses_end_the_run_and_can_be_put_right() {
    let world = World::new(3);
    let report = world.export_all().s3_bucket_owner("nobody").run().unwrap();
    let error = report.stopped_by.unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidParameterValueException);
    let waiting = report
        .domains
        .iter()
        .filter(|domain| domain.status == DomainStatus::Waiting && domain.attempts == 0);
    assert_eq!(waiting.count(), 3);

    let report = world.export_all().s3_bucket_owner("123456789012").run();
    assert_eq!(report.unwrap().done(), 3);
    let error = world.export_all().run().unwrap_err();
    assert_eq!(error.kind(), ExportAllErrorKind::OtherSettings);
    assert_eq!(
        error.to_string(),
        "the state file is of exports with region us-east-1, endpoint 127.0.0.1, s3Bucket bucket, \
         s3BucketOwner 123456789012, not with region us-east-1, endpoint 127.0.0.1, s3Bucket \
         bucket: name another state file for those"
    );
    world.assert_each_exported_once();
}

#[test]
fn two_runs_at_once_are_refused() {
    let world = World::new(1);
    let mut refused = None;
    let report = world.export_all().on_event(|_| {
        refused.get_or_insert_with(|| world.export_all().run().unwrap_err());
    });
    assert_eq!(report.run().unwrap().done(), 1);
    let refused = refused.unwrap();
    assert_eq!(refused.kind(), ExportAllErrorKind::InUse);
    world.assert_each_exported_once();
}

#[test]
fn what_cannot_work_is_refused_before_anything_is_sent() {
    let world = World::new(1);
    let run = |names: &[&str], bucket: &str| {
        let names = names.iter().copied();
        ExportAll::new(world.service.client(), names, bucket, world.state())
            .run()
            .unwrap_err()
    };
    let cases = [
        (
            run(&[], "bucket"),
            "no domains are given: name at least one",
        ),
        (
            run(&["domain000", ""], "bucket"),
            "the name of a domain is empty: leave it out of the list",
        ),
        (
            run(&["domain000"], ""),
            "s3Bucket is required and must not be empty",
        ),
    ];
    for (error, text) in cases {
        assert_eq!(error.kind(), ExportAllErrorKind::InvalidInput);
        assert_eq!(error.to_string(), text);
    }
    assert!(!world.state().exists());
    assert!(world.exports().is_empty());
}
