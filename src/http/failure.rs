//! A request that failed, in terms of what the caller can do about it.

use std::error::Error as StdError;
use std::fmt;
use std::io;

#[cfg(feature = "rustls")]
use time::OffsetDateTime;

/// The part of an exchange that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// There was no connection to the host or the proxy.
    Connect,
    /// TLS could not be established.
    Tls,
    /// The connection was lost.
    Io,
    Timeout,
    /// The response is not HTTP, or too large.
    Response,
    /// The request cannot be sent as it is.
    Request,
}

/// A request without a response, and whether another attempt may succeed.
#[derive(Debug)]
pub(crate) struct HttpFailure {
    pub(crate) kind: FailureKind,
    pub(crate) is_transient: bool,
    /// Whether the request cannot have reached the host: there was no connection to it yet.
    pub(crate) is_unsent: bool,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl fmt::Display for HttpFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl HttpFailure {
    /// Returns the underlying error, if it says more than the message.
    pub(crate) fn into_source(self) -> Option<Box<dyn StdError + Send + Sync>> {
        self.source
    }

    pub(super) fn new(kind: FailureKind, is_transient: bool, message: String) -> HttpFailure {
        HttpFailure {
            kind,
            is_transient,
            is_unsent: false,
            message,
            source: None,
        }
    }

    pub(super) fn unsent(self) -> HttpFailure {
        HttpFailure {
            is_unsent: true,
            ..self
        }
    }

    pub(super) fn with_source(
        self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> HttpFailure {
        HttpFailure {
            source: Some(source.into()),
            ..self
        }
    }

    pub(super) fn invalid_header(name: &str) -> HttpFailure {
        let message =
            format!("the value of the header {name} has characters that HTTP does not allow");
        HttpFailure::new(FailureKind::Request, false, message).unsent()
    }

    /// Describes the refusal of a proxy to forward a request or to open a tunnel.
    pub(super) fn proxy_refusal(proxy: &str, host: &str, status: u16) -> HttpFailure {
        let message = if status == 407 {
            format!("{proxy} requires a user name and password: add them to its URL")
        } else {
            format!("{proxy} refused to tunnel to {host}: HTTP status {status}")
        };
        let is_transient = !matches!(status, 400..=499);
        HttpFailure::new(FailureKind::Connect, is_transient, message).unsent()
    }

    pub(super) fn lost(peer: &str, error: io::Error) -> HttpFailure {
        let message = format!("the connection to {peer} was lost: {error}");
        HttpFailure::new(FailureKind::Io, true, message).with_source(error)
    }

    pub(super) fn tls(peer: &str, error: ureq::Error) -> HttpFailure {
        let reason = certificate_problem(&error).unwrap_or_else(|| reason(&error));
        let message = format!("TLS connection to {peer} failed: {reason}");
        let failure = HttpFailure::new(FailureKind::Tls, false, message);
        match error {
            ureq::Error::Io(error) => failure.with_source(error),
            error => failure.with_source(error),
        }
    }
}

/// Describes what is wrong with a certificate, and what to do about it.
#[cfg(feature = "rustls")]
fn certificate_problem(error: &ureq::Error) -> Option<String> {
    use rustls::CertificateError as C;
    use rustls::pki_types::UnixTime;
    let date = |time: UnixTime| {
        let seconds = i64::try_from(time.as_secs()).ok()?;
        Some(OffsetDateTime::from_unix_timestamp(seconds).ok()?.date())
    };
    let ureq::Error::Io(error) = error else {
        return None;
    };
    let rustls::Error::InvalidCertificate(problem) = error.get_ref()?.downcast_ref()? else {
        return None;
    };
    Some(match problem {
        C::UnknownIssuer => {
            "its certificate is not signed by a trusted authority (UnknownIssuer); \
                             if its authority is a private one, such as that of a company's proxy, \
                             set AWS_CA_BUNDLE or ca_bundle to a PEM file with the authority's \
                             certificate"
                .to_owned()
        }
        C::ExpiredContext { time, not_after } => format!(
            "its certificate expired on {}, and the system clock says {}; if that is wrong, set \
             the clock",
            date(*not_after)?,
            date(*time)?
        ),
        C::NotValidYetContext { time, not_before } => format!(
            "its certificate is valid from {}, and the system clock says {}; if that is wrong, set \
             the clock",
            date(*not_before)?,
            date(*time)?
        ),
        _ => return None,
    })
}

#[cfg(not(feature = "rustls"))]
fn certificate_problem(_error: &ureq::Error) -> Option<String> {
    None
}

/// Returns an error's own words, without the name that ureq puts before them.
pub(super) fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Protocol(error) => error.to_string(),
        ureq::Error::Http(error) => error.to_string(),
        ureq::Error::BadUri(reason) => reason.clone(),
        error => error.to_string(),
    }
}
