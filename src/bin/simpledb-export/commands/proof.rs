//! Whether an export contains what its domain contains.

use std::io::{self, IsTerminal};

use simpledb_export::cli_support::Escaped;
use simpledb_export::data::{Counts, Export, VerifyReport, WriteReport};
use simpledb_export::domains::{DomainMetadataInput, DomainMetadataOutput, Domains};
use simpledb_export::time::OffsetDateTime;
use simpledb_export::{Client, Error};

use crate::conversion::domain_name;
use crate::failure::{Exit, Failure};
use crate::output::rfc3339;
use crate::results::{Comparison, Count, Outcome};
use crate::{Result, stderr};

/// What exports are compared with: nothing, or the counts of their domains, if there is an endpoint
/// for them.
#[derive(Default)]
pub(super) struct Proof(Option<std::result::Result<Domains, Error>>);

impl Proof {
    pub(super) fn new(client: &Client, is_wanted: bool) -> Proof {
        Proof(is_wanted.then(|| Domains::new(client)))
    }

    /// Compares a verified export with its domain, if that is wanted and the export is intact.
    pub(super) fn of_verified(&self, export: &Export, report: &VerifyReport) -> Option<Comparison> {
        if !report.is_intact() {
            return None;
        }
        self.of(export, &report.counts, report.is_ok())
    }

    /// Compares a converted export with its domain, if that is wanted.
    pub(super) fn of_converted(&self, export: &Export, report: &WriteReport) -> Option<Comparison> {
        self.of(export, &report.counts, report.unreadable.is_empty())
    }

    fn of(&self, export: &Export, counts: &Counts, is_all_counted: bool) -> Option<Comparison> {
        let name = domain_name(export);
        let cutoff = export.export_data_cutoff_time();
        let unknown = |reason| Some(Comparison::unknown(&name, cutoff.map(rfc3339), reason));
        let domains = match self.0.as_ref()? {
            Ok(domains) => domains,
            Err(error) => return unknown(error.to_string()),
        };
        if !is_all_counted {
            return unknown("items that cannot be read are not counted".to_owned());
        }
        match domains.domain_metadata(&DomainMetadataInput::new(&*name)) {
            Ok(metadata) => Some(compare(&name, counts, &metadata, cutoff)),
            Err(error) => unknown(reason(&error, export.export_arn())),
        }
    }
}

/// Reports a comparison in one line; that all is well, to a person only.
pub(super) fn report(comparison: Option<&Comparison>) {
    if let Some(comparison) = comparison {
        if comparison.result != Outcome::Equal || io::stderr().is_terminal() {
            stderr::note(&comparison.line);
        }
    }
}

/// Fails unless the export is equal to its domain, or was not compared.
pub(super) fn check(comparison: Option<&Comparison>) -> Result<()> {
    let Some(comparison) = comparison else {
        return Ok(());
    };
    let exit = match comparison.result {
        Outcome::Equal => {
            report(Some(comparison));
            return Ok(());
        }
        Outcome::Differs => Exit::CountsDiffer,
        Outcome::Unknown => Exit::General,
    };
    Err(Failure::new(exit, &comparison.line))
}

impl Comparison {
    fn unknown(domain_name: &str, cutoff: Option<String>, reason: String) -> Comparison {
        Comparison {
            line: format!(
                "{}: not compared with its domain: {reason}",
                Escaped(domain_name)
            ),
            result: Outcome::Unknown,
            reason: Some(reason),
            metadata_time: None,
            export_data_cutoff_time: cutoff,
            counts: Vec::new(),
        }
    }
}

