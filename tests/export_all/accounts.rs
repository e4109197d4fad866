//! A state file is of one account, one region and one endpoint, and a run for others is refused
//! before it starts a second export of anything.

use simpledb_export::export_all::{ExportAllError, ExportAllErrorKind, ExportAllReport};
use simpledb_export::{Client, Credentials, ListExportsInput};

use super::{DAY, World, assert_counts};

const OWN: &str = "123456789012";
const OTHER: &str = "444455556666";

/// A world of the other account.
fn other(domains: usize) -> World {
    World::with(domains, |builder| builder.account_id(OTHER))
}

/// A client of the world with these credentials.
fn client_with(world: &World, credentials: Credentials) -> Client {
    let config = world.service.config().to_builder();
    Client::new(config.credentials(credentials).build().unwrap()).unwrap()
}

/// The world's client, whose credentials say that they are of an account.
fn client_of(world: &World, account_id: &str) -> Client {
    let credentials = Credentials::builder("local", "local").account_id(account_id);
    client_with(world, credentials.build())
}

/// Runs with the state of one world against the service of another, by credentials that do not say
/// which account they are of.
fn run_in(world: &World, elsewhere: &World) -> Result<ExportAllReport, ExportAllError> {
    let client = client_with(elsewhere, Credentials::new("local", "local"));
    world.export_all_by(client).run()
}

#[track_caller]
fn assert_other_account(result: Result<ExportAllReport, ExportAllError>, text: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ExportAllErrorKind::OtherAccount);
    assert_eq!(error.to_string(), text);
}

#[test]
fn credentials_that_say_another_account_are_refused_even_if_all_is_done() {
    let world = World::new(2);
    let client = client_of(&world, OWN);
    assert_counts(&world.export_all_by(client).run().unwrap(), 2, 0, 0);
    assert_other_account(
        world.export_all_by(client_of(&world, OTHER)).run(),
        "the state file is of the account 123456789012, and the credentials are of 444455556666: \
         use that account's, or name another state file",
    );
}

#[test]
fn another_account_shows_in_its_newest_export() {
    let (world, elsewhere) = (World::new(2), other(2));
    world.export_all().run().unwrap();
    elsewhere.export_all().run().unwrap();
    let before = std::fs::read(world.state()).unwrap();
    assert_other_account(
        run_in(&world, &elsewhere),
        "the state file is of the account 123456789012, and the credentials are of 444455556666: \
         use that account's, or name another state file",
    );
    assert_eq!(std::fs::read(world.state()).unwrap(), before);
    elsewhere.assert_each_exported_once();
}

#[test]
fn an_account_that_cannot_be_told_has_to_be_named() {
    let (world, elsewhere) = (World::new(2), other(2));
    world.export_all().run().unwrap();
    assert_counts(&run_in(&world, &world).unwrap(), 2, 0, 0);
    assert_other_account(
        run_in(&world, &elsewhere),
        "the state file is of the account 123456789012, and that of the credentials is not known \
         (it has no exports): set AWS_ACCOUNT_ID, or name another state file",
    );
    assert!(elsewhere.exports().is_empty());
}

#[test]
fn an_export_that_another_account_answers_with_is_named_and_not_taken() {
    let (world, elsewhere) = (World::new(27), other(27));
    assert_counts(&world.export_all().run().unwrap(), 25, 0, 2);
    let result = world.export_all_by(client_of(&elsewhere, OWN)).run();
    let started = elsewhere.service.client();
    let exports = started.list_exports(&ListExportsInput::new());
    let exports = exports.unwrap().export_summaries;
    assert_eq!(exports.len(), 1);
    assert_other_account(
        result,
        &format!(
            "the state file is of the account 123456789012, and the credentials are of \
             444455556666: use that account's, or name another state file; domain025 was started \
             there as {}",
            exports[0].export_arn
        ),
    );

    world.clock.advance(DAY);
    assert_counts(&world.export_all().run().unwrap(), 27, 0, 0);
    world.assert_each_exported_once();
}

#[test]
fn another_region_is_refused() {
    let world = World::new(1);
    world.export_all().run().unwrap();
    let elsewhere = world.service.config().to_builder().region("eu-west-1");
    let elsewhere = Client::new(elsewhere.build().unwrap()).unwrap();
    let error = world.export_all_by(elsewhere).run().unwrap_err();
    assert_eq!(error.kind(), ExportAllErrorKind::OtherSettings);
    assert_eq!(
        error.to_string(),
        "the state file is of exports with region us-east-1, endpoint 127.0.0.1, s3Bucket bucket, \
         not with region eu-west-1, endpoint 127.0.0.1, s3Bucket bucket: name another state file \
         for those"
    );
}
