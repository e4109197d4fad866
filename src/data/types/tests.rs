mod properties;

use super::*;

fn offset(data_type: DataType, width: u8, offset: u64, scale: u8) -> AttributeType {
    AttributeType::new(data_type).encoding(Encoding::Offset {
        width,
        offset,
        scale,
    })
}

fn integer() -> DataType {
    DataType::Integer { precision: None }
}

fn decimal(precision: u8, scale: u8) -> DataType {
    DataType::Decimal { precision, scale }
}

/// Checks that each text stands for a value, and that the value gives back the text.
#[track_caller]
fn assert_exact(attribute: AttributeType, cases: &[(&str, &str)]) {
    assert_eq!(attribute.check(), Ok(()));
    for (text, shown) in cases {
        let value = attribute.decode(text).unwrap();
        assert_eq!(value.to_string(), *shown, "{text}");
        assert_eq!(attribute.encode(&value).as_deref(), Some(*text), "{shown}");
    }
}

#[track_caller]
fn assert_misfits(attribute: AttributeType, texts: &[&str]) {
    for text in texts {
        let decoded = attribute.decode(text);
        let kind = decoded.as_ref().map_err(Error::kind);
        assert_eq!(kind, Err(ErrorKind::TypeMismatch), "{text}");
    }
}

#[test]
fn decodes_the_integers_of_simple_jpa_and_simple_record() {
    let long = offset(integer(), 20, 1 << 63, 0);
    assert_exact(
        long,
        &[
            ("00000000000000000000", "-9223372036854775808"),
            ("09223372036854775766", "-42"),
            ("09223372036854775807", "-1"),
            ("09223372036854775808", "0"),
            ("09223372036854775850", "42"),
            ("18446744073709551615", "9223372036854775807"),
        ],
    );
    assert_misfits(
        long,
        &[
            "",
            "18446744073709551616",
            "9223372036854775808",
            "009223372036854775808",
            "0922337203685477580x",
            "-9223372036854775808",
        ],
    );
}

#[test]
fn decodes_the_integers_of_boto() {
    assert_exact(
        offset(integer(), 10, 1 << 31, 0),
        &[
            ("0000000000", "-2147483648"),
            ("2147483647", "-1"),
            ("2147483648", "0"),
            ("2147485647", "1999"),
            ("4294967295", "2147483647"),
        ],
    );
}

#[test]
fn decodes_the_forty_digits_of_simple_jpa() {
    let real = offset(decimal(39, 20), 40, 1 << 63, 20);
    assert_exact(
        real,
        &[
            (
                "0000000000000000000000000000000000000000",
                "-9223372036854775808.00000000000000000000",
            ),
            (
                "0000000000000000000000000000000000000001",
                "-9223372036854775807.99999999999999999999",
            ),
            (
                "0922337203685477580650000000000000000000",
                "-1.50000000000000000000",
            ),
            (
                "0922337203685477580799999999999999999999",
                "-0.00000000000000000001",
            ),
            (
                "0922337203685477580800000000000000000000",
                "0.00000000000000000000",
            ),
            (
                "0922337203685477580800000000000000000001",
                "0.00000000000000000001",
            ),
            (
                "0922337203685477580950000000000000000000",
                "1.50000000000000000000",
            ),
            (
                "1844674407370955161599999999999999999999",
                "9223372036854775807.99999999999999999999",
            ),
        ],
    );
    let price = offset(decimal(6, 2), 40, 1 << 63, 20);
    assert_exact(
        price,
        &[
            ("0922337203685477580799000000000000000000", "-0.01"),
            ("0922337203685477580800000000000000000000", "0.00"),
            ("0922337203685478580799000000000000000000", "9999.99"),
        ],
    );
    assert_misfits(
        price,
        &[
            "0922337203685477580799900000000000000000",
            "0922337203685478580800000000000000000000",
            "0922337203685477580950",
        ],
    );
}