fn compare(
    domain_name: &str,
    export: &Counts,
    metadata: &DomainMetadataOutput,
    cutoff: Option<OffsetDateTime>,
) -> Comparison {
    let domain = Counts::from(metadata);
    let counted = metadata.timestamp;
    let differences: Vec<String> = export
        .differences(&domain)
        .map(|(name, export, domain)| format!("{export} {name}, not {domain}"))
        .collect();
    let until = cutoff.map(|cutoff| format!(", export cutoff {}", rfc3339(cutoff)));
    let times = format!(
        "counted by the service at {}{}",
        rfc3339(counted),
        until.unwrap_or_default()
    );
    let name = Escaped(domain_name);
    let (result, reason, line) = if differences.is_empty() {
        let line = format!(
            "{name}: equal to its domain: {} items, {} attribute values ({times})",
            export.items, export.attribute_values
        );
        (Outcome::Equal, None, line)
    } else {
        let reason = why(counted, cutoff);
        let line = format!(
            "{name}: differs from its domain: {} ({times}): {reason}",
            differences.join("; ")
        );
        (Outcome::Differs, Some(reason.to_owned()), line)
    };
    let pairs = export.named().into_iter().zip(domain.named());
    let counts = pairs.map(|((name, export), (_, domain))| Count {
        name,
        export,
        domain,
    });
    Comparison {
        line,
        result,
        reason,
        metadata_time: Some(rfc3339(counted)),
        export_data_cutoff_time: cutoff.map(rfc3339),
        counts: counts.collect(),
    }
}

/// Returns why the counts of an export and its domain can differ.
fn why(counted: OffsetDateTime, cutoff: Option<OffsetDateTime>) -> &'static str {
    match cutoff {
        // The service counts to the second.
        Some(cutoff) if counted.unix_timestamp() < cutoff.unix_timestamp() => {
            "the service's counts are older than the export, since it caches them; compare again \
             later, with verify --against-domain"
        }
        _ => {
            "the domain may have been written to since the export's cutoff; if not, the export is \
             incomplete: export the domain again"
        }
    }
}

/// Returns why there are no counts, and how to get them.
fn reason(error: &Error, export_arn: Option<&str>) -> String {
    if !matches!(error.status(), Some(401 | 403)) {
        return error.to_string();
    }
    let domain = export_arn.and_then(|arn| arn.split_once("/export/"));
    let resource = domain.map_or("*", |(domain, _)| domain);
    format!(
        "{error}; to permit it, add to the IAM policy: \
         {{\"Effect\":\"Allow\",\"Action\":\"sdb:DomainMetadata\",\"Resource\":\"{resource}\"}}"
    )
}

#[cfg(test)]
mod tests {
    use simpledb_export::time::Duration;

    use super::*;

    fn metadata(item_count: u64, seconds: i64) -> DomainMetadataOutput {
        let json = serde_json::json!({
            "ItemCount": item_count,
            "ItemNamesSizeBytes": 0,
            "AttributeNameCount": 0,
            "AttributeNamesSizeBytes": 0,
            "AttributeValueCount": 0,
            "AttributeValuesSizeBytes": 0,
            "Timestamp": seconds,
        });
        serde_json::from_str(&json.to_string()).unwrap()
    }

    #[test]
    fn says_in_one_line_whether_and_why_the_counts_differ() {
        let export = Counts::default();
        let cutoff = OffsetDateTime::UNIX_EPOCH + Duration::seconds(100);
        let line = |items, seconds, cutoff| {
            let comparison = compare("Bo\noks", &export, &metadata(items, seconds), cutoff);
            (comparison.result, comparison.line)
        };
        assert_eq!(
            line(0, 200, Some(cutoff)),
            (
                Outcome::Equal,
                "Bo\\noks: equal to its domain: 0 items, 0 attribute values (counted by the service \
                 at 1970-01-01T00:03:20+00:00, export cutoff 1970-01-01T00:01:40+00:00)"
                    .to_owned()
            )
        );
        assert_eq!(
            line(2, 99, Some(cutoff)),
            (
                Outcome::Differs,
                "Bo\\noks: differs from its domain: 0 items, not 2 (counted by the service at \
                 1970-01-01T00:01:39+00:00, export cutoff 1970-01-01T00:01:40+00:00): the service's counts are \
                 older than the export, since it caches them; compare again later, with verify \
                 --against-domain"
                    .to_owned()
            )
        );
        assert_eq!(
            line(2, 100, None).1,
            "Bo\\noks: differs from its domain: 0 items, not 2 (counted by the service at \
             1970-01-01T00:01:40+00:00): the domain may have been written to since the export's cutoff; if \
             not, the export is incomplete: export the domain again"
        );
    }
}
