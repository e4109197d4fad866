//! Exports of many domains from the local service, over several runs.

mod accounts;
mod buckets;
mod killed;
mod permissions;
mod quotas;
mod refusals;
mod wrong_clocks;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use simpledb_export::export_all::{DomainReport, DomainStatus, Event, ExportAll, Report};
use simpledb_export::local::{LocalService, LocalServiceBuilder, ManualClock, Pace};
use simpledb_export::{Client, ExportStatus, Item, ListExportsInput, StartDomainExportInput};
use time::OffsetDateTime;

use crate::local_service::support::TempDir;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Noon on 2026-02-16.
fn noon() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_771_243_200).unwrap()
}

/// A service with domains of one to three items, whose time is given.
struct World {
    dir: TempDir,
    clock: ManualClock,
    names: Vec<String>,
    service: LocalService,
}

impl World {
    fn new(domains: usize) -> World {
        World::with(domains, |builder| builder)
    }

    fn with(domains: usize, set: impl FnOnce(LocalServiceBuilder) -> LocalServiceBuilder) -> World {
        let dir = TempDir::new();
        let clock = ManualClock::new(noon());
        let names: Vec<_> = (0..domains)
            .map(|number| format!("domain{number:03}"))
            .collect();
        let mut builder = LocalService::builder()
            .root(dir.path())
            .bucket("bucket")
            .clock(clock.clone())
            .pace(Pace {
                pending: Duration::from_secs(60),
                in_progress: Duration::from_secs(600),
            });
        for (number, name) in names.iter().enumerate() {
            let items = (0..=number % 3)
                .map(|item| Item::new(format!("item{item}")).attribute("n", [name.as_str()]));
            builder = builder.domain(name, items);
        }
        let service = set(builder).start().unwrap();
        World {
            dir,
            clock,
            names,
            service,
        }
    }

    fn state(&self) -> PathBuf {
        self.dir.path().join("state.json")
    }

    fn export_all<'a>(&self) -> ExportAll<'a> {
        self.export_all_by(self.service.client())
    }

    fn export_all_by<'a>(&self, client: Client) -> ExportAll<'a> {
        ExportAll::new(client, inputs(&self.names), self.state())
    }

    /// How many exports of each domain there are, and how many of these succeeded.
    fn exports(&self) -> BTreeMap<String, (usize, usize)> {
        let mut exports: BTreeMap<_, (usize, usize)> = BTreeMap::new();
        let client = self.service.client();
        for summary in client.list_exports_pages(ListExportsInput::new()).items() {
            let summary = summary.unwrap();
            let (all, succeeded) = exports.entry(summary.domain_name).or_default();
            *all += 1;
            *succeeded += usize::from(summary.export_status == ExportStatus::Succeeded);
        }
        exports
    }

    /// Every domain has one export, and that succeeded.
    #[track_caller]
    fn assert_each_exported_once(&self) {
        let once = self.names.iter().map(|name| (name.clone(), (1, 1)));
        assert_eq!(self.exports(), once.collect());
    }
}

/// The inputs for exports of these domains to the bucket.
fn inputs(names: &[impl AsRef<str>]) -> Vec<StartDomainExportInput> {
    let names = names.iter().map(AsRef::as_ref);
    names
        .map(|name| StartDomainExportInput::new(name, "bucket"))
        .collect()
}

/// Calls `on_event` and lets the run continue.
fn continuing(
    mut on_event: impl FnMut(&Event) + Send,
) -> impl FnMut(&Event) -> ControlFlow<()> + Send {
    move |event| {
        on_event(event);
        ControlFlow::Continue(())
    }
}

#[track_caller]
fn assert_counts(report: &Report, done: usize, in_progress: usize, waiting: usize) {
    assert_eq!(
        (report.done(), report.in_progress(), report.waiting()),
        (done, in_progress, waiting),
        "{report:?}"
    );
    assert_eq!(report.failed_permanently() + report.to_be_retried(), 0);
    assert!(report.stopped_by.is_none(), "{report:?}");
}

/// What a state file holds.
fn read(state: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(state).unwrap()).unwrap()
}

