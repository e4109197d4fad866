//! Many domains: exported within the service's quotas, over as many runs as that takes.
//!
//! The service starts 5 exports of a domain and 25 of an account within 24 hours. [`ExportAll`]
//! starts what it may, in the order of the list, follows what is under way, and ends when nothing
//! more can be done now. Run again later with the same state file, it goes on where it was: 250
//! domains take ten daily runs.
//!
//! ```
//! use simpledb_export::Item;
//! use simpledb_export::export_all::ExportAll;
//! # #[cfg(feature = "local")] {
//! use simpledb_export::local::LocalService;
//!
//! # let dir = std::env::temp_dir().join(format!("simpledb-export-all-{}", std::process::id()));
//! let service = LocalService::builder()
//!     .root(&dir)
//!     .bucket("exports")
//!     .domain("Books", [Item::new("book1").attribute("author", ["Ada"])])
//!     .domain("Films", [])
//!     .start()?;
//! let report = ExportAll::new(service.client(), ["Books", "Films"], "exports", dir.join("state.json"))
//!     .min_delay(std::time::Duration::from_millis(100))
//!     .on_event(|event| eprintln!("{event}"))
//!     .run()?;
//! assert_eq!((report.done(), report.next_run), (2, None));
//! # drop(service);
//! # std::fs::remove_dir_all(&dir).ok();
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # At most one export
//!
//! A domain that is done or under way is not started again. The client token of a request is on the
//! disk before the request is sent. Where a run ends before the answer has come, killed or not, the
//! next one sends the request again with the same token, which within 8 hours finds the same
//! export; later than that it looks for an export with that token among those of the domain, and
//! starts another one only where there is none.
//!
//! # What fails
//!
//! A failed export is tried again by a later run, [`max_attempts`](ExportAll::max_attempts) times
//! in all. A domain that does not exist fails at once and for good. A refusal for a quota says
//! neither which quota nor for how long; that is read from the account's exports, whoever started
//! them. Any other error of the service ends the run and is in its
//! [report](ExportAllReport::stopped_by).
//!
//! # The state file
//!
//! JSON, replaced as a whole by each write, and for one account and region, one endpoint, one bucket
//! and one set of options: a run with others is refused. `<state file>.lock` beside it is locked
//! while a run lasts; one that a killed run left does no harm. Domains may be added to the list, or left out; those left out are
//! kept in the file.
//!
//! The account is that of the credentials, where their source knows it; else it shows in the ARN of
//! the first export, and a later run looks at the account's newest export before it does anything.

mod error;
mod event;
mod plan;
mod quota;
mod report;
mod run;
mod state;
mod state_file;
mod verdict;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub use self::error::{ExportAllError, ExportAllErrorKind};
pub use self::event::ExportAllEvent;
use self::plan::Plan;
pub use self::report::{DomainReport, DomainStatus, ExportAllReport};
use self::run::Run;
use self::state::{Settings, State};
use self::state_file::StateFile;
use crate::client::Client;
use crate::client::waiter::SHORTEST_DELAY;
use crate::operation::types::S3SseAlgorithm;
use crate::url::Url;

/// The exports of many domains to one bucket. See the [module](self) for what it does.
///
/// ```no_run
/// use std::time::Duration;
/// use simpledb_export::Client;
/// use simpledb_export::export_all::ExportAll;
///
/// let domains = std::fs::read_to_string("domains.txt")?;
/// let report = ExportAll::new(Client::from_env()?, domains.lines(), "my-export-bucket", "state.json")
///     .s3_key_prefix("exports")
///     .max_wait(Duration::from_secs(3600))
///     .run()?;
/// println!("{} of {} domains are done", report.done(), report.domains.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "nothing is exported until `run` is called"]
pub struct ExportAll<'a> {
    client: Client,
    domain_names: Vec<String>,
    settings: Settings,
    state_file: PathBuf,
    max_attempts: u32,
    retry_failed: bool,
    max_wait: Duration,
    min_delay: Duration,
    on_event: Box<dyn FnMut(&ExportAllEvent) + 'a>,
    is_cancelled: Box<dyn FnMut() -> bool + 'a>,
}

