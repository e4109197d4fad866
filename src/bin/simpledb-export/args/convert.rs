//! The options of `convert`.

use clap::Args;

use super::{ExportSource, Place, TargetOptions, values};
use crate::conversion::{ConversionOptions, DataFormat, FORMAT_HELP};

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    #[command(flatten)]
    pub(crate) source: ExportSource,
    #[arg(long, value_enum, value_name = "FORMAT", help = FORMAT_HELP)]
    pub(crate) format: DataFormat,
    /// File to write, or object to upload: s3://BUCKET/KEY, or s3://BUCKET/PREFIX/ for an object
    /// that is named after the domain [default: stdout]
    #[arg(long, value_name = "FILE", value_parser = Place::file())]
    pub(crate) to: Option<Place>,
    /// Skip the comparison with the MD5 checksums of the manifest
    #[arg(long)]
    pub(crate) skip_md5: bool,
    /// Compare what was converted with the domain's metadata too
    #[arg(long)]
    pub(crate) against_domain: bool,
    /// Number of threads; each needs up to 16 MiB of memory. Parquet needs 60 KiB more for each column
    /// beyond the hundredth [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = values::threads)]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) target: TargetOptions,
    #[command(flatten)]
    pub(crate) options: ConversionOptions,
}
