//! The client of a command.

use std::time::Duration;

use simpledb_export::config::ConfigLoader;
use simpledb_export::local::LocalService;
use simpledb_export::{Client, Config};

use super::args::Global;
use super::failure::{Exit, Failure};
use super::{Result, mfa};

/// The default of the library.
const MIN_OPERATION_TIMEOUT: Duration = Duration::from_secs(120);

/// Returns the loader that the options describe.
pub(crate) fn loader(global: &Global) -> ConfigLoader {
    let mut loader = with_options(Config::loader(), global);
    if mfa::can_prompt() {
        loader = loader.mfa_code(mfa::prompt);
    }
    match &global.profile {
        Some(profile) => loader.profile(profile),
        None => loader,
    }
}

/// Adds the options other than the profile.
pub(crate) fn with_options(mut loader: ConfigLoader, global: &Global) -> ConfigLoader {
    if let Some(region) = &global.region {
        loader = loader.region(region);
    }
    if let Some(endpoint_url) = &global.endpoint_url {
        loader = loader.endpoint_url(endpoint_url);
    }
    if let Some(file) = &global.ca_bundle {
        loader = loader.ca_bundle(file);
    }
    if let Some(timeout) = global.cli_connect_timeout {
        loader = loader.connect_timeout(timeout);
    }
    if let Some(timeout) = global.cli_read_timeout {
        // A longer call leaves time for as many attempts as before.
        loader = loader
            .attempt_timeout(timeout)
            .operation_timeout(MIN_OPERATION_TIMEOUT.max(timeout.saturating_mul(4)));
    }
    loader
}

/// Creates the client for the service that the options describe.
pub(crate) fn client(global: &Global) -> Result<Client> {
    let client = client_of(loader(global).load()?)?;
    if mfa::can_prompt() {
        // The time to enter a code does not count toward the time limit of the first call.
        client.credentials()?;
    }
    Ok(client)
}

/// Creates the client for loaded settings.
pub(crate) fn client_of(config: Config) -> Result<Client> {
    if config.region().is_none() {
        let line = "no region is set: use --region, or set AWS_REGION or the profile's region";
        return Err(Failure::new(Exit::Configuration, line));
    }
    Ok(Client::new(config)?)
}

/// Creates the client for a local service, or for AWS.
pub(crate) fn client_for(service: Option<&LocalService>, global: &Global) -> Result<Client> {
    match (service, &global.region) {
        (Some(service), Some(region)) => {
            let config = service.config().to_builder().region(region).build()?;
            Ok(Client::new(config)?)
        }
        (Some(service), None) => Ok(service.client()),
        (None, _) => client(global),
    }
}
