//! Several values of an item, possibly in an order.

use super::{AttributeType, Mismatch, Value};
use crate::data::error::Error;

impl AttributeType {
    /// Returns all values that an item has, those of a [`numbered`](AttributeType::numbered)
    /// attribute in their order.
    ///
    /// ```
    /// use simpledb_export::data::{AttributeType, DataType};
    ///
    /// let list = AttributeType::new(DataType::Text).multi_valued(true).numbered(true);
    /// let values = ["001:b".to_string(), "000:a".to_string()];
    /// let values = list.decode_list(&values)?;
    /// let texts: Vec<_> = values.iter().map(ToString::to_string).collect();
    /// assert_eq!(texts, ["a", "b"]);
    /// # Ok::<(), simpledb_export::data::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TypeMismatch`](crate::data::ErrorKind::TypeMismatch) if a text is not a value of this type, or has no number.
    pub fn decode_list<'a>(&self, texts: &'a [String]) -> Result<Vec<Value<'a>>, Error> {
        if !self.numbered {
            return texts.iter().map(|text| self.decode(text)).collect();
        }
        let entries = in_order(texts).into_iter();
        let values = entries.map(|entry| match entry {
            Ok(text) => self.decode(text),
            Err(text) => Err(self.mismatch(Mismatch::NotNumbered, text)),
        });
        values.collect()
    }

    /// Returns the texts of all values that an item has, or `None` if one is not of this type.
    #[must_use]
    pub fn encode_list(&self, values: &[Value<'_>]) -> Option<Vec<String>> {
        let encode = |(number, value)| {
            let mut text = String::new();
            if self.numbered {
                text = format!("{number:03}:");
            }
            self.encode_to(value, &mut text).then_some(text)
        };
        values.iter().enumerate().map(encode).collect()
    }
}

/// Takes the number off a value: `000:text`.
pub(crate) fn split_number(text: &str) -> Option<(u32, &str)> {
    let (number, value) = text.split_once(':')?;
    let is_number = number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((number.parse().ok()?, value))
}

/// Returns numbered texts in their order, without their numbers; a text that has none first, as an
/// error.
pub(crate) fn in_order(texts: &[String]) -> Vec<Result<&str, &str>> {
    let mut entries: Vec<_> = texts
        .iter()
        .map(|text| match split_number(text) {
            Some((number, value)) => (number, Ok(value)),
            None => (0, Err(text.as_str())),
        })
        .collect();
    entries.sort_by_key(|(number, value)| (value.is_ok(), *number));
    entries.into_iter().map(|(_, value)| value).collect()
}

/// Returns whether texts have the numbers from 0 on, in any order.
pub(crate) fn is_numbered(texts: &[String]) -> bool {
    let number = |text: &String| split_number(text).map(|(number, _)| number);
    let Some(mut numbers) = texts.iter().map(number).collect::<Option<Vec<_>>>() else {
        return false;
    };
    numbers.sort_unstable();
    numbers.into_iter().eq((0..).take(texts.len()))
}
