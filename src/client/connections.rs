//! The pool of connections that a [`Config`] describes.

use super::user_agent::user_agent;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::http::{Http, HttpSettings};

/// Creates a pool of connections for requests to an API at `url`. `User-Agent` names the API as AWS SDKs
/// do.
pub(crate) fn connections(config: &Config, api: &str, url: &str) -> Result<Http, Error> {
    let settings = HttpSettings {
        connect_timeout: config.connect_timeout(),
        request_timeout: config.attempt_timeout(),
        ca_bundle: config.ca_bundle_setting(),
        proxy: Some(config.proxy()),
        user_agent: &user_agent(api, config.execution_env(), config.app_name()),
        is_allowed: None,
    };
    Http::new(url, &settings).map_err(|error| Error::new(ErrorKind::Config, error.0))
}
