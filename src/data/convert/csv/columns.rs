//! Which columns a table has.

use std::collections::HashMap;

use crate::data::error::{DataError, DataErrorKind};
use crate::data::item_ref::ItemRef;

/// The columns of a table: the attributes of all items in the order in which they first occur,
/// or those that are given.
///
/// ```
/// use simpledb_export::data::CsvColumns;
///
/// let columns = CsvColumns::given(["age", "skill"])?;
/// assert_eq!(columns.names(), ["age", "skill"]);
/// assert!(CsvColumns::given(["age", "age"]).is_err());
/// # Ok::<(), simpledb_export::data::DataError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CsvColumns {
    names: Vec<String>,
    positions: HashMap<String, usize>,
}

impl CsvColumns {
    /// The most columns that are found in items: more would be no table that anything can read,
    /// and would not fit into memory for some domains.
    pub const MAX_FOUND: usize = 10_000;

    /// No columns yet.
    #[must_use]
    pub fn new() -> CsvColumns {
        CsvColumns::default()
    }

    /// These columns, in this order. Other attributes are left out and reported as lost.
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](DataErrorKind::InvalidOption) if a name is given twice.
    pub fn given<N: Into<String>>(
        names: impl IntoIterator<Item = N>,
    ) -> Result<CsvColumns, DataError> {
        let mut columns = CsvColumns::new();
        for name in names {
            let name = name.into();
            if columns.positions.contains_key(&name) {
                let message = format!("the column {name} is given twice; give it once");
                return Err(DataError::new(DataErrorKind::InvalidOption, message));
            }
            columns.push(name);
        }
        Ok(columns)
    }

    /// Adds a column for each of the item's attributes that has none yet.
    ///
    /// # Errors
    ///
    /// [`TooManyColumns`](DataErrorKind::TooManyColumns) beyond
    /// [`MAX_FOUND`](CsvColumns::MAX_FOUND).
    pub fn add(&mut self, item: &ItemRef<'_>) -> Result<(), DataError> {
        for attribute in &item.attributes {
            if self.positions.contains_key(&*attribute.name) {
                continue;
            }
            if self.names.len() >= CsvColumns::MAX_FOUND {
                let message = format!(
                    "there are more than {} different attributes; give the columns, or convert \
                     to JSON Lines",
                    CsvColumns::MAX_FOUND
                );
                return Err(DataError::new(DataErrorKind::TooManyColumns, message));
            }
            self.push(attribute.name.to_string());
        }
        Ok(())
    }

    /// The names, in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.positions.get(name).copied()
    }

    fn push(&mut self, name: String) {
        self.positions.insert(name.clone(), self.names.len());
        self.names.push(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Item;

    #[test]
    fn columns_are_found_in_the_order_of_their_first_occurrence() {
        let mut columns = CsvColumns::new();
        for names in [["b", "a"], ["a", "c"]] {
            let item = names
                .into_iter()
                .fold(Item::new("x"), |i, n| i.attribute(n, ["v"]));
            columns.add(&ItemRef::from(&item)).unwrap();
        }
        assert_eq!(columns.names(), ["b", "a", "c"]);
        assert_eq!(columns.position("c"), Some(2));
        assert_eq!(columns.position("d"), None);
        assert_eq!(columns, CsvColumns::given(["b", "a", "c"]).unwrap());
    }

    #[test]
    fn no_more_columns_are_found_than_a_table_can_have() {
        let mut columns = CsvColumns::new();
        for number in 0..CsvColumns::MAX_FOUND {
            let item = Item::new("x").attribute(number.to_string(), ["v"]);
            columns.add(&ItemRef::from(&item)).unwrap();
        }
        let known = Item::new("x").attribute("0", ["v"]);
        assert!(columns.add(&ItemRef::from(&known)).is_ok());
        let another = Item::new("x").attribute("more", ["v"]);
        let error = columns.add(&ItemRef::from(&another)).unwrap_err();
        assert_eq!(error.kind(), DataErrorKind::TooManyColumns);
        assert_eq!(
            error.to_string(),
            "there are more than 10000 different attributes; give the columns, or convert to \
             JSON Lines"
        );
    }

    #[test]
    fn a_column_is_given_once() {
        assert_eq!(
            CsvColumns::given(["a", "b", "a"]).unwrap_err().to_string(),
            "the column a is given twice; give it once"
        );
    }
}
