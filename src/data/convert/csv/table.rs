//! The header and the rows of a table.

use std::io::Write;

use super::cell;
use super::field;
use crate::data::convert::columns::Columns;
use crate::data::convert::encoder::Tally;
use crate::data::convert::json_value;
use crate::data::convert::losses::LossKind;
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

#[derive(Debug, Clone)]
pub(super) struct Table {
    columns: Columns,
    names: Vec<String>,
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
    pub(super) fn new(columns: Columns, form: Form) -> Table {
        let types = columns.types().iter();
        let kind = |several: bool, data_type| match form.separator {
            _ if !several => Kind::Single,
            Some(separator) => Kind::Joined { separator },
            None => Kind::Array {
                is_native: json_value::is_native(data_type),
            },
        };
        let (names, kinds) = types
            .map(|(name, attribute)| {
                let kind = kind(attribute.several, attribute.data_type);
                (name.to_string(), kind)
            })
            .unzip();
        Table {
            columns,
            names,
            kinds,
            form,
            field: Vec::new(),
        }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn push_header(&self, rows: &mut Vec<u8>, key_name: &str) {
        self.form.push_text(rows, key_name);
        for name in &self.names {
            rows.push(self.form.delimiter);
            self.form.push_text(rows, name);
        }
        rows.push(b'\n');
    }

    /// Appends the row of an item, unless the item is to be skipped.
    pub(super) fn push_row(
        &mut self,
        rows: &mut Vec<u8>,
        item: &Item,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let Some(row) = self.columns.row(item, &mut tally.losses)? else {
            return Ok(());
        };
        if self.form.push_text(rows, &item.item_name) {
            tally.losses.add(LossKind::GuardedFormula, item, None);
        }
        for (position, (kind, values)) in self.kinds.iter().zip(row.cells()).enumerate() {
            rows.push(self.form.delimiter);
            let [first, ..] = values else { continue };
            tally.use_column(position);
            self.field.clear();
            match (kind, first) {
                (Kind::Single, Value::Text(text)) => {
                    if self.form.push_text(rows, text) {
                        let name = self.names.get(position).map(String::as_str);
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
        tally.items += 1;
        Ok(())
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
