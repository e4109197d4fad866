//! The tables of a domain: one with a row per item, and one for each attribute that can have
//! several values.

use std::iter;

use super::dialect::Dialect;
use super::names::Names;
use super::value;
use crate::data::convert::Renamed;
use crate::data::error::{Error, ErrorKind};
use crate::data::types::Types;

/// The columns of a table with the values of an attribute, after that of the item names.
const POSITION: &str = "position";
const VALUE: &str = "value";

/// The tables of a domain.
#[derive(Debug, Clone)]
pub(super) struct Schema {
    pub(super) items: Table,
    /// One for each attribute that can have several values, in the order of the types.
    pub(super) values: Vec<Table>,
    pub(super) renamed: Vec<Renamed>,
}

/// A table, with names in quotes.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: String,
    /// The name and the type of each column.
    pub(super) columns: Vec<(String, String)>,
    /// The primary key, and the foreign one if there is one.
    pub(super) keys: Vec<String>,
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
        let key_name = take(&mut columns, key_name);
        let key = dialect.quoted(&key_name);
        let key_type = format!("{} NOT NULL", dialect.key_type());
        let mut items = Table {
            name: dialect.quoted(&table),
            columns: vec![(key.clone(), key_type.clone())],
            keys: vec![format!("PRIMARY KEY ({key})")],
        };
        let mut values = Vec::new();
        for (name, attribute) in types.iter() {
            let column_type = value::column_type(dialect, attribute.data_type);
            if !attribute.multi_valued {
                let column = dialect.quoted(&take(&mut columns, name));
                items.columns.push((column, column_type));
                continue;
            }
            let name = dialect.quoted(&take(&mut tables, &format!("{table}_{name}")));
            let mut columns = Names::of_columns(dialect);
            let columns = [
                columns.take(&key_name),
                take(&mut columns, POSITION),
                take(&mut columns, VALUE),
            ];
            let columns = columns.map(|name| dialect.quoted(&name));
            let items = format!("{} ({key})", items.name);
            values.push(Table::of_values(
                name,
                columns,
                [&key_type, &column_type],
                &items,
            ));
        }
        Ok(Schema {
            items,
            values,
            renamed,
        })
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &Table> {
        iter::once(&self.items).chain(&self.values)
    }
}

impl Table {
    /// Returns the table with the values of an attribute, which refer to the items.
    fn of_values(
        name: String,
        [key, position, value]: [String; 3],
        [key_type, value_type]: [&str; 2],
        items: &str,
    ) -> Table {
        Table {
            name,
            keys: vec![
                format!("PRIMARY KEY ({key}, {position})"),
                format!("FOREIGN KEY ({key}) REFERENCES {items}"),
            ],
            columns: vec![
                (key, key_type.to_string()),
                (position, "INTEGER NOT NULL".to_string()),
                (value, format!("{value_type} NOT NULL")),
            ],
        }
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
        let tables: Vec<(&str, Vec<&str>)> = schema
            .tables()
            .map(|table| {
                let columns = table.columns.iter().map(|(name, _)| &**name);
                (&*table.name, columns.collect())
            })
            .collect();
        assert_eq!(
            tables,
            [
                ("\"Books\"", vec!["\"value\"", "\"a\""]),
                (
                    "\"Books_b\"",
                    vec!["\"value\"", "\"position\"", "\"value_2\""]
                ),
                (
                    "\"Books_\"",
                    vec!["\"value\"", "\"position\"", "\"value_2\""]
                ),
            ]
        );
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
