//! The connections to an endpoint of one of the service's APIs.

use super::user_agent::user_agent;
use crate::clock_skew::Skew;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::http::{Http, HttpSettings};

/// An endpoint, the connections to it, and what its clock is known to show.
pub(crate) struct Endpoint {
    /// Without a slash at its end.
    pub(crate) url: String,
    pub(crate) http: Http,
    pub(crate) skew: Skew,
}

impl Endpoint {
    pub(crate) fn new(config: &Config, api: &str, url: String) -> Result<Endpoint, Error> {
        Ok(Endpoint {
            http: connections(config, api, &url)?,
            skew: Skew::new(config.clock_skew_correction()),
            url,
        })
    }
}

/// Creates a pool of connections for requests to an API at `url`. `User-Agent` names the API as AWS
/// SDKs do.
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
