//! `whoami`.

use std::env;

use simpledb_export::credentials::CredentialsError;
use simpledb_export::domains::Domains;
use simpledb_export::{Client, Config};

use crate::args::Global;
use crate::failure::{Exit, Failure};
use crate::results::Identity;
use crate::{Result, output, session, stderr};

/// Shows every known setting, even if others are missing or invalid, and reports each problem.
pub(super) fn run(global: &Global) -> Result<()> {
    let mut found = Found::default();
    match session::loader(global).load() {
        Ok(config) => found.show(global, &config),
        Err(error) => {
            found.problems.push(error.into());
            found.show_without_files(global);
        }
    }
    output::print(global.output, &found.identity)?;
    Failure::last(found.problems.into_iter().map(Err))
}

/// The known settings, and the problems.
#[derive(Default)]
struct Found {
    identity: Identity,
    problems: Vec<Failure>,
}

impl Found {
    fn show(&mut self, global: &Global, config: &Config) {
        self.set_profile(global, config.profile(), config.profile_origin().as_deref());
        self.set_region(config);
        self.set_endpoint(global, config);
        if let Err(error) = self.set_credentials(config) {
            let line = format!("no credentials: {error}");
            self.problems.push(Failure::new(Exit::Configuration, line));
        }
    }

    /// After an invalid configuration: shows the options and the environment alone.
    fn show_without_files(&mut self, global: &Global) {
        const PROFILE: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
        let named = PROFILE.into_iter().find_map(|variable| {
            let name = env::var(variable).ok()?.trim().to_owned();
            (!name.is_empty()).then_some((name, variable))
        });
        let (name, origin) = match &named {
            Some((name, variable)) => (name.as_str(), *variable),
            None => ("default", "default"),
        };
        self.set_profile(global, Some(name), Some(origin));
        let variables =
            env::vars_os().filter(|(name, _)| PROFILE.iter().all(|other| name != other));
        // Below a file, so that it exists nowhere.
        let no_file = "/dev/null/none";
        let nothing_else = [
            ("AWS_CONFIG_FILE", no_file),
            ("AWS_SHARED_CREDENTIALS_FILE", no_file),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        let loader = Config::loader().environment(
            variables.chain(nothing_else.map(|(name, value)| (name.into(), value.into()))),
        );
        let loader = session::with_options(loader, global);
        // An invalid variable has been reported already.
        let Ok(config) = loader.load() else {
            return;
        };
        if config.region().is_some() {
            self.set_region(&config);
            self.set_endpoint(global, &config);
        }
        if global.profile.is_none() && env::var_os("AWS_ACCESS_KEY_ID").is_some() {
            // Missing keys are not another problem: they may be in the invalid profile.
            let _ = self.set_credentials(&config);
        }
    }

    fn set_credentials(&mut self, config: &Config) -> std::result::Result<(), CredentialsError> {
        if let Some(source) = config.credentials() {
            let credentials = source.provide_credentials(config.operation_timeout())?;
            self.identity.set_credentials(&credentials);
        }
        Ok(())
    }

    fn set_profile(&mut self, global: &Global, name: Option<&str>, origin: Option<&str>) {
        let (name, origin) = match &global.profile {
            Some(name) => (Some(name.as_str()), Some("--profile")),
            None => (name, origin),
        };
        self.identity.profile = name.map(str::to_owned);
        self.identity.profile_source = origin.map(str::to_owned);
    }

    fn set_region(&mut self, config: &Config) {
        self.identity.region = config.region().map(str::to_owned);
        self.identity.region_source = config.region().map(|_| {
            let origin = config.region_origin();
            origin.unwrap_or_else(|| "--region".to_owned())
        });
    }

    fn set_endpoint(&mut self, global: &Global, config: &Config) {
        let identity = &mut self.identity;
        match session::client_of(config.clone()) {
            Ok(client) => {
                identity.endpoint = Some(client.endpoint_url().to_owned());
                identity.domains_endpoint = domains_endpoint(&client);
            }
            Err(failure) => {
                self.problems.push(failure);
                identity.endpoint = config.endpoint_url().map(str::to_owned);
                identity.domains_endpoint = config.domains_endpoint_url().map(str::to_owned);
            }
        }
        let source = |origin: Option<String>| match (&global.endpoint_url, origin) {
            (Some(_), _) => "--endpoint-url".to_owned(),
            (None, Some(origin)) => origin,
            (None, None) => "default of the region".to_owned(),
        };
        let endpoint = identity.endpoint.as_ref();
        identity.endpoint_source = endpoint.map(|_| source(config.endpoint_url_origin()));
        let endpoint = identity.domains_endpoint.as_ref();
        identity.domains_endpoint_source =
            endpoint.map(|_| source(config.domains_endpoint_url_origin()));
    }
}

/// Returns the older API's endpoint, or says why it is not known, which concerns some commands only.
fn domains_endpoint(client: &Client) -> Option<String> {
    match Domains::new(client) {
        Ok(domains) => Some(domains.endpoint_url().to_owned()),
        Err(error) => {
            stderr::hint(&error.to_string());
            None
        }
    }
}
