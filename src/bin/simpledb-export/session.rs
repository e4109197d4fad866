//! The client of a command.

use simpledb_export::config::ConfigLoader;
use simpledb_export::local::LocalService;
use simpledb_export::{Client, Config, Error};

use super::args::Global;
use super::failure::Failure;

/// Returns the loader that the flags describe.
pub(crate) fn loader(global: &Global) -> ConfigLoader {
    let loader = with_flags(Config::loader(), global);
    match &global.profile {
        Some(profile) => loader.profile(profile),
        None => loader,
    }
}

/// Adds what the flags say beside the profile.
pub(crate) fn with_flags(mut loader: ConfigLoader, global: &Global) -> ConfigLoader {
    if let Some(region) = &global.region {
        loader = loader.region(region);
    }
    if let Some(endpoint_url) = &global.endpoint_url {
        loader = loader.endpoint_url(endpoint_url);
    }
    loader
}

/// Creates the client for the service that the flags describe.
pub(crate) fn client(global: &Global) -> Result<Client, Failure> {
    Ok(Client::new(loader(global).load()?)?)
}

/// Creates the client for a local service.
pub(crate) fn local_client(global: &Global, service: &LocalService) -> Result<Client, Error> {
    match &global.region {
        Some(region) => Client::new(service.config().to_builder().region(region).build()?),
        None => Ok(service.client()),
    }
}
