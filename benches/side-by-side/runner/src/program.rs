//! The programs, and how cargo builds them.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{self, Taken};

/// One of the packages under `programs`.
pub struct Program {
    /// The package's name, which is the program's too.
    pub name: &'static str,
    /// What the table calls it.
    pub title: &'static str,
    pub has_tls: bool,
    /// Whether its clean builds are timed.
    pub is_built_clean: bool,
    /// Whether it is built for size as well.
    pub is_built_small: bool,
}

pub const PROGRAMS: [Program; 7] = [
    Program::new("ours", "this crate"),
    Program {
        has_tls: false,
        ..Program::new("ours-no-tls", "this crate, no TLS")
    },
    Program::new("official", "official SDK"),
    Program {
        is_built_small: false,
        ..Program::new("official-lean", "official SDK, leanest")
    },
    Program::new("thin", "thin client"),
    Program {
        is_built_clean: false,
        is_built_small: false,
        ..Program::new("thin-tuned", "thin client, tuned")
    },
    Program {
        is_built_clean: false,
        ..Program::new("floor", "floor")
    },
];

/// What cargo builds.
#[derive(Clone, Copy)]
pub enum Kind {
    Release,
    Small,
    Debug,
    Check,
}

impl Kind {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Kind::Release => &["build", "--release"],
            Kind::Small => &["build", "--profile", "small"],
            Kind::Debug => &["build"],
            Kind::Check => &["check"],
        }
    }

    fn dir(self) -> &'static str {
        match self {
            Kind::Release => "release",
            Kind::Small => "small",
            Kind::Debug | Kind::Check => "debug",
        }
    }
}

impl Program {
    const fn new(name: &'static str, title: &'static str) -> Program {
        Program {
            name,
            title,
            has_tls: true,
            is_built_clean: true,
            is_built_small: true,
        }
    }

    /// Each program has its own, so that none reuses what another has built.
    fn target_dir(&self, root: &Path) -> PathBuf {
        root.join(self.name)
    }

    pub fn binary(&self, root: &Path, kind: Kind) -> PathBuf {
        self.target_dir(root).join(kind.dir()).join(self.name)
    }

    /// Builds what is not built yet.
    pub fn build(&self, root: &Path, kind: Kind) -> io::Result<Taken> {
        let mut cargo = Command::new("cargo");
        cargo
            .args(kind.arguments())
            .args(["--locked", "--quiet", "-p", self.name])
            .env("CARGO_TARGET_DIR", self.target_dir(root));
        process::run(&mut cargo)
    }

    /// Builds anew, with everything that the program depends on.
    pub fn build_clean(&self, root: &Path, kind: Kind) -> io::Result<Taken> {
        match fs::remove_dir_all(self.target_dir(root).join(kind.dir())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => self.build(root, kind),
        }
    }

    /// How many crates it depends on, macros and all, without itself.
    pub fn crates(&self) -> io::Result<usize> {
        let tree = Command::new("cargo")
            .args(["tree", "--locked", "-e", "normal", "--prefix", "none", "-p"])
            .arg(self.name)
            .stderr(Stdio::inherit())
            .output()?;
        let tree = String::from_utf8_lossy(&tree.stdout);
        let crates: BTreeSet<Vec<&str>> = tree
            .lines()
            .map(|line| line.split_whitespace().take(2).collect())
            .collect();
        Ok(crates.len().saturating_sub(1))
    }
}
