//! The files of a successful export: verified, converted, reported.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process;

use simpledb_export::GetExportOutput;
use simpledb_export::cli_support::AtomicFile;
use simpledb_export::data::{Export, VerifyReport, WriteReport};

use super::convert::report_losses;
use super::verify::{check, name, verify};
use crate::app::args::{DataFormat, FileOptions, Global};
use crate::app::conversion::Converting;
use crate::app::failure::{Exit, Failure};
use crate::app::progress::Progress;
use crate::app::results::{Artifacts, Converted};
use crate::app::{Result, conversion, hint};

/// Rejects options that do not apply to the format.
pub(super) fn check_options(args: &FileOptions) -> Result<()> {
    match args.format {
        Some(format) => conversion::check(&args.conversion, format),
        None => Ok(()),
    }
}

/// Returns the file to convert an export to.
pub(super) fn converted_file(
    to: &Path,
    domain_name: &str,
    args: &FileOptions,
    format: DataFormat,
) -> PathBuf {
    to.join(conversion::file_name(domain_name, &args.conversion, format))
}

/// Fails if the files of exports cannot be written, before an export is started: an account has
/// few starts a day.
pub(super) fn try_out<'a>(
    args: &FileOptions,
    domain_names: impl IntoIterator<Item = &'a str>,
) -> Result<()> {
    let Some(to) = &args.to else {
        return Ok(());
    };
    try_directory(to).map_err(|error| {
        let line = format!("cannot write to this directory: {error}; no export was started");
        Failure::new(Exit::General, line).about(&to.display().to_string())
    })?;
    if let Some(format) = args.format {
        for name in domain_names {
            let file = converted_file(to, name, args, format);
            AtomicFile::create(&file).map_err(|error| {
                let failure = Failure::general(&error).about(&file.display().to_string());
                failure.adding("no export was started")
            })?;
        }
    }
    Ok(())
}

/// Creates the directory if it is missing, and a file in it for a moment.
fn try_directory(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let probe = directory.join(format!(".simpledb-export-{}", process::id()));
    File::create_new(&probe)?;
    fs::remove_file(&probe)
}

/// The files of an export on disk, and the result of their verification.
pub(super) struct Files {
    domain_name: String,
    local: Export,
    report: VerifyReport,
}

impl Files {
    /// Verifies the files of an export.
    pub(super) fn verify(
        global: &Global,
        export: &GetExportOutput,
        local: Export,
    ) -> Result<Files> {
        let report = verify(global, &local, export.items_count)?;
        Ok(Files {
            domain_name: export.domain_name.clone(),
            local,
            report,
        })
    }

    /// Converts intact files, if a format is given.
    pub(super) fn convert(&self, global: &Global, args: &FileOptions) -> Result<Option<Converted>> {
        let (Some(to), Some(format), true) = (&args.to, args.format, self.report.is_ok()) else {
            return Ok(None);
        };
        let file = converted_file(to, &self.domain_name, args, format);
        let summary = convert(global, args, format, &self.local, &file)?;
        Ok(Some(Converted::new(&file, format, &summary)))
    }

    pub(super) fn artifacts(&self) -> Artifacts {
        Artifacts::new(self.local.dir(), &self.report)
    }

    /// Fails if the files are damaged.
    pub(super) fn check(&self) -> Result<()> {
        check(self.local.dir(), &self.report)
    }
}

/// Converts verified files; a failure says how to do it later.
pub(super) fn convert(
    global: &Global,
    args: &FileOptions,
    format: DataFormat,
    export: &Export,
    file: &Path,
) -> Result<WriteReport> {
    let later = |is_key_name_taken| {
        hint::convert(&hint::Convert {
            directory: export.dir(),
            format,
            options: &args.conversion,
            is_key_name_taken,
            to: file,
        })
    };
    let progress = Progress::start(global.quiet);
    let converting = Converting {
        export,
        options: &args.conversion,
        format,
        progress: &progress,
        name: &name(export),
    };
    let report = converting
        .to_file(file)
        .map_err(|not| not.failure.with_hint(later(not.is_key_name_taken)))?;
    drop(progress);
    report_losses(global, &report);
    Ok(report)
}
