//! The settings of the local service.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::LocalService;
use super::app::App;
use super::artifacts::Writer;
use super::auth::Verifier;
use super::clock::{Clock, ManualClock, Pace};
use super::domains::{self, Domain};
use super::exports::{Exports, Quotas};
use super::id::Ids;
use super::page_token::PageTokens;
use super::server::{Limits, Server};
use super::start_error::StartError;
use super::store::Store;
use crate::credentials::Credentials;
use crate::http::bounded;
use crate::item::Item;

/// The settings of a [`LocalService`]; each setter says what holds without it.
#[derive(Debug, Clone)]
#[must_use = "nothing runs until `start` is called"]
pub struct LocalServiceBuilder {
    root: Option<PathBuf>,
    bind: IpAddr,
    port: u16,
    buckets: Vec<String>,
    create_buckets: bool,
    domains: BTreeMap<String, Domain>,
    domain_folders: Vec<PathBuf>,
    keys: Vec<Credentials>,
    region: Option<String>,
    account_id: String,
    clock: Clock,
    pace: Pace,
    quotas: Option<Quotas>,
    items_per_file: u64,
    page_size: usize,
    limits: Limits,
}

impl LocalServiceBuilder {
    pub(super) fn new() -> LocalServiceBuilder {
        LocalServiceBuilder {
            root: None,
            bind: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            buckets: Vec::new(),
            create_buckets: false,
            domains: BTreeMap::new(),
            domain_folders: Vec::new(),
            keys: vec![super::default_credentials().build()],
            region: None,
            account_id: super::DEFAULT_ACCOUNT_ID.to_owned(),
            clock: Clock::System,
            pace: Pace::default(),
            quotas: Some(Quotas::DEFAULT),
            items_per_file: 1000,
            page_size: 100,
            limits: Limits::default(),
        }
    }

    /// Sets the folder that the buckets are in, each a folder itself. Required; made if it is
    /// missing.
    pub fn root(mut self, folder: impl Into<PathBuf>) -> Self {
        self.root = Some(folder.into());
        self
    }

    /// Sets the address to listen on. Default: 127.0.0.1, so that only this machine can reach the
    /// service. Any other lets in, over plain HTTP, whoever has the keys; and everybody knows
    /// `local` / `local`.
    pub fn bind(mut self, address: impl Into<IpAddr>) -> Self {
        self.bind = address.into();
        self
    }

    /// Sets the port to listen on. Default: 0, any that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Adds a bucket that exists from the start: its folder is made if it is missing. The name has
    /// 3 to 255 letters, digits, `.`, `-` and `_`, with a letter or digit at either end.
    pub fn bucket(mut self, name: impl Into<String>) -> Self {
        self.buckets.push(name.into());
        self
    }

    /// Sets whether a bucket that an export names is made if it is missing. Default: no; the export
    /// fails with `NoSuchBucket`.
    pub fn create_buckets(mut self, create: bool) -> Self {
        self.create_buckets = create;
        self
    }

    /// Adds a domain with these items. The name has 3 to 255 letters, digits, `_`, `-` and `.`.
    pub fn domain(
        mut self,
        name: impl Into<String>,
        items: impl IntoIterator<Item = Item>,
    ) -> Self {
        let items = items.into_iter().collect();
        self.domains.insert(name.into(), Domain::Items(items));
        self
    }