#[test]
fn decodes_the_floats_of_boto() {
    let float = AttributeType::new(DataType::Float).encoding(Encoding::BotoFloat);
    assert_exact(
        float,
        &[
            ("1 691 8.2023070000000000", "-1.797693e308"),
            ("1 996 8.5000000000000000", "-1500.0"),
            ("1 999 0.0000010000000000", "-9.999999"),
            ("1 999 8.5000000000000000", "-1.5"),
            ("1 999 9.0000000000000000", "-1.0"),
            ("2 002 8.5000000000000000", "-0.015"),
            ("2 308 7.7749260000000000", "-2.225074e-308"),
            ("3 000 0.0000000000000000", "0.0"),
            ("4 675 4.9406560000000000", "5e-324"),
            ("4 997 1.5000000000000000", "0.015"),
            ("4 998 1.0000000000000000", "0.1"),
            ("5 000 1.5000000000000000", "1.5"),
            ("5 003 1.5000000000000000", "1500.0"),
            ("5 308 1.7976930000000000", "1.797693e308"),
        ],
    );
    assert_misfits(
        float,
        &[
            "",
            "1.5",
            "5 000 1.5",
            "5 00x 1.5000000000000000",
            "6 000 1.5000000000000000",
            "5 999 1.5000000000000000",
            "3 001 0.0000000000000000",
            "3 000 1.0000000000000000",
            "5 000 1,5000000000000000",
        ],
    );
}

#[test]
fn decodes_the_numbers_of_the_aws_sdks() {
    assert_exact(
        AttributeType::new(integer()).encoding(Encoding::Padded { width: 5 }),
        &[("00000", "0"), ("00501", "501"), ("99999", "99999")],
    );
    assert_exact(
        AttributeType::new(decimal(6, 3)).encoding(Encoding::Padded { width: 3 }),
        &[
            ("000.0", "0.000"),
            ("001.5", "1.500"),
            ("999.125", "999.125"),
        ],
    );
    assert_exact(
        offset(integer(), 5, 100, 0),
        &[
            ("00000", "-100"),
            ("00097", "-3"),
            ("00100", "0"),
            ("00142", "42"),
        ],
    );
    // Three digits before the point, two after it, offset 100.
    assert_exact(
        offset(decimal(5, 2), 5, 100, 2),
        &[
            ("00000", "-100.00"),
            ("09850", "-1.50"),
            ("09999", "-0.01"),
            ("10000", "0.00"),
            ("10150", "1.50"),
            ("99999", "899.99"),
        ],
    );
}

#[test]
fn decodes_plain_numbers_exactly() {
    assert_exact(
        AttributeType::new(integer()),
        &[
            ("-9223372036854775808", "-9223372036854775808"),
            ("-1", "-1"),
            ("0", "0"),
            ("9223372036854775807", "9223372036854775807"),
        ],
    );
    let long = AttributeType::new(DataType::Integer {
        precision: Some(38),
    });
    assert_exact(
        long,
        &[
            ("9223372036854775808", "9223372036854775808"),
            (
                "-99999999999999999999999999999999999999",
                "-99999999999999999999999999999999999999",
            ),
        ],
    );
    assert_exact(
        AttributeType::new(decimal(40, 2)),
        &[
            ("-0.5", "-0.50"),
            ("0", "0.00"),
            ("12.25", "12.25"),
            (
                "99999999999999999999999999999999999999.99",
                "99999999999999999999999999999999999999.99",
            ),
        ],
    );
    assert_exact(
        AttributeType::new(decimal(5, 2)).encoding(Encoding::FixedPoint),
        &[("-0.50", "-0.50"), ("0.00", "0.00"), ("120.00", "120.00")],
    );
    assert_exact(
        AttributeType::new(decimal(5, 2)).encoding(Encoding::Pointed),
        &[
            ("-0.5", "-0.50"),
            ("0.0", "0.00"),
            ("12.25", "12.25"),
            ("120.0", "120.00"),
        ],
    );
}

#[test]
fn accepts_other_forms_of_plain_numbers() {
    let shown = |attribute: AttributeType, text| attribute.decode(text).unwrap().to_string();
    for (text, expected) in [("00501", "501"), ("+7", "7"), ("-0", "0")] {
        assert_eq!(shown(AttributeType::new(integer()), text), expected);
    }
    for (text, expected) in [("007.500", "7.50"), ("-0.00", "0.00"), ("+1", "1.00")] {
        assert_eq!(shown(AttributeType::new(decimal(5, 2)), text), expected);
    }
    for (text, expected) in [("TRUE", "true"), ("False", "false")] {
        assert_eq!(shown(AttributeType::new(DataType::Boolean), text), expected);
    }
    for (text, expected) in [("1e5", "100000.0"), ("-2.5E-7", "-2.5e-7"), ("3", "3.0")] {
        assert_eq!(shown(AttributeType::new(DataType::Float), text), expected);
    }
}

