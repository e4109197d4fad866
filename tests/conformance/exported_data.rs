//! Hostile JSON as what an export wrote, and real domains.

use std::fs;
use std::io;

use simpledb_export::Item;
use simpledb_export::data::{ItemReader, JsonLinesWriter};

use crate::support::suites;

#[test]
fn rejects_or_skips_hostile_json_without_panicking() {
    let Some(dir) = suites::find("hostile-json/test_parsing") else {
        return;
    };
    let mut cases = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let json = fs::read(&path).unwrap();

        let whole = ItemReader::new(&json[..]).collect::<Result<Vec<_>, _>>();
        assert!(!name.starts_with("n_") || whole.is_err(), "{name}");

        let member = [b"[{\"itemName\":\"a\",\"unknown\":", &json[..], b"}]"].concat();
        let items: Result<Vec<_>, _> = ItemReader::new(&member[..]).collect();
        if name.starts_with("y_") {
            assert_eq!(
                items
                    .unwrap_or_else(|error| panic!("{name}: {error}"))
                    .len(),
                1
            );
        }
        cases += 1;
    }
    suites::ran("hostile JSON as exported data", cases, 318);
}

#[test]
fn reads_and_converts_real_domains() {
    for (name, expected) in [("Airports.json", 3376), ("Cars.json", 311)] {
        let Some(path) = suites::find(&format!("../domains/{name}")) else {
            return;
        };
        let mut writer = JsonLinesWriter::new(io::sink());
        let mut items = ItemReader::open(path).unwrap();
        let mut item = Item::default();
        while items.read_item(&mut item).unwrap() {
            writer.write(&item).unwrap();
        }
        let (_, summary) = writer.finish().unwrap();
        assert_eq!(
            (summary.items, summary.losses.is_empty()),
            (expected, true),
            "{name}"
        );
    }
}
