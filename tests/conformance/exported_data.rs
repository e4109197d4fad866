//! Hostile JSON as what an export wrote, and real domains.

use std::fs;
use std::io;

use simpledb_export::data::{DataError, ItemReader, JsonLinesWriter};

#[test]
fn hostile_json_is_refused_or_skipped_and_never_panics() {
    let Some(folder) = super::find("hostile-json/test_parsing") else {
        return;
    };
    let mut cases = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let json = fs::read(&path).unwrap();

        let whole = ItemReader::new(&json[..]).try_for_each_ref(|_| Ok::<(), DataError>(()));
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
    super::ran("hostile JSON as exported data", cases, 318);
}

#[test]
fn real_domains_are_read_and_converted() {
    for (name, expected) in [("Airports.json", 3376), ("Cars.json", 311)] {
        let Some(path) = super::find(&format!("../domains/{name}")) else {
            return;
        };
        let mut writer = JsonLinesWriter::new(io::sink());
        let items = ItemReader::open(path)
            .and_then(|mut items| items.try_for_each_ref(|item| writer.write(item)))
            .unwrap();
        assert_eq!(items, expected, "{name}");
        let (_, summary) = writer.finish().unwrap();
        assert_eq!((summary.items, summary.losses.is_empty()), (expected, true));
    }
}
