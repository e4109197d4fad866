use serde::Deserialize;

use super::*;

/// Returns one byte at a time, as a slow network may.
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

fn all<T: DeserializeOwned>(source: impl Read, max_bytes: usize) -> (Vec<T>, Option<Error>) {
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
fn returns_elements_in_order_no_matter_what_surrounds_them() {
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
fn locates_faults_between_elements() {
    let early = "unexpected end of file; download it again";
    let follow = "expected a comma or the end of the array";
    assert_eq!(fault(""), format!("byte 0: {early}"));
    assert_eq!(fault("\u{feff}  "), format!("byte 5: {early}"));
    assert_eq!(fault(" {"), "byte 1: expected a JSON array");
    assert_eq!(fault("["), format!("byte 1: {early}"));
    assert_eq!(fault("[[]"), format!("byte 3, item 1: {early}"));
    assert_eq!(fault("[[], "), format!("byte 5, item 2: {early}"));
    assert_eq!(
        fault("[[],]"),
        "byte 4, item 2: expected an item after the comma"
    );
    assert_eq!(fault("[[] []"), format!("byte 4, item 1: {follow}"));
    assert_eq!(fault("[] []"), "byte 3: unexpected data after the array");
    assert_eq!(
        fault("[[]]\0"),
        "byte 4, item 1: unexpected data after the array"
    );
}

#[test]
fn locates_faults_in_an_element_of_several_lines() {
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
fn reports_a_fault_after_a_long_character_without_reading_on() {
    #[derive(Debug, Deserialize)]
    struct Named {}

    let others = ",{}".repeat(CHUNK_BYTES);
    let json = format!("[{{\"other\":\"\u{e9}\0\"}}{others}]");
    let (found, error) = all::<Named>(json.as_bytes(), 1000);
    assert_eq!(found.len(), 0);
    assert_eq!(
        error.unwrap().to_string(),
        "byte 12, item 1: control character (\\u0000-\\u001F) found while parsing a string"
    );
}

#[test]
fn reports_invalid_utf8_after_the_elements_before_it() {
    let (found, error) = all::<Vec<String>>(&b"[[\"a\"],[\"\xff\"]]"[..], 1000);
    assert_eq!(found.len(), 1);
    assert_eq!(error.unwrap().to_string(), "byte 9, item 2: invalid UTF-8");
    assert_eq!(
        fault(b"[]\xc3"),
        "byte 2: unexpected end of file; download it again"
    );
    assert_eq!(
        fault(b"[[\"\xc3"),
        "byte 3, item 1: unexpected end of file; download it again"
    );
}

#[test]
fn returns_what_was_read_before_a_failure() {
    let (found, error) = all::<Vec<String>>(Failing(b"[[\"a\"],[\"\xc3"), 1000);
    assert_eq!(found, [["a"]]);
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Read);
    assert_eq!(
        error.to_string(),
        "byte 9, item 2: cannot be read: connection reset"
    );
}

#[test]
fn reads_elements_larger_than_several_windows() {
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
    assert_eq!(error.kind(), ErrorKind::ItemTooLarge);
    assert_eq!(
        error.to_string(),
        format!(
            "byte {}, item 2: larger than the limit of 393216 bytes; raise max_item_bytes",
            2 * CHUNK_BYTES + 6
        )
    );
}

#[test]
fn enforces_the_limit_within_one_window() {
    let json = &b"[[\"123456\"],[\"1234567\"]]"[..];
    assert_eq!(all::<Vec<String>>(json, 11).0.len(), 2);
    let (found, error) = all::<Vec<String>>(json, 10);
    assert_eq!(found.len(), 1);
    assert_eq!(error.unwrap().kind(), ErrorKind::ItemTooLarge);
}

#[test]
fn accepts_a_number_across_the_edge_of_a_window() {
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
fn skips_deep_nesting_without_recursion() {
    #[derive(Deserialize)]
    struct Nothing {}
    let deep = format!("[{{\"x\":{}{}}}]", "[".repeat(100_000), "]".repeat(100_000));
    let (found, error) = all::<Nothing>(deep.as_bytes(), 1 << 20);
    assert!(found.len() == 1 && error.is_none());
    let torn = format!("[{{\"x\":{}", "[".repeat(100_000));
    assert!(all::<Nothing>(torn.as_bytes(), 1 << 20).1.is_some());
}
