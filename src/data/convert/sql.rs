//! SQL: a script that creates tables and fills them.

mod dialect;
mod float;
mod names;
mod rows;
mod schema;
mod script;
mod text;
mod value;

use std::fmt;
use std::io::Write;
use std::mem;

pub use self::dialect::Dialect;
use self::rows::Rows;
use self::schema::Schema;
use super::columns::Columns;
use super::encoder::{Encoder, Halves, Joined, Tally};
use super::output::Output;
use super::{Renamed, TextColumn, WriteReport};
use crate::data::error::Error;
use crate::data::reader::OnError;
use crate::data::types::Types;
use crate::wire::item::Item;

/// Writes items as SQL: a script for the program of a database, which creates tables, fills them,
/// and stops at the first error.
///
/// The table of the items has one column for each attribute with a single value, and the item name
/// as its primary key. An attribute that can have several values becomes a table of its own,
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
/// Numbers that become text are reported in [`WriteReport::text_columns`]. In MySQL, item names are
/// binary, because a key of text would be too long, and would ignore spaces at the end; write
/// `CONVERT(itemName USING utf8mb4)` for text.
///
/// Everything is one transaction: if loading fails, nothing is left but, in MySQL, empty tables.
/// Tables that exist already are an error, and are not changed.
///
/// A table can have 2,000 columns in SQLite, 1,600 in PostgreSQL, and 1,017 in MySQL, where rows are
/// limited, too: about 170 columns of text, unless `innodb_strict_mode` is off.
///
/// Names that a database does not accept, or does not distinguish (as SQLite and MySQL do not
/// distinguish case), are changed and reported in [`WriteReport::renamed`].
///
/// ```
/// use simpledb_export::data::{AttributeType, DataType, Dialect, ItemReader, SqlWriter, Types};
///
/// let file = br#"[{"itemName":"e1","attributes":[{"name":"age","values":["30"]},
///     {"name":"skill","values":["rust","sql"]}]}]"#;
/// let mut types = Types::new();
/// types.insert("age", AttributeType::new(DataType::Integer { precision: None }));
/// types.insert("skill", AttributeType::new(DataType::Text).several(true));
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
#[derive(Debug)]
#[must_use = "output is incomplete without `finish`"]
pub struct SqlWriter<W: Write> {
    writer: Joined<Sql, Output<W>>,
}

impl<W: Write> SqlWriter<W> {
    /// Creates a writer to `target`, which need not be buffered.
    pub fn new(target: W, dialect: Dialect) -> SqlWriter<W> {
        let encoder = Sql {
            dialect,
            types: Types::new(),
            table: "items".to_string(),
            key_name: "itemName".to_string(),
            on_error: OnError::Fail,
            names: Vec::new(),
            started: None,
        };
        SqlWriter {
            writer: Joined::new(encoder, Output::new(target)),
        }
    }

    /// Sets the attributes to write, and their types. Defaults to none. Attributes without a type
    /// are omitted and reported.
    pub fn types(mut self, types: Types) -> SqlWriter<W> {
        self.writer.encoder.types = types;
        self
    }

    /// Sets the name of the table of the items. Defaults to `items`.
    pub fn table(mut self, name: impl Into<String>) -> SqlWriter<W> {
        self.writer.encoder.table = name.into();
        self
    }

    /// Sets the name of the column of the item names, which no attribute may have. Defaults to
    /// `itemName`.
    pub fn key_name(mut self, name: impl Into<String>) -> SqlWriter<W> {
        self.writer.encoder.key_name = name.into();
        self
    }

    /// Sets what happens to a value that does not fit its type. Defaults to [`OnError::Fail`];
    /// [`OnError::Replace`] omits the value.
    pub fn on_error(mut self, on_error: OnError) -> SqlWriter<W> {
        self.writer.encoder.on_error = on_error;
        self
    }

    /// Sets whether to compress the output with gzip. Defaults to false.
    pub fn gzip(mut self, gzip: bool) -> SqlWriter<W> {
        self.writer.sink.set_gzip(gzip);
        self
    }

    /// Writes an item.
    ///
    /// # Errors
    ///
    /// [`Misfit`](crate::data::ErrorKind::Misfit) if a value does not fit its type, and
    /// [`Write`](crate::data::ErrorKind::Write) if the target fails. For the first item,
    /// [`NameCollision`](crate::data::ErrorKind::NameCollision) if an attribute has the name of the
    /// key, and [`TooManyColumns`](crate::data::ErrorKind::TooManyColumns) if the database has no
    /// table with so many.
    pub fn write(&mut self, item: &Item) -> Result<(), Error> {
        self.writer.write(item)
    }

    /// Writes the remaining output, and returns the target and the report.
    ///
    /// # Errors
    ///
    /// The same as for [`write`](SqlWriter::write).
    pub fn finish(self) -> Result<(W, WriteReport), Error> {
        self.writer.finish()
    }
}

impl<W: Write + Send> Halves for SqlWriter<W> {
    type Encoder = Sql;
    type Target = W;
    type Sink = Output<W>;

    fn halves(self) -> Joined<Sql, Output<W>> {
        self.writer
    }
}

/// Encodes items as rows.
#[derive(Clone)]
pub struct Sql {
    dialect: Dialect,
    types: Types,
    table: String,
    key_name: String,
    on_error: OnError,
    /// The attributes in the order of the types.
    names: Vec<String>,
    started: Option<Started>,
}

/// What there is once the options are checked.
#[derive(Clone)]
struct Started {
    columns: Columns,
    schema: Schema,
    rows: Rows,
}

impl Encoder for Sql {
    type Output = Vec<u8>;

    fn start(&mut self) -> Result<Vec<u8>, Error> {
        let types = mem::take(&mut self.types);
        let columns = Columns::new(types, &self.key_name, self.on_error)?;
        let types = columns.types();
        self.names = types.iter().map(|(name, _)| name.to_string()).collect();
        let schema = Schema::new(self.dialect, &self.table, &self.key_name, types)?;
        let opening = script::opening(self.dialect, &schema);
        self.started = Some(Started {
            rows: Rows::new(self.dialect, &schema),
            columns,
            schema,
        });
        Ok(opening.into_bytes())
    }

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        let Some(started) = &mut self.started else {
            return Ok(());
        };
        if let Some(row) = started.columns.row(item, &mut tally.losses)? {
            started.rows.push(item, &row, tally);
            tally.items += 1;
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        let rows = self.started.as_ref().map(|started| &started.rows);
        rows.is_some_and(Rows::has_statements)
    }

    fn take(&mut self) -> Result<Vec<u8>, Error> {
        let rows = self.started.as_mut().map(|started| &mut started.rows);
        Ok(rows.map(Rows::take).unwrap_or_default())
    }

    fn end(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let schema = self.started.as_ref().map(|started| &started.schema);
        let closing = schema.map(|schema| script::closing(self.dialect, schema));
        Ok(closing.map(String::into_bytes))
    }

    fn columns(&self) -> &[String] {
        &self.names
    }

    fn text_columns(&self) -> Vec<TextColumn> {
        let started = self.started.as_ref();
        started
            .map(|started| started.schema.text_columns())
            .unwrap_or_default()
    }

    fn renamed(&self) -> Vec<Renamed> {
        let started = self.started.as_ref();
        started
            .map(|started| started.schema.renamed.clone())
            .unwrap_or_default()
    }
}

impl fmt::Debug for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sql")
            .field("dialect", &self.dialect)
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
