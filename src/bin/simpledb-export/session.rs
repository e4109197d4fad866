//! The client of a command.

use simpledb_export::local::LocalService;
use simpledb_export::settings::LoadOptions;
use simpledb_export::settings::env::Env;
use simpledb_export::{Client, Config, Error};

use super::args::Global;
use super::failure::Failure;

/// Why there is no client: what the library says for code, said for a command line.
pub(crate) const NO_REGION: &str =
    "no region is set: set AWS_REGION, or region in the profile, or give --region";

/// What the flags say about the reading of the settings.
pub(crate) fn load_options(global: &Global) -> LoadOptions {
    let mut options = LoadOptions::default();
    options.profile.clone_from(&global.profile);
    options.region.clone_from(&global.region);
    options
}

/// The settings that the environment, the profile and the flags make together.
fn config(global: &Global) -> Result<Config, Error> {
    let config = Config::load(&Env::from_process(), &load_options(global))?;
    Ok(match &global.endpoint_url {
        Some(endpoint_url) => config.endpoint_url(endpoint_url),
        None => config,
    })
}

/// The client for the service that the flags mean.
pub(crate) fn client(global: &Global) -> Result<Client, Failure> {
    Ok(Client::new(config(global)?)?)
}

/// The client for a local service.
pub(crate) fn local_client(global: &Global, service: &LocalService) -> Result<Client, Error> {
    match &global.region {
        Some(region) => Client::new(service.config().region(region)),
        None => Ok(service.client()),
    }
}
