//! The files of a successful export: verified, converted, reported.

mod record;
mod targets;

use simpledb_export::GetExportOutput;
use simpledb_export::data::{Export, VerifyReport};

pub(super) use self::record::digest_of_types;
pub(super) use self::targets::{Reserved, Targets};
use super::losses::report_losses;
use super::proof::{self, Proof};
use super::verify::{check, name, verify};
use crate::app::args::{ConversionOptions, FileOptions, Global};
use crate::app::conversion::Converting;
use crate::app::failure::Failure;
use crate::app::progress::Progress;
use crate::app::results::{Artifacts, Comparison, Converted};
use crate::app::{Result, conversion, hint};

/// Rejects options that do not apply to the format.
pub(super) fn check_options(args: &FileOptions) -> Result<()> {
    match args.format {
        Some(format) => conversion::check(&args.conversion, format),
        None => Ok(()),
    }
}

/// The files of an export on disk, and the result of their verification.
pub(super) struct Files {
    domain_name: String,
    local: Export,
    report: VerifyReport,
    comparison: Option<Comparison>,
}

impl Files {
    /// Verifies the files of an export, and compares it with its domain.
    pub(super) fn verify(
        global: &Global,
        export: &GetExportOutput,
        local: Export,
        threads: Option<usize>,
        proof: &Proof,
    ) -> Result<Files> {
        let report = verify(global, &local, export.items_count, threads)?;
        let comparison = proof.of_verified(&export.domain_name, &local, &report);
        proof::report(global, comparison.as_ref());
        Ok(Files {
            domain_name: export.domain_name.clone(),
            local,
            report,
            comparison,
        })
    }

    /// Converts intact files, if a format is given.
    pub(super) fn convert(
        &self,
        global: &Global,
        targets: Option<&mut Targets<'_>>,
    ) -> Result<Option<Converted>> {
        let Some(targets) = targets.filter(|targets| is_usable(&self.report, targets.options()))
        else {
            return Ok(None);
        };
        let (report, count) = convert(global, targets, &self.domain_name, &self.local)?;
        let file = targets.shown(&self.domain_name);
        let converted = Converted::new(&file, targets.format(), report);
        Ok(Some(converted.files(count)))
    }

    pub(super) fn artifacts(&mut self) -> Artifacts {
        let mut artifacts = Artifacts::new(self.local.dir(), &self.report);
        artifacts.domain = self.comparison.take();
        artifacts
    }

    /// Fails if the files are damaged, or have items that cannot be read and are not dealt with.
    pub(super) fn check(&self, options: &ConversionOptions) -> Result<()> {
        if is_usable(&self.report, options) {
            Ok(())
        } else {
            check(self.local.dir(), &self.report)
        }
    }
}

/// Returns whether files can be converted with these options.
pub(super) fn is_usable(report: &VerifyReport, options: &ConversionOptions) -> bool {
    report.is_ok() || report.is_intact() && options.accepts_unreadable_items()
}

/// Converts verified files; a failure says how to do it later.
pub(super) fn convert(
    global: &Global,
    targets: &mut Targets<'_>,
    domain_name: &str,
    export: &Export,
) -> Result<conversion::Converted> {
    let file = targets.file(domain_name);
    let options = targets.options();
    let format = targets.format();
    let later = |is_key_name_taken| {
        hint::convert(&hint::Convert {
            directory: export.dir(),
            format,
            options,
            is_key_name_taken,
            to: &file,
        })
    };
    conversion::note_types(global, options, export);
    let progress = Progress::start(global);
    let converting = Converting {
        export,
        options,
        format,
        progress: &progress,
        name: &name(export),
        threads: targets.threads(),
        expected_items: None,
    };
    let (report, count) = converting
        .to_disk(&file, targets.made_parts(domain_name))
        .map_err(|not| not.failure.with_hint(later(not.is_key_name_taken)))?;
    drop(progress);
    targets
        .made(domain_name, export, count)
        .map_err(|error| Failure::general(&error).about(&file.display().to_string()))?;
    report_losses(global, &report);
    Ok((report, count))
}
