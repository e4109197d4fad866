//! `export`: start, wait, report.

use super::wait::wait_for;
use crate::app::answers::ExportAnswer;
use crate::app::args::{ExportArgs, Global};
use crate::app::interrupt::Interrupt;
use crate::app::{Result, hint, output, session};

pub(super) fn run(global: &Global, args: &ExportArgs) -> Result<()> {
    // Clap has seen to it that both are there.
    let domain_name = args.domain_name.as_deref().unwrap_or_default();
    let s3_bucket = args.s3_bucket.as_deref().unwrap_or_default();
    let client = session::client(global)?;
    let interrupt = Interrupt::watch()?;
    interrupt.say(hint::look_for(global, domain_name));
    let started = client.start_domain_export(&args.options.input(domain_name, s3_bucket))?;
    let arn = &started.export_arn;
    let export = wait_for(global, &client, arn, &args.patience, &interrupt)?;
    output::print(global.output, "Export", &ExportAnswer::from(&export))
}
