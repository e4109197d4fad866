//! The files of a successful export on the disk.

mod record;
mod targets;

use simpledb_export::data::{Export, VerifyReport};

pub(super) use self::record::digest_of_types;
pub(super) use self::targets::{Reserved, Targets};
use super::proof::{self, Proof};
use super::verify;
use crate::Result;
use crate::args::FileOptions;
use crate::conversion::{self, ConversionOptions};
use crate::results::Artifacts;

/// Rejects options that do not apply to the format.
pub(super) fn check_options(args: &FileOptions) -> Result<()> {
    match args.format {
        Some(format) => conversion::check(&args.conversion, format),
        None => Ok(()),
    }
}

/// Compares a verified export with its domain, and returns the result.
pub(super) fn artifacts(proof: &Proof, export: &Export, report: &VerifyReport) -> Artifacts {
    let mut artifacts = Artifacts::of_verified(export, report);
    artifacts.domain = proof.of_verified(export, report);
    proof::report(artifacts.domain.as_ref());
    artifacts
}

/// Fails if an export is damaged, or has items that cannot be read and that the options do not cover.
pub(super) fn check(
    export: &Export,
    report: &VerifyReport,
    options: &ConversionOptions,
) -> Result<()> {
    if report.is_intact() && options.accepts_unreadable_items() {
        return Ok(());
    }
    verify::check(export, report)
}
