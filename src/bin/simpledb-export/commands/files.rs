//! The files of an export that has succeeded: fetched, checked, converted, reported on.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process;

use simpledb_export::data::{
    ConvertSummary, ExportFolder, VerifyOptions, VerifyReport, verify_export,
};
use simpledb_export::{Client, GetExportOutput};

use super::convert::tell_losses;
use super::download::fetch;
use super::verify::check;
use crate::app::answers::{Artifacts, Converted, ExportAnswer, ExportWithFiles};
use crate::app::args::{DataFormat, FileOptions, Global};
use crate::app::failure::{Exit, Failure};
use crate::app::{Result, conversion, hint};
use simpledb_export::cli_support::AtomicFile;

/// An export that has succeeded, where its files are, and what is wrong with them.
pub(super) struct Done {
    export: GetExportOutput,
    folder: PathBuf,
    report: VerifyReport,
}

/// Refuses options that do not go with the format, before anything is done.
pub(super) fn check_options(args: &FileOptions) -> Result<()> {
    match args.format {
        Some(format) => conversion::check(&args.conversion, format),
        None => Ok(()),
    }
}

/// Where an export is converted to.
pub(super) fn converted_file(
    to: &Path,
    domain_name: &str,
    args: &FileOptions,
    format: DataFormat,
) -> PathBuf {
    to.join(conversion::file_name(domain_name, &args.conversion, format))
}

/// Tries whether the files of exports could be written, before those are started: an account has
/// few starts a day.
pub(super) fn try_out<'a>(
    args: &FileOptions,
    domain_names: impl IntoIterator<Item = &'a str>,
) -> Result<()> {
    let Some(to) = &args.to else {
        return Ok(());
    };
    try_folder(to).map_err(|error| {
        let line = format!("cannot be written to: {error}; no export was started");
        Failure::new(Exit::General, line).about(&to.display().to_string())
    })?;
    if let Some(format) = args.format {
        for name in domain_names {
            let file = converted_file(to, name, args, format);
            AtomicFile::create(&file).map_err(|error| {
                let line = format!("{error}; no export was started");
                Failure::new(Exit::General, line).about(&file.display().to_string())
            })?;
        }
    }
    Ok(())
}

/// Makes a folder where it is missing, and a file in it for a moment.
fn try_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let probe = folder.join(format!(".simpledb-export-{}", process::id()));
    File::create_new(&probe)?;
    fs::remove_file(&probe)
}

/// Fetches the files of an export, and checks them.
pub(super) fn download(
    global: &Global,
    args: &FileOptions,
    client: &Client,
    export: GetExportOutput,
    to: &Path,
) -> Result<Done> {
    let report = fetch(global, client, &export, to, &args.source)?;
    Ok(Done::examine(export, report.folder))
}

impl Done {
    /// Checks the files of an export in its folder.
    pub(super) fn examine(export: GetExportOutput, folder: PathBuf) -> Done {
        let mut options = VerifyOptions::new();
        if let Some(items) = export.items_count {
            options = options.expected_items_count(items);
        }
        let report = verify_export(&folder, &options);
        Done {
            export,
            folder,
            report,
        }
    }

    /// Converts an export that is whole, if that was asked for.
    pub(super) fn convert(&self, global: &Global, args: &FileOptions) -> Result<Option<Converted>> {
        let (Some(to), Some(format), true) = (&args.to, args.format, self.report.is_ok()) else {
            return Ok(None);
        };
        let file = converted_file(to, &self.export.domain_name, args, format);
        let summary = convert(global, args, format, &self.folder, &file)?;
        Ok(Some(Converted::new(&file, format, &summary)))
    }

    pub(super) fn answer(&self, converted: Option<Converted>) -> ExportWithFiles<'_> {
        ExportWithFiles {
            export: ExportAnswer::from(&self.export),
            artifacts: Artifacts::new(&self.folder, &self.report),
            converted,
        }
    }

    /// A failure where something is wrong with the files.
    pub(super) fn check(&self) -> Result<()> {
        check(&self.folder, &self.report)
    }
}

/// Converts an export whose files have just been compared with their checksums; a failure says how
/// to do it later.
pub(super) fn convert(
    global: &Global,
    args: &FileOptions,
    format: DataFormat,
    folder: &Path,
    file: &Path,
) -> Result<ConvertSummary> {
    let later = |is_key_name_taken| {
        hint::convert(&hint::Convert {
            folder,
            format,
            options: &args.conversion,
            is_key_name_taken,
            to: file,
        })
    };
    let folder = ExportFolder::open(folder).map_err(|error| Failure::general(&error))?;
    let summary = conversion::to_file(file, &folder, &args.conversion, format)
        .map_err(|not| not.failure.with_hint(later(not.is_key_name_taken)))?;
    tell_losses(global, &summary);
    Ok(summary)
}
