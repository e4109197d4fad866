//! The domains of an account and their counts, by SimpleDB's older API (2009-04-15).
//!
//! The export API does not list domains, and it reports how many items it exported, not how many the
//! domain has. The older API does both: [`Domains`] has its operations ListDomains and DomainMetadata.
//!
//! ```no_run
//! use simpledb_export::Client;
//! use simpledb_export::domains::{DomainMetadataInput, Domains, ListDomainsInput};
//!
//! let domains = Domains::new(&Client::from_env()?)?;
//! for name in domains.list_domains_pages(ListDomainsInput::new()).items() {
//!     let name = name?;
//!     let metadata = domains.domain_metadata(&DomainMetadataInput::new(&name))?;
//!     println!("{name}: {} items", metadata.item_count);
//! }
//! # Ok::<(), simpledb_export::Error>(())
//! ```
//!
//! The credentials must allow `sdb:ListDomains` and `sdb:DomainMetadata`. Requests have Signature
//! Version 2, the only one that this API accepts.

mod domain_metadata;
mod list_domains;
mod pages;
mod query;

use std::fmt;
use std::sync::Arc;

pub use self::domain_metadata::{DomainMetadataInput, DomainMetadataOutput};
pub use self::list_domains::{ListDomainsInput, ListDomainsOutput};
pub use self::pages::ListDomainsPages;
use self::query::{QueryOperation, QueryRequest};
use crate::client::Client;
use crate::client::call::Call;
use crate::client::endpoint::Endpoint;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::http::Url;
use crate::settings::endpoint::resolve_endpoint;

/// The name of the API in `User-Agent`.
const API: &str = "simpledb";

/// Sends requests to SimpleDB's older API.
///
/// It shares the client's settings, credentials and retry quota. Clones are cheap and share the
/// connection pool; threads can share them. See the [module](self) for an example.
#[derive(Clone)]
pub struct Domains(Arc<Inner>);

struct Inner {
    client: Client,
    endpoint: Endpoint,
    url: Url,
}

impl Domains {
    /// Creates a client of the older API from a client of the export API. Does no network I/O.
    ///
    /// An endpoint URL that is set in code applies to both APIs.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if the environment or the profile sets an endpoint URL for the export
    /// API alone: the region's endpoint would then be used by mistake.
    pub fn new(client: &Client) -> Result<Domains, Error> {
        let config = client.config();
        let endpoint = Endpoint::new(config, API, endpoint_url(config)?)?;
        Ok(Domains(Arc::new(Inner {
            client: client.clone(),
            url: Url::new([&endpoint.url, "/"].concat()),
            endpoint,
        })))
    }

    /// Returns the URL that requests are sent to, without a path.
    #[must_use]
    pub fn endpoint_url(&self) -> &str {
        &self.0.endpoint.url
    }

    /// Returns one page of the account's domains in the region.
    /// [`list_domains_pages`](Domains::list_domains_pages) iterates over all pages.
    ///
    /// # Errors
    ///
    /// From the service: `InvalidNextToken`, `InvalidParameterValue`.
    pub fn list_domains(&self, input: &ListDomainsInput) -> Result<ListDomainsOutput, Error> {
        self.call(input)
    }

    /// Returns a domain's counts and sizes, as of the [time](DomainMetadataOutput::timestamp) in
    /// the output.
    ///
    /// # Errors
    ///
    /// From the service: `NoSuchDomain`, `InvalidParameterValue`.
    pub fn domain_metadata(
        &self,
        input: &DomainMetadataInput,
    ) -> Result<DomainMetadataOutput, Error> {
        self.call(input)
    }

    fn call<O: QueryOperation>(&self, input: &O) -> Result<O::Output, Error> {
        let Inner {
            client,
            endpoint,
            url,
        } = &*self.0;
        let [invocation_id] = client.new_ids(O::NAME)?;
        let request = QueryRequest::new(url, input)?;
        Call::run(client, endpoint, request, invocation_id)
    }
}

/// Returns the endpoint of the older API: the same as the export API's unless one is set.
fn endpoint_url(config: &Config) -> Result<String, Error> {
    let endpoint = config.domains_endpoint_url();
    if let (Some(_), None) = (config.endpoint_url(), endpoint) {
        let origin = config.endpoint_url_origin();
        let message = format!(
            "no endpoint of SimpleDB's older API (ListDomains, DomainMetadata) is known: {} is for \
             the export API only; set AWS_ENDPOINT_URL_SIMPLEDB, or AWS_ENDPOINT_URL for both",
            origin.as_deref().unwrap_or("the endpoint URL")
        );
        return Err(Error::new(ErrorKind::Config, message));
    }
    Ok(resolve_endpoint(
        config.region(),
        config.variant(),
        endpoint,
    )?)
}

impl fmt::Debug for Domains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Domains")
            .field("endpoint_url", &self.endpoint_url())
            .field("client", &self.0.client)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Credentials;

    const EXPORTS_ONLY: (&str, &str) = ("AWS_ENDPOINT_URL_SIMPLEDBV2", "http://exports.example");

    fn domains<const N: usize>(environment: [(&str, &str); N]) -> Result<Domains, Error> {
        let constant = [
            ("AWS_REGION", "eu-west-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        let loader = Config::loader().environment(constant.into_iter().chain(environment));
        Domains::new(&Client::new(loader.load()?)?)
    }

    #[test]
    fn uses_the_endpoint_that_is_set_for_it_or_the_regions() {
        for (environment, url) in [
            (
                ("AWS_ENDPOINT_URL_S3", "http://s3.example"),
                "https://sdb.eu-west-1.amazonaws.com",
            ),
            (
                ("AWS_ENDPOINT_URL", "http://all.example/"),
                "http://all.example",
            ),
            (
                ("AWS_ENDPOINT_URL_SIMPLEDB", "http://old.example"),
                "http://old.example",
            ),
        ] {
            assert_eq!(domains([environment]).unwrap().endpoint_url(), url);
        }
        let both = domains([EXPORTS_ONLY, ("AWS_ENDPOINT_URL", "http://all.example")]).unwrap();
        assert_eq!(both.endpoint_url(), "http://all.example");
        assert_eq!(both.0.client.endpoint_url(), "http://exports.example");
    }

    #[test]
    fn contacts_no_other_service_if_only_the_export_api_has_an_endpoint() {
        let error = domains([EXPORTS_ONLY]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(
            error.to_string(),
            "no endpoint of SimpleDB's older API (ListDomains, DomainMetadata) is known: \
             AWS_ENDPOINT_URL_SIMPLEDBV2 is for the export API only; set \
             AWS_ENDPOINT_URL_SIMPLEDB, or AWS_ENDPOINT_URL for both"
        );
    }

    #[test]
    fn shares_an_endpoint_that_was_set_in_code() {
        let config = Config::builder()
            .region("eu-west-1")
            .endpoint_url("http://localhost:8000")
            .credentials(Credentials::new("AKIDEXAMPLE", "hidden"))
            .build()
            .unwrap();
        let domains = Domains::new(&Client::new(config).unwrap()).unwrap();
        assert_eq!(domains.endpoint_url(), "http://localhost:8000");
        assert!(!format!("{domains:?}").contains("hidden"));
    }
}
