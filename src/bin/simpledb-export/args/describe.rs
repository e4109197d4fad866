//! The options of `describe`.

use std::path::PathBuf;

use clap::Args;

use super::{ExportSource, values};
use crate::conversion::OnError;

#[derive(Debug, Args)]
pub(crate) struct DescribeArgs {
    #[command(flatten)]
    pub(crate) source: ExportSource,
    /// File to write the types to, for convert --types; those of other domains in it are kept
    #[arg(long, value_name = "FILE")]
    pub(crate) types_file: Option<PathBuf>,
    /// What to do with an item that is not valid text: fail, skip the item, or replace what is not
    /// valid [default: fail]
    #[arg(long, value_name = "ACTION", value_enum)]
    pub(crate) on_error: Option<OnError>,
    /// Number of files to read at once [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = values::threads)]
    pub(crate) threads: Option<usize>,
}
