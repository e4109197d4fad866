//! `local`: a local export service until it is interrupted.

use std::path::Path;

use simpledb_export::local::{LocalService, LocalServiceBuilder, Quotas};

use super::files::Reserved;
use crate::app::args::{Global, LocalArgs, LocalOptions};
use crate::app::failure::Failure;
use crate::app::progress::Progress;
use crate::app::{Result, help, interrupt, stderr, stdout};

pub(super) fn run(global: &Global, args: &LocalArgs) -> Result<()> {
    let interruptions = interrupt::channel()?;
    let builder = builder(args.root.as_deref(), args.domains.as_deref())
        .bind(args.host)
        .port(args.port);
    let builder = args
        .bucket
        .iter()
        .fold(builder, LocalServiceBuilder::bucket);
    let builder = match &global.region {
        Some(region) => builder.region(region),
        None => builder,
    };
    let service = start(global, builder, args.domains.as_deref())?;
    if !args.host.is_loopback() {
        // Even with --quiet.
        stderr::note(&format!(
            "WARNING: the service listens on {}: whoever can reach this address can read, replace and \
             delete all objects, over plain HTTP, with keys that everyone knows; use it on a trusted \
             network only",
            service.address()
        ));
    }
    stdout::print(&format!("{}\n", service.endpoint_url()))?;
    if !global.quiet {
        stderr::note(&format!(
            "serving until Ctrl-C; to use it, set AWS_ENDPOINT_URL={} AWS_REGION={} \
             AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local",
            service.endpoint_url(),
            global.region.as_deref().unwrap_or("us-east-1")
        ));
    }
    // Fails only if no interruption can arrive anymore.
    let _ = interruptions.recv();
    Ok(())
}

/// Returns a service with these directories, or with the sample domain and the default root.
fn builder(root: Option<&Path>, domains: Option<&Path>) -> LocalServiceBuilder {
    let root = root.unwrap_or(Path::new(help::LOCAL_ROOT));
    let builder = LocalService::builder().root(root);
    match domains {
        Some(directory) => builder.domains_directory(directory),
        None => builder.sample_domain(),
    }
}

/// Starts a service for one command, without quotas: it forgets its exports when the command ends.
pub(super) fn service(global: &Global, args: &LocalOptions, bucket: &str) -> Result<LocalService> {
    let builder = builder(args.root.as_deref(), args.domains.as_deref())
        .bucket(bucket)
        .quotas(Quotas::unlimited());
    start(global, builder, args.domains.as_deref())
}

/// Returns the files that the local service reads its domains from.
pub(super) fn domain_files(args: &LocalOptions, domain_names: &[String]) -> Vec<Reserved> {
    let Some(directory) = &args.domains else {
        return Vec::new();
    };
    let files = domain_names.iter().map(|name| {
        let file = directory.join(format!("{name}.json"));
        (file, "the file that it is read from")
    });
    files.collect()
}

/// Loads the domains, with progress, and starts the service.
fn start(
    global: &Global,
    builder: LocalServiceBuilder,
    domains: Option<&Path>,
) -> Result<LocalService> {
    let progress = Progress::start(global);
    if let Some(directory) = domains {
        progress.status("loading", &directory.display().to_string());
    }
    builder.start().map_err(|error| Failure::general(&error))
}
