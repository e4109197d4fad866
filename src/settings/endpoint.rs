//! Resolves the endpoint of the service, as a pure function of the settings.
//!
//! The rules are those that AWS publishes for SimpleDB's export API: `https://sdb.amazonaws.com` in
//! `us-east-1`, elsewhere `https://sdb.{region}.{suffix of the partition}`, with variants for FIPS
//! and dual stack. Any region resolves, whether or not the service runs there.

mod custom;
mod partitions;

pub(crate) use self::custom::check_endpoint_url;
pub(crate) use self::partitions::partition;
use crate::settings::error::ConfigError;

/// The variant of AWS's endpoints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Variant {
    /// With FIPS 140-validated cryptography.
    pub(crate) fips: bool,
    /// Reachable over IPv6, too.
    pub(crate) dual_stack: bool,
}

/// Returns the URL of the endpoint, without a slash at its end: a path is appended as it is. A
/// custom endpoint, an absolute `http` or `https` URL, replaces the region's. Errors have the texts
/// of AWS's rules, so that a search for them finds something.
pub(crate) fn resolve_endpoint(
    region: Option<&str>,
    variant: Variant,
    custom: Option<&str>,
) -> Result<String, ConfigError> {
    let url = match custom {
        Some(url) => custom_url(url, variant),
        None => regional_url(region, variant),
    };
    url.map_err(|problem| ConfigError::new(format!("Invalid Configuration: {problem}")))
}

fn custom_url(url: &str, variant: Variant) -> Result<String, String> {
    if variant.fips {
        return Err("FIPS and custom endpoint are not supported".to_owned());
    }
    if variant.dual_stack {
        return Err("Dualstack and custom endpoint are not supported".to_owned());
    }
    check_endpoint_url(url).map_err(|problem| format!("the endpoint URL {problem}"))
}

fn regional_url(region: Option<&str>, variant: Variant) -> Result<String, String> {
    let region = region.ok_or("Missing Region")?;
    if !is_host_label(region) {
        return Err(format!(
            "region {region:?} cannot be part of a host name (expected letters, digits and \
             hyphens, as in \"us-east-1\")"
        ));
    }
    if region == "us-east-1" && variant == Variant::default() {
        return Ok("https://sdb.amazonaws.com".to_owned());
    }
    let service = if variant.fips { "sdb-fips" } else { "sdb" };
    let suffix = partition(region).suffix(variant);
    Ok(format!("https://{service}.{region}.{suffix}"))
}

/// Returns whether a region is a label of a host name: 1 to 63 letters, digits and hyphens, no
/// hyphen at either end.
pub(crate) fn is_host_label(region: &str) -> bool {
    (1..=63).contains(&region.len())
        && region
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ureq::http::Uri;

    use super::*;

    const PLAIN: Variant = Variant {
        fips: false,
        dual_stack: false,
    };

    fn in_region(region: &str) -> Result<String, ConfigError> {
        resolve_endpoint(Some(region), PLAIN, None)
    }

    fn at(endpoint: &str, variant: Variant) -> Result<String, ConfigError> {
        resolve_endpoint(None, variant, Some(endpoint))
    }

    fn error(result: Result<String, ConfigError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn resolves_the_first_region_to_a_name_without_a_region() {
        for (fips, dual_stack, url) in [
            (false, false, "https://sdb.amazonaws.com"),
            (true, false, "https://sdb-fips.us-east-1.amazonaws.com"),
            (false, true, "https://sdb.us-east-1.api.aws"),
            (true, true, "https://sdb-fips.us-east-1.api.aws"),
        ] {
            let variant = Variant { fips, dual_stack };
            let resolved = resolve_endpoint(Some("us-east-1"), variant, None);
            assert_eq!(resolved.unwrap(), url);
        }
    }

    #[test]
    fn appends_the_suffix_of_a_partition() {
        for (region, url) in [
            ("sa-east-1", "https://sdb.sa-east-1.amazonaws.com"),
            ("cn-north-1", "https://sdb.cn-north-1.amazonaws.com.cn"),
            ("eusc-de-east-1", "https://sdb.eusc-de-east-1.amazonaws.eu"),
            ("mars-base-7", "https://sdb.mars-base-7.amazonaws.com"),
        ] {
            assert_eq!(in_region(region).unwrap(), url);
        }
    }

    #[test]
    fn rejects_a_missing_region() {
        let resolved = resolve_endpoint(None, PLAIN, None);
        assert_eq!(error(resolved), "Invalid Configuration: Missing Region");
    }

    #[test]
    fn rejects_a_region_that_is_not_a_host_label() {
        let long = "a".repeat(64);
        for region in [
            "", "a.b", "a/b", "a@b", "-a", "a-", "a b", "é", "a:1", "a?", &long,
        ] {
            assert!(in_region(region).is_err(), "{region}");
        }
        assert_eq!(
            error(in_region("evil.example/")),
            "Invalid Configuration: region \"evil.example/\" cannot be part of a host name \
             (expected letters, digits and hyphens, as in \"us-east-1\")"
        );
    }

    #[test]
    fn accepts_a_custom_endpoint_alone() {
        let local = "http://localhost:8000/";
        assert_eq!(at(local, PLAIN).unwrap(), "http://localhost:8000");
        let of = |fips| Variant {
            fips,
            dual_stack: true,
        };
        assert_eq!(
            error(at(local, of(true))),
            "Invalid Configuration: FIPS and custom endpoint are not supported"
        );
        assert_eq!(
            error(at(local, of(false))),
            "Invalid Configuration: Dualstack and custom endpoint are not supported"
        );
        assert_eq!(
            error(at("localhost:8000", PLAIN)),
            "Invalid Configuration: the endpoint URL must be absolute, beginning with http:// or \
             https://"
        );
    }

    proptest! {
        #[test]
        fn resolves_any_region_to_a_host_of_its_partition_or_rejects_it(
            region in "[a-z-]{0,4}(us|cn|us-gov)?-?[a-z]{0,6}[-./@ #]?[0-9]{0,2}",
            fips: bool,
            dual_stack: bool,
        ) {
            let variant = Variant { fips, dual_stack };
            if let Ok(url) = resolve_endpoint(Some(&region), variant, None) {
                let uri: Uri = url.parse().unwrap();
                let host = uri.host().unwrap();
                let partition = partition(&region);
                let suffixes = [partition.dns_suffix, partition.dual_stack_dns_suffix];
                prop_assert!(suffixes.iter().any(|suffix| host.ends_with(suffix)));
                prop_assert!(host.starts_with("sdb"));
                prop_assert_eq!(uri.path_and_query().unwrap().as_str(), "/");
            }
        }

        #[test]
        fn accepts_only_endpoint_urls_that_take_a_path(
            endpoint in "(https?://)?[a-z@:.\\[\\]]{0,6}(:[0-9]{1,6})?(/[a-z%?#é ]{0,3}){0,2}",
        ) {
            if let Ok(url) = at(&endpoint, PLAIN) {
                let uri: Uri = format!("{url}/v2/GetExport").parse().unwrap();
                prop_assert!(uri.path().ends_with("/v2/GetExport"));
                prop_assert_eq!(uri.query(), None);
                prop_assert!(!uri.host().unwrap_or_default().is_empty());
            }
        }
    }
}
