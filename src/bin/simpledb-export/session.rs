//! The client of a command.

use simpledb_export::local::LocalService;
use simpledb_export::{Client, Config, Error};

use super::args::Global;
use super::failure::Failure;
use super::hint;

/// The settings that the environment, the profile and the flags make together.
pub(crate) fn config(global: &Global) -> Result<Config, Error> {
    let mut config = match &global.profile {
        Some(name) => Config::from_profile(name)?,
        None => Config::from_env()?,
    };
    if let Some(region) = &global.region {
        config = config.region(region);
    }
    if let Some(endpoint_url) = &global.endpoint_url {
        config = config.endpoint_url(endpoint_url);
    }
    Ok(config)
}

/// The client for the service that the flags mean.
pub(crate) fn client(global: &Global) -> Result<Client, Failure> {
    client_with(config(global)?)
}

/// The client with these settings; where they lack a region, the flag that sets it is named.
pub(crate) fn client_with(config: Config) -> Result<Client, Failure> {
    let has_region = config.get_region().is_some();
    Client::new(config).map_err(|error| {
        let failure = Failure::from(error);
        if has_region {
            failure
        } else {
            failure.with_hint(hint::REGION)
        }
    })
}

/// The client for a local service.
pub(crate) fn local_client(global: &Global, service: &LocalService) -> Result<Client, Error> {
    match &global.region {
        Some(region) => Client::new(service.config().region(region)),
        None => Ok(service.client()),
    }
}
