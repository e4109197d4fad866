//! The values of an attribute in one field of a table.

use crate::data::convert::losses::LossKind;
use crate::data::error::Error;

/// Appends the values to `field`, and returns what is lost.
pub(super) fn write(
    field: &mut String,
    values: &[String],
    separator: Option<char>,
) -> Result<Option<LossKind>, Error> {
    let Some(separator) = separator else {
        return match values {
            [value] if !value.is_empty() && !value.starts_with('[') => {
                field.push_str(value);
                Ok(None)
            }
            _ => {
                let array =
                    serde_json::to_string(values).map_err(|error| Error::write(error.into()))?;
                field.push_str(&array);
                Ok(None)
            }
        };
    };
    match values {
        [] => return Ok(Some(LossKind::NoValues)),
        [value] if value.is_empty() => return Ok(Some(LossKind::EmptyValue)),
        _ => {}
    }
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            field.push(separator);
        }
        for character in value.chars() {
            if character == separator || character == '\\' {
                field.push('\\');
            }
            field.push(character);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(separator: Option<char>, values: &[&str]) -> (String, Option<LossKind>) {
        let values: Vec<_> = values.iter().map(ToString::to_string).collect();
        let mut field = String::new();
        let loss = write(&mut field, &values, separator).unwrap();
        (field, loss)
    }

    #[test]
    fn writes_a_single_value_plainly_unless_that_is_ambiguous() {
        let json = |values: &[&str]| {
            let (field, loss) = field(None, values);
            assert_eq!(loss, None);
            field
        };
        assert_eq!(json(&["a,\"b\"\n"]), "a,\"b\"\n");
        assert_eq!(json(&["a", "\"b"]), "[\"a\",\"\\\"b\"]");
        assert_eq!(json(&["[1]"]), "[\"[1]\"]");
        assert_eq!(json(&[""]), "[\"\"]");
        assert_eq!(json(&[]), "[]");
    }

    #[test]
    fn joins_values_and_escapes_the_separator() {
        let joined = |values: &[&str]| field(Some('|'), values);
        assert_eq!(joined(&["a", "b"]), ("a|b".to_owned(), None));
        assert_eq!(joined(&["a|b", "c\\"]), ("a\\|b|c\\\\".to_owned(), None));
        assert_eq!(joined(&["", ""]), ("|".to_owned(), None));
        assert_eq!(joined(&[""]), (String::new(), Some(LossKind::EmptyValue)));
        assert_eq!(joined(&[]), (String::new(), Some(LossKind::NoValues)));
    }
}
