//! The client of a command.

use simpledb_export::local::LocalService;
use simpledb_export::{Client, Config, Error};

use super::args::Global;

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
pub(crate) fn client(global: &Global) -> Result<Client, Error> {
    Client::new(config(global)?)
}

/// The client for a local service.
pub(crate) fn local_client(global: &Global, service: &LocalService) -> Result<Client, Error> {
    let region = global.region.as_deref().unwrap_or(service.region());
    let config = Config::new()
        .region(region)
        .endpoint_url(service.endpoint_url())
        .credentials(service.credentials());
    Client::new(config)
}
