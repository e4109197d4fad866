use super::*;

/// Gives one byte at a time, as a slow network may.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let one = self.0.len().min(1).min(buffer.len());
        self.0.read(&mut buffer[..one])
    }
}

/// Fails once its bytes have been read.
struct Failing<'a>(&'a [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        self.0.read(buffer)
    }
}

fn all<T: for<'a> Deserialize<'a>>(
    source: impl Read,
    max_bytes: usize,
) -> (Vec<T>, Option<DataError>) {
    let mut elements = Elements::new(source, max_bytes);
    let mut found = Vec::new();
    loop {
        match elements.next_with(|text| first(text)) {
            Ok(Some(element)) => found.push(element),
            Ok(None) => return (found, None),
            Err(error) => {
                assert!(
                    elements
                        .next_with(|text| first::<T>(text))
                        .unwrap()
                        .is_none()
                );
                return (found, Some(error));
            }
        }
    }
}

fn fault(json: impl AsRef<[u8]>) -> String {
    let json = json.as_ref();
    let (_, error) = all::<Vec<String>>(json, 1 << 20);
    let error = error.expect("refused").to_string();
    let (_, dripped) = all::<Vec<String>>(Drip(json), 1 << 20);
    assert_eq!(dripped.expect("refused").to_string(), error);
    error
}

#[test]
fn elements_come_in_order_whatever_white_space_and_mark_surround_them() {
    for json in [
        "[[\"a\"],[],[\"b\",\"c\"]]",
        "\u{feff} \r\n[ [\"a\"]\t, [ ] ,\n[\"b\" , \"c\"] ] \n",
    ] {
        let expected: Vec<Vec<String>> =
            vec![vec!["a".into()], vec![], vec!["b".into(), "c".into()]];
        let (found, error) = all::<Vec<String>>(json.as_bytes(), 1000);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(found, expected);
        assert_eq!(all::<Vec<String>>(Drip(json.as_bytes()), 1000).0, expected);
    }
    assert!(matches!(all::<Vec<String>>(&b" [ ] "[..], 10), (found, None) if found.is_empty()));
}

#[test]
fn faults_between_elements_are_named_and_placed() {
    let early = "the file ends too early; fetch it again";
    let follow = "a comma or the end of the array must follow an item";
    assert_eq!(fault(""), format!("byte 0: {early}"));
    assert_eq!(fault("\u{feff}  "), format!("byte 5: {early}"));
    assert_eq!(fault(" {"), "byte 1: the file must be one JSON array");
    assert_eq!(fault("["), format!("byte 1: {early}"));
    assert_eq!(fault("[[]"), format!("byte 3, item 1: {early}"));
    assert_eq!(fault("[[], "), format!("byte 5, item 2: {early}"));
    assert_eq!(
        fault("[[],]"),
        "byte 4, item 2: a comma must be followed by an item"
    );
    assert_eq!(fault("[[] []"), format!("byte 4, item 1: {follow}"));
    assert_eq!(fault("[] []"), "byte 3: nothing may follow the array");
    assert_eq!(
        fault("[[]]\0"),
        "byte 4, item 1: nothing may follow the array"
    );
}

#[test]
fn faults_in_an_element_are_placed_across_lines() {
    assert_eq!(
        fault("[[],\n[\n\"a\",\n 7]]"),
        "byte 13, item 2: invalid type: integer `7`, expected a string"
    );
    assert_eq!(fault("[,[]]"), "byte 1, item 1: expected value");
    assert_eq!(fault("[[\"\\q\"]]"), "byte 4, item 1: invalid escape");
    assert_eq!(
        fault(format!("[{}", "[".repeat(200))),
        "byte 1, item 1: invalid type: sequence, expected a string"
    );
}

