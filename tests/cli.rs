//! The command line, run as a program: its output and exit codes.

mod all_domains;
mod color;
mod completions;
mod convert;
mod converted;
mod describe;
mod domains;
mod download;
mod export_all;
mod export_local;
mod in_bucket;
mod interrupts;
mod local;
#[cfg(target_os = "linux")]
mod locks;
mod man;
#[cfg(target_os = "linux")]
mod mfa;
mod operations;
mod parquet;
mod progress;
mod proof;
#[cfg(unix)]
mod side_by_side;
mod split;
mod sql;
mod streams;
mod unreadable;
mod usage;
mod verify;
mod wait;
mod whoami;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use simpledb_export::local::{LocalService, LocalServiceBuilder, Pace};

use crate::support::alone::clear_environment;
use crate::support::temp_dir::TempDir;
use crate::support::{SECRET, with_slashes};

/// An empty home directory, removed with its contents, and an otherwise empty environment.
struct Home(TempDir);

impl Home {
    fn new() -> Home {
        Home(TempDir::new())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Creates a file and its parent directories.
    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Returns the program, with nothing configured, in its home.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simpledb-export"));
        clear_environment(&mut command)
            .args(arguments)
            .env("HOME", self.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Returns a local service that takes no time, whose buckets are in the home.
    fn service(&self) -> LocalServiceBuilder {
        LocalService::builder()
            .root(self.path().join("root"))
            .bucket("bucket")
            .pace(Pace::instant())
    }

    /// Exports a domain of the local service, and returns the directory of its export.
    fn export_local(&self, domain: &str, items: &str) -> String {
        self.write(&format!("domains/{domain}.json"), items);
        let arguments = ["export", "--local", "--domains=domains", "--domain-name"];
        let export = self.run(&[&arguments[..], &[domain]].concat()).json();
        let directory = export["artifacts"]["directory"].as_str();
        directory.unwrap().to_owned()
    }

    /// Starts the program with pipes for its output.
    fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        piped.spawn().unwrap()
    }

    /// Returns the program for an endpoint, with a region, keys, and one attempt per call.
    fn command_for(&self, url: &str, (id, secret): (&str, &str), arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        command
            .env("AWS_ACCESS_KEY_ID", id)
            .env("AWS_SECRET_ACCESS_KEY", secret)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", url)
            .env("AWS_MAX_ATTEMPTS", "1");
        command
    }

    /// Runs the program with a server of the tests.
    fn run_for(&self, url: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command_for(url, ("AKIDEXAMPLE", SECRET), arguments);
        Ran::from(command.output().unwrap())
    }

    /// Runs the program with a local service.
    fn run_local(&self, url: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command_for(url, ("local", "local"), arguments);
        Ran::from(command.output().unwrap())
    }
}

/// The result of a run, with `/` as the separator of paths on every system.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let mut stdout = String::from_utf8(output.stdout).unwrap();
        if cfg!(windows) {
            // As it is in JSON.
            stdout = stdout.replace(r"\\", "/");
        }
        Ran {
            code: output.status.code(),
            stdout,
            stderr: with_slashes(&String::from_utf8(output.stderr).unwrap()),
        }
    }
}

impl Ran {
    #[track_caller]
    fn assert(&self, code: i32, stdout: &str, stderr: &str) {
        assert_eq!(self.stderr, stderr, "{self:?}");
        assert_eq!(self.stdout, stdout, "{self:?}");
        assert_eq!(self.code, Some(code), "{self:?}");
    }

    /// Returns the output of a successful run without messages.
    #[track_caller]
    fn json(&self) -> Value {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }
}
