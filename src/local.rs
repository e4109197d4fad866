//! The local export service: what to run an export against without an AWS account.
//!
//! A [`LocalService`] is an HTTP server in this process. It speaks the three operations to any AWS
//! SDK, checks signatures, keeps the service's rules, and writes what an export writes under a
//! folder that is laid out as S3 would be: `<root>/<bucket>/<key>`. S3's GetObject and
//! HeadObject serve the files back. It is for development and tests, and listens on loopback
//! unless it is told otherwise.
//!
//! ```
//! use simpledb_export::{Item, ListExportsInput};
//! use simpledb_export::local::LocalService;
//!
//! # let dir = std::env::temp_dir().join(format!("simpledb-export-doc-{}", std::process::id()));
//! let items = [Item::new("book1").attribute("author", ["Ada", "Bo"])];
//! let service = LocalService::builder().root(&dir).domain("Books", items).start()?;
//! let exports = service.client().list_exports(&ListExportsInput::new())?;
//! assert!(exports.export_summaries.is_empty());
//! # drop(service);
//! # std::fs::remove_dir_all(&dir).ok();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Rules that it keeps
//!
//! - Every constraint on the inputs, and each of the service's seven errors.
//! - A client token stands for the export that it started for 8 hours.
//! - 5 exports a domain and 25 in all within a rolling day (settable, or off).
//! - An export is PENDING, then IN_PROGRESS, then SUCCEEDED or FAILED; how fast is settable
//!   ([`Pace`]), and so is the clock ([`ManualClock`]).
//! - ListExports shows the last 90 days, the newest first, in pages with opaque tokens.
//! - A request's time may be 15 minutes off.
//!
//! # Where AWS does not say what it does
//!
//! - An export FAILS with `NoSuchBucket` when the bucket has no folder, with `AccessDenied` when
//!   the folder cannot be written, leads out of the root by a link, or `s3BucketOwner` is another
//!   account than the service's.
//! - Keys in `manifest-file.json` include the caller's prefix, and `exportManifest` is the whole
//!   key of `manifest-summary.json`.
//! - A domain without items has one data file with an empty array.
//!
//! # Keys and files
//!
//! A part of a key that cannot safely be the name of a file is written percent-encoded: `..`
//! becomes `%2E%2E`, an empty part `%`, and `%`, `\`, `:` and NUL become `%25`, `%5C`, `%3A` and
//! `%00`. Nothing that a request names leads out of the root. Unlike in S3, `a` and `a/b` cannot
//! both be objects. A file appears under its name only when it is complete, and the manifests only
//! after all data files, so that a process may be killed at any moment. Exports are remembered by
//! the running service alone: after a restart it knows none.
//!
//! # Not supported
//!
//! TLS, presigned URLs, listing or writing objects, conditional requests by date, and several
//! accounts.

mod app;
mod artifacts;
mod auth;
mod builder;
mod clock;
mod domains;
mod exchange;
mod exports;
mod id;
mod object;
mod page_token;
mod s3_error;
mod server;
mod simpledb_error;
mod start_error;
mod store;
mod timestamp;
mod validate;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

pub use self::builder::LocalServiceBuilder;
use self::clock::{Clock, ManualSystem};
pub use self::clock::{ManualClock, Pace};
use self::server::Server;
pub use self::start_error::StartError;
use crate::client::Client;
use crate::config::Config;
use crate::credentials::{Credentials, CredentialsBuilder};

/// The account that everything belongs to where none was set.
const DEFAULT_ACCOUNT_ID: &str = "123456789012";

/// The region that a client is pointed to where none was set.
const DEFAULT_REGION: &str = "us-east-1";

/// A running local export service. Dropping it shuts it down: answers under way are given up to two
/// seconds, and an export that is being written ends without manifests.
///
/// See the [module](self) for what it does.
pub struct LocalService {
    server: Server,
    client: Client,
    credentials: Credentials,
    root: PathBuf,
    domain_names: Vec<String>,
}

impl LocalService {
    /// The settings to start one with.
    pub fn builder() -> LocalServiceBuilder {
        LocalServiceBuilder::new()
    }

    fn new(
        server: Server,
        region: Option<String>,
        credentials: Credentials,
        clock: &Clock,
        root: PathBuf,
        domain_names: Vec<String>,
    ) -> Result<LocalService, StartError> {
        let config = Config::new()
            .region(region.unwrap_or_else(|| DEFAULT_REGION.to_owned()))
            .endpoint_url(format!("http://{}", server.address()))
            .s3_endpoint_url(format!("http://{}", server.address()))
            .credentials(credentials.clone());
        let config = match clock {
            Clock::System => config,
            Clock::Manual(clock) => config.system(ManualSystem::new(clock.clone())),
        };
        let client = Client::new(config).map_err(|error| StartError::new(error.to_string()))?;
        Ok(LocalService {
            server,
            client,
            credentials,
            root,
            domain_names,
        })
    }

    /// The domains that it has, in the order of their names.
    #[must_use]
    pub fn domain_names(&self) -> &[String] {
        &self.domain_names
    }

    /// Where the file of an object is, or the folder of the objects whose keys begin alike: below
    /// the root as it was set, by the rules that the [module](self#keys-and-files) tells.
    #[must_use]
    pub fn object_path(&self, bucket: &str, key: &str) -> PathBuf {
        store::object_path(&self.root, bucket, key)
    }

    /// A client of this service, made with [`config`](LocalService::config).
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The settings of a client of this service: endpoint, region and keys, and the service's clock
    /// if that is a [`ManualClock`]. Such a client does not sleep between attempts and polls: it
    /// moves the clock.
    #[must_use]
    pub fn config(&self) -> Config {
        self.client.config().clone()
    }

    /// The URL to point a client to: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn endpoint_url(&self) -> &str {
        self.client.endpoint_url()
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The keys that are always let in, `local` / `local`, with the service's account.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// The region that was set, or `us-east-1`, which it takes as well as any other.
    #[must_use]
    pub fn region(&self) -> &str {
        self.client.config().get_region().unwrap_or(DEFAULT_REGION)
    }
}

impl fmt::Debug for LocalService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalService")
            .field("endpoint_url", &self.endpoint_url())
            .field("region", &self.region())
            .finish_non_exhaustive()
    }
}

fn default_credentials() -> CredentialsBuilder {
    Credentials::builder("local", "local").source("the local service")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_can_be_shared_between_threads() {
        fn assert_shareable<T: Send + Sync>() {}
        assert_shareable::<LocalService>();
        assert_shareable::<LocalServiceBuilder>();
    }
}
