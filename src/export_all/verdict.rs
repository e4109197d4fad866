//! What an error of StartDomainExport means for the domain and the run. Pure.

use crate::error::ErrorKind;

/// What to do about a start that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A quota is used up.
    Quota,
    /// The domain does not exist: it has failed permanently.
    NoSuchDomain,
    /// The domain has failed; the others continue.
    Domain,
    /// The run ends: the next request would fail too.
    Run,
}

/// Judges an error; `proven` is whether the service has accepted these settings before. Until it
/// has, rejecting them ends the run, so that they do not fail every domain.
pub(super) fn judge(kind: ErrorKind, code: Option<&str>, proven: bool) -> Verdict {
    match kind {
        ErrorKind::NumberExportsLimitExceeded => Verdict::Quota,
        ErrorKind::NoSuchDomainException => Verdict::NoSuchDomain,
        ErrorKind::ConflictException => Verdict::Domain,
        ErrorKind::InvalidParameterCombinationException
        | ErrorKind::InvalidParameterValueException
            if proven =>
        {
            Verdict::Domain
        }
        // A policy may allow some domains and not others.
        ErrorKind::Service if proven && is_access_denied(code) => Verdict::Domain,
        _ => Verdict::Run,
    }
}

/// Returns whether a code says that the credentials do not allow a request.
pub(super) fn is_access_denied(code: Option<&str>) -> bool {
    matches!(code, Some("AccessDenied" | "AccessDeniedException"))
}

/// Returns whether the code of a failed export says that its bucket or key is wrong, which fails
/// the exports of all other domains too.
pub(super) fn is_settings_failure(code: &str) -> bool {
    code.starts_with("S3") || code.starts_with("Kms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_verdict() {
        use ErrorKind as Kind;
        let cases = [
            (
                Kind::NumberExportsLimitExceeded,
                None,
                Verdict::Quota,
                Verdict::Quota,
            ),
            (
                Kind::NoSuchDomainException,
                None,
                Verdict::NoSuchDomain,
                Verdict::NoSuchDomain,
            ),
            (
                Kind::ConflictException,
                None,
                Verdict::Domain,
                Verdict::Domain,
            ),
            (
                Kind::InvalidParameterValueException,
                None,
                Verdict::Run,
                Verdict::Domain,
            ),
            (
                Kind::InvalidParameterCombinationException,
                None,
                Verdict::Run,
                Verdict::Domain,
            ),
            (
                Kind::Service,
                Some("AccessDeniedException"),
                Verdict::Run,
                Verdict::Domain,
            ),
            (
                Kind::Service,
                Some("ExpiredTokenException"),
                Verdict::Run,
                Verdict::Run,
            ),
            (Kind::Service, None, Verdict::Run, Verdict::Run),
            (Kind::Credentials, None, Verdict::Run, Verdict::Run),
            (Kind::Io, None, Verdict::Run, Verdict::Run),
        ];
        for (kind, code, unproven, proven) in cases {
            assert_eq!(judge(kind, code, false), unproven, "{kind:?} {code:?}");
            assert_eq!(judge(kind, code, true), proven, "{kind:?} {code:?}");
        }
    }
}