impl<'a> ExportAll<'a> {
    /// Exports of these domains to `s3_bucket`, with what is to be remembered in `state_file`. A
    /// name that comes twice counts once.
    pub fn new(
        client: Client,
        domain_names: impl IntoIterator<Item = impl Into<String>>,
        s3_bucket: impl Into<String>,
        state_file: impl Into<PathBuf>,
    ) -> ExportAll<'a> {
        let settings = Settings {
            region: client.config().region().map(str::to_owned),
            endpoint_host: client
                .config()
                .endpoint_url()
                .map(|url| Url::new(url).host().to_owned()),
            s3_bucket: s3_bucket.into(),
            ..Settings::default()
        };
        ExportAll {
            client,
            domain_names: domain_names.into_iter().map(Into::into).collect(),
            settings,
            state_file: state_file.into(),
            max_attempts: 3,
            retry_failed: false,
            max_wait: Duration::from_secs(3600),
            min_delay: Duration::from_secs(30),
            on_event: Box::new(|_| {}),
            is_cancelled: Box::new(|| false),
        }
    }

    /// Sets what the keys of the written objects begin with: 1 to 850 characters. Default: nothing.
    pub fn s3_key_prefix(mut self, s3_key_prefix: impl Into<String>) -> Self {
        self.settings.s3_key_prefix = Some(s3_key_prefix.into());
        self
    }

    /// Sets how S3 encrypts the written objects. Default: as the bucket says.
    pub fn s3_sse_algorithm(mut self, algorithm: S3SseAlgorithm) -> Self {
        self.settings.s3_sse_algorithm = Some(algorithm);
        self
    }

    /// Sets the KMS key to encrypt with: 1 to 2048 characters, only together with
    /// [`S3SseAlgorithm::Kms`]. Default: none.
    pub fn s3_sse_kms_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.settings.s3_sse_kms_key_id = Some(key_id.into());
        self
    }

    /// Sets the account that must own the bucket: twelve digits. Default: any.
    pub fn s3_bucket_owner(mut self, account_id: impl Into<String>) -> Self {
        self.settings.s3_bucket_owner = Some(account_id.into());
        self
    }

    /// Sets how many exports of a domain are tried, over all runs, before it has failed for good: at
    /// least 1. Default: 3.
    pub fn max_attempts(mut self, max_attempts: u32) -> Self {
        self.max_attempts = max_attempts.max(1);
        self
    }

    /// Sets whether to try again, from the beginning, what failed for good. Default: no.
    pub fn retry_failed(mut self, retry_failed: bool) -> Self {
        self.retry_failed = retry_failed;
        self
    }

    /// Sets how long the run may wait, for exports under way and for a quota that is used up. With
    /// zero it starts what it may, looks once at what is under way, and ends. Default: an hour.
    ///
    /// A run that is repeated daily at the same time should be given a few minutes at least: the
    /// exports of the day before count until 24 hours after each was started, which is shortly
    /// after the run begins.
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }

    /// Sets the time between the first two looks at the exports under way; it grows to 120 s.
    /// 100 ms or more, what is less is taken as 100 ms. Default: 30 s.
    pub fn min_delay(mut self, min_delay: Duration) -> Self {
        self.min_delay = min_delay.max(SHORTEST_DELAY);
        self
    }

    /// Calls `on_event` with everything that happens.
    pub fn on_event(mut self, on_event: impl FnMut(&ExportAllEvent) + 'a) -> Self {
        self.on_event = Box::new(on_event);
        self
    }

    /// Asks `is_cancelled` before each request, and each second while the run waits; it ends where
    /// that is true. What is under way goes on by itself, and a later run finds it.
    pub fn cancel_when(mut self, is_cancelled: impl FnMut() -> bool + 'a) -> Self {
        self.is_cancelled = Box::new(is_cancelled);
        self
    }

    /// Does what can be done now.
    ///
    /// # Errors
    ///
    /// [`ExportAllErrorKind`] says which, and what had been sent by then. What the service answered
    /// is in the report.
    pub fn run(mut self) -> Result<ExportAllReport, ExportAllError> {
        let invalid = |message: &str| {
            Err(ExportAllError::new(
                ExportAllErrorKind::InvalidInput,
                message,
            ))
        };
        if self.domain_names.is_empty() {
            return invalid("no domains are given: name at least one");
        }
        if self.domain_names.iter().any(String::is_empty) {
            return invalid("the name of a domain is empty: leave it out of the list");
        }
        if self.settings.s3_bucket.is_empty() {
            return invalid("s3Bucket is required and must not be empty");
        }
        let state_file = StateFile::lock(&self.state_file)?;
        let saved = state_file.load()?;
        let mut state = match &saved {
            Some(saved) => saved.clone(),
            None => State::new(self.settings.clone()),
        };
        state.adopt(self.settings)?;
        let listed = state.arrange(self.domain_names);
        let plan = Plan::new(
            state,
            listed,
            self.max_attempts,
            self.min_delay,
            self.retry_failed,
        );
        Run {
            client: &self.client,
            plan,
            state_file,
            saved,
            max_wait: self.max_wait,
            on_event: &mut *self.on_event,
            is_cancelled: &mut *self.is_cancelled,
        }
        .run()
    }
}

impl fmt::Debug for ExportAll<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportAll")
            .field("domain_names", &self.domain_names)
            .field("settings", &self.settings)
            .field("state_file", &self.state_file)
            .field("max_attempts", &self.max_attempts)
            .field("max_wait", &self.max_wait)
            .finish_non_exhaustive()
    }
}
