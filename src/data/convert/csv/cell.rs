//! The values of an attribute in one field of a table.

use std::borrow::Cow;

use crate::data::convert::json_lines::Values;
use crate::data::convert::losses::LossKind;
use crate::data::error::{DataError, DataErrorKind};

/// How the values of an attribute are written into one field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsvValues {
    /// One value is written as it is; several as a JSON array, `["a","b"]`. So that nothing is
    /// lost and the two can be told apart, one value is an array too if it is empty or begins
    /// with `[`, and no values are `[]`.
    #[default]
    Json,
    /// The values are written with this character between them; where it is part of a value, and
    /// before a backslash, there is a backslash. One empty value, or no values, leave the field
    /// empty, which is reported as lost.
    Joined(char),
}

impl CsvValues {
    pub(super) fn check(self) -> Result<(), DataError> {
        if self == CsvValues::Joined('\\') {
            let message = "values cannot be joined by a backslash, which escapes; choose another";
            return Err(DataError::new(DataErrorKind::InvalidOption, message));
        }
        Ok(())
    }

    /// Appends the values to `field`; says what is lost by that.
    pub(super) fn write(
        self,
        field: &mut String,
        values: &[Cow<'_, str>],
    ) -> Result<Option<LossKind>, DataError> {
        match (self, values) {
            (CsvValues::Json, [value]) if !value.is_empty() && !value.starts_with('[') => {
                field.push_str(value);
                Ok(None)
            }
            (CsvValues::Json, _) => {
                let array = serde_json::to_string(&Values(values))
                    .map_err(|error| DataError::write(error.into()))?;
                field.push_str(&array);
                Ok(None)
            }
            (CsvValues::Joined(_), []) => Ok(Some(LossKind::NoValues)),
            (CsvValues::Joined(_), [value]) if value.is_empty() => Ok(Some(LossKind::EmptyValue)),
            (CsvValues::Joined(separator), _) => {
                for (number, value) in values.iter().enumerate() {
                    if number > 0 {
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(how: CsvValues, values: &[&str]) -> (String, Option<LossKind>) {
        let values: Vec<_> = values.iter().map(|value| Cow::Borrowed(*value)).collect();
        let mut field = String::new();
        let loss = how.write(&mut field, &values).unwrap();
        (field, loss)
    }

    #[test]
    fn one_value_is_written_plainly_unless_it_could_be_mistaken() {
        let json = |values: &[&str]| {
            let (field, loss) = field(CsvValues::Json, values);
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
    fn values_are_joined_and_the_separator_in_them_is_escaped() {
        let joined = |values: &[&str]| field(CsvValues::Joined('|'), values);
        assert_eq!(joined(&["a", "b"]), ("a|b".to_owned(), None));
        assert_eq!(joined(&["a|b", "c\\"]), ("a\\|b|c\\\\".to_owned(), None));
        assert_eq!(joined(&["", ""]), ("|".to_owned(), None));
        assert_eq!(joined(&[""]), (String::new(), Some(LossKind::EmptyValue)));
        assert_eq!(joined(&[]), (String::new(), Some(LossKind::NoValues)));
    }

    #[test]
    fn a_backslash_cannot_separate() {
        assert!(CsvValues::Joined(';').check().is_ok());
        assert_eq!(
            CsvValues::Joined('\\').check().unwrap_err().to_string(),
            "values cannot be joined by a backslash, which escapes; choose another"
        );
    }
}
