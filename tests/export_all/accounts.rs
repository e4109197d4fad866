//! A state file belongs to one account, region and endpoint; a run for others is refused before it
//! starts a second export of anything.

use simpledb_export::export_all::{Error, ErrorKind, Report};
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
fn run_in(world: &World, elsewhere: &World) -> Result<Report, Error> {
    let client = client_with(elsewhere, Credentials::new("local", "local"));
    world.export_all_by(client).run()
}

#[track_caller]
fn assert_other_account(result: Result<Report, Error>, text: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherAccount);
    assert_eq!(error.to_string(), text);
}

#[test]
fn refuses_credentials_of_another_account_even_if_all_is_done() {
    let world = World::new(2);
    let client = client_of(&world, OWN);
    assert_counts(&world.export_all_by(client).run().unwrap(), 2, 0, 0);
    assert_other_account(
        world.export_all_by(client_of(&world, OTHER)).run(),
        "the state file belongs to account 123456789012, but the credentials belong to account \
         444455556666: use credentials of account 123456789012, or name another state file",
    );
}

#[test]
fn recognizes_another_account_by_its_newest_export() {
    let (world, elsewhere) = (World::new(2), other(2));
    world.export_all().run().unwrap();
    elsewhere.export_all().run().unwrap();
    let before = std::fs::read(world.state()).unwrap();
    assert_other_account(
        run_in(&world, &elsewhere),
        "the state file belongs to account 123456789012, but the credentials belong to account \
         444455556666: use credentials of account 123456789012, or name another state file",
    );
    assert_eq!(std::fs::read(world.state()).unwrap(), before);
    elsewhere.assert_each_exported_once();
}

#[test]
fn asks_for_an_account_that_cannot_be_derived() {
    let (world, elsewhere) = (World::new(2), other(2));
    world.export_all().run().unwrap();
    assert_counts(&run_in(&world, &world).unwrap(), 2, 0, 0);
    assert_other_account(
        run_in(&world, &elsewhere),
        "the state file belongs to account 123456789012, but the account of the credentials is not \
         known (it has no exports): set AWS_ACCOUNT_ID, or name another state file",
    );
    assert!(elsewhere.exports().is_empty());
}

#[test]
fn names_an_export_that_was_started_in_another_account() {
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
            "the state file belongs to account 123456789012, but the credentials belong to account \
             444455556666: use credentials of account 123456789012, or name another state file; \
             domain025 was started there as {}",
            exports[0].export_arn
        ),
    );

    world.clock.advance(DAY);
    assert_counts(&world.export_all().run().unwrap(), 27, 0, 0);
    world.assert_each_exported_once();
}

#[test]
fn refuses_another_region() {
    let world = World::new(1);
    world.export_all().run().unwrap();
    let elsewhere = world.service.config().to_builder().region("eu-west-1");
    let elsewhere = Client::new(elsewhere.build().unwrap()).unwrap();
    let error = world.export_all_by(elsewhere).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherSettings);
    assert_eq!(
        error.to_string(),
        "the state file belongs to region us-east-1 at endpoint 127.0.0.1, not to region eu-west-1 \
         at endpoint 127.0.0.1: name another state file for that"
    );
}
