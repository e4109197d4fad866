use super::*;
use crate::tests::temp_dir::TestFolder;

fn names(domain: &Domain) -> Vec<String> {
    let mut names = Vec::new();
    domain
        .for_each(|item| {
            names.push(item.item_name.clone());
            Ok::<(), ()>(())
        })
        .unwrap();
    names
}

#[test]
fn the_sample_is_a_good_data_file_with_several_values() {
    Domain::Sample.check().unwrap();
    let (mut count, mut several) = (0, 0);
    Domain::Sample
        .for_each(|item| {
            count += 1;
            several += usize::from(item.attributes.iter().any(|a| a.values.len() > 1));
            Ok::<(), ()>(())
        })
        .unwrap();
    assert_eq!(count, 40);
    assert!(several > 10, "{several}");
    let mut names = names(&Domain::Sample);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 40);
}

#[test]
fn files_and_folders_are_domains() {
    let folder = TestFolder::new();
    folder.write("B.json", "[{\"itemName\":\"b\"}]");
    folder.write("A/2.json", "[{\"itemName\":\"a2\"}]");
    folder.write("A/1.json", "[{\"itemName\":\"a1\"}]");
    folder.write("A/notes.txt", "no data");
    folder.write("README.md", "no data");
    folder.write("C/manifest-file.json", "[]");
    folder.write("C/data/dataFile_1_1.json", "[{\"itemName\":\"c\"}]");
    folder.write("empty/notes.txt", "no data");
    let domains = in_folder(folder.path()).unwrap();
    assert_eq!(domains.keys().collect::<Vec<_>>(), ["A", "B", "C"]);
    assert_eq!(names(&domains["A"]), ["a1", "a2"]);
    assert_eq!(names(&domains["B"]), ["b"]);
    assert_eq!(names(&domains["C"]), ["c"]);

    folder.write("B/1.json", "[]");
    assert_eq!(
        in_folder(folder.path()).unwrap_err().to_string(),
        format!(
            "{} has the domain \"B\" twice, as a file and as a folder; remove one",
            folder.path().display()
        )
    );
}

#[test]
fn a_bad_file_is_named_with_the_position() {
    let folder = TestFolder::new();
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
        folder.write("Bad.json", json);
        let domains = in_folder(folder.path()).unwrap();
        assert_eq!(
            domains["Bad"].check().unwrap_err().to_string(),
            format!(
                "cannot read items from {}: {reason}; expected a JSON array of items like an \
                 export's data files",
                folder.path().join("Bad.json").display()
            )
        );
    }
}

#[test]
fn a_missing_folder_is_named() {
    let folder = TestFolder::new();
    let missing = folder.path().join("missing");
    let error = in_folder(&missing).unwrap_err().to_string();
    let expected = format!("cannot list the folder of domains {}: ", missing.display());
    assert!(error.starts_with(&expected), "{error}");
}

#[test]
fn who_gets_the_items_can_stop() {
    let domain = Domain::Items(vec![Item::new("a"), Item::new("b")].into());
    let mut seen = 0;
    let result = domain.for_each(|_| {
        seen += 1;
        Err("enough")
    });
    assert!(matches!(result, Err(ReadError::Stopped("enough"))));
    assert_eq!(seen, 1);
    let result = Domain::Sample.for_each(|_| Err("enough"));
    assert!(matches!(result, Err(ReadError::Stopped("enough"))));
}