#[test]
fn bytes_that_are_not_text_are_named_after_what_comes_before_them() {
    let (found, error) = all::<Vec<String>>(&b"[[\"a\"],[\"\xff\"]]"[..], 1000);
    assert_eq!(found.len(), 1);
    assert_eq!(
        error.unwrap().to_string(),
        "byte 9, item 2: this is not UTF-8"
    );
    assert_eq!(
        fault(b"[]\xc3"),
        "byte 2: the file ends too early; fetch it again"
    );
    assert_eq!(
        fault(b"[[\"\xc3"),
        "byte 3, item 1: the file ends too early; fetch it again"
    );
}

#[test]
fn what_was_read_before_a_failure_is_handed_out_first() {
    let (found, error) = all::<Vec<String>>(Failing(b"[[\"a\"],[\"\xc3"), 1000);
    assert_eq!(found, [["a"]]);
    let error = error.unwrap();
    assert_eq!(error.kind(), DataErrorKind::Read);
    assert_eq!(
        error.to_string(),
        "byte 9, item 2: cannot be read: connection reset"
    );
}

#[test]
fn elements_reach_over_any_number_of_windows() {
    let long = "é".repeat(CHUNK_BYTES);
    let json = format!("[[\"{long}\"],[\"x{long}\",\"{long}\"],[\"y\"]]");
    for max_bytes in [5 * CHUNK_BYTES, 64 * CHUNK_BYTES] {
        let (found, error) = all::<Vec<String>>(json.as_bytes(), max_bytes);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(found.concat(), [&*long, &*format!("x{long}"), &*long, "y"]);
    }
    let (found, error) = all::<Vec<String>>(json.as_bytes(), 3 * CHUNK_BYTES);
    assert_eq!(found.len(), 1);
    let error = error.unwrap();
    assert_eq!(error.kind(), DataErrorKind::ItemTooLarge);
    assert_eq!(
        error.to_string(),
        format!(
            "byte {}, item 2: longer than the limit of 393216 bytes; raise it",
            2 * CHUNK_BYTES + 6
        )
    );
}

#[test]
fn the_limit_holds_for_elements_within_one_window() {
    let json = &b"[[\"123456\"],[\"1234567\"]]"[..];
    assert_eq!(all::<Vec<String>>(json, 11).0.len(), 2);
    let (found, error) = all::<Vec<String>>(json, 10);
    assert_eq!(found.len(), 1);
    assert_eq!(error.unwrap().kind(), DataErrorKind::ItemTooLarge);
}

#[test]
fn a_number_on_the_edge_of_a_window_is_no_fault() {
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    for back in 0..12 {
        let space = " ".repeat(CHUNK_BYTES - 20 - back);
        let json = format!("[{space}{{\"other\":-1.5e-7,\"name\":\"a\"}}]");
        let (found, error) = all::<Named>(json.as_bytes(), 1000);
        assert!(error.is_none(), "{back}: {error:?}");
        assert_eq!(found[0].name, "a");
    }
}

#[test]
fn deep_nesting_in_an_unknown_member_is_skipped_without_recursion() {
    #[derive(Deserialize)]
    struct Nothing {}
    let deep = format!("[{{\"x\":{}{}}}]", "[".repeat(100_000), "]".repeat(100_000));
    let (found, error) = all::<Nothing>(deep.as_bytes(), 1 << 20);
    assert!(found.len() == 1 && error.is_none());
    let torn = format!("[{{\"x\":{}", "[".repeat(100_000));
    assert!(all::<Nothing>(torn.as_bytes(), 1 << 20).1.is_some());
}

#[test]
fn only_a_character_that_is_begun_is_held_back() {
    assert_eq!(whole_characters(b""), 0);
    assert_eq!(whole_characters("aé".as_bytes()), 3);
    assert_eq!(whole_characters(&"aé".as_bytes()[..2]), 1);
    assert_eq!(whole_characters(&"a東".as_bytes()[..3]), 1);
    assert_eq!(whole_characters(&"a😀".as_bytes()[..4]), 1);
    assert_eq!(whole_characters("a😀".as_bytes()), 5);
    assert_eq!(whole_characters(&[0x80; 9]), 9);
}
