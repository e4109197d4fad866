//! Exports that cannot write to their bucket, or do not show whether they can.

use std::fs;
use std::time::Duration;

use simpledb_export::ErrorKind;
use simpledb_export::export_all::{DomainStatus, Event, ExportAll, Report};
use simpledb_export::local::Pace;

use super::{World, assert_counts, continuing, inputs, noon};

fn remove_bucket(world: &World) {
    fs::remove_dir_all(world.dir.path().join("bucket")).unwrap();
}

#[track_caller]
fn assert_stopped_by_missing_bucket(report: &Report) {
    let error = report.stopped_by.as_ref().unwrap();
    assert_eq!(error.kind(), ErrorKind::ExportFailed);
    assert_eq!(error.code(), Some("S3NoSuchBucket"));
    let text = error.to_string();
    let end = "no further exports are started: correct the bucket (bucket), its policy or the key, \
               and run again";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn a_wrong_bucket_costs_one_start_and_stops_the_run() {
    let world = World::new(30);
    remove_bucket(&world);
    for attempt in 1..=2 {
        let report = world.export_all().run().unwrap();
        assert_stopped_by_missing_bucket(&report);
        assert_eq!(world.exports().len(), 1);
        assert_eq!(world.exports()["domain000"], (attempt, 0));
        assert_eq!((report.to_be_retried(), report.waiting()), (1, 29));
    }

    fs::create_dir(world.dir.path().join("bucket")).unwrap();
    let report = world.export_all().run().unwrap();
    // The two failed ones count as well.
    assert_counts(&report, 23, 0, 7);
}

#[test]
fn a_bucket_that_vanishes_between_two_runs_costs_one_start() {
    let world = World::new(10);
    let first = inputs(&world.names[..2]);
    let report = ExportAll::new(world.service.client(), first, world.state()).run();
    assert_counts(&report.unwrap(), 2, 0, 0);
    remove_bucket(&world);
    assert_stopped_by_missing_bucket(&world.export_all().run().unwrap());
    assert_eq!(world.exports().len(), 3);
}

#[test]
fn an_export_that_stays_pending_delays_the_others_for_ten_minutes() {
    let world = World::with(3, |builder| {
        builder.pace(Pace {
            pending: Duration::from_secs(1800),
            in_progress: Duration::from_secs(60),
        })
    });
    let mut events = Vec::new();
    let report = world
        .export_all()
        .on_event(continuing(|event| {
            if !matches!(event, Event::Waiting { .. }) {
                events.push((event.clone(), world.clock.now() - noon()));
            }
        }))
        .run()
        .unwrap();
    assert_counts(&report, 3, 0, 0);
    let (event, passed) = &events[1];
    let DomainStatus::Done { export_arn, .. } = &report.domains[0].status else {
        panic!("{report:?}");
    };
    assert_eq!(
        event.to_string(),
        format!(
            "domain000: {export_arn} is still PENDING after 10 minutes; starting other domains \
             although it is not known whether the bucket can be written to"
        )
    );
    let minutes = passed.whole_minutes();
    assert!((10..13).contains(&minutes), "{minutes}");
    for (event, _) in &events[2..4] {
        let Event::Domain(domain) = event else {
            panic!("{event}");
        };
        assert!(
            matches!(domain.status, DomainStatus::InProgress { .. }),
            "{event}"
        );
    }
    world.assert_each_exported_once();
}

#[test]
fn an_export_that_has_written_to_the_bucket_delays_no_other() {
    let world = World::with(3, |builder| {
        builder.pace(Pace {
            pending: Duration::from_secs(1800),
            in_progress: Duration::from_secs(60),
        })
    });
    let client = world.service.client();
    let mut seen = Vec::new();
    let mut starts = Vec::new();
    let report = world
        .export_all()
        .has_started(|export| {
            let mut see = || seen.push(client.download(export, "unused").has_started());
            let id = export.export_arn.rsplit('/').next().unwrap();
            let object = format!("AWSSimpleDB/{id}/{}/_started", export.domain_name);
            let object = world.dir.path().join("bucket").join(object);
            fs::remove_file(&object).unwrap();
            see();
            fs::write(&object, "").unwrap();
            see();
            seen[1]
        })
        .on_event(continuing(|event| {
            assert!(!matches!(event, Event::BucketUnchecked { .. }), "{event}");
            if let Event::Domain(domain) = event {
                if matches!(domain.status, DomainStatus::InProgress { .. }) {
                    starts.push(world.clock.now() - noon());
                }
            }
        }))
        .run()
        .unwrap();
    assert_counts(&report, 3, 0, 0);
    assert_eq!(seen, [false, true]);
    assert_eq!(starts.len(), 3);
    assert!(starts.iter().all(|passed| passed.whole_minutes() == 0));
    world.assert_each_exported_once();
}
