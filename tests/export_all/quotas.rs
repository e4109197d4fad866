//! The service's quotas, over days.

use std::time::Duration;

use simpledb_export::StartDomainExportInput;
use simpledb_export::export_all::Event;
use simpledb_export::local::Pace;

use super::{DAY, World, assert_counts, continuing, noon};

/// Runs daily at the same time of day, with each event taking 200 ms, so that the exports of a day
/// still count when the next day's run begins.
#[test]
fn two_hundred_and_fifty_domains_take_ten_daily_runs() {
    let world = World::with(250, |builder| {
        builder.pace(Pace {
            pending: Duration::from_secs(5),
            in_progress: Duration::from_secs(20),
        })
    });
    for day in 1..=10_usize {
        let clock = world.clock.clone();
        let report = world
            .export_all()
            .on_event(continuing(move |_| {
                clock.advance(Duration::from_millis(200));
            }))
            .run()
            .unwrap();
        assert_counts(&report, 25 * day, 0, 250 - 25 * day);
        assert_eq!(report.next_run.is_none(), day == 10);
        let next = noon() + DAY * u32::try_from(day).unwrap();
        assert!(report.next_run.is_none_or(|at| at > next), "{report:?}");
        let rest = next - world.clock.now();
        world.clock.advance(Duration::try_from(rest).unwrap());
    }
    world.assert_each_exported_once();
}

#[test]
fn reports_until_when_a_quota_stops_the_starts() {
    let world = World::new(27);
    let mut events = Vec::new();
    let report = world
        .export_all()
        .on_event(continuing(|event| {
            if !matches!(event, Event::Waiting { .. }) {
                events.push(event.clone());
            }
        }))
        .run()
        .unwrap();
    assert_counts(&report, 25, 0, 2);
    let until = noon() + DAY + Duration::from_secs(1);
    assert_eq!(report.next_run, Some(until));
    let full = "the account's quota is used up until 2026-02-17T12:00:01.000Z";
    assert_eq!(events[25].to_string(), full);
    let refusals = events
        .iter()
        .filter(|event| matches!(event, Event::AccountQuotaUsed { .. }));
    assert_eq!(refusals.count(), 1);
    // The refused request started nothing, and does not count as an attempt.
    assert_eq!(report.domains[25].attempts, 0);

    world.clock.advance(DAY);
    assert_counts(&world.export_all().run().unwrap(), 27, 0, 0);
    world.assert_each_exported_once();
}

#[test]
fn counts_exports_that_others_started() {
    let world = World::new(3);
    let client = world.service.client();
    for _ in 0..5 {
        let input = StartDomainExportInput::new("domain000", "bucket");
        client.start_domain_export(&input).unwrap();
        world.clock.advance(Duration::from_secs(60));
    }
    let mut lines = Vec::new();
    let report = world
        .export_all()
        .on_event(continuing(|event| lines.push(event.to_string())))
        .run()
        .unwrap();
    assert_counts(&report, 2, 0, 1);
    assert_eq!(
        lines[0],
        "domain000: the domain's quota is used up until 2026-02-17T12:00:01.000Z"
    );
    assert_eq!(report.next_run, Some(noon() + DAY + Duration::from_secs(1)));

    let report = world.export_all().max_wait(DAY).run().unwrap();
    assert_counts(&report, 3, 0, 0);
    assert_eq!(world.exports()["domain000"], (6, 6));
}
