//! `start-domain-export`.

use crate::args::{Global, StartArgs};
use crate::{Result, hint, interrupt, output, session};

pub(super) fn run(global: &Global, args: &StartArgs) -> Result<()> {
    let input = args.options.input(&args.domain_name, &args.s3_bucket);
    let client = session::client(global)?;
    interrupt::watch()?;
    interrupt::say(hint::look_for(global, &args.domain_name));
    let started = client.start_domain_export(&input)?;
    output::print(global.output, &started).map_err(|failure| {
        let hint = hint::show(global, &started.client_token, &started.export_arn);
        failure.with_hint(hint)
    })
}