#[test]
fn keeps_the_capitals_of_booleans() {
    let boolean = AttributeType::new(DataType::Boolean);
    assert_exact(boolean, &[("true", "true"), ("false", "false")]);
    let capitalized = boolean.encoding(Encoding::Capitalized);
    assert_exact(capitalized, &[("True", "true"), ("False", "false")]);
}

#[test]
fn rejects_what_is_not_of_the_type() {
    let no_number = [
        "", "-", "+", " 1", "1 ", "1e5", "0x1", "1_000", "1,5", "--1", "١",
    ];
    assert_misfits(AttributeType::new(integer()), &no_number);
    assert_misfits(
        AttributeType::new(integer()),
        &["1.0", "9223372036854775808"],
    );
    assert_misfits(AttributeType::new(decimal(5, 2)), &no_number);
    let decimals = [".5", "5.", "1.2.3", "1.234", "1000", "1.-2"];
    assert_misfits(AttributeType::new(decimal(5, 2)), &decimals);
    let floats = ["", "inf", "NaN", "1e999", "infinity", "1.5f"];
    assert_misfits(AttributeType::new(DataType::Float), &floats);
    assert_misfits(
        AttributeType::new(DataType::Boolean),
        &["", "yes", "1", "true "],
    );
}

#[test]
fn decodes_timestamps_and_keeps_their_form() {
    let zoned = AttributeType::new(DataType::Timestamp { with_zone: true });
    assert_exact(
        zoned,
        &[
            ("2026-02-16T16:56:43Z", "2026-02-16T16:56:43Z"),
            ("2026-02-16T16:56:43.659Z", "2026-02-16T16:56:43.659Z"),
            (
                "2026-02-16T16:56:43.659+01:00",
                "2026-02-16T16:56:43.659+01:00",
            ),
            (
                "2026-02-16T16:56:43.659-05:30",
                "2026-02-16T16:56:43.659-05:30",
            ),
            ("2026-02-16T16:56:43+00:00", "2026-02-16T16:56:43+00:00"),
        ],
    );
    let local = AttributeType::new(DataType::Timestamp { with_zone: false });
    assert_exact(
        local,
        &[
            ("0001-01-01T00:00:00", "0001-01-01T00:00:00"),
            ("2024-02-29T23:59:59.000001", "2024-02-29T23:59:59.000001"),
            ("9999-12-31T23:59:59.9", "9999-12-31T23:59:59.9"),
        ],
    );
    for (text, expected) in [
        ("2026-02-16 16:56:43+0100", "2026-02-16T16:56:43+01:00"),
        ("2026-02-16T16:56:43-0030", "2026-02-16T16:56:43-00:30"),
    ] {
        let value = zoned.decode(text).unwrap();
        assert_eq!(value.to_string(), expected);
        assert_eq!(zoned.encode(&value).as_deref(), Some(text));
    }
    assert_misfits(zoned, &["2026-02-16T16:56:43", "2026-02-16"]);
    assert_misfits(local, &["2026-02-16T16:56:43Z", "2026-02-16"]);
    assert_misfits(
        zoned,
        &[
            "2026-02-30T16:56:43Z",
            "2026-02-16T24:00:00Z",
            "2026-02-16T16:56:60Z",
            "2026-02-16T16:56:43.Z",
            "2026-02-16T16:56:43.1234567Z",
            "2026-02-16T16:56:43z",
            "2026-02-16t16:56:43Z",
            "2026-02-16T16:56:43-00:00",
            "2026-02-16T16:56:43+1:00",
            "2026-02-16T16:56:43+26:00",
            "0000-02-16T16:56:43Z",
        ],
    );
}

