//! Conversions side by side, by the commands of the guide's page on many machines.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use simpledb_export::Item;
use simpledb_export::local::{LocalService, Pace};

use super::{Home, Ran};
use crate::support::alone::clear_environment;

const PAGE: &str = include_str!("../../src/guide/beyond_one_machine.md");

const PROGRAM: &str = env!("CARGO_BIN_EXE_simpledb-export");

/// Returns the first code block of the page with this text.
fn block(containing: &str) -> &'static str {
    let mut blocks = PAGE.split("\n```").skip(1).step_by(2);
    let block = blocks.find(|block| block.contains(containing)).unwrap();
    block.split_once('\n').unwrap().1
}

struct Account {
    home: Home,
    service: LocalService,
}

impl Account {
    /// Exports some domains to a bucket, and lists them in `exports.txt`.
    fn new(domains: usize) -> Account {
        let home = Home::new();
        let builder = LocalService::builder().root(home.path().join("root"));
        let buckets = builder.bucket("my-export-bucket").bucket("my-tables");
        let service = (0..domains).fold(buckets, |builder, number| {
            let item =
                |item: usize| Item::new(format!("i{item}")).attribute("n", [item.to_string()]);
            builder.domain(format!("domain{number}"), (0..number).map(item))
        });
        let service = service.pace(Pace::instant()).start().unwrap();
        let account = Account { home, service };
        let export_all = block("export-all").lines().next().unwrap();
        let ran = account.sh(&[export_all, " --quiet"].concat(), &[]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let report: Value = serde_json::from_str(&account.home.read("report.json")).unwrap();
        let lines = report["domains"].as_array().unwrap().iter().map(|domain| {
            let [name, arn] = ["domainName", "exportArn"].map(|member| domain[member].as_str());
            [name.unwrap(), " ", arn.unwrap(), "\n"].concat()
        });
        account
            .home
            .write("exports.txt", &lines.collect::<String>());
        account
    }

    fn sh(&self, script: &str, environment: &[(&str, &str)]) -> Ran {
        Ran::from(self.command(script, environment).output().unwrap())
    }

    fn command(&self, script: &str, environment: &[(&str, &str)]) -> Command {
        let mut path = Path::new(PROGRAM).parent().unwrap().as_os_str().to_owned();
        path.push(":/usr/bin:/bin");
        let mut command = Command::new("sh");
        clear_environment(&mut command)
            .args(["-c", script])
            .env("PATH", path)
            .env("HOME", self.home.path())
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", self.service.endpoint_url())
            .envs(environment.iter().copied())
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Returns the tables below a directory, by their names.
    fn tables(&self, directory: &str) -> BTreeMap<String, Vec<u8>> {
        let pattern = self.home.path().join(directory).join("**/*.parquet");
        let paths = glob::glob(pattern.to_str().unwrap()).unwrap();
        let table = |path: &Path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        };
        paths.map(|path| table(&path.unwrap())).collect()
    }
}

#[test]
fn any_scheduler_converts_each_domain() {
    let account = Account::new(5);
    let ran = account.sh(block("xargs"), &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let uploaded = account.tables("root/my-tables");
    assert_eq!(uploaded.len(), 5);

    account.home.write("Makefile", block("$(shell cut"));
    let make = "command -v make || exit 99; make -j 4 -k";
    let ran = account.sh(make, &[]);
    if ran.code != Some(99) {
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(account.tables("tables") == uploaded);
        // Converts what is missing, and nothing else.
        let table = account.home.path().join("tables/domain3.parquet");
        fs::remove_file(table).unwrap();
        let ran = account.sh(make, &[]);
        assert_eq!(ran.stdout.matches("\"items\": 3").count(), 1, "{ran:?}");
        assert_eq!(ran.stdout.matches("\"items\"").count(), 1, "{ran:?}");
        assert!(account.tables("tables") == uploaded);
    }

    account.home.write("job/convert.sh", block("#!/bin/sh"));
    let exports = account.home.read("exports.txt");
    account.home.write("job/exports.txt", &exports);
    for (variable, index) in [
        ("AWS_BATCH_JOB_ARRAY_INDEX", 2),
        ("JOB_COMPLETION_INDEX", 4),
    ] {
        let index = index.to_string();
        let ran = account.sh("sh job/convert.sh", &[(variable, &index)]);
        let file = format!("s3://my-tables/domain{index}/domain{index}.parquet");
        assert_eq!(ran.json()["file"], file);
    }
    assert!(account.tables("root/my-tables") == uploaded);
}

#[test]
fn two_conversions_to_the_same_file_at_once_both_succeed() {
    let account = Account::new(3);
    let line = account.home.read("exports.txt");
    let arn = line.lines().last().unwrap().rsplit(' ').next().unwrap();
    let script = "simpledb-export convert --export-arn \"$ARN\" --format parquet --types auto \
                  --to table.parquet";
    let both: Vec<_> = (0..2)
        .map(|_| account.command(script, &[("ARN", arn)]).spawn().unwrap())
        .collect();
    for child in both {
        let report = Ran::from(child.wait_with_output().unwrap()).json();
        assert_eq!(report["items"], 2);
    }
    assert_eq!(account.tables(".").len(), 1);
    let again = account.sh(&script.replace("table", "again"), &[("ARN", arn)]);
    again.json();
    let tables = account.tables(".");
    assert!(tables["table"] == tables["again"]);
}
