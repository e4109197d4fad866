use super::*;
use crate::data::types::{AttributeType, DataType, Encoding};
use crate::tests::temp_dir::TempDir;

const TEXT: &str = r#"{
  "*": "auto",
  "Books": {
    "title": "text",
    "é\"": {"type": "text", "multiValued": true},
    "price": {"type": "decimal(6,2)", "encoding": "fixed-point"},
    "weight": {"type": "decimal(6,3)", "encoding": "pointed"},
    "zip": {"type": "integer", "encoding": "padded", "width": 5},
    "sold": {"type": "integer", "encoding": "offset", "width": 20, "offset": 9223372036854775808},
    "real": {"type": "decimal(39,20)", "encoding": "offset", "width": 40, "offset": 9223372036854775808, "scale": 20},
    "score": {"type": "float", "encoding": "boto-float", "multiValued": true},
    "list": {"type": "date", "multiValued": true, "numbered": true},
    "id": "integer(20)",
    "at": "timestamp with zone",
    "local": "timestamp",
    "day": "date",
    "is": "boolean",
    "was": {"type": "boolean", "encoding": "capitalized"}
  },
  "Empty": {}
}
"#;

#[test]
fn writes_what_it_reads() {
    let file = TypesFile::parse(TEXT).unwrap();
    assert!(file.auto);
    assert_eq!(file.to_string(), TEXT);
    let books = file.get("Books").unwrap();
    let score = AttributeType::new(DataType::Float)
        .encoding(Encoding::BotoFloat)
        .multi_valued(true);
    assert_eq!(books.get("score"), Some(&score));
    assert_eq!(file.get("Empty"), Some(&Types::new()));
    let json = serde_json::to_string(books).unwrap();
    assert_eq!(serde_json::from_str::<Types>(&json).unwrap(), *books);
    assert_eq!(file.get("*"), None);
    let marked = TypesFile::parse(&format!("\u{feff}{TEXT}")).unwrap();
    assert_eq!(marked, file);
    assert_eq!(TypesFile::new().to_string(), "{\n  \"*\": \"text\"\n}\n");
}

#[test]
fn names_line_and_column_of_what_is_wrong() {
    for (text, expected) in [
        ("", "line 1, column 0: EOF while parsing a value"),
        (
            "[]",
            "line 1, column 0: invalid type: sequence, expected an object with a member for each \
             domain",
        ),
        (
            "{\n\"*\": \"none\"}",
            "line 2, column 12: \"*\" is \"none\"; expected \"auto\" or \"text\"",
        ),
        (
            "{\"B\": {}, \"B\": {}}",
            "line 1, column 18: the domain \"B\" is listed twice",
        ),
        (
            "{\"B\": {\"a\": \"text\", \"a\": \"text\"}}",
            "line 1, column 32: the attribute \"a\" is listed twice",
        ),
        (
            "{\"B\": {\n  \"a\": \"integr\"}}",
            "line 2, column 15: unknown type \"integr\"; expected text, integer, integer(digits), \
             decimal(digits,decimals), float, boolean, timestamp, timestamp with zone or date",
        ),
        (
            "{\"B\": {\"a\": {\"type\": \"text\", \"plural\": true}}}",
            "line 1, column 37: unknown field `plural`, expected one of `type`, `encoding`, `width`, \
             `offset`, `scale`, `multiValued`, `numbered`",
        ),
        (
            "{\"B\": {\"a\": {\"type\": \"float\", \"encoding\": \"boto\"}}}",
            "line 1, column 48: unknown variant `boto`, expected one of `plain`, `capitalized`, \
             `fixed-point`, `pointed`, `padded`, `offset`, `boto-float`",
        ),
        (
            "{\"B\": {\"a\": {\"encoding\": \"plain\"}}}",
            "line 1, column 33: missing field `type`",
        ),
        (
            "{\"B\": {\"a\": {\"type\": \"integer\", \"encoding\": \"padded\"}}}",
            "line 1, column 53: the encoding \"padded\" needs the member \"width\"",
        ),
        (
            "{\"B\": {\"a\": {\"type\": \"integer\", \"encoding\": \"offset\", \"width\": 9}}}",
            "line 1, column 65: the encoding \"offset\" needs the members \"width\" and \"offset\"",
        ),
        (
            "{\"B\": {\"a\": {\"type\": \"integer\", \"width\": 9}}}",
            "line 1, column 43: \"width\" belongs to the encodings \"padded\" and \"offset\", \
             \"offset\" and \"scale\" to \"offset\"",
        ),
        (
            "{\"B\": {\"a\": \"decimal(5,6)\"}}",
            "line 1, column 26: the number of digits is 5; expected 6 to 44",
        ),
        (
            "{\"B\": {\"a\": \"integer(39)\"}}",
            "line 1, column 25: the number of digits is 39; expected 1 to 38",
        ),
        (
            "{\"B\": {\"a\": {\"type\": \"date\", \"encoding\": \"padded\", \"width\": 4}}}",
            "line 1, column 62: the encoding is not valid for date",
        ),
        (
            "{\"B\": {\"a\": {\"type\": \"date\", \"numbered\": true}}}",
            "line 1, column 46: a numbered attribute has several values; add \"multiValued\": true",
        ),
        (
            "{\"B\": {\"a\": 1}}",
            "line 1, column 13: invalid type: integer `1`, expected a type, or an object with the \
             member \"type\"",
        ),
        ("{} x", "line 1, column 4: trailing characters"),
    ] {
        let error = TypesFile::parse(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidTypes, "{text}");
        assert_eq!(error.to_string(), expected, "{text}");
    }
}

#[test]
fn replaces_the_types_of_one_domain() {
    let dir = TempDir::new();
    let path = dir.path().join("types.json");
    TypesFile::parse(TEXT).unwrap().write(&path).unwrap();
    let mut file = TypesFile::open(&path).unwrap();
    let one = [("a", AttributeType::new(DataType::Date))];
    file.insert("Books", one.into_iter().collect());
    file.insert("New", Types::new());
    file.write(&path).unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "{\n  \"*\": \"auto\",\n  \"Books\": {\n    \"a\": \"date\"\n  },\n  \"Empty\": {},\n  \
         \"New\": {}\n}\n"
    );
}

#[test]
fn names_the_file_that_cannot_be_read() {
    let dir = TempDir::new();
    let path = dir.path().join("none.json");
    let error = TypesFile::open(&path).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Read, Some(&*path))
    );
    dir.write("types.json", b"{\xff");
    let error = TypesFile::open(dir.path().join("types.json")).unwrap_err();
    assert!(error.to_string().ends_with("types.json: is not UTF-8"));
    dir.write("types.json", "{");
    let path = dir.path().join("types.json");
    let error = TypesFile::open(&path).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{}: line 1, column 1: EOF while parsing an object",
            path.display()
        )
    );
}
