//! The header and the rows of a table.

use std::io::Write;

use super::field;
use crate::data::convert::chunk::Text;
use crate::data::convert::columns::Columns;
use crate::data::convert::encoder::Encoder;
use crate::data::convert::json;
use crate::data::convert::losses::LossKind;
use crate::data::convert::output::CHUNK_BYTES;
use crate::data::convert::tally::Tally;
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
    form: Form,
    /// The memory for a field.
    field: Vec<u8>,
}

impl Table {
    /// Starts with the header, after `start`.
    pub(super) fn new(start: &str, key_name: &str, columns: Columns, form: Form) -> Table {
        let mut rows = start.as_bytes().to_vec();
        form.push_text(&mut rows, key_name);
        for (name, _) in columns.types().iter() {
            rows.push(form.delimiter);
            form.push_text(&mut rows, name);
        }
        rows.push(b'\n');
        Table {
            rows,
            columns,
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
        let (rows, field) = (&mut self.rows, &mut self.field);
        if self.form.push_text(rows, &item.item_name) {
            tally.losses.add(LossKind::GuardedFormula, item, None);
        }
        for cell in row.cells() {
            rows.push(self.form.delimiter);
            field.clear();
            match (cell.values, self.form.separator) {
                ([], _) => continue,
                (values, Some(separator)) if cell.attribute.multi_valued => {
                    field::join(field, values, separator)?;
                }
                (values, None) if cell.attribute.multi_valued => {
                    let is_native = json::is_native(cell.attribute.data_type);
                    json::Form::ARRAY.push(field, values, |field, value| {
                        json::push(field, value, is_native)
                    })?;
                }
                ([Value::Text(text), ..], _) => {
                    if self.form.push_text(rows, text) {
                        let losses = &mut tally.losses;
                        losses.add(LossKind::GuardedFormula, item, Some(cell.name));
                    }
                    continue;
                }
                ([value, ..], _) => write!(field, "{value}").map_err(Error::write)?,
            }
            field::push(rows, field, self.form.delimiter);
        }
        rows.push(b'\n');
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= CHUNK_BYTES
    }

    fn take(&mut self) -> Text {
        Text::take(&mut self.rows)
    }

    fn columns(&self) -> Option<&Columns> {
        Some(&self.columns)
    }
}

impl Form {
    /// Appends a text, and returns whether it had to be guarded.
    fn push_text(self, rows: &mut Vec<u8>, text: &str) -> bool {
        let is_guarded = self.formula_guard && is_formula(text);
        if is_guarded {
            let guarded = format!("'{text}");
            field::push(rows, guarded.as_bytes(), self.delimiter);
        } else {
            field::push(rows, text.as_bytes(), self.delimiter);
        }
        is_guarded
    }
}

/// Returns whether a spreadsheet takes a text for a formula.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_formulas() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert!(is_formula(text), "{text:?}");
        }
        for text in ["", "1", " =1", "a=1", "'=1"] {
            assert!(!is_formula(text), "{text:?}");
        }
    }
}
