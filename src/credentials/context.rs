//! What the sources of one chain share.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::CredentialsError;
use super::last_good::LastGood;
use crate::settings::Settings;
use crate::settings::env::Env;
use crate::settings::profile::expand_home;
use crate::system::System;

/// The limits of one request.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) connect: Duration,
    /// For the whole of the request, the connection included.
    pub(super) request: Duration,
}

pub(super) struct Context {
    env: Env,
    settings: Settings,
    system: Arc<dyn System>,
    pub(super) instance: LastGood,
}

impl Context {
    pub(super) fn new(env: Env, settings: Settings, system: Arc<dyn System>) -> Context {
        Context {
            env,
            settings,
            system,
            instance: LastGood::default(),
        }
    }

    pub(super) fn env(&self) -> &Env {
        &self.env
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn system(&self) -> &dyn System {
        &*self.system
    }

    /// The value of a variable, trimmed; `None` where it is unset or blank.
    pub(super) fn variable(&self, name: &str) -> Result<Option<&str>, CredentialsError> {
        match self.env.get(name) {
            Ok(value) => Ok(value.map(str::trim)),
            Err(error) => Err(CredentialsError::failed(format!("{error}"))),
        }
    }

    /// A path as a user writes it, with `~/` for the home directory.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        expand_home(Path::new(path), &self.env)
    }

    /// A folder below `~/.aws`.
    pub(super) fn aws_folder(&self, folder: &str) -> Result<PathBuf, CredentialsError> {
        let path = expand_home(&Path::new("~/.aws").join(folder), &self.env);
        if path.starts_with("~") {
            return Err(CredentialsError::failed(format!(
                "{} cannot be found: there is no home directory; set HOME",
                path.display()
            )));
        }
        Ok(path)
    }
}
