//! Which endpoint a call goes to, as a pure function of the settings.
//!
//! The rules are those that AWS publishes for the export API of `SimpleDB`: in `us-east-1` the
//! endpoint is `https://sdb.amazonaws.com`, elsewhere `https://sdb.{region}.{suffix of the
//! partition}`; FIPS and dual stack have names of their own. Any region resolves, also one that
//! is newer than this crate, whether or not the service runs there.
//!
//! ```
//! use simpledb_export::settings::endpoint::{EndpointParams, resolve_endpoint};
//!
//! let params = EndpointParams::new().region("eu-west-1");
//! assert_eq!(resolve_endpoint(&params)?, "https://sdb.eu-west-1.amazonaws.com");
//!
//! let params = params.use_fips(true).use_dual_stack(true);
//! assert_eq!(resolve_endpoint(&params)?, "https://sdb-fips.eu-west-1.api.aws");
//! # Ok::<(), simpledb_export::settings::endpoint::EndpointError>(())
//! ```

mod custom;
mod partitions;

use std::fmt;

pub(crate) use self::custom::check_endpoint_url;
pub use self::partitions::{Partition, partition};

/// What an endpoint depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointParams {
    /// The region, such as `eu-west-1`. Needed unless there is an endpoint of one's own.
    pub region: Option<String>,
    /// Ask for an endpoint with FIPS 140-validated cryptography.
    pub use_fips: bool,
    /// Ask for an endpoint that has IPv6 addresses too.
    pub use_dual_stack: bool,
    /// An endpoint of one's own, in place of the region's: an absolute `http` or `https` URL.
    pub endpoint: Option<String>,
}

impl EndpointParams {
    /// No region, no FIPS, no dual stack, no endpoint of one's own.
    #[must_use]
    pub fn new() -> EndpointParams {
        EndpointParams::default()
    }

    /// Sets the region.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> EndpointParams {
        self.region = Some(region.into());
        self
    }

    /// Asks for FIPS or not.
    #[must_use]
    pub fn use_fips(mut self, use_fips: bool) -> EndpointParams {
        self.use_fips = use_fips;
        self
    }

    /// Asks for dual stack or not.
    #[must_use]
    pub fn use_dual_stack(mut self, use_dual_stack: bool) -> EndpointParams {
        self.use_dual_stack = use_dual_stack;
        self
    }

    /// Sets an endpoint of one's own.
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> EndpointParams {
        self.endpoint = Some(endpoint.into());
        self
    }
}

/// The URL of the endpoint, without a slash at its end: a path is appended as it is.
///
/// # Errors
///
/// [`EndpointError`] when there is neither a region nor an endpoint, when the region cannot be
/// part of a host name, when an endpoint of one's own is not a usable URL or comes together with
/// FIPS or dual stack, and when the region's partition lacks what was asked for.
pub fn resolve_endpoint(params: &EndpointParams) -> Result<String, EndpointError> {
    let EndpointParams {
        region,
        use_fips,
        use_dual_stack,
        endpoint,
    } = params;
    if let Some(endpoint) = endpoint {
        return match (use_fips, use_dual_stack) {
            (true, _) => Err(Problem::FipsAndCustom.into()),
            (false, true) => Err(Problem::DualStackAndCustom.into()),
            (false, false) => match check_endpoint_url(endpoint) {
                Ok(url) => Ok(url),
                Err(reason) => Err(Problem::InvalidUrl(reason).into()),
            },
        };
    }
    let Some(region) = region.as_deref() else {
        return Err(Problem::MissingRegion.into());
    };
    if !is_host_label(region) {
        return Err(Problem::InvalidRegion(region.to_owned()).into());
    }
    let host = host(region, partition(region), *use_fips, *use_dual_stack)?;
    Ok(format!("https://{host}"))
}

fn host(
    region: &str,
    partition: &Partition,
    use_fips: bool,
    use_dual_stack: bool,
) -> Result<String, Problem> {
    let is_supported = (!use_fips || partition.supports_fips)
        && (!use_dual_stack || partition.supports_dual_stack);
    let (service, suffix) = match (use_fips, use_dual_stack) {
        (true, true) if !is_supported => return Err(Problem::NoFipsOrDualStack),
        (true, false) if !is_supported => return Err(Problem::NoFips),
        (false, true) if !is_supported => return Err(Problem::NoDualStack),
        (false, false) if region == "us-east-1" => return Ok("sdb.amazonaws.com".to_owned()),
        (true, true) => ("sdb-fips", partition.dual_stack_dns_suffix),
        (true, false) => ("sdb-fips", partition.dns_suffix),
        (false, true) => ("sdb", partition.dual_stack_dns_suffix),
        (false, false) => ("sdb", partition.dns_suffix),
    };
    Ok(format!("{service}.{region}.{suffix}"))
}

/// Whether a region can stand between two dots of a host name: 1 to 63 letters, digits and
/// hyphens, no hyphen at either end.
pub(crate) fn is_host_label(region: &str) -> bool {
    (1..=63).contains(&region.len())
        && region
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-')
}

/// Why there is no endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointError(Problem);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Problem {
    MissingRegion,
    InvalidRegion(String),
    InvalidUrl(&'static str),
    FipsAndCustom,
    DualStackAndCustom,
    NoFips,
    NoDualStack,
    NoFipsOrDualStack,
}

impl EndpointError {
    /// Whether naming a region would be enough.
    #[must_use]
    pub fn is_missing_region(&self) -> bool {
        self.0 == Problem::MissingRegion
    }
}

impl From<Problem> for EndpointError {
    fn from(problem: Problem) -> EndpointError {
        EndpointError(problem)
    }
}

