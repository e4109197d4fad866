//! The objects that exports are converted to, without a local copy.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use simpledb_export::cli_support::names;
use simpledb_export::data::{self, Upload};
use simpledb_export::{Client, GetExportOutput};

use super::download::remote_failure;
use super::files::digest_of_types;
use super::proof::{self, Proof};
use crate::Result;
use crate::args::{FileOptions, Global, S3Url};
use crate::conversion::{
    ConversionOptions, Converting, DataFormat, Objects as Uploads, file_suffix, report_losses,
};
use crate::failure::{Exit, Failure};
use crate::hint;
use crate::progress::Progress;
use crate::results::{Artifacts, Converted};

/// The objects of a run.
pub(super) struct Objects<'a> {
    prefix: &'a S3Url,
    args: &'a FileOptions,
    client: &'a Client,
    format: DataFormat,
    /// The name of each domain's object below the prefix: that of its file on a disk.
    names: BTreeMap<&'a str, String>,
}

impl<'a> Objects<'a> {
    /// Names the objects and makes sure that their bucket can be reached, before an export is started:
    /// an account has few starts a day. Returns `None` if the files are to be on the disk.
    pub(super) fn prepare(
        args: &'a FileOptions,
        client: &'a Client,
        domain_names: &'a [String],
    ) -> Result<Option<Objects<'a>>> {
        let Some(prefix) = args.prefix() else {
            return Ok(None);
        };
        let Some(format) = args.format else {
            let line = "--to s3:// needs --format: the exported files themselves are in S3 already";
            return Err(Failure::new(Exit::Usage, line));
        };
        let suffix = file_suffix(&args.conversion, format);
        let objects = Objects {
            prefix,
            args,
            client,
            format,
            names: names::distinct(domain_names.iter().map(String::as_str), &suffix),
        };
        if let Some(first) = domain_names.first() {
            let started = objects.upload(&objects.url(first)).start();
            started.map_err(not_started)?.abort()?;
        }
        Ok(Some(objects))
    }

    /// Makes sure that the parts of a domain that is yet to be exported are not mixed with others.
    pub(super) fn check_parts(&self, domain_name: &str) -> Result<()> {
        let options = &self.args.conversion;
        if options.split.is_some() {
            let started = Uploads::start(self.upload(&self.url(domain_name)), options);
            started.map_err(not_started)?.abort()?;
        }
        Ok(())
    }

    /// Converts an export to its object, and returns what was read and written; `None` if the object was
    /// made from the same export with the same options.
    pub(super) fn convert(
        &self,
        global: &Global,
        export: &GetExportOutput,
        proof: &Proof,
    ) -> Result<Option<(Artifacts, Converted)>> {
        let options = &self.args.conversion;
        let source = source(
            &export.export_arn,
            &export.domain_name,
            self.format,
            options,
        )?;
        let upload = self.upload(&self.url(&export.domain_name));
        let object = Uploads::start(upload.source(&source), options)?;
        if object.existing_source() == Some(&source) {
            return Ok(None);
        }
        let bucket = &self.args.source.bucket;
        let later = |failure: Failure| failure.with_hint(self.later(export));
        let opened = bucket
            .open(self.client, export)
            .map_err(|error| later(remote_failure(global, self.client, bucket, error)))?
            .check_md5(true);
        let converted = Converting {
            export: &opened,
            options,
            format: self.format,
            progress: Progress::start(),
            threads: self.args.source.threads,
            expected_items: export.items_count,
        }
        .to_objects(object)
        .map_err(later)?;
        report_losses(&converted.0);
        let mut artifacts = Artifacts::of_converted(&opened, &converted.0);
        artifacts.domain = proof.of_converted(&opened, &converted.0);
        proof::report(artifacts.domain.as_ref());
        let converted = Converted::new(&self.name(export), self.format, converted);
        Ok(Some((artifacts, converted)))
    }

    /// Returns the name of an export's object.
    pub(super) fn name(&self, export: &GetExportOutput) -> String {
        let url = self.url(&export.domain_name).to_string();
        self.args.conversion.shown(&url)
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
        let suffix = || file_suffix(&self.args.conversion, self.format);
        match self.names.get(domain_name) {
            Some(name) => self.prefix.below(name),
            None => self.prefix.below(&names::encode(domain_name, &suffix())),
        }
    }

    fn upload(&self, url: &S3Url) -> Upload {
        let bucket = &self.args.source.bucket;
        bucket.upload(self.client, url, &self.args.target)
    }
}

fn not_started(error: data::Error) -> Failure {
    Failure::from(error).adding("no export was started")
}

/// Identifies what an object is made from: the export, and everything that decides its content.
pub(super) fn source(
    export_arn: &str,
    domain_name: &str,
    format: DataFormat,
    options: &ConversionOptions,
) -> Result<String> {
    let described = serde_json::json!({
        "exportArn": export_arn,
        "format": format.name(),
        "options": options,
        "typesSha256": digest_of_types(options, domain_name)?,
    });
    Ok(hex::encode(Sha256::digest(described.to_string())))
}