#[test]
fn converts_timestamps_to_microseconds() {
    let micros = |text| match Timestamp::read(text) {
        Some(timestamp) => timestamp.unix_microseconds(),
        None => panic!("{text}"),
    };
    assert_eq!(micros("1970-01-01T00:00:00"), 0);
    assert_eq!(micros("1970-01-01T01:00:00.5+01:00"), 500_000);
    assert_eq!(micros("1969-12-31T23:59:59.999999Z"), -1);
    assert_eq!(micros("0001-01-01T00:00:00+14:00"), -62_135_647_200_000_000);
}

#[test]
fn decodes_dates() {
    let date = AttributeType::new(DataType::Date);
    assert_exact(
        date,
        &[("0001-01-01", "0001-01-01"), ("2024-02-29", "2024-02-29")],
    );
    assert_misfits(
        date,
        &[
            "2023-02-29",
            "0000-01-01",
            "2024-2-29",
            "20240229",
            "2024-02-29Z",
        ],
    );
}

#[test]
fn encodes_only_values_of_the_type() {
    let padded = AttributeType::new(integer()).encoding(Encoding::Padded { width: 2 });
    assert_eq!(padded.encode(&Value::Integer(100)), None);
    assert_eq!(padded.encode(&Value::Integer(-1)), None);
    assert_eq!(padded.encode(&Value::Boolean(true)), None);
    let shifted = offset(integer(), 2, 10, 0);
    assert_eq!(shifted.encode(&Value::Integer(-11)), None);
    assert_eq!(shifted.encode(&Value::Integer(-10)).as_deref(), Some("00"));
}

#[test]
fn returns_decimals_without_their_point() {
    let unscaled = |precision, scale, text| {
        let attribute = AttributeType::new(decimal(precision, scale));
        match attribute.decode(text).unwrap() {
            Value::Decimal(number) => number.unscaled(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(unscaled(5, 2, "-1.5"), Some(-150));
    let nines = 10_i128.pow(38) - 1;
    let text = "999999999999999999.99999999999999999999";
    assert_eq!(unscaled(38, 20, text), Some(nines));
    assert_eq!(unscaled(39, 20, &format!("1{text}")), None);
}

#[test]
fn names_value_and_type_in_an_error() {
    let message = |attribute: AttributeType, text: &str| {
        let error = attribute.decode(text).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        message(offset(integer(), 10, 1 << 31, 0), "n/a\n"),
        "value \"n/a\\n\" does not fit integer + 2^31 in 10 digits: not exactly 10 digits"
    );
    assert_eq!(
        message(offset(decimal(6, 2), 8, 500, 3), "x"),
        "value \"x\" does not fit decimal(6,2) + 500 in 8 digits, 3 of them decimals: not exactly 8 \
         digits"
    );
    let long = "é".repeat(100);
    assert_eq!(
        message(AttributeType::new(DataType::Date), &long),
        format!(
            "value \"{}…\" does not fit date: not of the form 2026-02-16",
            "é".repeat(60)
        )
    );
}

#[test]
fn keeps_the_order_of_the_attributes() {
    let mut types = Types::new();
    for name in ["b", "a", "b"] {
        types.insert(
            name,
            AttributeType::new(DataType::Text).multi_valued(name == "a"),
        );
    }
    let names: Vec<_> = types.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["b", "a"]);
    assert_eq!(types.len(), 2);
    assert!(types.get("a").unwrap().multi_valued);
    assert_eq!(types.get("c"), None);
}

#[test]
fn decodes_and_encodes_the_lists_of_boto() {
    let list = AttributeType::new(DataType::Text)
        .multi_valued(true)
        .numbered(true);
    let texts = ["002:c:d", "000:", "001:b"].map(String::from);
    let values = list.decode_list(&texts).unwrap();
    let encoded = list.encode_list(&values).unwrap();
    assert_eq!(encoded, ["000:", "001:b", "002:c:d"]);
    for text in ["a", "00:a", "0001:a", "+01:a", ""] {
        let error = list.decode_list(&[text.to_string()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TypeMismatch, "{text}");
    }
    let plain = AttributeType::new(integer()).multi_valued(true);
    let texts = ["2", "1"].map(String::from);
    let values = plain.decode_list(&texts).unwrap();
    assert_eq!(plain.encode_list(&values).unwrap(), ["2", "1"]);
}
