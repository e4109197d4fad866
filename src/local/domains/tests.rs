use super::*;
use crate::tests::temp_dir::TempDir;

fn names(domain: &Domain) -> Vec<String> {
    let mut names = Vec::new();
    domain
        .for_each(|item| {
            names.push(item.item_name.clone());
            Ok::<(), ()>(())
        })
        .unwrap()
        .unwrap();
    names
}

#[test]
fn the_sample_is_a_data_file_with_several_values() {
    let Domain::Items(items) = Domain::sample() else {
        unreachable!("made of items")
    };
    let has_several = |item: &&Item| item.attributes.iter().any(|a| a.values.len() > 1);
    let several = items.iter().filter(has_several).count();
    assert!(several > 10, "{several}");
    let mut names = names(&Domain::Items(items));
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 40);
}

#[test]
fn finds_domains_in_files_and_directories() {
    let dir = TempDir::new();
    dir.write("B.json", "[{\"itemName\":\"b\"}]");
    dir.write("A/2.json", "[{\"itemName\":\"a2\"}]");
    dir.write("A/1.json", "[{\"itemName\":\"a1\"}]");
    dir.write("A/notes.txt", "no data");
    dir.write("README.md", "no data");
    dir.write("C/manifest-file.json", "[]");
    dir.write("C/data/dataFile_1_1.json", "[{\"itemName\":\"c\"}]");
    dir.write("empty/notes.txt", "no data");
    let domains = in_directory(dir.path()).unwrap();
    assert_eq!(domains.keys().collect::<Vec<_>>(), ["A", "B", "C"]);
    assert_eq!(names(&domains["A"]), ["a1", "a2"]);
    assert_eq!(names(&domains["B"]), ["b"]);
    assert_eq!(names(&domains["C"]), ["c"]);

    dir.write("B/1.json", "[]");
    assert_eq!(
        in_directory(dir.path()).unwrap_err().to_string(),
        format!(
            "{} has the domain \"B\" twice, as a file and as a directory; remove one",
            dir.path().display()
        )
    );
}

#[test]
fn reports_an_invalid_file_with_the_position() {
    let dir = TempDir::new();
    let table = [
        (
            "[{\"itemName\":\"a\"},\n{\"name\":1}]",
            "missing field `itemName` at line 2 column 10",
        ),
        (
            "{\"itemName\":\"a\"}",
            "invalid type: map, expected an array of items at line 1 column 1",
        ),
        ("[] x", "trailing characters at line 1 column 4"),
        ("[", "EOF while parsing a list at line 1 column 1"),
    ];
    for (json, reason) in table {
        dir.write("Bad.json", json);
        let domains = in_directory(dir.path()).unwrap();
        assert_eq!(
            domains["Bad"].check().unwrap_err().to_string(),
            format!(
                "cannot read items from {}: {reason}; expected a JSON array of items like an \
                 export's data files",
                dir.path().join("Bad.json").display()
            )
        );
    }
}

#[test]
fn skips_a_byte_order_mark() {
    let dir = TempDir::new();
    dir.write("Books.json", "\u{feff}[{\"itemName\":\"b\"}]");
    let domains = in_directory(dir.path()).unwrap();
    assert_eq!(names(&domains["Books"]), ["b"]);
}

#[test]
fn reports_a_missing_directory() {
    let dir = TempDir::new();
    let missing = dir.path().join("missing");
    let error = in_directory(&missing).unwrap_err().to_string();
    let expected = format!("cannot list the domains in {}: ", missing.display());
    assert!(error.starts_with(&expected), "{error}");
}

#[test]
fn stops_when_the_caller_returns_an_error() {
    let domain = Domain::Items(vec![Item::new("a"), Item::new("b")]);
    let mut seen = 0;
    let result = domain.for_each(|_| {
        seen += 1;
        Err("enough")
    });
    assert_eq!(result.unwrap(), Err("enough"));
    assert_eq!(seen, 1);
    let dir = TempDir::new();
    dir.write("Books.json", "[{\"itemName\":\"a\"},{\"itemName\":\"b\"}]");
    let domains = in_directory(dir.path()).unwrap();
    let result = domains["Books"].for_each(|_| Err("enough"));
    assert_eq!(result.unwrap(), Err("enough"));
}
