//! Exports many domains within the service's quotas, over as many runs as that takes.
//!
//! The service starts at most 5 exports per domain and 25 per account in 24 hours. [`ExportAll`]
//! starts as many exports as the quotas allow, in the order given, polls those in progress, and
//! returns when nothing more can be done now. A later run with the same state file resumes: 250
//! domains take ten daily runs.
//!
//! ```
//! use std::ops::ControlFlow;
//! use simpledb_export::{Item, StartDomainExportInput};
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
//! let inputs = ["Books", "Films"].map(|domain| StartDomainExportInput::new(domain, "exports"));
//! let report = ExportAll::new(service.client(), inputs, dir.join("state.json"))
//!     .min_delay(std::time::Duration::from_millis(100))
//!     .on_event(|event| {
//!         eprintln!("{event}");
//!         ControlFlow::Continue(())
//!     })
//!     .run()?;
//! assert_eq!((report.done(), report.next_run), (2, None));
//! # drop(service);
//! # std::fs::remove_dir_all(&dir).ok();
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # At most one export per domain
//!
//! A domain that is exported, or whose export is in progress, is not started again. The client
//! token of a request is on disk before the request is sent. If a run ends before the response
//! arrives, even by being killed, the next run searches the domain's exports for the token. If none
//! has it, the run sends the same token again, or, once the service has forgotten it after 8 hours,
//! starts a new export. Times are the service's, as far as its responses show them: a wrong clock
//! does no harm.
//!
//! # The first export
//!
//! A wrong bucket or key fails every export, but only after its start. So each run starts one domain
//! first, and the others with the same settings once its export is past the service's check of the
//! bucket: IN_PROGRESS or SUCCEEDED, [seen](ExportAll::has_started) to have written to the bucket, or
//! still PENDING after 10 minutes. An export that fails because
//! of its bucket or key stops the run.
//!
//! # Failures
//!
//! Later runs retry a failed export, up to [`max_attempts`](ExportAll::max_attempts) times in total.
//! A domain that does not exist fails permanently. A quota error does not say which quota is used up,
//! nor for how long; both are derived from the account's exports, whoever started them, or from
//! those of the state's domains if the credentials may list only these. Any other service error
//! stops the run and is in the [report](Report::stopped_by).
//!
//! # The state file
//!
//! The state file is JSON and replaced in one step by each write. It belongs to one account, region
//! and endpoint, and keeps the input of every domain: a run for another account, or with another
//! input for a domain that is exported or in progress, is refused. Domains may be added to the list
//! or left out; those left out are kept in the file. `<state file>.lock` is locked during a run; a
//! lock file that a killed run left behind does no harm. The state file must not be a symbolic
//! link, because two names for one state would have two locks.
//!
//! The account is the one that the credentials name. If they name none, it is taken from the ARN of
//! the first export, and later runs compare it with the account's newest export first.

mod bucket_check;
mod error;
mod event;
mod plan;
mod quota;
mod report;
mod run;
mod search;
mod state;
mod state_file;
mod verdict;

use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

pub use self::error::{Error, ErrorKind};
pub use self::event::Event;
use self::plan::Plan;
pub use self::report::{DomainReport, DomainStatus, Report};
use self::run::Run;
use self::state::Service;
use self::state_file::StateFile;
use crate::client::Client;
use crate::client::waiter::SHORTEST_DELAY;
use crate::operation::get_export::GetExportOutput;
use crate::operation::start_domain_export::StartDomainExportInput;

/// Exports many domains. See the [module](self) for how.
///
/// ```no_run
/// use std::time::Duration;
/// use simpledb_export::{Client, StartDomainExportInput};
/// use simpledb_export::export_all::ExportAll;
///
/// let domains = std::fs::read_to_string("domains.txt")?;
/// let inputs = domains.lines().map(|domain| {
///     StartDomainExportInput::new(domain, "my-export-bucket").s3_key_prefix("exports")
/// });
/// let report = ExportAll::new(Client::from_env()?, inputs, "state.json")
///     .max_wait(Duration::from_secs(3600))
///     .run()?;
/// println!("{} of {} domains are exported", report.done(), report.domains.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "nothing is exported until `run` is called"]
pub struct ExportAll<'a> {
    client: Client,
    inputs: Vec<StartDomainExportInput>,
    state_file: PathBuf,
    max_attempts: u32,
    retry_failed: bool,
    max_wait: Duration,
    min_delay: Duration,
    has_started: HasStarted<'a>,
    on_event: OnEvent<'a>,
}

type HasStarted<'a> = Box<dyn FnMut(&GetExportOutput) -> bool + Send + 'a>;
type OnEvent<'a> = Box<dyn FnMut(&Event) -> ControlFlow<()> + Send + 'a>;

