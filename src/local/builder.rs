//! The settings of the local service.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
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
use super::server::Server;
use super::store::Store;
use super::validate::{is_account_id, is_domain_name};
use crate::credentials::Credentials;
use crate::http::bounded;
use crate::wire::item::Item;

/// The default addresses.
const LOOPBACK: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
];

/// The settings of a [`LocalService`].
#[derive(Debug)]
#[must_use = "nothing runs until `start` is called"]
pub struct LocalServiceBuilder {
    root: Option<PathBuf>,
    /// In order of preference.
    addresses: Vec<IpAddr>,
    port: u16,
    buckets: Vec<String>,
    create_buckets: bool,
    domains: BTreeMap<String, Domain>,
    domain_directories: Vec<PathBuf>,
    verifier: Verifier,
    account_id: String,
    clock: Clock,
    pace: Pace,
    quotas: Quotas,
    items_per_file: u64,
    page_size: usize,
    request_timeout: Duration,
    /// How many are served at once.
    pub(super) connections: usize,
}

impl LocalServiceBuilder {
    pub(super) fn new() -> LocalServiceBuilder {
        LocalServiceBuilder {
            root: None,
            addresses: LOOPBACK.to_vec(),
            port: 0,
            buckets: Vec::new(),
            create_buckets: false,
            domains: BTreeMap::new(),
            domain_directories: Vec::new(),
            verifier: Verifier {
                keys: vec![super::default_credentials().build()],
                region: None,
            },
            account_id: super::DEFAULT_ACCOUNT_ID.to_owned(),
            clock: Clock::System,
            pace: Pace::default(),
            quotas: Quotas::default(),
            items_per_file: 1000,
            page_size: 100,
            request_timeout: Duration::from_secs(30),
            connections: 1024,
        }
    }

    /// Sets the directory of the buckets, each of which is a directory in it. Required. Created if
    /// it does not exist.
    pub fn root(mut self, directory: impl Into<PathBuf>) -> Self {
        self.root = Some(directory.into());
        self
    }

    /// Sets the address to listen on. Defaults to 127.0.0.1, or to ::1 on a machine that has no IPv4
    /// loopback; only this machine can reach these. Any other address exposes the service, over plain
    /// HTTP, to everyone who has its keys; and `local` / `local` is public.
    pub fn bind(mut self, address: impl Into<IpAddr>) -> Self {
        self.addresses = vec![address.into()];
        self
    }

    /// Sets the port to listen on. Defaults to 0, any free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Adds a bucket; its directory is created if it does not exist. A bucket name is 3–63 letters,
    /// digits, `.`, `-` and `_`, and starts and ends with a letter or digit.
    pub fn bucket(mut self, name: impl Into<String>) -> Self {
        self.buckets.push(name.into());
        self
    }

    /// Sets whether the bucket of an export is created if it does not exist. Defaults to `false`:
    /// the export fails with `S3NoSuchBucket`.
    pub fn create_buckets(mut self, create: bool) -> Self {
        self.create_buckets = create;
        self
    }

    /// Adds a domain with these items. A domain name is 3–255 letters, digits, `_`, `-` and `.`.
    pub fn domain(
        mut self,
        name: impl Into<String>,
        items: impl IntoIterator<Item = Item>,
    ) -> Self {
        let items = items.into_iter().collect();
        self.domains.insert(name.into(), Domain::Items(items));
        self
    }

