//! Rows, and the statements that insert them.

use std::mem;

use super::dialect::Dialect;
use super::schema::{Schema, Table};
use super::{script, value};
use crate::data::convert::WriteReport;
use crate::data::convert::chunk::Text;
use crate::data::convert::columns::Columns;
use crate::data::convert::encoder::Encoder;
use crate::data::convert::losses::LossKind;
use crate::data::convert::tally::Tally;
use crate::data::error::Error;
use crate::data::types::{DataType, Value};
use crate::wire::item::Item;

/// The size of the statements that insert rows: as large as is useful, and less than every server
/// accepts by default.
const BLOCK_BYTES: usize = 256 * 1024;

/// Encodes items as the rows of all tables. Since an item's rows are in several tables, the
/// statements for each table alternate.
#[derive(Debug, Clone)]
pub struct Rows {
    dialect: Dialect,
    columns: Columns,
    schema: Schema,
    items: Block,
    /// For each attribute, the rows of its own table, if it has one.
    values: Vec<Option<Block>>,
    /// The name of the current item.
    key: String,
    /// Complete statements.
    statements: String,
}

impl Rows {
    /// Starts with the statements that precede the rows.
    pub(super) fn new(dialect: Dialect, schema: Schema, columns: Columns) -> Rows {
        let mut tables = schema.values.iter();
        let attributes = columns.types().iter();
        let values = attributes.map(|(_, attribute)| {
            let table = attribute.multi_valued.then(|| tables.next());
            Some(Block::new(dialect, table.flatten()?))
        });
        Rows {
            dialect,
            items: Block::new(dialect, &schema.items),
            values: values.collect(),
            key: String::new(),
            statements: script::opening(dialect, &schema),
            columns,
            schema,
        }
    }

    fn pending(&self) -> usize {
        let values = self.values.iter().flatten();
        self.items.rows.len() + values.map(|block| block.rows.len()).sum::<usize>()
    }

    /// Completes a statement per table; that for the items is first, for the others refer to them.
    fn end_blocks(&mut self) {
        self.items.end(&mut self.statements);
        for block in self.values.iter_mut().flatten() {
            block.end(&mut self.statements);
        }
    }
}

impl Encoder for Rows {
    type Output = Text;

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        let Some(row) = self.columns.row(item, tally)? else {
            return Ok(());
        };
        let (dialect, losses) = (self.dialect, &mut tally.losses);
        self.key.clear();
        if let Some(loss) = value::push_text(&mut self.key, dialect, &item.item_name) {
            losses.add(loss, item, None);
        }
        self.items.start_row(&self.key);
        for (block, cell) in self.values.iter_mut().zip(row.cells()) {
            let mut push = |out: &mut String, value: &Value<'_>| {
                let loss = value::push(out, dialect, cell.attribute.data_type, value);
                if let Some(kind) = loss {
                    losses.add(kind, item, Some(cell.name));
                }
                loss
            };
            if let Some(block) = block {
                for (value, number) in cell.values.iter().zip(1_usize..) {
                    let start = block.rows.len();
                    block.start_row(&self.key);
                    block.next_cell().push_str(&number.to_string());
                    if push(block.next_cell(), value) == Some(LossKind::TimeOutOfRange) {
                        block.rows.truncate(start);
                    } else {
                        block.end_row();
                    }
                }
            } else if let [value, ..] = cell.values {
                push(self.items.next_cell(), value);
            } else {
                value::push_null(self.items.next_cell(), dialect);
            }
        }
        self.items.end_row();
        drop(row);
        if self.pending() >= BLOCK_BYTES {
            self.end_blocks();
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        !self.statements.is_empty()
    }

    fn take(&mut self) -> Text {
        self.end_blocks();
        Text::Plain(mem::take(&mut self.statements).into_bytes())
    }

    fn finish(&mut self, report: &mut WriteReport) -> Text {
        report.renamed.clone_from(&self.schema.renamed);
        self.end_blocks();
        self.statements += &script::closing(self.dialect, &self.schema);
        self.take()
    }

    fn columns(&self) -> Option<&Columns> {
        Some(&self.columns)
    }

    fn text_reason(&self, data_type: DataType) -> Option<&'static str> {
        value::text_reason(self.dialect, data_type)
    }
}

/// Rows of a table that become one statement.
#[derive(Debug, Clone)]
struct Block {
    is_copy: bool,
    /// How the statement starts.
    head: String,
    rows: String,
}

impl Block {
    fn new(dialect: Dialect, table: &Table) -> Block {
        let is_copy = dialect == Dialect::Postgres;
        let columns: Vec<_> = table.columns.iter().map(|(name, _)| &**name).collect();
        let (table, columns) = (&table.name, columns.join(", "));
        Block {
            is_copy,
            head: if is_copy {
                format!("COPY {table} ({columns}) FROM stdin;\n")
            } else {
                format!("INSERT INTO {table} ({columns}) VALUES\n")
            },
            rows: String::new(),
        }
    }

    /// Starts a row with its first cell.
    fn start_row(&mut self, key: &str) {
        if !self.is_copy {
            self.rows
                .push_str(if self.rows.is_empty() { "(" } else { ",\n(" });
        }
        self.rows.push_str(key);
    }

    /// Returns what the value of the next cell is appended to.
    fn next_cell(&mut self) -> &mut String {
        self.rows.push(if self.is_copy { '\t' } else { ',' });
        &mut self.rows
    }

    fn end_row(&mut self) {
        self.rows.push(if self.is_copy { '\n' } else { ')' });
    }

    /// Appends the statement, if there are rows, and starts the next one.
    fn end(&mut self, statements: &mut String) {
        if self.rows.is_empty() {
            return;
        }
        statements.push_str(&self.head);
        statements.push_str(&self.rows);
        statements.push_str(if self.is_copy { "\\.\n" } else { ";\n" });
        self.rows.clear();
    }
}