impl fmt::Display for EndpointError {
    /// Where AWS's rules have a text, it is theirs, so that a search for it finds something.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match &self.0 {
            Problem::InvalidRegion(region) => {
                return write!(
                    f,
                    "Invalid Configuration: region {region:?} cannot be part of a host name \
                     (expected letters, digits and hyphens, as in \"us-east-1\")"
                );
            }
            Problem::InvalidUrl(reason) => {
                return write!(f, "Invalid Configuration: the endpoint URL {reason}");
            }
            Problem::MissingRegion => "Invalid Configuration: Missing Region",
            Problem::FipsAndCustom => {
                "Invalid Configuration: FIPS and custom endpoint are not supported"
            }
            Problem::DualStackAndCustom => {
                "Invalid Configuration: Dualstack and custom endpoint are not supported"
            }
            Problem::NoFips => "FIPS is enabled but this partition does not support FIPS",
            Problem::NoDualStack => {
                "DualStack is enabled but this partition does not support DualStack"
            }
            Problem::NoFipsOrDualStack => {
                "FIPS and DualStack are enabled, but this partition does not support one or both"
            }
        };
        f.write_str(text)
    }
}

/// What `main` prints where it returns the error: the line of `Display`.
impl fmt::Debug for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            f.debug_tuple("EndpointError").field(&self.0).finish()
        } else {
            write!(f, "{self}")
        }
    }
}

impl std::error::Error for EndpointError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(params: &EndpointParams) -> String {
        resolve_endpoint(params).unwrap_err().to_string()
    }

    #[test]
    fn the_first_region_has_a_name_without_a_region() {
        let params = EndpointParams::new().region("us-east-1");
        let urls = [
            params.clone(),
            params.clone().use_fips(true),
            params.clone().use_dual_stack(true),
            params.use_fips(true).use_dual_stack(true),
        ]
        .map(|params| resolve_endpoint(&params).unwrap());
        assert_eq!(
            urls,
            [
                "https://sdb.amazonaws.com",
                "https://sdb-fips.us-east-1.amazonaws.com",
                "https://sdb.us-east-1.api.aws",
                "https://sdb-fips.us-east-1.api.aws",
            ]
        );
    }

    #[test]
    fn a_region_takes_the_suffix_of_its_partition() {
        for (region, url) in [
            ("sa-east-1", "https://sdb.sa-east-1.amazonaws.com"),
            ("cn-north-1", "https://sdb.cn-north-1.amazonaws.com.cn"),
            ("eusc-de-east-1", "https://sdb.eusc-de-east-1.amazonaws.eu"),
            ("mars-base-7", "https://sdb.mars-base-7.amazonaws.com"),
        ] {
            let params = EndpointParams::new().region(region);
            assert_eq!(resolve_endpoint(&params).as_deref(), Ok(url));
        }
    }

    #[test]
    fn a_partition_without_what_is_asked_for_is_an_error() {
        const NO_FIPS: &str = "FIPS is enabled but this partition does not support FIPS";
        const NO_DUAL_STACK: &str =
            "DualStack is enabled but this partition does not support DualStack";
        const NOT_BOTH: &str =
            "FIPS and DualStack are enabled, but this partition does not support one or both";
        let partition = partitions::tests::example;
        let host = |partition: &Partition, use_fips, use_dual_stack| {
            host("r", partition, use_fips, use_dual_stack)
                .map_err(|problem| EndpointError(problem).to_string())
        };
        let (only_fips, only_dual_stack) = (partition(true, false), partition(false, true));
        for (partition, use_fips, use_dual_stack, error) in [
            (&only_dual_stack, true, false, NO_FIPS),
            (&only_fips, false, true, NO_DUAL_STACK),
            (&only_fips, true, true, NOT_BOTH),
            (&only_dual_stack, true, true, NOT_BOTH),
        ] {
            assert_eq!(host(partition, use_fips, use_dual_stack), Err(error.into()));
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
    fn a_missing_region_is_told_apart() {
        let error = resolve_endpoint(&EndpointParams::new()).unwrap_err();
        assert!(error.is_missing_region());
        assert_eq!(error.to_string(), "Invalid Configuration: Missing Region");
        assert_eq!(format!("{error:?}"), error.to_string());
        assert!(format!("{error:#?}").contains("MissingRegion"));
    }

    #[test]
    fn a_region_that_would_change_the_host_is_refused() {
        let long = "a".repeat(64);
        for region in [
            "", "a.b", "a/b", "a@b", "-a", "a-", "a b", "é", "a:1", "a?", &long,
        ] {
            let error = resolve_endpoint(&EndpointParams::new().region(region)).unwrap_err();
            assert!(!error.is_missing_region(), "{region}");
        }
        assert_eq!(
            error(&EndpointParams::new().region("evil.example/")),
            "Invalid Configuration: region \"evil.example/\" cannot be part of a host name \
             (expected letters, digits and hyphens, as in \"us-east-1\")"
        );
    }

    #[test]
    fn an_endpoint_of_ones_own_needs_no_region_and_takes_nothing_else() {
        let params = EndpointParams::new().endpoint("http://localhost:8000/");
        assert_eq!(
            resolve_endpoint(&params).as_deref(),
            Ok("http://localhost:8000")
        );
        assert_eq!(
            error(&params.clone().use_fips(true).use_dual_stack(true)),
            "Invalid Configuration: FIPS and custom endpoint are not supported"
        );
        assert_eq!(
            error(&params.use_dual_stack(true)),
            "Invalid Configuration: Dualstack and custom endpoint are not supported"
        );
        assert_eq!(
            error(&EndpointParams::new().endpoint("localhost:8000")),
            "Invalid Configuration: the endpoint URL must be absolute, beginning with http:// or \
             https://"
        );
    }
}