    /// Adds the domains of a folder: `Books.json`, a JSON array of items like an export's data
    /// files, is the domain `Books`; so is a folder `Books` with such files in it, or in its folder
    /// `data`, as an export leaves them. They are read once at the start to see that they are good,
    /// and again for each export, one item at a time.
    pub fn domains_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.domain_folders.push(folder.into());
        self
    }

    /// Adds the built-in sample domain, `Books`: forty books, some with several authors or genres.
    pub fn sample_domain(mut self) -> Self {
        self.domains
            .insert(domains::SAMPLE.to_owned(), Domain::Sample);
        self
    }

    /// Adds keys that are let in, besides `local` / `local`. With a session token, requests must
    /// carry it.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.keys.push(credentials);
        self
    }

    /// Sets the region that requests must be signed for. Default: any, and ARNs carry the one that
    /// the request was signed for.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets the account that the domains and buckets belong to, as ARNs carry it. Default:
    /// 123456789012. An export whose `s3BucketOwner` is another one fails with `AccessDenied`.
    pub fn account_id(mut self, account_id: impl Into<String>) -> Self {
        self.account_id = account_id.into();
        self
    }

    /// Sets a clock that stands still until it is moved. Exports are then written before
    /// StartDomainExport answers, and show each status when the clock comes to it. Default: the
    /// machine's clock.
    pub fn manual_clock(mut self, clock: ManualClock) -> Self {
        self.clock = Clock::Manual(clock);
        self
    }

    /// Sets how long an export shows each status. Default: [`Pace::default`], a second in all.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Sets how many exports of a domain, and of all, may start within 24 hours. Default: 5 and 25.
    pub fn quotas(mut self, per_domain: usize, per_account: usize) -> Self {
        self.quotas = Some(Quotas {
            per_domain,
            per_account,
        });
        self
    }

    /// Lets any number of exports start.
    pub fn without_quotas(mut self) -> Self {
        self.quotas = None;
        self
    }

    /// Sets how many items a data file holds at most; 0 is taken as 1. Default: 1000.
    pub fn items_per_file(mut self, count: u64) -> Self {
        self.items_per_file = count.max(1);
        self
    }

    /// Sets how many exports a page of ListExports holds at most, whatever `maxResults` asks for; 0
    /// is taken as 1. Default: 100.
    pub fn page_size(mut self, count: usize) -> Self {
        self.page_size = count.max(1);
        self
    }

    /// Sets how long a client may take to send the headers of a request, and again for its body;
    /// also how long an idle connection stays open. Between 1 ms and a day, what is less or more is
    /// taken as these. Default: 30 s.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.limits.request_time = bounded(timeout);
        self
    }

    /// Starts to serve.
    ///
    /// # Errors
    ///
    /// When a setting is not valid, the root or a bucket cannot be made, a file of a domain cannot
    /// be read, or the port is taken.
    pub fn start(self) -> Result<LocalService, StartError> {
        let root = self.root.as_deref().ok_or_else(|| {
            StartError::new("the local service has no root folder; set one with `root`")
        })?;
        let store = make_store(root, self.create_buckets, &self.buckets)?;
        check_account_id(&self.account_id)?;
        let domains = collect_domains(self.domains, &self.domain_folders)?;
        let domain_names = domains.keys().cloned().collect();
        let credentials = super::default_credentials()
            .account_id(&self.account_id)
            .build();
        let address = SocketAddr::new(self.bind, self.port);
        let listener = TcpListener::bind(address)
            .map_err(|error| StartError::new(format!("cannot listen on {address}: {error}")))?;

        let app = Arc::new(App {
            clock: self.clock.clone(),
            pace: self.pace,
            verifier: Verifier::new(self.keys, self.region.clone()),
            domains,
            writer: Writer {
                store,
                account_id: self.account_id,
                items_per_file: self.items_per_file,
                interrupt: AtomicBool::new(false),
            },
            ids: Ids::new(random()?),
            objects: super::object::Objects::default(),
            exports: Mutex::new(Exports::new(
                self.quotas,
                self.pace,
                self.page_size,
                PageTokens::new(random()?),
            )),
            queue: super::app::Queue::default(),
        });
        let server = Server::start(listener, app, self.limits).map_err(|error| {
            StartError::new(format!("cannot start the threads of the service: {error}"))
        })?;
        LocalService::new(
            server,
            self.region,
            credentials,
            &self.clock,
            root.to_owned(),
            domain_names,
        )
    }
}

fn make_store(root: &Path, create_buckets: bool, buckets: &[String]) -> Result<Store, StartError> {
    let store = Store::new(root, create_buckets).map_err(|error| {
        StartError::new(format!(
            "cannot use {} as the root folder: {error}",
            root.display()
        ))
    })?;
    for name in buckets {
        store.create_bucket(name).map_err(|error| {
            StartError::new(format!("cannot make the bucket {name:?}: {error}"))
        })?;
    }
    Ok(store)
}

fn check_account_id(account_id: &str) -> Result<(), StartError> {
    if account_id.len() == 12 && account_id.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(StartError::new(format!(
            "the account id must be twelve digits; it is {account_id:?}"
        )))
    }
}

fn collect_domains(
    mut domains: BTreeMap<String, Domain>,
    folders: &[PathBuf],
) -> Result<BTreeMap<String, Domain>, StartError> {
    if let Some(name) = domains.keys().find(|name| !is_domain_name(name)) {
        return Err(StartError::new(format!(
            "{name:?} is not the name of a domain: expected 3 to 255 letters, digits, '_', '-' and \
             '.'"
        )));
    }
    for folder in folders {
        for (name, domain) in domains::in_folder(folder)? {
            domain.check()?;
            domains.insert(name, domain);
        }
    }
    if domains.contains_key("") {
        return Err(StartError::new("a domain must have a name"));
    }
    Ok(domains)
}

/// The rule of SimpleDB's own API, by which a domain was made. A file or folder that is a domain may
/// have any name.
fn is_domain_name(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

fn random() -> Result<[u8; 32], StartError> {
    let mut bytes = [0; 32];
    getrandom::getrandom(&mut bytes).map_err(|error| {
        StartError::new(format!("the machine gives no random numbers: {error}"))
    })?;
    Ok(bytes)
}
