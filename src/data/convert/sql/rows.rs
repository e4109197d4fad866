//! Rows, and the statements that insert them.

use super::dialect::Dialect;
use super::schema::{Place, Schema};
use super::script;
use super::value::{self, ColumnType};
use crate::data::convert::columns::Row;
use crate::data::convert::losses::{LossKind, Losses};
use crate::wire::item::Item;

/// The size of the statements that insert rows: as large as is useful, and less than every server
/// accepts by default.
const BLOCK_BYTES: usize = 256 * 1024;

/// The rows of all tables. Since an item's rows are in several tables, the statements for each
/// table alternate.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    dialect: Dialect,
    items: Block,
    attributes: Vec<Attribute>,
    /// The name of the current item.
    key: String,
    /// Complete statements.
    statements: String,
}

#[derive(Debug, Clone)]
struct Attribute {
    column_type: ColumnType,
    /// The rows of the attribute's own table, if it has one.
    values: Option<Block>,
}

impl Rows {
    /// Starts with the statements that precede the rows.
    pub(super) fn new(dialect: Dialect, schema: &Schema) -> Rows {
        let mut columns = vec![schema.key.as_str()];
        let attributes = schema.attributes.iter().map(|attribute| {
            let values = match &attribute.place {
                Place::Column(name) => {
                    columns.push(name);
                    None
                }
                Place::Table(table) => {
                    let columns = [&*table.key, &*table.position, &*table.value];
                    Some(Block::new(dialect, &table.name, &columns))
                }
            };
            Attribute {
                column_type: attribute.column_type.clone(),
                values,
            }
        });
        Rows {
            dialect,
            attributes: attributes.collect(),
            items: Block::new(dialect, &schema.table, &columns),
            key: String::new(),
            statements: script::opening(dialect, schema),
        }
    }

    /// Adds an item, and reports what the database cannot represent of it.
    pub(super) fn push(&mut self, item: &Item, row: &Row<'_>, losses: &mut Losses) {
        if let Some(kind) = value::loss_of_text(self.dialect, &item.item_name) {
            losses.add(kind, item, None);
        }
        self.key.clear();
        value::push_text(&mut self.key, self.dialect, &item.item_name);
        self.items.start_row(&self.key);
        for (attribute, cell) in self.attributes.iter_mut().zip(row.cells()) {
            let mut loss = |value| {
                let kind = value::loss(self.dialect, value)?;
                losses.add(kind, item, Some(cell.name));
                Some(kind)
            };
            if let Some(block) = &mut attribute.values {
                for (value, number) in cell.values.iter().zip(1_usize..) {
                    if loss(value) == Some(LossKind::TimeOutOfRange) {
                        continue;
                    }
                    block.start_row(&self.key);
                    block.next_cell().push_str(&number.to_string());
                    let out = block.next_cell();
                    value::push(out, self.dialect, &attribute.column_type, value);
                    block.end_row();
                }
            } else {
                let out = self.items.next_cell();
                match cell.values.first() {
                    Some(value) => {
                        loss(value);
                        value::push(out, self.dialect, &attribute.column_type, value);
                    }
                    None => value::push_null(out, self.dialect),
                }
            }
        }
        self.items.end_row();
        if self.pending() >= BLOCK_BYTES {
            self.end_blocks();
        }
    }

    /// Returns whether there are complete statements.
    pub(super) fn has_statements(&self) -> bool {
        !self.statements.is_empty()
    }

    /// Returns the statements for all rows since the last call.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.end_blocks();
        std::mem::take(&mut self.statements).into_bytes()
    }

    fn pending(&self) -> usize {
        let values = self
            .attributes
            .iter()
            .flat_map(|attribute| &attribute.values);
        self.items.rows.len() + values.map(|block| block.rows.len()).sum::<usize>()
    }

    /// Completes a statement per table; that for the items is first, for the others refer to them.
    fn end_blocks(&mut self) {
        self.items.end(&mut self.statements);
        for attribute in &mut self.attributes {
            if let Some(block) = &mut attribute.values {
                block.end(&mut self.statements);
            }
        }
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
    fn new(dialect: Dialect, table: &str, columns: &[&str]) -> Block {
        let is_copy = dialect == Dialect::Postgres;
        let table = dialect.quoted(table);
        let columns: Vec<_> = columns.iter().map(|name| dialect.quoted(name)).collect();
        let columns = columns.join(", ");
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