impl<'a> ExportAll<'a> {
    /// Prepares the exports of `inputs`, one per domain, with `state_file` as the memory between
    /// runs. The inputs must not have a client token: each attempt gets its own. Repeated inputs
    /// count once.
    pub fn new(
        client: Client,
        inputs: impl IntoIterator<Item = StartDomainExportInput>,
        state_file: impl Into<PathBuf>,
    ) -> ExportAll<'a> {
        ExportAll {
            client,
            inputs: inputs.into_iter().collect(),
            state_file: state_file.into(),
            max_attempts: 3,
            retry_failed: false,
            max_wait: Duration::from_secs(3600),
            min_delay: Duration::from_secs(30),
            has_started: Box::new(|_| false),
            on_event: Box::new(|_| ControlFlow::Continue(())),
        }
    }

    /// Sets how many exports of a domain are attempted, over all runs, before the domain has failed
    /// permanently. At least 1; defaults to 3.
    pub fn max_attempts(mut self, max_attempts: u32) -> Self {
        self.max_attempts = max_attempts.max(1);
        self
    }

    /// Sets whether domains that failed permanently are attempted again, with a new count of
    /// attempts. Defaults to `false`.
    pub fn retry_failed(mut self, retry_failed: bool) -> Self {
        self.retry_failed = retry_failed;
        self
    }

    /// Sets how long the run may wait for exports in progress and for used-up quotas. With zero,
    /// the run starts what the quotas allow, polls every export in progress once, and returns.
    /// Defaults to one hour.
    ///
    /// Give a run that is repeated daily at the same time at least a few minutes: yesterday's
    /// exports count until 24 hours after each was started, which is shortly after the run begins.
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }

    /// Sets the delay before exports in progress are polled again; it grows to 120 s. At least
    /// 100 ms; defaults to 30 s.
    pub fn min_delay(mut self, min_delay: Duration) -> Self {
        self.min_delay = min_delay.max(SHORTEST_DELAY);
        self
    }

    /// Sets how to find out whether an export that is still PENDING, and that other domains wait for,
    /// has written to its bucket: if it has, they are started at once. With the feature `data`,
    /// `Download::has_started` does that if the credentials may read the bucket. Defaults to waiting
    /// for the export's status.
    pub fn has_started(
        mut self,
        has_started: impl FnMut(&GetExportOutput) -> bool + Send + 'a,
    ) -> Self {
        self.has_started = Box::new(has_started);
        self
    }

    /// Sets a callback that is called for every event, and about once a second while the run waits.
    /// If it returns [`ControlFlow::Break`], the run ends before the next request; exports in
    /// progress continue on AWS, and a later run finds them.
    pub fn on_event(mut self, on_event: impl FnMut(&Event) -> ControlFlow<()> + Send + 'a) -> Self {
        self.on_event = Box::new(on_event);
        self
    }

    /// Starts exports within the quotas, waits for those in progress, and returns a report.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`] says what failed and whether anything was sent. Errors of the service are in
    /// the report.
    pub fn run(self) -> Result<Report, Error> {
        if self.inputs.is_empty() {
            let message = "no domains are given: name at least one";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        self.prepare()?.run()
    }

    /// Returns the report with which a run would begin: what the state file says of the inputs, and
    /// of the domains that they [leave out](Report::left_out). Sends and writes nothing; inputs that
    /// a run would refuse are refused.
    ///
    /// # Errors
    ///
    /// Those of [`run`](ExportAll::run) about the inputs and the state file.
    pub fn status(self) -> Result<Report, Error> {
        Ok(self.prepare()?.report(None))
    }

    /// Locks the state file, and plans the run.
    fn prepare(self) -> Result<Run<'a>, Error> {
        check(&self.inputs)?;
        let state_file = StateFile::lock(&self.state_file)?;
        let saved = state_file.load()?;
        let mut state = saved.clone().unwrap_or_default();
        state.use_service(Service::of(self.client.config()))?;
        let listed = state.arrange(self.inputs)?;
        let plan = Plan::new(
            state,
            listed,
            self.max_attempts,
            self.min_delay,
            self.retry_failed,
        );
        Ok(Run {
            client: self.client,
            plan,
            state_file,
            saved,
            max_wait: self.max_wait,
            has_started: self.has_started,
            on_event: self.on_event,
        })
    }
}

/// Refuses inputs that cannot work.
fn check(inputs: &[StartDomainExportInput]) -> Result<(), Error> {
    let invalid = |message: String| Err(Error::new(ErrorKind::InvalidInput, message));
    for input in inputs {
        let name = &input.domain_name;
        if name.is_empty() {
            return invalid("a domain name is empty: remove it from the list".to_owned());
        }
        if input.s3_bucket.is_empty() {
            return invalid(format!(
                "{name}: s3Bucket is required and must not be empty"
            ));
        }
        if input.client_token.is_some() {
            return invalid(format!(
                "{name}: clientToken must not be set: each attempt gets its own"
            ));
        }
    }
    Ok(())
}

impl fmt::Debug for ExportAll<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportAll")
            .field("inputs", &self.inputs)
            .field("state_file", &self.state_file)
            .finish_non_exhaustive()
    }
}
