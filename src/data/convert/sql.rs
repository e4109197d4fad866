//! SQL: a script that creates tables and fills them.

mod dialect;
mod float;
mod names;
mod rows;
mod schema;
mod script;
mod text;
mod value;

use std::io::Write;

pub use self::dialect::Dialect;
use self::rows::Rows;
use self::schema::Schema;
use super::columns::ColumnOptions;
use super::encoder::{Concat, Encode};
use super::writer::ItemWriter;
use crate::data::error::Error;

/// Writes items as SQL: a script for the program of a database, which creates tables, fills them,
/// and stops at the first error.
///
/// The table of the items has one column for each attribute with a single value, and the item name
/// as its primary key. An attribute that can have several values becomes a separate table,
/// `<table>_<attribute>`, with the columns `itemName`, `position` (from 1, in the order of the
/// export) and `value`. A missing attribute is `NULL`, an empty value an empty text.
///
/// | | SQLite | PostgreSQL | MySQL, MariaDB |
/// |---|---|---|---|
/// | load | `sqlite3 DATABASE < FILE` | `psql -d DATABASE -f FILE` | `mysql DATABASE < FILE` |
/// | item name | `TEXT` | `TEXT` | `VARBINARY(1024)` |
/// | text | `TEXT` | `TEXT` | `LONGTEXT` |
/// | integer | `INTEGER` | `BIGINT` | `BIGINT` |
/// | larger integer | `TEXT` | `NUMERIC(p)` | `DECIMAL(p)` |
/// | decimal | `TEXT` | `NUMERIC(p,s)` | `DECIMAL(p,s)`; more than 65 digits or 30 decimals: `LONGTEXT` |
/// | float | `REAL` | `DOUBLE PRECISION` | `DOUBLE` |
/// | boolean | `BOOLEAN`: 1 or 0 | `BOOLEAN` | `BOOLEAN` |
/// | timestamp | `TEXT` | `TIMESTAMP` | `DATETIME(6)` |
/// | with zone | `TEXT` | `TIMESTAMP WITH TIME ZONE` | `DATETIME(6)` in UTC |
/// | date | `TEXT` | `DATE` | `DATE` |
///
/// Numbers that become text are reported in [`text_columns`](super::WriteReport::text_columns). In MySQL, item names are
/// binary, because a text key would be too long and would ignore trailing spaces; write
/// `CONVERT(itemName USING utf8mb4)` for text.
///
/// Everything is loaded in one transaction: if that fails, nothing remains except, in MySQL, empty
/// tables. An existing table is an error and is not changed.
///
/// A table can have 2,000 columns in SQLite, 1,600 in PostgreSQL, and 1,017 in MySQL, where rows are
/// limited, too: about 170 columns of text, unless `innodb_strict_mode` is off.
///
/// Names that a database does not accept, or does not distinguish (as SQLite and MySQL do not
/// distinguish case), are changed and reported in [`renamed`](super::WriteReport::renamed).
///
/// ```
/// use simpledb_export::data::{AttributeType, DataType, Dialect, ItemReader, SqlWriter, Types};
///
/// let file = br#"[{"itemName":"e1","attributes":[{"name":"age","values":["30"]},
///     {"name":"skill","values":["rust","sql"]}]}]"#;
/// let mut types = Types::new();
/// types.insert("age", AttributeType::new(DataType::Integer { precision: None }));
/// types.insert("skill", AttributeType::new(DataType::Text).multi_valued(true));
/// let mut writer = SqlWriter::new(Vec::new(), Dialect::Sqlite)
///     .types(types)
///     .table("employees");
/// for item in ItemReader::new(&file[..]) {
///     writer.write(&item?)?;
/// }
/// let (script, _) = writer.finish()?;
/// let script = String::from_utf8_lossy(&script);
/// assert!(script.ends_with(
///     "INSERT INTO \"employees\" (\"itemName\", \"age\") VALUES\n('e1',30);\n\
///      INSERT INTO \"employees_skill\" (\"itemName\", \"position\", \"value\") VALUES\n\
///      ('e1',1,'rust'),\n('e1',2,'sql');\nCOMMIT;\n"
/// ));
/// # Ok::<(), simpledb_export::data::Error>(())
/// ```
pub type SqlWriter<W> = ItemWriter<W, Sql>;

/// The options of SQL.
#[derive(Debug)]
pub struct Sql {
    dialect: Dialect,
    table: String,
}

impl<W: Write> ItemWriter<W, Sql> {
    /// Creates a writer to `target`, which need not be buffered.
    pub fn new(target: W, dialect: Dialect) -> SqlWriter<W> {
        let format = Sql {
            dialect,
            table: "items".to_string(),
        };
        ItemWriter::with_format(target, format)
    }

    /// Sets the name of the table of the items. Defaults to `items`.
    pub fn table(mut self, name: impl Into<String>) -> SqlWriter<W> {
        self.format.table = name.into();
        self
    }
}

impl Encode for Sql {
    type Encoder = Rows;
    type Assembler = Concat;

    fn encoder(&self, options: &ColumnOptions) -> Result<Rows, Error> {
        let columns = options.columns()?;
        let (table, key_name) = (&self.table, &options.key_name);
        let schema = Schema::new(self.dialect, table, key_name, columns.types())?;
        Ok(Rows::new(self.dialect, schema, columns))
    }
}

#[cfg(test)]
mod tests;
