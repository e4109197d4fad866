//! The files of an export that has succeeded: fetched, checked, converted, reported on.

use std::fs;
use std::path::{Path, PathBuf};

use simpledb_export::export_data::{VerifyOptions, VerifyReport, verify_export};
use simpledb_export::{Client, GetExportOutput};

use super::convert::tell_losses;
use super::download::fetch;
use super::verify::check;
use crate::app::answers::{Artifacts, Converted, ExportAnswer, ExportWithFiles};
use crate::app::args::{ExportArgs, Global};
use crate::app::conversion::Target;
use crate::app::failure::Failure;
use crate::app::{Result, conversion};

/// An export that has succeeded, where its files are, and what is wrong with them.
pub(super) struct Done {
    export: GetExportOutput,
    folder: PathBuf,
    report: VerifyReport,
}

/// Fetches the files of an export, and checks them.
pub(super) fn download(
    global: &Global,
    args: &ExportArgs,
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
    pub(super) fn convert(&self, global: &Global, args: &ExportArgs) -> Result<Option<Converted>> {
        let (Some(to), Some(format), true) = (&args.to, args.format, self.report.is_ok()) else {
            return Ok(None);
        };
        fs::create_dir_all(to)
            .map_err(|error| Failure::general(&error).about(&to.display().to_string()))?;
        let name = conversion::file_name(&self.export.domain_name, &args.conversion, format);
        let file = to.join(name);
        let summary = Target::find(&file)?.write(&self.folder, &args.conversion, format)?;
        tell_losses(global, &summary);
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
