//! A local export service, for development and tests without an AWS account.
//!
//! A [`LocalService`] is an HTTP server in this process. It implements the three operations for any
//! AWS SDK, and the older API's ListDomains and DomainMetadata. It verifies signatures, enforces the
//! service's rules, and writes an export's files to a directory that is laid out like S3:
//! `<root>/<bucket>/<key>`. Any client of S3 can list, read, write and delete objects there. It
//! listens on loopback unless another address is set.
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
//! # Rules
//!
//! - Every constraint on the inputs, and each of the service's seven errors.
//! - A client token identifies the export that it started for 8 hours.
//! - 5 exports per domain and 25 in total within a rolling 24 hours ([`Quotas`]).
//! - An export is PENDING, then IN_PROGRESS, then SUCCEEDED or FAILED. [`Pace`] sets how fast,
//!   [`ManualClock`] replaces the clock.
//! - ListExports returns the exports of the last 90 days, newest first, in pages with opaque tokens.
//! - DomainMetadata counts a domain's items at the time of the request.
//! - A request's time may differ from the service's by 15 minutes.
//! - A service on loopback accepts only loopback `Host` headers, so that no web page can reach it
//!   under its own name: `localhost`, `*.localhost`, 127.0.0.0/8 and `[::1]`.
//!
//! # What AWS does not document
//!
//! - An export fails with `S3NoSuchBucket` if the bucket has no directory, and with `S3AccessDenied`
//!   if that directory is not writable or a link leads out of the root, or if `s3BucketOwner` is not
//!   the service's account.
//! - Keys in `manifest-file.json` include the caller's prefix, and `exportManifest` is the complete
//!   key of `manifest-summary.json`.
//! - The export of an empty domain has one data file with an empty array.
//!
//! # S3
//!
//! ListBuckets, HeadBucket, GetBucketLocation, ListObjects and ListObjectsV2; GetObject and HeadObject
//! with ranges and conditions on the ETag; PutObject, DeleteObject, and multipart uploads
//! (CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload, ListParts,
//! ListMultipartUploads), with `If-Match` and `If-None-Match` where S3 has them. ETags are those that
//! S3 computes. Every checksum that comes with an upload is verified: Content-MD5, the hash of the
//! signature, and `x-amz-checksum-` CRC32, CRC32C, CRC64NVME, SHA1 and SHA256, in a header or after the
//! body. Uploads are written to the disk as they arrive. Multipart uploads outlive the service, in
//! `<bucket>/.simpledb-export`.
//!
//! # Keys and files
//!
//! A part of a key that is not a safe file name on every system is percent-encoded: `..` becomes
//! `%2E%2E`, `a:b` `a%3Ab`, and an empty part `%`. No request can name a file outside the root. Unlike
//! in S3, `a` and `a/b` cannot both be objects, nor, on a disk that ignores case, `a` and `A`.
//! A file appears under its name only once it is complete, and the manifests only after all data
//! files, so the process may be killed at any time. The service forgets its exports when it stops.
//!
//! # Not supported
//!
//! TLS, presigned URLs, bodies whose chunks are signed, copies, versions, and encryption settings of
//! objects; conditional requests by date; and multiple accounts.

mod api;
mod app;
mod artifacts;
mod auth;
mod builder;
mod clock;
mod domains;
mod error;
mod exchange;
mod exports;
mod host;
mod parameters;
mod s3;
mod server;
mod store;
mod validate;
mod xml;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::{fmt, io};

pub use self::builder::LocalServiceBuilder;
use self::clock::{Clock, ManualSystem};
pub use self::clock::{ManualClock, Pace};
pub use self::exports::Quotas;
use self::server::Server;
use crate::client::Client;
use crate::config::Config;
use crate::credentials::{Credentials, CredentialsBuilder};

/// The account that owns everything unless another one is set.
const DEFAULT_ACCOUNT_ID: &str = "123456789012";

/// The region of the service's own client unless another one is set.
const DEFAULT_REGION: &str = "us-east-1";

/// A running local export service. Dropping it shuts it down: responses in progress get up to two
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
    /// Returns a builder with default settings.
    pub fn builder() -> LocalServiceBuilder {
        LocalServiceBuilder::new()
    }

    /// Returns the names of the service's domains, sorted.
    #[must_use]
    pub fn domain_names(&self) -> &[String] {
        &self.domain_names
    }

    /// Returns the path of an object's file, or of the directory of all objects below a key: under
    /// the root as it was set, named as the [module](self#keys-and-files) describes.
    #[must_use]
    pub fn object_path(&self, bucket: &str, key: &str) -> PathBuf {
        store::object_path(&self.root, bucket, key)
    }

    /// Returns a client of this service, configured with [`config`](LocalService::config).
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Returns the configuration of a client of this service: endpoint, region and keys, and the
    /// service's clock if that is a [`ManualClock`]. Such a client does not sleep between attempts
    /// and polls; it advances the clock instead.
    #[must_use]
    pub fn config(&self) -> Config {
        self.client.config().clone()
    }

    /// Returns the endpoint URL for clients on this machine: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn endpoint_url(&self) -> &str {
        self.client.endpoint_url()
    }

    /// Returns the address that the service listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Returns the keys that the service always accepts, `local` / `local`, with its account ID.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// Returns the region that was set. If none was, returns `us-east-1`, which the service accepts
    /// like any other.
    #[must_use]
    pub fn region(&self) -> &str {
        self.client.config().region().unwrap_or(DEFAULT_REGION)
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

/// Returns the service's own client.
fn client(
    address: SocketAddr,
    region: Option<String>,
    credentials: Credentials,
    clock: &Clock,
) -> io::Result<Client> {
    let endpoint_url = format!("http://{}", reachable(address));
    let config = Config::builder()
        .region(region.unwrap_or_else(|| DEFAULT_REGION.to_owned()))
        .endpoint_url(endpoint_url.clone())
        .s3_endpoint_url(endpoint_url)
        .credentials(credentials);
    let config = match clock {
        Clock::System => config,
        Clock::Manual(clock) => config.system(ManualSystem::new(clock.clone())),
    };
    let client = config.build().and_then(Client::new);
    client.map_err(io::Error::other)
}

/// Returns the address that clients on this machine connect to: a service that listens on all
/// addresses is on loopback, too.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

fn default_credentials() -> CredentialsBuilder {
    Credentials::builder("local", "local").source("the local service")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_shareable_between_threads() {
        fn assert_shareable<T: Send + Sync>() {}
        assert_shareable::<LocalService>();
        assert_shareable::<LocalServiceBuilder>();
    }

    #[test]
    fn a_service_on_all_addresses_is_reached_on_loopback() {
        for (address, expected) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.1:80", "192.0.2.1:80"),
        ] {
            let address = reachable(address.parse().unwrap());
            assert_eq!(address.to_string(), expected);
        }
    }
}
