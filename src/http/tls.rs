//! Chooses the TLS library and the certificates to trust.

use std::path::PathBuf;
use std::time::Duration;

use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use super::SettingsError;
use super::pem::certificates;
use crate::fs::read::read_file;
use crate::settings::Setting;

/// Many times the bundle of any system.
const MAX_BUNDLE_BYTES: u64 = 16 * 1024 * 1024;

/// Verification cannot be disabled; only what is trusted can be chosen.
pub(super) fn config(
    ca_bundle: Option<&Setting<PathBuf>>,
    timeout: Duration,
) -> Result<TlsConfig, SettingsError> {
    let provider = if cfg!(feature = "rustls") {
        TlsProvider::Rustls
    } else {
        TlsProvider::NativeTls
    };
    let roots = match ca_bundle {
        Some(bundle) => RootCerts::new_with_certs(&read(bundle, timeout)?),
        None if cfg!(feature = "platform-verifier") || !cfg!(feature = "rustls") => {
            RootCerts::PlatformVerifier
        }
        None => RootCerts::WebPki,
    };
    let config = TlsConfig::builder().provider(provider).root_certs(roots);
    Ok(config.build())
}

fn read(
    bundle: &Setting<PathBuf>,
    timeout: Duration,
) -> Result<Vec<Certificate<'static>>, SettingsError> {
    let certificates = read_file(&bundle.value, MAX_BUNDLE_BYTES, timeout)
        .map_err(|error| error.to_string())
        .and_then(|content| certificates(&content));
    #[cfg(feature = "rustls")]
    let certificates = certificates.and_then(usable);
    let certificates = certificates.map_err(|problem| {
        let path = bundle.value.display().to_string();
        let problem = format!("{problem}; expected a file with PEM certificates");
        let origin = bundle.origin.found();
        SettingsError(format!(
            "invalid {} {path:?}: {problem}",
            origin.as_deref().unwrap_or("ca_bundle")
        ))
    })?;
    let certificates = certificates.iter();
    Ok(certificates
        .map(|der| Certificate::from_der(der).to_owned())
        .collect())
}

/// Leaves out, and logs, certificates that rustls would leave out silently.
#[cfg(feature = "rustls")]
fn usable(certificates: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, String> {
    let mut store = rustls::RootCertStore::empty();
    let mut problem = None;
    let mut usable = Vec::new();
    for (n, der) in (1..).zip(certificates) {
        match store.add(der.as_slice().into()) {
            Ok(()) => usable.push(der),
            Err(error) => {
                log::warn!("certificate {n} of the CA bundle cannot be used: {error}");
                problem = Some(format!("certificate {n} cannot be used: {error}"));
            }
        }
    }
    match problem {
        Some(problem) if usable.is_empty() => Err(problem),
        _ => Ok(usable),
    }
}
