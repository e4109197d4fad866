//! From items to typed rows, for every format that has columns.

use std::collections::HashMap;
use std::fmt;
use std::mem;

use super::losses::{LossKind, Losses};
use super::tally::Tally;
use crate::data::error::{Error, ErrorKind};
use crate::data::reader::OnError;
use crate::data::types::{AttributeType, Mismatch, Types, Value, in_order};
use crate::text::Escaped;
use crate::wire::item::{Attribute, Item};

/// The columns of a table, and the memory of its current row.
#[derive(Debug, Clone)]
pub struct Columns {
    types: Types,
    /// Each column's position by its attribute's name.
    positions: HashMap<String, usize>,
    on_error: OnError,
    /// The position of the column that the n-th attribute of the previous item belongs to: items
    /// are alike.
    previous: Vec<usize>,
    /// Where the values of each column are.
    cells: Vec<Cell>,
    /// The empty memory for the values of the next row.
    values: Vec<Value<'static>>,
}

/// The values of a column in a row.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    start: usize,
    length: usize,
    /// Whether the item has the attribute, even if no value is left of it.
    is_present: bool,
}

impl Columns {
    /// Checks the columns.
    ///
    /// # Errors
    ///
    /// [`NameCollision`](ErrorKind::NameCollision) if an attribute has the name of the key.
    pub(crate) fn new(types: Types, key_name: &str, on_error: OnError) -> Result<Columns, Error> {
        if types.get(key_name).is_some() {
            let message = format!(
                "an attribute is named {key_name}, like the column of the item names; choose \
                 another name for that column"
            );
            return Err(Error::new(ErrorKind::NameCollision, message));
        }
        for (name, attribute) in types.iter() {
            let invalid = |what| format!("the type of the attribute {name} is not valid: {what}");
            let checked = attribute.check().map_err(invalid);
            checked.map_err(|message| Error::new(ErrorKind::InvalidOption, message))?;
        }
        let names = types.iter().enumerate();
        let positions = names.map(|(position, (name, _))| (name.to_string(), position));
        Ok(Columns {
            positions: positions.collect(),
            on_error,
            previous: Vec::new(),
            cells: vec![Cell::default(); types.len()],
            values: Vec::new(),
            types,
        })
    }

    pub(crate) fn types(&self) -> &Types {
        &self.types
    }

    /// Decodes an item, and counts it and the columns that it uses. Returns `None` if the item is to
    /// be skipped.
    ///
    /// # Errors
    ///
    /// [`TypeMismatch`](ErrorKind::TypeMismatch) if a value does not fit its column, and such items are neither
    /// skipped nor repaired.
    pub(crate) fn row<'r>(
        &'r mut self,
        item: &'r Item,
        tally: &mut Tally,
    ) -> Result<Option<Row<'r>>, Error> {
        self.cells.fill(Cell::default());
        let mut row = Row {
            values: recycle(mem::take(&mut self.values)),
            columns: self,
        };
        for (index, attribute) in item.attributes.iter().enumerate() {
            let Some(position) = row.columns.position(index, &attribute.name) else {
                tally
                    .losses
                    .add(LossKind::NotAColumn, item, Some(&attribute.name));
                continue;
            };
            if let Err(mismatch) = row.decode(position, item, attribute, &mut tally.losses) {
                match row.columns.on_error {
                    OnError::Fail => return Err(mismatch),
                    OnError::Skip => {
                        tally
                            .losses
                            .add(LossKind::SkippedItem, item, Some(&attribute.name));
                        return Ok(None);
                    }
                    OnError::Replace => {}
                }
            }
        }
        for (position, cell) in row.columns.cells.iter().enumerate() {
            if cell.length > 0 {
                tally.use_column(position);
            }
        }
        tally.items += 1;
        Ok(Some(row))
    }

    fn position(&mut self, index: usize, name: &str) -> Option<usize> {
        let attributes = &self.types.attributes;
        let guess = self.previous.get(index).copied().unwrap_or(index);
        if attributes
            .get(guess)
            .is_some_and(|(known, _)| known == name)
        {
            return Some(guess);
        }
        let position = *self.positions.get(name)?;
        if self.previous.len() <= index {
            self.previous.resize(index + 1, 0);
        }
        if let Some(previous) = self.previous.get_mut(index) {
            *previous = position;
        }
        Some(position)
    }
}

/// Returns the memory of a list for values that borrow from something else.
fn recycle<'a>(mut values: Vec<Value<'_>>) -> Vec<Value<'a>> {
    values.clear();
    // Nothing is left to map: the standard library keeps the allocation.
    values.into_iter().map_while(|_| None).collect()
}

