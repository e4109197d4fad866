//! The client: the operations, and what their calls share.

pub(crate) mod call;
pub(crate) mod endpoint;
mod json_request;
mod pages;
pub(crate) mod paging;
pub(crate) mod response;
mod user_agent;
pub(crate) mod waiter;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use self::call::{Call, attempt_of};
use self::endpoint::Endpoint;
use self::json_request::JsonRequest;
pub use self::pages::ListExportsPages;
pub use self::waiter::ExportWaiter;
#[cfg(any(feature = "data", feature = "export-all"))]
use crate::clock_skew::Skew;
use crate::config::Config;
use crate::credentials::{Credentials, ProvideCredentials};
use crate::error::{Error, ErrorKind};
use crate::http::Url;
use crate::operation::Operation;
use crate::operation::get_export::{GetExportInput, GetExportOutput};
use crate::operation::list_exports::{ListExportsInput, ListExportsOutput};
use crate::operation::start_domain_export::{
    StartDomainExport, StartDomainExportInput, StartDomainExportOutput,
};
use crate::retry::{Attempts, Quota};
use crate::settings::endpoint::resolve_endpoint;
use crate::sigv4::Signer;
use crate::system::{System, Uuid, uuids_v4};

/// The service's signing name.
const SIGNING_NAME: &str = "sdb";

/// The name of the export API in `User-Agent`.
const API: &str = "simpledbv2";

/// Sends requests to the SimpleDB export API.
///
/// Calls block until the response is complete, an error is not worth another attempt, or the
/// call's timeout has passed. Clones are cheap and share the connection pool, signing key, retry
/// quota and clock-skew estimate; threads can share a client.
///
/// ```no_run
/// use std::time::Duration;
/// use simpledb_export::{Client, StartDomainExportInput};
///
/// let client = Client::from_env()?;
/// let input = StartDomainExportInput::new("Books", "my-export-bucket").s3_key_prefix("exports");
/// let started = client.start_domain_export(&input)?;
/// let done = client.wait_for_export(&started.export_arn).timeout(Duration::from_secs(3600)).wait()?;
/// println!("{} items", done.items_count.unwrap_or_default());
/// # Ok::<(), simpledb_export::Error>(())
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    config: Config,
    endpoint: Endpoint,
    credentials: Arc<dyn ProvideCredentials>,
    signer: Signer,
    quota: Quota,
    urls: Urls,
    /// What the first attempt of a call is named.
    first_attempt: String,
}

/// The URLs of the operations, each parsed at its first call.
#[derive(Default)]
struct Urls {
    start_domain_export: OnceLock<Url>,
    get_export: OnceLock<Url>,
    list_exports: OnceLock<Url>,
}

impl Client {
    /// Creates a client. Does no network I/O.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if there is no region or no credential source, a setting is invalid, the
    /// endpoint rules forbid the combination, or this build lacks the TLS that the endpoint needs.
    pub fn new(config: Config) -> Result<Client, Error> {
        let invalid = |message: &str| Error::new(ErrorKind::Config, message);
        let region = config.region().ok_or_else(|| {
            invalid("no region is set: set AWS_REGION, or region in the profile, or set it in code")
        })?;
        let credentials = config.shared_credentials().ok_or_else(|| {
            invalid("no credentials are set: set them in code, or use Config::loader")
        })?;
        let endpoint_url = resolve_endpoint(Some(region), config.variant(), config.endpoint_url())?;
        Ok(Client(Arc::new(Inner {
            endpoint: Endpoint::new(&config, API, endpoint_url)?,
            credentials,
            signer: Signer::new(SIGNING_NAME, region),
            quota: Quota::new(config.retry_config()),
            urls: Urls::default(),
            first_attempt: attempt_of(1, config.retry_config().max_attempts.max(1)),
            config,
        })))
    }

    /// Creates a client with the settings that every AWS tool uses: [`Config::from_env`], then
    /// [`Client::new`].
    ///
    /// # Errors
    ///
    /// Those of the two.
    pub fn from_env() -> Result<Client, Error> {
        Client::new(Config::from_env()?)
    }

    /// Returns the client's settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Returns the URL that requests are sent to, without a path.
    #[must_use]
    pub fn endpoint_url(&self) -> &str {
        &self.0.endpoint.url
    }

    /// Returns the credentials that a call would be signed with now. May load or refresh them, within
    /// the time limit of a call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`], with the source's reason.
    pub fn credentials(&self) -> Result<Credentials, Error> {
        self.provide_credentials(self.0.config.operation_timeout())
    }

