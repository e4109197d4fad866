//! Resolves the endpoint of the service, as a pure function of the settings.
//!
//! The rules are those that AWS publishes for SimpleDB's export API: `https://sdb.amazonaws.com` in
//! `us-east-1`, elsewhere `https://sdb.{region}.{suffix of the partition}`, with variants for FIPS
//! and dual stack. Any region resolves, whether or not the service runs there.

mod custom;
mod partitions;

use std::fmt;

pub(crate) use self::custom::check_endpoint_url;
pub(crate) use self::partitions::{Partition, partition};

/// What an endpoint depends on.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct EndpointParams<'a> {
    /// Required unless `endpoint` is set.
    pub(crate) region: Option<&'a str>,
    pub(crate) variant: Variant,
    /// An absolute `http` or `https` URL that replaces the region's.
    pub(crate) endpoint: Option<&'a str>,
}

/// The variant of AWS's endpoints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Variant {
    /// With FIPS 140-validated cryptography.
    pub(crate) fips: bool,
    /// Reachable over IPv6, too.
    pub(crate) dual_stack: bool,
}

/// Returns the URL of the endpoint, without a slash at its end: a path is appended as it is.
pub(crate) fn resolve_endpoint(params: &EndpointParams<'_>) -> Result<String, EndpointError> {
    if let Some(endpoint) = params.endpoint {
        return match params.variant {
            Variant { fips: true, .. } => Err(EndpointError::FipsAndCustom),
            Variant {
                dual_stack: true, ..
            } => Err(EndpointError::DualStackAndCustom),
            _ => check_endpoint_url(endpoint).map_err(EndpointError::InvalidUrl),
        };
    }
    let region = params.region.ok_or(EndpointError::MissingRegion)?;
    if !is_host_label(region) {
        return Err(EndpointError::InvalidRegion(region.to_owned()));
    }
    let host = host(region, partition(region), params.variant)?;
    Ok(format!("https://{host}"))
}

