//! The client of a command.

use simpledb_export::config::env::Env;
use simpledb_export::config::settings::LoadOptions;
use simpledb_export::local::LocalService;
use simpledb_export::{Client, Config, Error};

use super::args::Global;
use super::failure::Failure;
use super::hint;

/// The settings that the environment, the profile and the flags make together.
pub(crate) fn config(global: &Global) -> Result<Config, Error> {
    let mut options = LoadOptions::default();
    options.profile.clone_from(&global.profile);
    options.region.clone_from(&global.region);
    let config = Config::load(&Env::from_process(), &options)?;
    Ok(match &global.endpoint_url {
        Some(endpoint_url) => config.endpoint_url(endpoint_url),
        None => config,
    })
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
