//! The pool of connections that the settings ask for.

use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::http::{HAS_TLS, Http, HttpSettings};

/// Connections to a host, as the settings say that they are made.
pub(crate) fn connections(config: &Config, url: &str) -> Result<Http, Error> {
    let invalid = |message: String| Error::new(ErrorKind::Config, message);
    if url.starts_with("https://") && !HAS_TLS {
        return Err(invalid(
            "this build cannot speak https: enable the feature rustls or native-tls, or set an \
             endpoint at http://"
                .to_owned(),
        ));
    }
    Http::new(&HttpSettings {
        connect_timeout: config.get_connect_timeout(),
        request_timeout: config.get_attempt_timeout(),
        ca_bundle: ca_bundle(config, url)?,
        proxy: config
            .get_proxy()
            .for_url(url)
            .map_err(|error| invalid(error.to_string()))?
            .map(str::to_owned),
    })
    .map_err(|error| invalid(error.0))
}

/// The certificates to trust, where the endpoint shows one.
fn ca_bundle(config: &Config, endpoint_url: &str) -> Result<Option<Vec<u8>>, Error> {
    match config.get_ca_bundle() {
        Some(path) if endpoint_url.starts_with("https://") => match std::fs::read(path) {
            Ok(pem) => Ok(Some(pem)),
            Err(error) => Err(Error::new(
                ErrorKind::Config,
                format!("cannot read the CA bundle {}: {error}", path.display()),
            )),
        },
        _ => Ok(None),
    }
}
