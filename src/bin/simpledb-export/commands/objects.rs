//! The objects that exports are converted to, without a local copy.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use simpledb_export::cli_support::names;
use simpledb_export::data::{Export, Upload};
use simpledb_export::{Client, GetExportOutput};

use super::download::remote_failure;
use super::files::digest_of_types;
use super::losses::report_losses;
use super::proof::{self, Proof};
use crate::app::args::{ConversionOptions, DataFormat, FileOptions, Global, S3Url};
use crate::app::conversion::Converting;
use crate::app::failure::{Exit, Failure};
use crate::app::objects::{self, Objects as Uploads};
use crate::app::progress::Progress;
use crate::app::results::{Artifacts, Converted};
use crate::app::{Result, conversion, hint};

/// The objects of a run.
pub(super) struct Objects<'a> {
    prefix: &'a S3Url,
    args: &'a FileOptions,
    client: &'a Client,
    format: DataFormat,
    proof: Proof,
    /// The name of each domain's object below the prefix: that of its file on a disk.
    names: BTreeMap<String, String>,
}

/// An export that was converted to an object.
pub(super) struct ConvertedObject {
    /// What was read.
    pub(super) artifacts: Artifacts,
    pub(super) converted: Converted,
}

impl<'a> Objects<'a> {
    /// Names the objects and makes sure that their bucket can be reached, before an export is started:
    /// an account has few starts a day. Returns `None` if the files are to be on the disk.
    pub(super) fn prepare(
        args: &'a FileOptions,
        client: &'a Client,
        domain_names: &[String],
    ) -> Result<Option<Objects<'a>>> {
        let Some(prefix) = args.prefix() else {
            return Ok(None);
        };
        let Some(format) = args.format else {
            let line =
                "--to s3://… needs --format: the exported files themselves are in S3 already";
            return Err(Failure::new(Exit::Usage, line));
        };
        let suffix = conversion::file_suffix(&args.conversion, format);
        let names = names::distinct(domain_names.iter().map(String::as_str), &suffix);
        let names = names
            .into_iter()
            .map(|(name, object)| (name.to_owned(), object));
        let objects = Objects {
            prefix,
            args,
            client,
            format,
            proof: Proof::new(client, !args.no_count),
            names: names.collect(),
        };
        if let Some(first) = domain_names.first() {
            let started = objects.upload(&objects.url(first)).start();
            started
                .map_err(|error| Failure::general(&error).adding("no export was started"))?
                .abort()
                .map_err(|error| Failure::general(&error))?;
        }
        Ok(Some(objects))
    }

    /// Makes sure that the parts of a domain that is yet to be exported are not mixed with others.
    pub(super) fn check_parts(&self, domain_name: &str) -> Result<()> {
        let options = &self.args.conversion;
        if options.split.is_none() {
            return Ok(());
        }
        Uploads::start(self.upload(&self.url(domain_name)), options)
            .map_err(|error| Failure::general(&error).adding("no export was started"))?
            .abort()
            .map_err(|error| Failure::general(&error))
    }

    /// Converts an export to its object.
    pub(super) fn convert(
        &self,
        global: &Global,
        export: &GetExportOutput,
    ) -> Result<ConvertedObject> {
        let url = self.url(&export.domain_name);
        let object = self.start(&url, &self.source(export)?)?;
        self.write(global, export, object)
    }

    /// Converts an export to its object, unless that was made of the same export with the same options.
    pub(super) fn convert_if_needed(
        &self,
        global: &Global,
        export: &GetExportOutput,
    ) -> Result<Option<ConvertedObject>> {
        let url = self.url(&export.domain_name);
        let source = self.source(export)?;
        let object = self.start(&url, &source)?;
        if object.existing_source() == Some(&source) {
            return Ok(None);
        }
        self.write(global, export, object).map(Some)
    }

    /// Returns the name of an export's object.
    pub(super) fn name(&self, export: &GetExportOutput) -> String {
        objects::shown(&self.url(&export.domain_name), &self.args.conversion)
    }

    /// Returns how to convert an export that has succeeded later.
    pub(super) fn later(&self, export: &GetExportOutput) -> String {
        hint::convert_in_bucket(
            &export.export_arn,
            self.format,
            &self.args.conversion,
            &self.url(&export.domain_name).to_string(),
        )
    }

    fn url(&self, domain_name: &str) -> S3Url {
        let suffix = || conversion::file_suffix(&self.args.conversion, self.format);
        match self.names.get(domain_name) {
            Some(name) => self.prefix.below(name),
            None => self.prefix.below(&names::encode(domain_name, &suffix())),
        }
    }

    fn upload(&self, url: &S3Url) -> Upload {
        let bucket = &self.args.source.bucket;
        bucket.upload(self.client, url, &self.args.target)
    }

    fn start(&self, url: &S3Url, source: &str) -> Result<Uploads> {
        let upload = self.upload(url).source(source);
        let started = Uploads::start(upload, &self.args.conversion);
        started.map_err(|error| Failure::general(&error))
    }

    fn write(
        &self,
        global: &Global,
        export: &GetExportOutput,
        object: Uploads,
    ) -> Result<ConvertedObject> {
        let opened = self.open(global, export)?;
        let progress = Progress::start(global);
        let converting = Converting {
            export: &opened,
            options: &self.args.conversion,
            format: self.format,
            progress: &progress,
            name: &export.domain_name,
            threads: self.args.source.threads,
            expected_items: export.items_count,
        };
        let (report, count) = converting.to_objects(object).map_err(|not_converted| {
            let later = self.later(export);
            not_converted.failure.with_hint(later)
        })?;
        drop(progress);
        report_losses(global, &report);
        let mut artifacts = Artifacts::of_converted(&opened, &report);
        artifacts.domain = self
            .proof
            .of_converted(&export.domain_name, &opened, &report);
        proof::report(global, artifacts.domain.as_ref());
        Ok(ConvertedObject {
            artifacts,
            converted: Converted::new(&self.name(export), self.format, report).files(count),
        })
    }

    fn open(&self, global: &Global, export: &GetExportOutput) -> Result<Export> {
        let bucket = &self.args.source.bucket;
        let opened = bucket.open(self.client, export).map_err(|error| {
            remote_failure(global, self.client, bucket, &error).with_hint(self.later(export))
        })?;
        Ok(opened.check_md5(true))
    }

    fn source(&self, export: &GetExportOutput) -> Result<String> {
        let options = &self.args.conversion;
        source(
            &export.export_arn,
            &export.domain_name,
            self.format,
            options,
        )
    }
}

/// Identifies what an object is made of: the export, and everything that decides its content.
pub(super) fn source(
    export_arn: &str,
    domain_name: &str,
    format: DataFormat,
    options: &ConversionOptions,
) -> Result<String> {
    let types = digest_of_types(options, domain_name);
    let described = serde_json::json!({
        "exportArn": export_arn,
        "format": format.name(),
        "options": options,
        "typesSha256": types.map_err(|error| Failure::general(&error))?,
    });
    Ok(hex::encode(Sha256::digest(described.to_string())))
}
