//! One fault: how the server causes it, and how the call must end.

use std::net::SocketAddr;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use simpledb_export::config::ConfigBuilder;
use simpledb_export::{Client, Error, ErrorKind, GetExportInput};

use crate::support::server::Wrap;
use crate::support::{ARN, FakeSystem, Server, Step, config, new_client};

/// The attempt timeouts to try with a server that does not respond: on a busy or emulated machine
/// the first may be over before a connection is made.
const LIMITS: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(4),
];

/// The time that a slow machine may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connection {
    /// All attempts share one.
    Reused,
    /// Every attempt has its own.
    NotReused,
    /// The connection is to something else.
    Elsewhere,
}

#[derive(Debug)]
enum Outcome {
    Success,
    Failure {
        kind: ErrorKind,
        is_retryable: bool,
        text: String,
    },
}

type Configure = Box<dyn Fn(ConfigBuilder, &Server) -> ConfigBuilder + Send + Sync>;

type Check = Box<dyn Fn(&Server) + Send + Sync>;

pub(super) struct Row {
    name: String,
    scripts: Vec<Vec<Step>>,
    wrap: Option<fn() -> Wrap>,
    configure: Configure,
    check: Check,
    warm_up: bool,
    is_endless: bool,
    outcome: Outcome,
    attempts: u32,
    connection: Connection,
    sleeps: Option<Vec<Duration>>,
}

impl Row {
    /// A fault that a server causes by these scripts, one for each connection; further connections
    /// play the last one. The call succeeds at its first attempt unless the row says otherwise.
    pub(super) fn new(name: impl Into<String>, scripts: Vec<Vec<Step>>) -> Row {
        Row {
            name: name.into(),
            scripts,
            wrap: None,
            configure: Box::new(|config, _| config),
            check: Box::new(|_| {}),
            warm_up: false,
            is_endless: false,
            outcome: Outcome::Success,
            attempts: 1,
            connection: Connection::Elsewhere,
            sleeps: None,
        }
    }

    /// The call fails after all three attempts, and may be retried later. `{host}` in the text is the
    /// server's address, `{limit}` the attempt timeout, and `*` matches words of the system.
    pub(super) fn fails(self, kind: ErrorKind, text: impl Into<String>) -> Row {
        let outcome = Outcome::Failure {
            kind,
            is_retryable: true,
            text: text.into(),
        };
        Row {
            outcome,
            attempts: 3,
            ..self
        }
    }

    /// The call fails at the first attempt, and is not worth a retry.
    pub(super) fn fails_for_good(self, kind: ErrorKind, text: impl Into<String>) -> Row {
        let outcome = Outcome::Failure {
            kind,
            is_retryable: false,
            text: text.into(),
        };
        Row {
            outcome,
            attempts: 1,
            ..self
        }
    }

    pub(super) fn attempts(self, attempts: u32) -> Row {
        Row { attempts, ..self }
    }

    pub(super) fn connection(self, connection: Connection) -> Row {
        Row { connection, ..self }
    }

    /// How long the client waits between the attempts, without jitter.
    pub(super) fn sleeps(self, milliseconds: &[u64]) -> Row {
        let sleeps = milliseconds.iter().copied().map(Duration::from_millis);
        Row {
            sleeps: Some(sleeps.collect()),
            ..self
        }
    }

    /// A successful call precedes it.
    pub(super) fn warm_up(self) -> Row {
        Row {
            warm_up: true,
            ..self
        }
    }

    /// Only a timeout ends an attempt.
    pub(super) fn endless(self) -> Row {
        Row {
            is_endless: true,
            ..self
        }
    }

    /// The server speaks TLS.
    #[cfg(feature = "rustls")]
    pub(super) fn wrapped(self, wrap: fn() -> Wrap) -> Row {
        Row {
            wrap: Some(wrap),
            ..self
        }
    }

    /// Changes the client's settings, which point to the server.
    pub(super) fn configure(
        self,
        configure: impl Fn(ConfigBuilder, &Server) -> ConfigBuilder + Send + Sync + 'static,
    ) -> Row {
        Row {
            configure: Box::new(configure),
            ..self
        }
    }

    /// The server is the proxy on the way to this endpoint.
    pub(super) fn proxy_to(self, endpoint: &'static str) -> Row {
        self.configure(move |config, server| config.endpoint_url(endpoint).proxy(server.url()))
    }