    /// Adds the domains in a directory. `Books.json`, a JSON array of items like an export's data
    /// files, is the domain `Books`; so is a directory `Books` that has such files in it or in its
    /// subdirectory `data`, as an export does. Such a domain may have any name. The files are read
    /// once on start, to report invalid ones early, and again for each export, one item at a time.
    pub fn domains_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.domain_directories.push(directory.into());
        self
    }

    /// Adds the built-in sample domain, `Books`: forty books, some with several authors or genres.
    pub fn sample_domain(mut self) -> Self {
        self.domains
            .insert(domains::SAMPLE.to_owned(), Domain::sample());
        self
    }

    /// Adds keys that the service accepts besides `local` / `local`. If they have a session token,
    /// requests must carry it.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.verifier.keys.push(credentials);
        self
    }

    /// Sets the region that requests must be signed for. By default any is accepted, and ARNs
    /// contain the region that the request was signed for.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.verifier.region = Some(region.into());
        self
    }

    /// Sets the account that owns the domains and buckets; ARNs contain it. Defaults to
    /// 123456789012. An export with another `s3BucketOwner` fails with `S3AccessDenied`.
    pub fn account_id(mut self, account_id: impl Into<String>) -> Self {
        self.account_id = account_id.into();
        self
    }

    /// Sets a clock that only moves when it is advanced. Exports are then written before
    /// StartDomainExport returns, and their status follows the clock. Defaults to the system clock.
    pub fn clock(mut self, clock: ManualClock) -> Self {
        self.clock = Clock::Manual(clock);
        self
    }

    /// Sets how long an export has each status. Defaults to [`Pace::default`], one second in total.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Sets how many exports may start within 24 hours. Defaults to [`Quotas::default`], AWS's.
    pub fn quotas(mut self, quotas: Quotas) -> Self {
        self.quotas = quotas;
        self
    }

    /// Sets the maximum number of items per data file (at least 1). Defaults to 1000.
    pub fn items_per_file(mut self, count: u64) -> Self {
        self.items_per_file = count.max(1);
        self
    }

    /// Sets the maximum number of exports per page of ListExports, and of domains per page of
    /// ListDomains (at least 1), regardless of the request. Defaults to 100.
    pub fn page_size(mut self, count: usize) -> Self {
        self.page_size = count.max(1);
        self
    }

    /// Sets the time limit for receiving a request's headers, and again for its body. A connection is
    /// also closed after this time if it is idle, or if the client does not read the response. Clamped
    /// to 1 ms – 1 day. Defaults to 30 s.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = bounded(timeout);
        self
    }

    /// Starts the service.
    ///
    /// # Errors
    ///
    /// Returns an error if a setting is invalid ([`InvalidInput`](io::ErrorKind::InvalidInput)), if
    /// the root or a bucket cannot be created, if a domain's file cannot be read, or if the port is
    /// in use.
    pub fn start(self) -> io::Result<LocalService> {
        let root = self
            .root
            .as_deref()
            .ok_or_else(|| invalid("the local service needs a root directory; set `root`"))?;
        let store = create_store(root, self.create_buckets, &self.buckets)?;
        if !is_account_id(&self.account_id) {
            return Err(invalid(format!(
                "invalid account ID {:?}: expected 12 digits",
                self.account_id
            )));
        }
        let domains = collect_domains(self.domains, &self.domain_directories)?;
        let domain_names = domains.keys().cloned().collect();
        let credentials = super::default_credentials()
            .account_id(&self.account_id)
            .build();
        let listener = listen(&self.addresses, self.port)?;
        let address = listener.local_addr()?;
        let client = super::client(
            address,
            self.verifier.region.clone(),
            credentials.clone(),
            &self.clock,
        )?;

        let app = Arc::new(App {
            any_host: !address.ip().is_loopback(),
            clock: self.clock,
            pace: self.pace,
            page_size: self.page_size,
            verifier: self.verifier,
            domains,
            writer: Writer {
                store,
                account_id: self.account_id,
                items_per_file: self.items_per_file,
                interrupt: AtomicBool::new(false),
            },
            exports: Mutex::new(Exports::new(self.quotas, self.pace, self.page_size)),
            turn: tokio::sync::Mutex::default(),
        });
        let server = Server::start(listener, app, self.connections, self.request_timeout)
            .map_err(|error| context(&error, "cannot start the service's threads"))?;
        Ok(LocalService {
            server,
            client,
            credentials,
            root: root.to_owned(),
            domain_names,
        })
    }
}

fn create_store(root: &Path, create_buckets: bool, buckets: &[String]) -> io::Result<Store> {
    let store = Store::new(root, create_buckets).map_err(|error| {
        let root = root.display();
        context(
            &error,
            format_args!("cannot use {root} as the root directory"),
        )
    })?;
    for name in buckets {
        store
            .create_bucket(name)
            .map_err(|error| context(&error, format_args!("cannot create bucket {name:?}")))?;
    }
    Ok(store)
}

/// Listens on the first address that this machine has.
fn listen(addresses: &[IpAddr], port: u16) -> io::Result<TcpListener> {
    let mut result = Err(io::ErrorKind::AddrNotAvailable.into());
    for address in addresses {
        let address = SocketAddr::new(*address, port);
        result = TcpListener::bind(address)
            .map_err(|error| context(&error, format_args!("cannot listen on {address}")));
        match &result {
            Err(error) if is_missing(error.kind()) => {}
            _ => break,
        }
    }
    result
}

/// Returns whether a machine lacks an address, rather than having it in use.
fn is_missing(kind: io::ErrorKind) -> bool {
    !matches!(
        kind,
        io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied
    )
}

fn collect_domains(
    mut domains: BTreeMap<String, Domain>,
    directories: &[PathBuf],
) -> io::Result<BTreeMap<String, Domain>> {
    if let Some(name) = domains.keys().find(|name| !is_domain_name(name)) {
        return Err(invalid(format!(
            "invalid domain name {name:?}: expected 3 to 255 letters, digits, '_', '-' and '.'"
        )));
    }
    for directory in directories {
        for (name, domain) in domains::in_directory(directory)? {
            domain.check()?;
            domains.insert(name, domain);
        }
    }
    Ok(domains)
}

fn invalid(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message.into())
}

fn context(error: &io::Error, what: impl std::fmt::Display) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address for documentation (RFC 5737), which no machine has.
    const MISSING: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn listens_on_the_first_address_that_exists() {
        let listener = listen(&[MISSING, LOOPBACK[0]], 0).unwrap();
        assert_eq!(listener.local_addr().unwrap().ip(), LOOPBACK[0]);
    }

    #[test]
    fn does_not_fall_back_from_a_port_in_use() {
        let listener = listen(&LOOPBACK, 0).unwrap();
        let address = listener.local_addr().unwrap();
        let error = listen(&[address.ip(), MISSING], address.port()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        let expected = format!("cannot listen on {address}: ");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }

    #[test]
    fn reports_the_last_address_if_none_exists() {
        let error = listen(&[MISSING], 0).unwrap_err();
        let expected = "cannot listen on 192.0.2.1:0: ";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
