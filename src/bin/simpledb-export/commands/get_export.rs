//! `get-export`.

use simpledb_export::GetExportInput;

use crate::args::{ArnArgs, Global};
use crate::{Result, output, session};

pub(super) fn run(global: &Global, args: &ArnArgs) -> Result<()> {
    let client = session::client(global)?;
    let export = client.get_export(&GetExportInput::new(&args.export_arn))?;
    output::print(global.output, &export)
}
