//! `local`: the service as a process.

use std::io::{BufRead, BufReader};
use std::process::Child;

use super::Home;

/// A service that runs; killed if a test ends early.
struct Running {
    child: Child,
    #[cfg_attr(not(unix), expect(dead_code, reason = "keeps the pipe open"))]
    stdout: BufReader<std::process::ChildStdout>,
    url: String,
}

impl Running {
    /// Starts it, and reads its first line.
    fn start(home: &Home, arguments: &[&str]) -> Running {
        let mut child = home.start(arguments);
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        stdout.read_line(&mut url).unwrap();
        Running {
            child,
            stdout,
            url: url.trim_end().to_owned(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn prints_its_url_first() {
    let home = Home::new();
    home.write("domains/Few.json", "[]");
    let arguments = [
        "local",
        "--domains=domains",
        "--root=out",
        "--bucket=one",
        "--bucket=two",
    ];
    let running = Running::start(&home, &arguments);
    assert!(
        running.url.starts_with("http://127.0.0.1:"),
        "{}",
        running.url
    );
    for bucket in ["one", "two"] {
        let arguments = [
            "export",
            "--domain-name=Few",
            "--s3-bucket",
            bucket,
            "--min-delay=1",
        ];
        let export = home.run_local(&running.url, &arguments).json();
        assert_eq!(export["exportStatus"], "SUCCEEDED");
        assert!(home.path().join("out").join(bucket).is_dir());
    }
    let list = home.run_local(&running.url, &["list-exports"]).json();
    assert_eq!(list["exportSummaries"].as_array().unwrap().len(), 2);
}

#[test]
fn says_what_to_set_to_use_it() {
    let home = Home::new();
    let mut running = Running::start(&home, &["local", "--region=eu-west-1"]);
    let mut line = String::new();
    let stderr = running.child.stderr.take().unwrap();
    BufReader::new(stderr).read_line(&mut line).unwrap();
    assert_eq!(
        line,
        format!(
            "simpledb-export: serving until Ctrl-C; to use it, set AWS_ENDPOINT_URL={} \
             AWS_REGION=eu-west-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local\n",
            running.url
        )
    );
}

#[test]
fn rejects_a_port_in_use() {
    let home = Home::new();
    let running = Running::start(&home, &["local"]);
    let (_, port) = running.url.rsplit_once(':').unwrap();
    let ran = home.run(&["local", "--port", port]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(255), ""), "{ran:?}");
    let expected = format!("simpledb-export: cannot listen on 127.0.0.1:{port}: ");
    assert!(ran.stderr.starts_with(&expected), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn exits_cleanly_on_a_signal() {
    use std::io::Read as _;

    for signal in ["INT", "TERM"] {
        let home = Home::new();
        let mut running = Running::start(&home, &["local", "--quiet"]);
        super::interrupts::send(signal, &running.child);
        assert_eq!(running.child.wait().unwrap().code(), Some(0), "{signal}");
        let mut rest = String::new();
        running.stdout.read_to_string(&mut rest).unwrap();
        let mut stderr = String::new();
        let mut errors = running.child.stderr.take().unwrap();
        errors.read_to_string(&mut stderr).unwrap();
        assert_eq!((rest.as_str(), stderr.as_str()), ("", ""), "{signal}");
    }
}
