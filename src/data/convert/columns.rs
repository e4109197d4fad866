//! From items to typed rows, for every format that has columns.

use std::collections::HashMap;
use std::mem;

use super::losses::LossKind;
use super::tally::Tally;
use crate::data::error::{Error, ErrorKind};
use crate::data::reader::OnError;
use crate::data::types::{AttributeType, Mismatch, Types, Value, in_order};
use crate::text::Escaped;
use crate::wire::item::{Attribute, Item};

/// The options that formats with columns share.
#[derive(Debug)]
pub struct ColumnOptions {
    pub(super) key_name: String,
    pub(super) types: Option<Types>,
    pub(super) on_error: OnError,
}

impl ColumnOptions {
    /// Checks the columns.
    pub(super) fn columns(&self) -> Result<Columns, Error> {
        let Some(types) = self.types.clone() else {
            let message = "no types are set; set Description::types()";
            return Err(Error::new(ErrorKind::InvalidOption, message));
        };
        Columns::new(types, &self.key_name, self.on_error)
    }
}

/// The columns of a table, and the memory of its current row.
#[derive(Debug, Clone)]
pub struct Columns {
    types: Types,
    /// Each column's position by its attribute's name.
    positions: HashMap<String, usize>,
    on_error: OnError,
    /// Whether the values of an attribute are a set, without duplicates.
    is_set: fn(&AttributeType) -> bool,
    /// The position of the column that the n-th attribute of the previous item belongs to: items
    /// are alike.
    previous: Vec<usize>,
    /// Where the values of each column are.
    spans: Vec<Span>,
    /// The empty memory for the values of the next row.
    values: Vec<Value<'static>>,
}

/// Where the values of a column are in a row.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: usize,
    end: usize,
    /// Whether the item has the attribute, even if no value is left of it.
    is_present: bool,
}

impl Columns {
    /// Checks the columns.
    ///
    /// # Errors
    ///
    /// [`NameCollision`](ErrorKind::NameCollision) if an attribute has the name of the key.
    fn new(types: Types, key_name: &str, on_error: OnError) -> Result<Columns, Error> {
        if types.get(key_name).is_some() {
            let message = format!(
                "an attribute is named {key_name}, like the column of the item names; choose \
                 another name for that column"
            );
            return Err(Error::new(ErrorKind::NameCollision, message));
        }
        for (name, attribute) in types.iter() {
            attribute.check().map_err(|what| {
                let message = format!("the type of the attribute {name} is not valid: {what}");
                Error::new(ErrorKind::InvalidOption, message)
            })?;
        }
        let names = types.iter().enumerate();
        let positions = names.map(|(position, (name, _))| (name.to_string(), position));
        Ok(Columns {
            positions: positions.collect(),
            on_error,
            is_set: |_| false,
            previous: Vec::new(),
            spans: vec![Span::default(); types.len()],
            values: Vec::new(),
            types,
        })
    }

    /// Sets the attributes of which a row has each value once.
    pub(super) fn with_sets(self, is_set: fn(&AttributeType) -> bool) -> Columns {
        Columns { is_set, ..self }
    }

    pub(super) fn types(&self) -> &Types {
        &self.types
    }

