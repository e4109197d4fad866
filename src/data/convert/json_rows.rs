//! Lines of JSON with a member per column: flat JSON Lines, and DynamoDB's format with types.

use super::columns::{Columns, Row};
use super::json::{self, Form};
use super::tally::Tally;
use crate::data::error::Error;
use crate::data::types::AttributeType;
use crate::wire::item::Item;

/// Encodes items as objects, each on a line.
#[derive(Debug, Clone)]
pub(super) struct JsonRows {
    columns: Columns,
    key: Member,
    members: Vec<Member>,
    end: &'static str,
}

/// How the values of a column are written.
#[derive(Debug, Clone)]
struct Member {
    /// What precedes the values.
    label: Vec<u8>,
    form: Form,
    /// Whether numbers and booleans are written as such.
    is_native: bool,
}

impl JsonRows {
    /// Begins each object with `start`, which precedes the name of the key.
    pub(super) fn new(
        columns: Columns,
        [start, end]: [&'static str; 2],
        (key_name, key_form): (&str, Form),
        form: impl Fn(&AttributeType) -> (Form, bool),
    ) -> Result<JsonRows, Error> {
        let mut members = Vec::with_capacity(columns.types().len());
        for (name, attribute) in columns.types().iter() {
            members.push(Member::new(",", name, form(attribute))?);
        }
        Ok(JsonRows {
            key: Member::new(start, key_name, (key_form, false))?,
            columns,
            members,
            end,
        })
    }

    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Appends the line of an item, and returns what it consists of, unless the item is to be
    /// skipped.
    pub(super) fn push<'r>(
        &'r mut self,
        item: &'r Item,
        lines: &mut Vec<u8>,
        tally: &mut Tally,
    ) -> Result<Option<Row<'r>>, Error> {
        let Some(row) = self.columns.row(item, tally)? else {
            return Ok(None);
        };
        let Member { label, form, .. } = &self.key;
        lines.extend_from_slice(label);
        form.push(lines, [&*item.item_name], json::push_text)?;
        for (member, cell) in self.members.iter().zip(row.cells()) {
            if !cell.values.is_empty() {
                lines.extend_from_slice(&member.label);
                member.form.push(lines, cell.values, |lines, value| {
                    json::push(lines, value, member.is_native)
                })?;
            }
        }
        lines.extend_from_slice(self.end.as_bytes());
        Ok(Some(row))
    }
}

impl Member {
    fn new(before: &str, name: &str, (form, is_native): (Form, bool)) -> Result<Member, Error> {
        let mut label = before.as_bytes().to_vec();
        json::push_text(&mut label, name)?;
        label.push(b':');
        Ok(Member {
            label,
            form,
            is_native,
        })
    }
}
