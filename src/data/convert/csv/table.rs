//! The header and the rows of a table.

use std::io::Write;
use std::mem;

use super::cell;
use super::field;
use crate::data::convert::columns::Columns;
use crate::data::convert::encoder::Encoder;
use crate::data::convert::json_value;
use crate::data::convert::losses::LossKind;
use crate::data::convert::output::CHUNK_BYTES;
use crate::data::convert::tally::Tally;
use crate::data::convert::text::Text;
use crate::data::error::Error;
use crate::data::types::Value;
use crate::wire::item::Item;

/// How fields are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) delimiter: u8,
    pub(super) separator: Option<char>,
    pub(super) formula_guard: bool,
}

/// Encodes items as rows.
#[derive(Debug, Clone)]
pub struct Table {
    rows: Vec<u8>,
    columns: Columns,
    kinds: Vec<Kind>,
    form: Form,
    /// The memory for a field.
    field: Vec<u8>,
}

/// How the values of a column become text.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Single,
    Array { is_native: bool },
    Joined { separator: char },
}

impl Table {
    /// Starts with the header, after `start`.
    pub(super) fn new(start: &str, key_name: &str, columns: Columns, form: Form) -> Table {
        let kind = |several: bool, data_type| match form.separator {
            _ if !several => Kind::Single,
            Some(separator) => Kind::Joined { separator },
            None => Kind::Array {
                is_native: json_value::is_native(data_type),
            },
        };
        let mut rows = start.as_bytes().to_vec();
        form.push_text(&mut rows, key_name);
        let mut kinds = Vec::with_capacity(columns.types().len());
        for (name, attribute) in columns.types().iter() {
            rows.push(form.delimiter);
            form.push_text(&mut rows, name);
            kinds.push(kind(attribute.multi_valued, attribute.data_type));
        }
        rows.push(b'\n');
        Table {
            rows,
            columns,
            kinds,
            form,
            field: Vec::new(),
        }
    }
}

impl Encoder for Table {
    type Output = Text;

    fn encode(&mut self, item: &Item, tally: &mut Tally) -> Result<(), Error> {
        let Some(row) = self.columns.row(item, tally)? else {
            return Ok(());
        };
        let rows = &mut self.rows;
        if self.form.push_text(rows, &item.item_name) {
            tally.losses.add(LossKind::GuardedFormula, item, None);
        }
        for (position, (kind, values)) in self.kinds.iter().zip(row.cells()).enumerate() {
            rows.push(self.form.delimiter);
            let [first, ..] = values else { continue };
            self.field.clear();
            match (kind, first) {
                (Kind::Single, Value::Text(text)) => {
                    if self.form.push_text(rows, text) {
                        let name = row.name(position);
                        tally.losses.add(LossKind::GuardedFormula, item, name);
                    }
                    continue;
                }
                (Kind::Single, value) => write!(self.field, "{value}").map_err(Error::write)?,
                (Kind::Array { is_native }, _) => {
                    json_value::push_array(&mut self.field, values, *is_native)?;
                }
                (Kind::Joined { separator }, _) => {
                    cell::join(&mut self.field, values, *separator)?;
                }
            }
            field::push(rows, &self.field, self.form.delimiter);
        }
        rows.push(b'\n');
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= CHUNK_BYTES
    }

    fn take(&mut self) -> Text {
        mem::take(&mut self.rows).into()
    }

    fn columns(&self) -> Option<&Columns> {
        Some(&self.columns)
    }
}

impl Form {
    /// Appends a text, and returns whether it had to be guarded.
    fn push_text(self, rows: &mut Vec<u8>, text: &str) -> bool {
        let is_guarded = self.formula_guard && cell::is_formula(text);
        if is_guarded {
            let guarded = format!("'{text}");
            field::push(rows, guarded.as_bytes(), self.delimiter);
        } else {
            field::push(rows, text.as_bytes(), self.delimiter);
        }
        is_guarded
    }
}
