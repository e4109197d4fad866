//! `export`: start, wait, and where it is asked for download, check and convert; report.

use super::files::{check_options, download, try_out};
use super::wait::wait_for;
use crate::app::answers::ExportAnswer;
use crate::app::args::{ExportArgs, Global};
use crate::app::hint::Download;
use crate::app::interrupt::Interrupt;
use crate::app::{Result, hint, output, session};

pub(super) fn run(global: &Global, args: &ExportArgs) -> Result<()> {
    check_options(&args.files)?;
    // Clap has seen to it that both are there.
    let domain_name = args.domain_name.as_deref().unwrap_or_default();
    let s3_bucket = args.s3_bucket.as_deref().unwrap_or_default();
    let client = session::client(global)?;
    try_out(&args.files, [domain_name])?;
    let interrupt = Interrupt::watch()?;
    interrupt.say(hint::look_for(global, domain_name));
    let started = client.start_domain_export(&args.options.input(domain_name, s3_bucket))?;
    let arn = &started.export_arn;
    let next = args.files.to.as_deref().map(|to| Download {
        to,
        source: &args.files.source,
        format: args.files.format,
    });
    let how_to_go_on = match &next {
        Some(next) => hint::wait_and_download(global, arn, next),
        None => hint::wait_again(global, arn),
    };
    let patience = &args.patience;
    let export = wait_for(global, &client, arn, patience, &interrupt, how_to_go_on)?;
    let Some(next) = next else {
        return output::print(global.output, "Export", &ExportAnswer::from(&export));
    };
    let how_to_go_on = hint::download_again(global, arn, &next);
    interrupt.say(how_to_go_on.clone());
    let done = download(global, &args.files, &client, export, next.to)
        .map_err(|failure| failure.with_hint(how_to_go_on))?;
    // The export has succeeded and is here, whatever became of the conversion.
    let (converted, not_converted) = match done.convert(global, &args.files) {
        Ok(converted) => (converted, None),
        Err(failure) => (None, Some(failure)),
    };
    output::print(global.output, "Export", &done.answer(converted))?;
    not_converted.map_or_else(|| done.check(), Err)
}
