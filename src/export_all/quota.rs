//! What the exports of the last day say about a refusal for the quotas. Pure.
//!
//! The service says that a quota is used up, but not which one, nor until when.

use time::{Duration, OffsetDateTime};

use crate::operation::types::ExportSummary;

/// How many exports of a domain the service starts within [`WINDOW`].
const PER_DOMAIN: usize = 5;

/// The time in which exports count.
const WINDOW: Duration = Duration::hours(24);

/// What is added, so that the service's clock has passed the moment too.
const MARGIN: Duration = Duration::seconds(1);

/// When to try again if nothing explains the refusal.
const UNEXPLAINED: Duration = Duration::HOUR;

/// Which quota is used up, and when the next export may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuotaUsed {
    Domain(OffsetDateTime),
    Account(OffsetDateTime),
}

/// Reads from the exports of an account which quota refused an export of this domain at this time.
pub(super) fn explain(
    exports: &[ExportSummary],
    domain_name: &str,
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
    if of_domain().count() >= PER_DOMAIN {
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
    fn five_of_the_domain_within_a_day_are_the_domains_quota() {
        let mut list = exports("Books", [-40, -1, -2, -9, -3, -4]);
        list.extend(exports("Films", [-20]));
        assert_eq!(
            explain(&list, "Books", at(0)),
            QuotaUsed::Domain(at(15) + MARGIN)
        );
        assert_eq!(
            explain(&list, "Films", at(0)),
            QuotaUsed::Account(at(4) + MARGIN)
        );
    }

    #[test]
    fn an_export_of_a_day_ago_counts_no_more() {
        let list = exports("Books", [-24, -23, -22, -21, -20]);
        assert_eq!(
            explain(&list, "Books", at(0)),
            QuotaUsed::Account(at(1) + MARGIN)
        );
    }

    #[test]
    fn a_refusal_that_nothing_explains_is_asked_about_in_an_hour() {
        let expected = QuotaUsed::Account(at(1));
        assert_eq!(explain(&[], "Books", at(0)), expected);
        assert_eq!(explain(&exports("Books", [-30]), "Books", at(0)), expected);
    }
}