fn host(region: &str, partition: &Partition, variant: Variant) -> Result<String, EndpointError> {
    let Variant { fips, dual_stack } = variant;
    let is_supported =
        (!fips || partition.supports_fips) && (!dual_stack || partition.supports_dual_stack);
    match (fips, dual_stack) {
        (true, true) if !is_supported => return Err(EndpointError::NoFipsOrDualStack),
        (true, false) if !is_supported => return Err(EndpointError::NoFips),
        (false, true) if !is_supported => return Err(EndpointError::NoDualStack),
        (false, false) if region == "us-east-1" => return Ok("sdb.amazonaws.com".to_owned()),
        _ => {}
    }
    let service = if fips { "sdb-fips" } else { "sdb" };
    let suffix = partition.suffix(variant);
    Ok(format!("{service}.{region}.{suffix}"))
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

/// Why there is no endpoint.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EndpointError {
    MissingRegion,
    InvalidRegion(String),
    InvalidUrl(&'static str),
    FipsAndCustom,
    DualStackAndCustom,
    NoFips,
    NoDualStack,
    NoFipsOrDualStack,
}

impl fmt::Display for EndpointError {
    /// Uses the texts of AWS's rules, so that a search for them finds something.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            EndpointError::InvalidRegion(region) => {
                return write!(
                    f,
                    "Invalid Configuration: region {region:?} cannot be part of a host name \
                     (expected letters, digits and hyphens, as in \"us-east-1\")"
                );
            }
            EndpointError::InvalidUrl(reason) => {
                return write!(f, "Invalid Configuration: the endpoint URL {reason}");
            }
            EndpointError::MissingRegion => "Invalid Configuration: Missing Region",
            EndpointError::FipsAndCustom => {
                "Invalid Configuration: FIPS and custom endpoint are not supported"
            }
            EndpointError::DualStackAndCustom => {
                "Invalid Configuration: Dualstack and custom endpoint are not supported"
            }
            EndpointError::NoFips => "FIPS is enabled but this partition does not support FIPS",
            EndpointError::NoDualStack => {
                "DualStack is enabled but this partition does not support DualStack"
            }
            EndpointError::NoFipsOrDualStack => {
                "FIPS and DualStack are enabled, but this partition does not support one or both"
            }
        };
        f.write_str(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ureq::http::Uri;

    use super::*;

    /// No region, no endpoint, nothing asked for.
    const NOTHING: EndpointParams<'_> = EndpointParams {
        region: None,
        variant: Variant {
            fips: false,
            dual_stack: false,
        },
        endpoint: None,
    };

    fn in_region(region: &str) -> EndpointParams<'_> {
        EndpointParams {
            region: Some(region),
            ..NOTHING
        }
    }

    fn at(endpoint: &str) -> EndpointParams<'_> {
        EndpointParams {
            endpoint: Some(endpoint),
            ..NOTHING
        }
    }

    fn error(params: &EndpointParams<'_>) -> String {
        resolve_endpoint(params).unwrap_err().to_string()
    }

    #[test]
    fn resolves_the_first_region_to_a_name_without_a_region() {
        for (fips, dual_stack, url) in [
            (false, false, "https://sdb.amazonaws.com"),
            (true, false, "https://sdb-fips.us-east-1.amazonaws.com"),
            (false, true, "https://sdb.us-east-1.api.aws"),
            (true, true, "https://sdb-fips.us-east-1.api.aws"),
        ] {
            let params = EndpointParams {
                variant: Variant { fips, dual_stack },
                ..in_region("us-east-1")
            };
            assert_eq!(resolve_endpoint(&params).as_deref(), Ok(url));
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
            assert_eq!(resolve_endpoint(&in_region(region)).as_deref(), Ok(url));
        }
    }

    #[test]
    fn rejects_what_a_partition_does_not_support() {
        const NO_FIPS: &str = "FIPS is enabled but this partition does not support FIPS";
        const NO_DUAL_STACK: &str =
            "DualStack is enabled but this partition does not support DualStack";
        const NOT_BOTH: &str =
            "FIPS and DualStack are enabled, but this partition does not support one or both";
        let partition = partitions::tests::example;
        let host = |partition: &Partition, fips, dual_stack| {
            let variant = Variant { fips, dual_stack };
            host("r", partition, variant).map_err(|error| error.to_string())
        };
        let (only_fips, only_dual_stack) = (partition(true, false), partition(false, true));
        for (partition, fips, dual_stack, error) in [
            (&only_dual_stack, true, false, NO_FIPS),
            (&only_fips, false, true, NO_DUAL_STACK),
            (&only_fips, true, true, NOT_BOTH),
            (&only_dual_stack, true, true, NOT_BOTH),
        ] {
            assert_eq!(host(partition, fips, dual_stack), Err(error.into()));
        }
        let neither = partition(false, false);
        assert_eq!(
            host(&neither, false, false).as_deref(),
            Ok("sdb.r.example.com")
        );
        assert_eq!(
            host(&only_fips, true, false).as_deref(),
            Ok("sdb-fips.r.example.com")
        );
        assert_eq!(
            host(&only_dual_stack, false, true).as_deref(),
            Ok("sdb.r.dual.example.com")
        );
    }

    #[test]
    fn rejects_a_missing_region() {
        assert_eq!(error(&NOTHING), "Invalid Configuration: Missing Region");
    }

    #[test]
    fn rejects_a_region_that_is_not_a_host_label() {
        let long = "a".repeat(64);
        for region in [
            "", "a.b", "a/b", "a@b", "-a", "a-", "a b", "é", "a:1", "a?", &long,
        ] {
            assert!(resolve_endpoint(&in_region(region)).is_err(), "{region}");
        }
        assert_eq!(
            error(&in_region("evil.example/")),
            "Invalid Configuration: region \"evil.example/\" cannot be part of a host name \
             (expected letters, digits and hyphens, as in \"us-east-1\")"
        );
    }

    #[test]
    fn accepts_a_custom_endpoint_alone() {
        let params = at("http://localhost:8000/");
        assert_eq!(
            resolve_endpoint(&params).as_deref(),
            Ok("http://localhost:8000")
        );
        let fips = EndpointParams {
            variant: Variant {
                fips: true,
                dual_stack: true,
            },
            ..params
        };
        assert_eq!(
            error(&fips),
            "Invalid Configuration: FIPS and custom endpoint are not supported"
        );
        let dual_stack = EndpointParams {
            variant: Variant {
                fips: false,
                dual_stack: true,
            },
            ..params
        };
        assert_eq!(
            error(&dual_stack),
            "Invalid Configuration: Dualstack and custom endpoint are not supported"
        );
        assert_eq!(
            error(&at("localhost:8000")),
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
            let params = EndpointParams { variant: Variant { fips, dual_stack }, ..in_region(&region) };
            if let Ok(url) = resolve_endpoint(&params) {
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
            if let Ok(url) = resolve_endpoint(&at(&endpoint)) {
                let uri: Uri = format!("{url}/v2/GetExport").parse().unwrap();
                prop_assert!(uri.path().ends_with("/v2/GetExport"));
                prop_assert_eq!(uri.query(), None);
                prop_assert!(!uri.host().unwrap_or_default().is_empty());
            }
        }
    }
}
