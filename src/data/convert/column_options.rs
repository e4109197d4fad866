//! The options that formats with columns share.

use super::columns::Columns;
use crate::data::error::{Error, ErrorKind};
use crate::data::reader::OnError;
use crate::data::types::Types;

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
