//! The tables of a domain: one with a row per item, and one for each attribute that can have
//! several values.

use super::dialect::Dialect;
use super::names::Names;
use super::value::ColumnType;
use crate::data::convert::Renamed;
use crate::data::error::{Error, ErrorKind};
use crate::data::types::Types;

/// The columns of a table with the values of an attribute, after that of the item names.
const POSITION: &str = "position";
const VALUE: &str = "value";

/// The tables of a domain. All names are as they are in SQL, but without quotes.
#[derive(Debug, Clone)]
pub(super) struct Schema {
    pub(super) table: String,
    /// The column with the item names, of the table of items.
    pub(super) key: String,
    /// The attributes in the order of the types.
    pub(super) attributes: Vec<Attribute>,
    pub(super) renamed: Vec<Renamed>,
}

#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) column_type: ColumnType,
    pub(super) place: Place,
}

/// Where the values of an attribute are.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// In this column of the table of items.
    Column(String),
    /// In a table with one row per value.
    Table(ValueTable),
}

#[derive(Debug, Clone)]
pub(super) struct ValueTable {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) position: String,
    pub(super) value: String,
}

impl Schema {
    /// Names the tables and their columns.
    ///
    /// # Errors
    ///
    /// [`TooManyColumns`](ErrorKind::TooManyColumns) if the database has no table with so many.
    pub(super) fn new(
        dialect: Dialect,
        table: &str,
        key_name: &str,
        types: &Types,
    ) -> Result<Schema, Error> {
        let singles = types
            .iter()
            .filter(|(_, attribute)| !attribute.multi_valued);
        check_columns(dialect, 1 + singles.count())?;
        let mut renamed = Vec::new();
        let mut take = |names: &mut Names, wanted: &str| {
            let name = names.take(wanted);
            if name != wanted {
                renamed.push(Renamed {
                    wanted: wanted.to_string(),
                    name: name.clone(),
                });
            }
            name
        };
        let mut tables = Names::of_tables(dialect);
        let mut columns = Names::of_columns(dialect);
        let table = take(&mut tables, table);
        let key = take(&mut columns, key_name);
        let attributes = types.iter().map(|(name, attribute)| {
            let place = if attribute.multi_valued {
                let mut columns = Names::of_columns(dialect);
                Place::Table(ValueTable {
                    name: take(&mut tables, &format!("{table}_{name}")),
                    key: columns.take(&key),
                    position: take(&mut columns, POSITION),
                    value: take(&mut columns, VALUE),
                })
            } else {
                Place::Column(take(&mut columns, name))
            };
            Attribute {
                column_type: ColumnType::of(dialect, attribute.data_type),
                place,
            }
        });
        let attributes = attributes.collect();
        Ok(Schema {
            table,
            key,
            attributes,
            renamed,
        })
    }
}

fn check_columns(dialect: Dialect, count: usize) -> Result<(), Error> {
    if count <= dialect.max_columns() {
        return Ok(());
    }
    let message = format!(
        "{count} columns are more than a table of {} can have, which is {}; set the types of fewer \
         attributes",
        dialect.name(),
        dialect.max_columns()
    );
    Err(Error::new(ErrorKind::TooManyColumns, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::convert::tests::shown;
    use crate::data::types::{AttributeType, DataType};

    fn types(names: &[(&str, bool)]) -> Types {
        let text = AttributeType::new(DataType::Text);
        let types = names
            .iter()
            .map(|(name, several)| (*name, text.multi_valued(*several)));
        types.collect()
    }

    #[test]
    fn gives_attributes_with_several_values_tables_of_their_own() {
        let types = types(&[("a", false), ("b", true), ("", true)]);
        let schema = Schema::new(Dialect::Postgres, "Books", "value", &types).unwrap();
        assert_eq!((&*schema.table, &*schema.key), ("Books", "value"));
        assert!(matches!(&schema.attributes[0].place, Place::Column(name) if name == "a"));
        let Place::Table(table) = &schema.attributes[1].place else {
            panic!("not a table");
        };
        assert_eq!(table.name, "Books_b");
        assert_eq!(
            [&*table.key, &*table.position, &*table.value],
            ["value", "position", "value_2"]
        );
        let Place::Table(table) = &schema.attributes[2].place else {
            panic!("not a table");
        };
        assert_eq!(table.name, "Books_");
    }

    #[test]
    fn reports_names_that_had_to_change() {
        let types = types(&[("Id", false), ("id", false), ("x", true), ("X", true)]);
        let schema = Schema::new(Dialect::Sqlite, "t", "ID", &types).unwrap();
        let renamed = shown(&schema.renamed);
        assert_eq!(
            renamed,
            [
                "\"Id\" was renamed to \"Id_2\": the database does not accept it, or does \
                 not distinguish it from another name",
                "\"id\" was renamed to \"id_3\": the database does not accept it, or does \
                 not distinguish it from another name",
                "\"t_X\" was renamed to \"t_X_2\": the database does not accept it, or does \
                 not distinguish it from another name",
            ]
        );
    }

    #[test]
    fn rejects_more_columns_than_a_table_can_have() {
        let names: Vec<String> = (0..1600).map(|number| format!("a{number}")).collect();
        let text = AttributeType::new(DataType::Text);
        let types: Types = names.iter().map(|name| (name, text)).collect();
        let error = Schema::new(Dialect::Postgres, "t", "k", &types).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooManyColumns);
        assert_eq!(
            error.to_string(),
            "1601 columns are more than a table of PostgreSQL can have, which is 1600; set the \
             types of fewer attributes"
        );
        assert!(Schema::new(Dialect::Sqlite, "t", "k", &types).is_ok());
        let types: Types = names
            .iter()
            .map(|name| (name, text.multi_valued(true)))
            .collect();
        assert!(Schema::new(Dialect::Postgres, "t", "k", &types).is_ok());
    }
}