    /// Starts an export of a domain to a bucket.
    ///
    /// Retries are safe: every attempt carries the same client token, generated if the input has
    /// none, so a call starts at most one export.
    ///
    /// # Errors
    ///
    /// From the service: `ConflictException`, `InvalidParameterCombinationException`,
    /// `InvalidParameterValueException`, `NoSuchDomainException`, `NumberExportsLimitExceeded`.
    ///
    /// If the outcome is unknown ([`Error::is_outcome_unknown`]), the export may have been started:
    /// call again with [`Error::client_token`].
    pub fn start_domain_export(
        &self,
        input: &StartDomainExportInput,
    ) -> Result<StartDomainExportOutput, Error> {
        let [new_token, invocation_id] = self.new_ids(StartDomainExport::NAME)?;
        let input = StartDomainExport::new(input, &new_token);
        self.call_with_id(&self.0.urls.start_domain_export, &input, invocation_id)
    }

    /// Returns an export's parameters and current status.
    ///
    /// # Errors
    ///
    /// From the service: `InvalidParameterValueException`, `NoSuchExportException`.
    pub fn get_export(&self, input: &GetExportInput) -> Result<GetExportOutput, Error> {
        self.call(&self.0.urls.get_export, input)
    }

    /// Returns one page of the exports of the last 3 months.
    /// [`list_exports_pages`](Client::list_exports_pages) iterates over all pages.
    ///
    /// # Errors
    ///
    /// From the service: `InvalidNextTokenException`, `InvalidParameterValueException`,
    /// `NoSuchDomainException`.
    pub fn list_exports(&self, input: &ListExportsInput) -> Result<ListExportsOutput, Error> {
        self.call(&self.0.urls.list_exports, input)
    }

    fn call<O: Operation>(&self, url: &OnceLock<Url>, input: &O) -> Result<O::Output, Error> {
        let [invocation_id] = self.new_ids(O::NAME)?;
        self.call_with_id(url, input, invocation_id)
    }

    fn call_with_id<O: Operation>(
        &self,
        url: &OnceLock<Url>,
        input: &O,
        invocation_id: Uuid,
    ) -> Result<O::Output, Error> {
        let url = url.get_or_init(|| Url::new([self.endpoint_url(), "/v2/", O::NAME].concat()));
        let request = JsonRequest::new(self, url, input)?;
        Call::run(self, &self.0.endpoint, request, invocation_id)
    }

    pub(crate) fn system(&self) -> &dyn System {
        self.0.config.system()
    }

    pub(crate) fn provide_credentials(&self, timeout: Duration) -> Result<Credentials, Error> {
        self.0
            .credentials
            .provide_credentials(timeout)
            .map_err(|error| {
                Error::new(ErrorKind::Credentials, format!("no credentials: {error}"))
                    .retryable(error.is_timed_out())
                    .with_source(error)
            })
    }

    /// Drops credentials that the service refuses as expired, as happens if the system clock is slow;
    /// returns whether to try once more with others.
    pub(crate) fn drop_expired(
        &self,
        credentials: &Credentials,
        code: Option<&str>,
        attempts: &mut Attempts<'_>,
    ) -> bool {
        matches!(code, Some("ExpiredToken" | "ExpiredTokenException"))
            && self.0.credentials.reject(credentials)
            && attempts.may_change_credentials()
    }

    pub(crate) fn new_ids<const N: usize>(
        &self,
        operation: &'static str,
    ) -> Result<[Uuid; N], Error> {
        uuids_v4(self.system()).map_err(|error| {
            let message = "the OS random number generator failed";
            Error::new(ErrorKind::Io, message)
                .in_operation(operation)
                .with_source(error)
        })
    }

    #[cfg(any(feature = "data", feature = "export-all"))]
    pub(crate) fn clock_skew(&self) -> &Skew {
        &self.0.endpoint.skew
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint_url", &self.endpoint_url())
            .field("config", &self.0.config)
            .finish_non_exhaustive()
    }
}

/// Starts an export with a client from the environment: [`Client::from_env`], then
/// [`Client::start_domain_export`].
///
/// # Errors
///
/// Those of the two.
///
/// ```no_run
/// use simpledb_export::{StartDomainExportInput, start_domain_export};
///
/// let started = start_domain_export(&StartDomainExportInput::new("Books", "my-export-bucket"))?;
/// println!("{}", started.export_arn);
/// # Ok::<(), simpledb_export::Error>(())
/// ```
pub fn start_domain_export(
    input: &StartDomainExportInput,
) -> Result<StartDomainExportOutput, Error> {
    Client::from_env()?.start_domain_export(input)
}
