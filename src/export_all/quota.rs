//! Which quota the exports of the last day have used up. Pure.
//!
//! The service says that a quota is used up, but not which one, nor until when.

use time::{Duration, OffsetDateTime};

use crate::operation::types::ExportSummary;

/// The service starts at most this many exports of a domain within [`WINDOW`].
const PER_DOMAIN: usize = 5;

/// How long an export counts.
const WINDOW: Duration = Duration::hours(24);

/// Added so that the moment has passed on the service's clock too.
const MARGIN: Duration = Duration::seconds(1);

/// When to retry if no export explains the error.
const UNEXPLAINED: Duration = Duration::HOUR;

/// Which quota is used up, and when the next export can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuotaUsed {
    Domain(OffsetDateTime),
    Account(OffsetDateTime),
}

/// Derives from the account's exports which quota an export of this domain exceeded; it is the
/// domain's for certain if the service said so.
pub(super) fn explain(
    exports: &[ExportSummary],
    domain_name: &str,
    is_domains: bool,
    now: OffsetDateTime,
) -> QuotaUsed {
    let recent = || {
        exports
            .iter()
            .filter(|export| export.requested_at > now.saturating_sub(WINDOW))
    };
    let of_domain = || recent().filter(|export| export.domain_name == domain_name);
    let until = |oldest: Option<OffsetDateTime>| match oldest {
        Some(oldest) => oldest.saturating_add(WINDOW).saturating_add(MARGIN),
        None => now.saturating_add(UNEXPLAINED),
    };
    if is_domains || of_domain().count() >= PER_DOMAIN {
        QuotaUsed::Domain(until(of_domain().map(|export| export.requested_at).min()))
    } else {
        QuotaUsed::Account(until(recent().map(|export| export.requested_at).min()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::types::ExportStatus;

    fn at(hours: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::hours(1_000 + hours)
    }

    fn exports(domain_name: &str, hours: impl IntoIterator<Item = i64>) -> Vec<ExportSummary> {
        let export = |hours| ExportSummary {
            export_arn: format!("arn:{hours}"),
            export_status: ExportStatus::Succeeded,
            requested_at: at(hours),
            domain_name: domain_name.to_owned(),
        };
        hours.into_iter().map(export).collect()
    }

    #[test]
    fn five_exports_of_the_domain_within_a_day_use_up_its_quota() {
        let mut list = exports("Books", [-40, -1, -2, -9, -3, -4]);
        list.extend(exports("Films", [-20]));
        assert_eq!(
            explain(&list, "Books", false, at(0)),
            QuotaUsed::Domain(at(15) + MARGIN)
        );
        assert_eq!(
            explain(&list, "Films", false, at(0)),
            QuotaUsed::Account(at(4) + MARGIN)
        );
    }

    #[test]
    fn the_service_may_say_that_it_is_the_domains_quota() {
        let list = exports("Films", [-20]);
        assert_eq!(
            explain(&list, "Books", true, at(0)),
            QuotaUsed::Domain(at(1))
        );
    }

    #[test]
    fn an_export_older_than_a_day_does_not_count() {
        let list = exports("Books", [-24, -23, -22, -21, -20]);
        assert_eq!(
            explain(&list, "Books", false, at(0)),
            QuotaUsed::Account(at(1) + MARGIN)
        );
    }

    #[test]
    fn an_error_that_no_export_explains_is_retried_in_an_hour() {
        let expected = QuotaUsed::Account(at(1));
        assert_eq!(explain(&[], "Books", false, at(0)), expected);
        assert_eq!(
            explain(&exports("Books", [-30]), "Books", false, at(0)),
            expected
        );
    }
}