    /// Checks the server after the call.
    pub(super) fn check(self, check: impl Fn(&Server) + Send + Sync + 'static) -> Row {
        Row {
            check: Box::new(check),
            ..self
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_endless(&self) -> bool {
        self.is_endless
    }

    pub(super) fn server(&self) -> Server {
        match self.wrap {
            Some(wrap) => Server::wrapped(self.scripts.clone(), wrap()),
            None => Server::scripted(self.scripts.clone()),
        }
    }

    /// Returns the settings of a client for the server, with the row's changes.
    pub(super) fn config(&self, server: &Server, system: &FakeSystem) -> ConfigBuilder {
        let scheme = if self.wrap.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", server.address());
        (self.configure)(config(&url, system), server)
    }

    /// Returns what is wrong with how the call ends, as one line.
    pub(super) fn run(&self) -> Result<(), String> {
        let mut result = self.run_within(LIMITS[0]);
        if self.is_endless {
            for limit in &LIMITS[1..] {
                result = result.or_else(|_| self.run_within(*limit));
            }
        }
        result
    }

    fn run_within(&self, limit: Duration) -> Result<(), String> {
        panic::catch_unwind(AssertUnwindSafe(|| self.try_run(limit))).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            format!("{}: {}", self.name, text.unwrap_or_default())
        })
    }

    fn try_run(&self, limit: Duration) {
        let server = self.server();
        let system = FakeSystem::new().random(0xff);
        let mut config = self.config(&server, &system);
        if self.is_endless {
            config = config.connect_timeout(limit).attempt_timeout(limit);
        }
        let client = new_client(config);
        let mut attempts = 0;
        if self.warm_up {
            call(&client).expect("the call that goes before");
            attempts += 1;
        }
        let started = Instant::now();
        let result = call(&client);
        let took = started.elapsed();
        assert!(took < PATIENCE, "it took {took:?}");
        if let Some(sleeps) = &self.sleeps {
            assert_eq!(system.sleeps(), *sleeps, "the waits between attempts");
        }
        self.check_result(result, &server, limit);
        (self.check)(&server);
        attempts += self.attempts;

        // Whether the connection can still be used shows at the next call.
        let next = call(&client).map_or_else(|error| error.attempts(), |()| 1);
        attempts += next;
        let connections = u32::try_from(server.connections()).expect("a few");
        match self.connection {
            Connection::Reused => assert_eq!(connections, 1, "one connection for all attempts"),
            Connection::NotReused => {
                let expected = attempts - u32::from(self.warm_up);
                assert_eq!(connections, expected, "a connection for each attempt");
            }
            Connection::Elsewhere => {}
        }
    }

    fn check_result(&self, result: Result<(), Error>, server: &Server, limit: Duration) {
        match (&self.outcome, result) {
            (Outcome::Success, Ok(())) => {}
            (
                Outcome::Failure {
                    kind,
                    is_retryable,
                    text,
                },
                Err(error),
            ) => {
                let text = text
                    .replace("{host}", &server.address().to_string())
                    .replace("{limit}", &format!("{limit:?}"));
                let found = error.to_string();
                // What the operating system says is its own.
                let (start, end) = text.split_once('*').unwrap_or((&text, ""));
                let is_expected = found.starts_with(&format!("GetExport failed{start}"))
                    && found.ends_with(end)
                    && (text.contains('*') || found.len() == "GetExport failed".len() + text.len());
                assert!(
                    is_expected,
                    "\n  expected GetExport failed{text}\n  found    {found}"
                );
                assert_eq!(error.kind(), *kind);
                assert_eq!(error.attempts(), self.attempts, "attempts");
                assert_eq!(error.is_retryable(), *is_retryable, "is_retryable");
            }
            (outcome, result) => panic!("{outcome:?} was expected, and it is {result:?}"),
        }
    }
}

pub(super) fn call(client: &Client) -> Result<(), Error> {
    client.get_export(&GetExportInput::new(ARN)).map(drop)
}

pub(super) fn address_of(socket: &socket2::Socket) -> SocketAddr {
    let address = socket.local_addr().expect("an address");
    address.as_socket().expect("an address")
}

/// Reserves an address on which nobody listens while the socket exists.
pub(super) fn closed_port() -> socket2::Socket {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
    let socket = socket.expect("a socket");
    let address: SocketAddr = ([127, 0, 0, 1], 0).into();
    socket.bind(&address.into()).expect("a free port");
    socket
}
