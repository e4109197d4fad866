//! Which TLS library and which certificates are used.

use std::path::Path;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

use super::SettingsError;

/// Verification cannot be switched off; only what is trusted can be chosen.
pub(super) fn config(ca_bundle: Option<&Path>) -> Result<TlsConfig, SettingsError> {
    let provider = if cfg!(feature = "rustls") {
        TlsProvider::Rustls
    } else {
        TlsProvider::NativeTls
    };
    let roots = match ca_bundle {
        Some(path) => RootCerts::new_with_certs(&certificates(path)?),
        None if cfg!(feature = "platform-verifier") || !cfg!(feature = "rustls") => {
            RootCerts::PlatformVerifier
        }
        None => RootCerts::WebPki,
    };
    let config = TlsConfig::builder().provider(provider).root_certs(roots);
    Ok(config.build())
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>, SettingsError> {
    let pem = std::fs::read(path).map_err(|error| {
        SettingsError(format!(
            "cannot read the CA bundle {}: {error}",
            path.display()
        ))
    })?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(error) => {
                let message = format!("the CA bundle is not valid PEM: {error}");
                return Err(SettingsError(message));
            }
        }
    }
    if certificates.is_empty() {
        let message = "there is no certificate in the CA bundle";
        return Err(SettingsError(message.to_owned()));
    }
    Ok(certificates)
}
