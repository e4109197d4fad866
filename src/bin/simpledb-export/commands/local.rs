//! `local`: a local export service until it is interrupted.

use std::path::Path;
use std::time::Duration;

use simpledb_export::local::{LocalService, LocalServiceBuilder, Quotas};

use super::files::Reserved;
use crate::args::{Global, LocalArgs, LocalOptions};
use crate::progress::Progress;
use crate::{Result, help, interrupt, stderr, stdout};

/// How often an export is polled: it takes about a second.
pub(super) const MIN_DELAY: Duration = Duration::from_millis(100);

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
    let service = start(builder, args.domains.as_deref())?;
    if !args.host.is_loopback() {
        stderr::hint(&format!(
            "WARNING: the service listens on {}: whoever can reach this address can read, replace and \
             delete all objects, over plain HTTP, with keys that everyone knows; use it on a trusted \
             network only",
            service.address()
        ));
    }
    stdout::print(&format!("{}\n", service.endpoint_url()))?;
    stderr::note(&format!(
        "serving until Ctrl-C; to use it, set AWS_ENDPOINT_URL={} AWS_REGION={} \
         AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local",
        service.endpoint_url(),
        global.region.as_deref().unwrap_or("us-east-1")
    ));
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

/// Starts a service for one command, if that is wanted, without quotas: it forgets its exports when
/// the command ends.
pub(super) fn service(args: &LocalOptions, bucket: &str) -> Result<Option<LocalService>> {
    if !args.local {
        return Ok(None);
    }
    let builder = builder(args.root.as_deref(), args.domains.as_deref())
        .bucket(bucket)
        .quotas(Quotas::unlimited());
    start(builder, args.domains.as_deref()).map(Some)
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
fn start(builder: LocalServiceBuilder, domains: Option<&Path>) -> Result<LocalService> {
    let progress = Progress::start();
    if let Some(directory) = domains {
        progress.status("loading", &directory.display().to_string());
    }
    Ok(builder.start()?)
}