#[test]
fn exports_a_few_domains_at_once_and_never_again() {
    let world = World::new(3);
    let mut lines = Vec::new();
    let report = world
        .export_all()
        .on_event(continuing(|event| {
            let line = event.to_string();
            if lines.last() != Some(&line) {
                lines.push(line);
            }
        }))
        .run()
        .unwrap();
    assert_counts(&report, 3, 0, 0);
    assert_eq!(report.next_run, None);
    for (number, domain) in report.domains.iter().enumerate() {
        assert_eq!(
            (&domain.domain_name, domain.attempts),
            (&world.names[number], 1)
        );
        let DomainStatus::Done {
            items_count,
            export_manifest,
            ..
        } = &domain.status
        else {
            panic!("{domain:?}");
        };
        assert_eq!(*items_count, Some(number as u64 + 1));
        assert!(export_manifest.is_some());
    }
    assert!(
        lines[0].starts_with("domain000: started as arn:aws:sdb:"),
        "{lines:?}"
    );
    assert_eq!(
        lines[1],
        "1 in progress; waiting until 2026-02-16T12:00:30.000Z"
    );
    assert_eq!(lines[lines.len() - 1], "domain002: done, 3 items");
    assert_eq!(read(&world.state())["domains"][2]["itemsCount"], 3);

    let before = std::fs::metadata(world.state())
        .unwrap()
        .modified()
        .unwrap();
    world.clock.advance(DAY);
    let report = world
        .export_all()
        .on_event(continuing(|event| panic!("{event}")))
        .run()
        .unwrap();
    assert_counts(&report, 3, 0, 0);
    world.assert_each_exported_once();
    let after = std::fs::metadata(world.state())
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(before, after);
}

#[test]
fn exports_a_domain_that_joins_the_list_and_keeps_one_that_leaves_it() {
    let world = World::new(3);
    let run = |names: &[&str]| {
        ExportAll::new(world.service.client(), inputs(names), world.state())
            .run()
            .unwrap()
    };
    assert_eq!(run(&["domain001", "domain001"]).domains.len(), 1);
    assert_eq!(run(&["domain002", "domain000"]).done(), 2);
    assert_eq!(run(&["domain000", "domain001", "domain002"]).done(), 3);
    world.assert_each_exported_once();
}

#[test]
fn without_waiting_starts_polls_once_and_ends() {
    let world = World::new(2);
    let run = || world.export_all().max_wait(Duration::ZERO).run().unwrap();
    let report = run();
    assert_counts(&report, 0, 1, 1);
    assert_eq!(report.next_run, Some(noon() + Duration::from_secs(600)));
    assert_eq!(world.clock.now(), noon());
    world.clock.advance(Duration::from_secs(700));
    assert_counts(&run(), 1, 1, 0);
    world.clock.advance(Duration::from_secs(700));
    assert_counts(&run(), 2, 0, 0);
    world.assert_each_exported_once();
}

#[test]
fn can_be_cancelled_at_any_event_and_any_second_of_a_wait() {
    let world = World::new(3);
    let mut events = 0;
    let mut runs = 0_i32;
    loop {
        runs += 1;
        let mut left = runs;
        let report = world
            .export_all()
            .on_event(|_| {
                events += 1;
                left -= 1;
                if left > 0 {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })
            .run()
            .unwrap();
        assert!(report.stopped_by.is_none(), "{report:?}");
        if report.done() == 3 {
            break;
        }
        assert!(runs < 200, "the runs make no progress");
    }
    assert!(events > 600, "the wait of {events} seconds was not divided");
    world.assert_each_exported_once();
}

#[test]
fn shows_the_status_without_sending_anything() {
    let world = World::new(3);
    world.export_all().max_wait(Duration::ZERO).run().unwrap();
    let before = std::fs::read(world.state()).unwrap();
    // Nothing listens there.
    let config = world.service.config().to_builder();
    let offline = config.endpoint_url("http://127.0.0.1:9").build().unwrap();
    let offline = Client::new(offline).unwrap();
    let names = ["domain001", "new"].map(str::to_owned);
    let status = ExportAll::new(offline.clone(), inputs(&names), world.state()).status();
    let status = status.unwrap();
    let name = |report: &DomainReport| report.domain_name.clone();
    assert_eq!(status.domains.iter().map(name).collect::<Vec<_>>(), names);
    assert_eq!(status.waiting(), 2);
    let left_out: Vec<_> = status.left_out.iter().map(name).collect();
    assert_eq!(left_out, ["domain000", "domain002"]);
    assert!(matches!(
        status.left_out[0].status,
        DomainStatus::InProgress { .. }
    ));
    assert_eq!(std::fs::read(world.state()).unwrap(), before);

    let nothing = ExportAll::new(offline, [], world.state()).status().unwrap();
    assert_eq!((nothing.domains.len(), nothing.left_out.len()), (0, 3));
}
