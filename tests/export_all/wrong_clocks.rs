//! Runs on machines whose clock is wrong.

use std::fs;
use std::time::Duration;

use simpledb_export::{Client, RetryConfig};
use time::OffsetDateTime;

use super::killed::{Cutter, Moment};
use super::{DAY, World, assert_counts, noon};
use crate::support::FakeSystem;

/// The world's client on a machine with this time, at an endpoint.
fn client_at(world: &World, endpoint_url: &str, now: OffsetDateTime) -> Client {
    let system = FakeSystem::new();
    system.set_now(now);
    let retry_config = RetryConfig::standard().max_attempts(2);
    let config = world.service.config().to_builder();
    let config = config
        .endpoint_url(endpoint_url)
        .system(system)
        .retry_config(retry_config);
    Client::new(config.build().unwrap()).unwrap()
}

/// Starts an export whose response is lost, and leaves what was in the state file then. The request
/// is the first, or the second if the first one only shows the service's time.
fn lose_response(world: &World, now: OffsetDateTime, request: usize) {
    let cutter = Cutter::start(
        world.service.address(),
        world.state(),
        request,
        Moment::BeforeResponse,
    );
    let client = client_at(world, &format!("http://{}", cutter.address), now);
    let broken = world.export_all_by(client).max_wait(Duration::ZERO).run();
    drop(broken);
    fs::write(world.state(), cutter.left.lock().unwrap().take().unwrap()).unwrap();
    assert_eq!(world.exports().len(), 1);
}

#[test]
fn a_clock_far_ahead_or_behind_does_not_export_a_domain_twice() {
    for off in [
        DAY * 2,
        DAY + Duration::from_secs(3600),
        Duration::from_secs(3 * 3600),
    ] {
        for now in [noon() + off, noon() - off] {
            let world = World::new(1);
            lose_response(&world, now, 1);
            for hours in [0, 1, 9] {
                world.clock.advance(Duration::from_secs(hours * 3600));
                assert_counts(&world.export_all().run().unwrap(), 1, 0, 0);
                world.assert_each_exported_once();
            }
        }
    }
}

#[test]
fn a_clock_that_stood_still_does_not_resend_a_token_that_the_service_has_forgotten() {
    let world = World::new(1);
    lose_response(&world, noon(), 0);
    world.clock.advance(Duration::from_secs(9 * 3600));
    let client = client_at(&world, world.service.endpoint_url(), noon());
    world
        .export_all_by(client)
        .max_wait(Duration::ZERO)
        .run()
        .unwrap();
    world.assert_each_exported_once();
}