/// An item as a row of typed cells.
pub(crate) struct Row<'r> {
    columns: &'r mut Columns,
    values: Vec<Value<'r>>,
}

impl<'r> Row<'r> {
    /// Returns the values of a column; none if the item does not have the attribute.
    pub(crate) fn cell(&self, position: usize) -> &[Value<'r>] {
        let cell = self
            .columns
            .cells
            .get(position)
            .copied()
            .unwrap_or_default();
        let values = self.values.get(cell.start..cell.start + cell.length);
        values.unwrap_or_default()
    }

    /// Returns the name of a column's attribute.
    pub(crate) fn name(&self, position: usize) -> Option<&str> {
        let attribute = self.columns.types.attributes.get(position);
        attribute.map(|(name, _)| name.as_str())
    }

    /// Returns the cells in the order of the columns.
    pub(crate) fn cells(&self) -> impl ExactSizeIterator<Item = &[Value<'r>]> {
        (0..self.columns.cells.len()).map(|position| self.cell(position))
    }

    /// Appends the values of an attribute to its cell. A value that does not fit is left out, and
    /// returned as an error.
    fn decode(
        &mut self,
        position: usize,
        item: &Item,
        attribute: &'r Attribute,
        losses: &mut Losses,
    ) -> Result<(), Error> {
        let (Some((_, kind)), Some(&before)) = (
            self.columns.types.attributes.get(position),
            self.columns.cells.get(position),
        ) else {
            return Ok(());
        };
        let kind = *kind;
        let name = Some(attribute.name.as_str());
        let start = self.values.len();
        if before.is_present {
            losses.add(LossKind::RepeatedAttribute, item, name);
            // A cell's values are adjacent.
            let earlier = before.start..before.start + before.length;
            let earlier = self.values.get(earlier).unwrap_or_default().to_vec();
            self.values.extend(earlier);
        } else if attribute.values.is_empty() {
            losses.add(LossKind::NoValues, item, name);
        }
        let mut outcome = Ok(());
        let mut decode = |row: &mut Self, text: Result<&'r str, &'r str>| {
            let decoded = match text {
                Ok(text) => kind.decode_text(text).map_err(|mismatch| (mismatch, text)),
                Err(text) => Err((Mismatch::NotNumbered, text)),
            };
            match decoded {
                Ok(value) => row.values.push(value),
                Err((mismatch, text)) => {
                    let failure = || error(item, attribute, &mismatch.of_value(text, &kind));
                    row.mismatch(&mut outcome, item, attribute, losses, failure);
                }
            }
        };
        if kind.numbered {
            for text in in_order(&attribute.values) {
                decode(self, text);
            }
        } else {
            for text in &attribute.values {
                decode(self, Ok(text));
            }
        }
        let length = self.values.len() - start;
        if length > 1 && !kind.multi_valued {
            let failure = || error(item, attribute, &too_many(length, &kind));
            self.mismatch(&mut outcome, item, attribute, losses, failure);
            self.values.truncate(start);
        }
        if let Some(cell) = self.columns.cells.get_mut(position) {
            *cell = Cell {
                start,
                length: self.values.len() - start,
                is_present: true,
            };
        }
        outcome
    }

    /// Records something that does not fit; the message of an error is made only if it is shown.
    fn mismatch(
        &self,
        outcome: &mut Result<(), Error>,
        item: &Item,
        attribute: &Attribute,
        losses: &mut Losses,
        failure: impl FnOnce() -> Error,
    ) {
        if self.columns.on_error == OnError::Replace {
            losses.add(LossKind::TypeMismatch, item, Some(&attribute.name));
        } else if outcome.is_ok() {
            *outcome = Err(failure());
        }
    }
}

fn too_many(values: usize, kind: &AttributeType) -> String {
    format!("has {values} values, but its type, {kind}, is for a single one")
}

fn error(item: &Item, attribute: &Attribute, what: &str) -> Error {
    let message = format!(
        "item {}, attribute {}: {what}; correct the type, or skip or replace such values",
        Escaped(&item.item_name),
        Escaped(&attribute.name)
    );
    Error::new(ErrorKind::TypeMismatch, message)
}

impl Drop for Row<'_> {
    fn drop(&mut self) {
        self.columns.values = recycle(mem::take(&mut self.values));
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.cells()).finish()
    }
}

#[cfg(test)]
mod tests;
