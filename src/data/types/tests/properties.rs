//! What must hold for every type and value.

use proptest::prelude::*;

use super::*;

/// Types of numbers with encodings, all of them valid.
fn any_number() -> impl Strategy<Value = AttributeType> {
    let integer = (
        prop::option::of(1_u8..=38),
        prop_oneof![
            Just(Encoding::Plain),
            (1_u8..=38).prop_map(|width| Encoding::Padded { width }),
            (1_u8..=38, any::<u64>()).prop_map(|(width, offset)| Encoding::Offset {
                width,
                offset,
                scale: 0
            }),
        ],
    );
    let integer = integer.prop_map(|(precision, encoding)| {
        AttributeType::new(DataType::Integer { precision }).encoding(encoding)
    });
    let decimal = (
        0_u8..=38,
        0_u8..=38,
        any::<u64>(),
        0_u8..=38,
        0_u8..=38,
        0..5,
    );
    let decimal = decimal.prop_map(|(whole, scale, offset, before, right, encoding)| {
        let data_type = DataType::Decimal {
            precision: (whole + scale).max(1),
            scale,
        };
        let encoding = match encoding {
            0 => Encoding::Plain,
            1 => Encoding::FixedPoint,
            2 => Encoding::Pointed,
            3 => Encoding::Padded {
                width: before.max(1),
            },
            _ => Encoding::Offset {
                width: (before + right).max(1),
                offset,
                scale: right,
            },
        };
        AttributeType::new(data_type).encoding(encoding)
    });
    prop_oneof![integer, decimal].prop_filter("valid", |attribute| attribute.check().is_ok())
}

/// A value of a type, unless the numbers do not fit.
fn value(
    attribute: &AttributeType,
    is_negative: bool,
    whole: u128,
    fraction: u128,
) -> Value<'static> {
    match attribute.data_type {
        DataType::Decimal { precision, scale } => {
            let whole = whole % digits::power(precision - scale).unwrap();
            let fraction = fraction % digits::power(scale).unwrap();
            Value::Decimal(Decimal {
                is_negative: is_negative && (whole, fraction) != (0, 0),
                whole,
                fraction,
                scale,
            })
        }
        DataType::Integer { precision } => {
            let modulus = precision.map_or(1 << 63, |digits| digits::power(digits).unwrap());
            let number = i128::try_from(whole % modulus).unwrap();
            Value::Integer(if is_negative { -number } else { number })
        }
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(crate::tests::items::few_cases())]

    #[test]
    fn every_number_that_is_encoded_is_decoded_exactly(
        attribute in any_number(),
        is_negative in any::<bool>(),
        whole in prop_oneof![any::<u128>(), any::<u64>().prop_map(u128::from), 0..200_u128],
        fraction in prop_oneof![any::<u128>(), 0..2_u128],
    ) {
        let value = value(&attribute, is_negative, whole, fraction);
        if let Some(text) = attribute.encode(&value) {
            prop_assert_eq!(attribute.decode(&text).map_err(|e| e.to_string()), Ok(value), "{}", text);
        }
    }

    #[test]
    fn every_float_is_decoded_exactly(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
        let plain = AttributeType::new(DataType::Float);
        let text = plain.encode(&Value::Float(number)).unwrap();
        prop_assert_eq!(plain.decode(&text).unwrap(), Value::Float(number));
        let boto = plain.encoding(Encoding::BotoFloat);
        let text = boto.encode(&Value::Float(number)).unwrap();
        let decoded = boto.decode(&text).unwrap();
        prop_assert_eq!(boto.encode(&decoded), Some(text));
    }

    #[test]
    fn digits_that_are_decoded_are_encoded_as_the_same_text(
        attribute in any_number(),
        digits in "[0-9]{1,76}",
    ) {
        if matches!(attribute.encoding, Encoding::Plain | Encoding::FixedPoint | Encoding::Pointed) {
            return Ok(());
        }
        let digits: String = match attribute.encoding {
            Encoding::Padded { width } | Encoding::Offset { width, .. } => {
                digits.chars().cycle().take(width.into()).collect()
            }
            _ => digits,
        };
        let is_shifted = matches!(attribute.encoding, Encoding::Offset { .. });
        let is_integer = matches!(attribute.data_type, DataType::Integer { .. });
        if let Ok(value) = attribute.decode(&digits) {
            if is_shifted || is_integer {
                prop_assert_eq!(attribute.encode(&value), Some(digits));
            }
        }
    }

    #[test]
    fn timestamps_that_are_decoded_are_encoded_as_the_same_text(
        text in "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,7})?(Z|[+-][01][0-9]:?[0-5][0-9])?",
    ) {
        for with_zone in [true, false] {
            let attribute = AttributeType::new(DataType::Timestamp { with_zone });
            if let Ok(value) = attribute.decode(&text) {
                prop_assert_eq!(attribute.encode(&value), Some(text.clone()));
            }
        }
    }

    #[test]
    fn nothing_panics_on_any_text(attribute in any_number(), text in any::<String>()) {
        let others = [DataType::Text, DataType::Float, DataType::Boolean, DataType::Date];
        for data_type in others {
            let _ = AttributeType::new(data_type).decode(&text);
        }
        let _ = AttributeType::new(DataType::Float).encoding(Encoding::BotoFloat).decode(&text);
        let _ = Timestamp::read(&text);
        let _ = attribute.decode(&text);
    }
}
