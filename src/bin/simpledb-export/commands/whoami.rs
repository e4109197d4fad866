//! `whoami`.

use simpledb_export::config::env::Env;
use simpledb_export::config::settings::profile_name;

use crate::app::answers::Identity;
use crate::app::args::Global;
use crate::app::{Result, output, session};

/// Shows what is known also where something is missing, and then tells what.
pub(super) fn run(global: &Global) -> Result<()> {
    let profile = match &global.profile {
        Some(name) => Some(name.clone()),
        // A name that cannot be read is an error of the configuration, told below.
        None => profile_name(&Env::from_process())
            .ok()
            .map(|name| name.value),
    };
    let mut identity = Identity {
        profile,
        ..Identity::default()
    };
    let found = find(global, &mut identity);
    output::print(global.output, "Identity", &identity)?;
    found
}

fn find(global: &Global, identity: &mut Identity) -> Result<()> {
    let config = session::config(global)?;
    identity.region = config.get_region().map(str::to_owned);
    identity.endpoint = config.get_endpoint_url().map(str::to_owned);
    let client = session::client_with(config)?;
    identity.endpoint = Some(client.endpoint_url().to_owned());
    identity.set_credentials(&client.credentials()?);
    Ok(())
}