    /// Decodes an item, and counts it and the columns that it uses. Returns `None` if the item is to
    /// be skipped.
    ///
    /// # Errors
    ///
    /// [`TypeMismatch`](ErrorKind::TypeMismatch) if a value does not fit its column, and such items are neither
    /// skipped nor repaired.
    pub(super) fn row<'r>(
        &'r mut self,
        item: &'r Item,
        tally: &mut Tally,
    ) -> Result<Option<Row<'r>>, Error> {
        self.spans.fill(Span::default());
        let mut row = Row {
            values: recycle(mem::take(&mut self.values)),
            columns: self,
        };
        for (index, attribute) in item.attributes.iter().enumerate() {
            let mut lose = |kind| tally.losses.add(kind, item, Some(&attribute.name));
            let Some(position) = row.columns.position(index, &attribute.name) else {
                lose(LossKind::NotAColumn);
                continue;
            };
            if let Err(what) = row.decode(position, attribute, &mut lose) {
                if row.columns.on_error == OnError::Skip {
                    lose(LossKind::SkippedItem);
                    return Ok(None);
                }
                let message = format!(
                    "item {}, attribute {}: {what}; correct the type, or skip or replace such values",
                    Escaped(&item.item_name),
                    Escaped(&attribute.name)
                );
                return Err(Error::new(ErrorKind::TypeMismatch, message));
            }
        }
        let spans = row.columns.spans.iter();
        tally.use_columns(spans.map(|span| span.end > span.start));
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
#[derive(Debug)]
pub(super) struct Row<'r> {
    columns: &'r mut Columns,
    values: Vec<Value<'r>>,
}

/// The values of an attribute in a row.
pub(super) struct Cell<'r> {
    pub(super) name: &'r str,
    pub(super) attribute: &'r AttributeType,
    /// Empty if the item does not have the attribute.
    pub(super) values: &'r [Value<'r>],
}

impl<'r> Row<'r> {
    /// Returns the cells in the order of the columns.
    pub(super) fn cells(&self) -> impl ExactSizeIterator<Item = Cell<'_>> {
        let columns = self.columns.types.iter().zip(&self.columns.spans);
        columns.map(|((name, attribute), span)| Cell {
            name,
            attribute,
            values: self.values.get(span.start..span.end).unwrap_or_default(),
        })
    }

    /// Appends the values of an attribute to its cell. A value that does not fit is left out if
    /// such values are replaced; otherwise, returns what an error says about it.
    fn decode(
        &mut self,
        position: usize,
        attribute: &'r Attribute,
        lose: &mut impl FnMut(LossKind),
    ) -> Result<(), String> {
        let columns = &mut *self.columns;
        let (Some((_, kind)), Some(span)) = (
            columns.types.attributes.get(position),
            columns.spans.get_mut(position),
        ) else {
            return Ok(());
        };
        let start = self.values.len();
        if span.is_present {
            lose(LossKind::RepeatedAttribute);
            // A cell's values are adjacent.
            self.values.extend_from_within(span.start..span.end);
        } else if attribute.values.is_empty() {
            lose(LossKind::NoValues);
        }
        let is_set = (columns.is_set)(kind);
        let mut push = |text: Result<&'r str, &'r str>| {
            let decoded = match text {
                Ok(text) => kind.decode_text(text).map_err(|mismatch| (mismatch, text)),
                Err(text) => Err((Mismatch::NotNumbered, text)),
            };
            match decoded {
                Ok(value) if is_set && self.values.iter().skip(start).any(|v| *v == value) => {
                    lose(LossKind::DuplicateValue);
                }
                Ok(value) => self.values.push(value),
                Err(_) if columns.on_error == OnError::Replace => lose(LossKind::TypeMismatch),
                Err((mismatch, text)) => return Err(mismatch.of_value(text, kind)),
            }
            Ok(())
        };
        if kind.numbered {
            in_order(&attribute.values).into_iter().try_for_each(push)?;
        } else {
            let mut texts = attribute.values.iter();
            texts.try_for_each(|text| push(Ok(text)))?;
        }
        let length = self.values.len() - start;
        if length > 1 && !kind.multi_valued {
            if columns.on_error != OnError::Replace {
                return Err(format!(
                    "has {length} values, but its type, {kind}, is for a single one"
                ));
            }
            lose(LossKind::TypeMismatch);
            self.values.truncate(start);
        }
        *span = Span {
            start,
            end: self.values.len(),
            is_present: true,
        };
        Ok(())
    }
}

impl Drop for Row<'_> {
    fn drop(&mut self) {
        self.columns.values = recycle(mem::take(&mut self.values));
    }
}

#[cfg(test)]
mod tests;
