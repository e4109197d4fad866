//! Counts by `valgrind` and `strace`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{self, Taken};
use crate::server::Servers;

/// Calls of the long run; its excess over the run with one call is divided by them.
pub const CALLS: u32 = 201;

/// A program to run, and its environment.
pub struct Subject<'a> {
    pub binary: PathBuf,
    pub servers: &'a Servers,
    pub is_https: bool,
    /// An empty directory that serves as the home.
    pub home: &'a Path,
}

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    Instructions,
    /// On the heap, reallocations too.
    Allocations,
    /// In all threads.
    SystemCalls,
}

impl Counter {
    pub const ALL: [Counter; 3] = [
        Counter::Instructions,
        Counter::Allocations,
        Counter::SystemCalls,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Counter::Instructions => "instructions",
            Counter::Allocations => "heap allocations",
            Counter::SystemCalls => "system calls",
        }
    }

    pub fn tool(self) -> &'static str {
        match self {
            Counter::Instructions | Counter::Allocations => "valgrind",
            Counter::SystemCalls => "strace",
        }
    }
}

/// A count for a process with one call, and for each further call.
#[derive(Clone, Copy)]
pub struct Count {
    pub first: f64,
    pub each: f64,
}

/// Whether a tool is installed.
pub fn is_there(tool: &str) -> bool {
    let status = Command::new(tool)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

impl Subject<'_> {
    /// A command in a clean environment; `wrapper` runs the program.
    fn command(&self, wrapper: &[&str], calls: u32) -> Command {
        let calls = calls.to_string();
        let binary = self.binary.to_string_lossy();
        let mut words = wrapper.iter().copied().chain([&*binary, &calls]);
        let mut command = Command::new(words.next().unwrap_or_default());
        let url = if self.is_https {
            &self.servers.https
        } else {
            &self.servers.http
        };
        command
            .args(words)
            .current_dir(self.home)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", self.home)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env(
                "AWS_SECRET_ACCESS_KEY",
                "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            )
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", url);
        if self.is_https {
            // The official SDK's TLS library reads the second.
            command.env("AWS_CA_BUNDLE", &self.servers.ca_bundle);
            command.env("SSL_CERT_FILE", &self.servers.ca_bundle);
        }
        command
    }

    /// Runs the program with one call. A process inherits its parent's peak memory, so a small
    /// process is put in between.
    pub fn run(&self) -> io::Result<Taken> {
        let this = std::env::current_exe()?;
        let mut command = self.command(&[&*this.to_string_lossy(), process::RUN_ONE], 1);
        let output = command.stderr(Stdio::inherit()).output()?;
        Taken::parse(&String::from_utf8_lossy(&output.stdout))
            .ok_or_else(|| io::Error::other(format!("{command:?} failed")))
    }

    /// Measures a run with one call, and each further call.
    pub fn count(&self, counter: Counter) -> io::Result<Count> {
        let measure = |calls| match counter {
            Counter::Instructions => {
                let wrapper = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
                self.valgrind(&wrapper, calls, "Collected :")
            }
            Counter::Allocations => {
                let wrapper = ["--leak-check=no", "--undef-value-errors=no"];
                self.valgrind(&wrapper, calls, "total heap usage:")
            }
            Counter::SystemCalls => self.strace(calls, "total"),
        };
        let first = measure(1)?;
        let each = (measure(CALLS)? - first) / f64::from(CALLS - 1);
        Ok(Count { first, each })
    }

    /// Returns whether the program, under `wrapper`, makes one call successfully this often.
    pub fn succeeds(&self, wrapper: &[&str], times: usize) -> io::Result<bool> {
        for _ in 0..times {
            let mut command = self.command(wrapper, 1);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            if !command.status()?.success() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Counts the connections of the long run.
    pub fn connects(&self) -> io::Result<f64> {
        self.strace(CALLS, "connect")
    }

    fn valgrind(&self, options: &[&str], calls: u32, label: &str) -> io::Result<f64> {
        let wrapper = [&["valgrind"], options].concat();
        number_after(&self.stderr(&wrapper, calls)?, label)
    }

    fn stderr(&self, wrapper: &[&str], calls: u32) -> io::Result<String> {
        let output = self.command(wrapper, calls).output()?;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            Ok(stderr)
        } else {
            Err(io::Error::other(stderr))
        }
    }

    /// The number of calls in the row of `strace -c` that ends with `name`.
    fn strace(&self, calls: u32, name: &str) -> io::Result<f64> {
        let file = self.home.join("strace");
        let path = file.to_string_lossy();
        self.stderr(&["strace", "-f", "-c", "-o", &*path], calls)?;
        let table = std::fs::read_to_string(&file)?;
        let row = table
            .lines()
            .find(|line| line.split_whitespace().last() == Some(name));
        row.and_then(|row| row.split_whitespace().nth(3)?.parse().ok())
            .ok_or_else(|| io::Error::other(format!("no {name} in:\n{table}")))
    }
}

/// The number after a text, with commas for thousands.
fn number_after(text: &str, label: &str) -> io::Result<f64> {
    text.split_once(label)
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .and_then(|number| number.replace(',', "").parse().ok())
        .ok_or_else(|| io::Error::other(format!("no \"{label}\" in:\n{text}")))
}
