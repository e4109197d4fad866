//! An endpoint of one of the service's APIs.

use super::connections;
use crate::clock_skew::Skew;
use crate::config::Config;
use crate::error::Error;
use crate::http::Http;

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
