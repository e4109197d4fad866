//! `export`: start, wait, and where it is asked for download, check and convert; report.

use super::files::download;
use super::wait::wait_for;
use crate::app::answers::ExportAnswer;
use crate::app::args::{ExportArgs, Global};
use crate::app::interrupt::Interrupt;
use crate::app::{Result, conversion, hint, output, session};

pub(super) fn run(global: &Global, args: &ExportArgs) -> Result<()> {
    if let Some(format) = args.format {
        conversion::check(&args.conversion, format)?;
    }
    // Clap has seen to it that both are there.
    let domain_name = args.domain_name.as_deref().unwrap_or_default();
    let s3_bucket = args.s3_bucket.as_deref().unwrap_or_default();
    let client = session::client(global)?;
    let interrupt = Interrupt::watch()?;
    interrupt.say(hint::look_for(global, domain_name));
    let started = client.start_domain_export(&args.options.input(domain_name, s3_bucket))?;
    let arn = &started.export_arn;
    let export = wait_for(global, &client, arn, &args.patience, &interrupt)?;
    let Some(to) = &args.to else {
        return output::print(global.output, "Export", &ExportAnswer::from(&export));
    };
    interrupt.say(hint::download_again(global, arn, to));
    let done = download(global, args, &client, export, to)
        .map_err(|failure| failure.with_hint(hint::download_again(global, arn, to)))?;
    let converted = done.convert(global, args)?;
    output::print(global.output, "Export", &done.answer(converted))?;
    done.check()
}
