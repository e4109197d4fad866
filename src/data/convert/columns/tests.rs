use super::*;
use crate::data::types::DataType;

fn types() -> Types {
    let integer = AttributeType::new(DataType::Integer { precision: None });
    let text = AttributeType::new(DataType::Text);
    let types = [
        ("n", integer),
        ("tags", text.multi_valued(true)),
        ("s", text),
    ];
    types.into_iter().collect()
}

fn columns(on_error: OnError) -> Columns {
    Columns::new(types(), "itemName", on_error).unwrap()
}

fn shown(columns: &mut Columns, item: &Item, tally: &mut Tally) -> Option<String> {
    let row = columns.row(item, tally).unwrap()?;
    let cell = |cell: Cell<'_>| {
        let values: Vec<_> = cell.values.iter().map(ToString::to_string).collect();
        values.join("+")
    };
    let cells: Vec<_> = row.cells().map(cell).collect();
    Some(cells.join(","))
}

#[test]
fn places_values_in_their_columns() {
    let mut columns = columns(OnError::Fail);
    let mut tally = Tally::default();
    for (item, expected) in [
        (
            Item::new("a")
                .attribute("n", ["007"])
                .attribute("tags", ["x", "y"]),
            "7,x+y,",
        ),
        (
            Item::new("b").attribute("s", [""]).attribute("n", ["-1"]),
            "-1,,",
        ),
        (Item::new("c"), ",,"),
        (
            Item::new("d")
                .attribute("tags", ["z"])
                .attribute("s", ["t"]),
            ",z,t",
        ),
    ] {
        assert_eq!(
            shown(&mut columns, &item, &mut tally).as_deref(),
            Some(expected)
        );
    }
    assert!(tally.losses.is_empty());
}

#[test]
fn tells_an_empty_value_from_an_absent_one() {
    let mut columns = columns(OnError::Fail);
    let item = Item::new("a").attribute("s", [""]);
    let mut tally = Tally::default();
    let row = columns.row(&item, &mut tally).unwrap().unwrap();
    let lengths: Vec<_> = row.cells().map(|cell| cell.values.len()).collect();
    assert_eq!(lengths, [0, 0, 1]);
}

#[test]
fn merges_the_values_of_a_repeated_attribute() {
    let mut columns = columns(OnError::Fail);
    let mut tally = Tally::default();
    let item = Item::new("a")
        .attribute("tags", ["1", "2"])
        .attribute("n", ["3"])
        .attribute("tags", ["4"]);
    let row = shown(&mut columns, &item, &mut tally);
    assert_eq!(row.as_deref(), Some("3,1+2+4,"));
    assert_eq!(tally.losses.count(LossKind::RepeatedAttribute), 1);
}

#[test]
fn reports_attributes_without_a_column_or_without_values() {
    let mut columns = columns(OnError::Fail);
    let mut tally = Tally::default();
    let item = Item::new("a")
        .attribute("other", ["1"])
        .attribute("s", [""; 0]);
    assert_eq!(
        shown(&mut columns, &item, &mut tally).as_deref(),
        Some(",,")
    );
    assert_eq!(tally.losses.count(LossKind::NotAColumn), 1);
    assert_eq!(tally.losses.count(LossKind::NoValues), 1);
}

#[test]
fn names_item_attribute_and_value_that_does_not_fit() {
    let mut columns = columns(OnError::Fail);
    let mut tally = Tally::default();
    let mut message = |item: &Item| {
        let error = columns.row(item, &mut tally).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TypeMismatch);
        error.to_string()
    };
    assert_eq!(
        message(&Item::new("a\n").attribute("n", ["n/a"])),
        "item a\\n, attribute n: value \"n/a\" does not fit integer: not a number in digits; correct \
         the type, or skip or replace such values"
    );
    assert_eq!(
        message(&Item::new("a").attribute("s", ["1", "2"])),
        "item a, attribute s: has 2 values, but its type, text, is for a single one; correct the \
         type, or skip or replace such values"
    );
}

#[test]
fn skips_an_item_with_a_value_that_does_not_fit() {
    let mut columns = columns(OnError::Skip);
    let mut tally = Tally::default();
    let item = Item::new("a").attribute("n", ["1.5"]);
    assert_eq!(shown(&mut columns, &item, &mut tally), None);
    assert_eq!(tally.losses.count(LossKind::SkippedItem), 1);
    let item = Item::new("b").attribute("n", ["1"]);
    assert_eq!(
        shown(&mut columns, &item, &mut tally).as_deref(),
        Some("1,,")
    );
}

#[test]
fn leaves_out_a_value_that_does_not_fit() {
    let mut columns = columns(OnError::Replace);
    let mut tally = Tally::default();
    let item = Item::new("a")
        .attribute("n", ["x"])
        .attribute("s", ["1", "2"])
        .attribute("tags", ["t"]);
    assert_eq!(
        shown(&mut columns, &item, &mut tally).as_deref(),
        Some(",t,")
    );
    assert_eq!(tally.losses.count(LossKind::TypeMismatch), 2);
}

#[test]
fn rejects_an_attribute_with_the_name_of_the_key_and_a_type_that_does_not_exist() {
    let error = |types, key| match Columns::new(types, key, OnError::Fail) {
        Ok(_) => panic!("accepted"),
        Err(error) => (error.kind(), error.to_string()),
    };
    assert_eq!(
        error(types(), "tags"),
        (
            ErrorKind::NameCollision,
            "an attribute is named tags, like the column of the item names; choose another name for \
             that column"
                .to_string()
        )
    );
    let padded = crate::data::types::Encoding::Padded { width: 3 };
    let invalid = AttributeType::new(DataType::Date).encoding(padded);
    assert_eq!(
        error([("d", invalid)].into_iter().collect(), "key"),
        (
            ErrorKind::InvalidOption,
            "the type of the attribute d is not valid: the encoding is not valid for date"
                .to_string()
        )
    );
}

#[test]
fn reuses_the_memory_of_the_previous_row() {
    let mut columns = columns(OnError::Fail);
    let mut tally = Tally::default();
    let item = Item::new("a").attribute("tags", (0..50).map(|n| n.to_string()));
    drop(columns.row(&item, &mut tally).unwrap());
    let before = (columns.values.capacity(), columns.values.as_ptr());
    drop(columns.row(&item, &mut tally).unwrap());
    assert_eq!((columns.values.capacity(), columns.values.as_ptr()), before);
}

#[test]
fn puts_the_values_of_a_numbered_list_in_order() {
    let list = AttributeType::new(DataType::Integer { precision: None });
    let types = Types::from_iter([("list", list.multi_valued(true).numbered(true))]);
    let mut columns = Columns::new(types, "key", OnError::Replace).unwrap();
    let mut tally = Tally::default();
    let item = Item::new("a").attribute("list", ["010:3", "000:1", "x", "001:2"]);
    assert_eq!(
        shown(&mut columns, &item, &mut tally).as_deref(),
        Some("1+2+3")
    );
    assert_eq!(tally.losses.count(LossKind::TypeMismatch), 1);
    columns.on_error = OnError::Fail;
    let error = columns.row(&item, &mut tally).unwrap_err();
    assert_eq!(
        error.to_string(),
        "item a, attribute list: value \"x\" does not fit integer in numbered lists: does not \
         begin with three digits and a colon; correct the type, or skip or replace such values"
    );
}
