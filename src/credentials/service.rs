//! The endpoints of the services that give credentials.

use super::CredentialsError;
use super::context::Context;
use crate::settings::endpoint::{Variant, is_host_label, partition};
use crate::settings::endpoint_url::Service;

/// Returns the configured endpoint of a service, or else the one in its region.
pub(super) fn endpoint(
    context: Context<'_>,
    service: Service,
    host: &str,
    region: &str,
) -> Result<String, CredentialsError> {
    match configured_endpoint(context, service)? {
        Some(endpoint) => Ok(endpoint),
        None => regional_url(host, region, context.shared.settings.variant),
    }
}

/// Returns the endpoint that the environment or the profile sets for a service.
pub(super) fn configured_endpoint(
    context: Context<'_>,
    service: Service,
) -> Result<Option<String>, CredentialsError> {
    let shared = context.shared;
    let url = (shared.settings).endpoint_url_of(service, &shared.env, &shared.profile)?;
    Ok(url.map(|url| url.value))
}

/// Rejects a region that would change the host: a token must not go to one that a region smuggles
/// in.
pub(super) fn check_region(region: &str) -> Result<(), CredentialsError> {
    if is_host_label(region) {
        return Ok(());
    }
    Err(CredentialsError::failed(format!(
        "invalid region {region:?}: expected a region such as \"us-east-1\""
    )))
}

/// Returns `https://{host}.{region}.{suffix of the partition}`. In `aws-us-gov` the ordinary
/// endpoints are FIPS endpoints.
fn regional_url(host: &str, region: &str, variant: Variant) -> Result<String, CredentialsError> {
    check_region(region)?;
    let partition = partition(region);
    let fips = if variant.fips && partition.id != "aws-us-gov" {
        "-fips"
    } else {
        ""
    };
    let suffix = partition.suffix(variant);
    Ok(format!("https://{host}{fips}.{region}.{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_partition_and_the_variant() {
        for (host, region, fips, dual_stack, url) in [
            (
                "sts",
                "us-east-1",
                false,
                false,
                "https://sts.us-east-1.amazonaws.com",
            ),
            (
                "sts",
                "us-east-1",
                true,
                false,
                "https://sts-fips.us-east-1.amazonaws.com",
            ),
            (
                "sts",
                "us-gov-west-1",
                true,
                false,
                "https://sts.us-gov-west-1.amazonaws.com",
            ),
            (
                "sts",
                "eu-west-1",
                false,
                true,
                "https://sts.eu-west-1.api.aws",
            ),
            (
                "oidc",
                "cn-north-1",
                false,
                false,
                "https://oidc.cn-north-1.amazonaws.com.cn",
            ),
            (
                "portal.sso",
                "eu-west-1",
                false,
                false,
                "https://portal.sso.eu-west-1.amazonaws.com",
            ),
        ] {
            assert_eq!(
                regional_url(host, region, Variant { fips, dual_stack }).unwrap(),
                url
            );
        }
    }

    #[test]
    fn rejects_a_region_that_is_not_a_host_label() {
        for region in ["evil.example/#", "a.example", "", "-a", "a:80", "a b", "é"] {
            let error = regional_url("sts", region, Variant::default()).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("invalid region {region:?}: expected a region such as \"us-east-1\"")
            );
        }
    }
}
