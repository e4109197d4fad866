//! From a domain through an export to the same items.

use std::time::Duration;

use proptest::prelude::*;
use simpledb_export::data::Export;
use simpledb_export::local::{LocalService, Pace};
use simpledb_export::{Attribute, Item, StartDomainExportInput};

use crate::support::temp_dir::TempDir;

/// Exports the items as a domain and opens what was written.
fn export(root: &TempDir, items: &[Item], prefix: Option<&str>) -> Export {
    let service = LocalService::builder()
        .root(root.path())
        .bucket("exports")
        .domain("Books", items.iter().cloned())
        .items_per_file(2)
        .pace(Pace::instant())
        .start()
        .unwrap();
    let client = service.client();
    let mut input = StartDomainExportInput::new("Books", "exports");
    if let Some(prefix) = prefix {
        input = input.s3_key_prefix(prefix);
    }
    let started = client.start_domain_export(&input).unwrap();
    let done = client
        .wait_for_export(&started.export_arn)
        .timeout(Duration::from_secs(60))
        .wait()
        .unwrap();

    let id = done.export_arn.rsplit('/').next().unwrap();
    let mut dir = root.path().join("exports");
    dir.extend(prefix.into_iter().flat_map(|prefix| prefix.split('/')));
    dir.extend(["AWSSimpleDB", id, "Books"]);
    let items_count = done.items_count.unwrap();
    let export = Export::open(dir).unwrap();
    let verify = export.verify().expected_items_count(items_count);
    let report = verify.run().unwrap();
    assert!(report.is_ok(), "{:?}", report.problems);
    assert_eq!(report.items, items.len() as u64);
    export
}

fn sorted(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by(|a, b| a.item_name.cmp(&b.item_name));
    items
}

#[test]
fn exports_and_reads_an_empty_domain() {
    let root = TempDir::new();
    assert_eq!(export(&root, &[], None).items().count(), 0);
}

#[test]
fn reads_an_export_with_a_custom_prefix() {
    let root = TempDir::new();
    let items = [
        Item::new("a").attribute("n", ["1", "2"]),
        Item::new("b"),
        Item::new("c"),
    ];
    let export = export(&root, &items, Some("my exports/2026"));
    assert_eq!(export.data_files().len(), 2);
    let read: Result<Vec<_>, _> = export.items().collect();
    assert_eq!(sorted(read.unwrap()), items);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 16,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn exports_and_reads_any_characters_exactly(
        domain in prop::collection::btree_map(
            any::<String>(),
            prop::collection::btree_map(
                any::<String>(),
                prop::collection::btree_set(any::<String>(), 1..4),
                0..4,
            ),
            0..6,
        ),
    ) {
        let items: Vec<Item> = domain
            .into_iter()
            .map(|(name, attributes)| {
                let mut item = Item::new(name);
                item.attributes = attributes
                    .into_iter()
                    .map(|(name, values)| Attribute::new(name, values))
                    .collect();
                item
            })
            .collect();
        let root = TempDir::new();
        let read: Result<Vec<_>, _> = export(&root, &items, None).items().collect();
        prop_assert_eq!(sorted(read.unwrap()), items);
    }
}
