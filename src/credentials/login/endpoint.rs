//! The endpoint of the sign-in service, whose host names follow other rules.

use crate::credentials::CredentialsError;
use crate::credentials::context::Context;
use crate::credentials::service::{check_region, configured_endpoint};
use crate::settings::endpoint::{Variant, partition};
use crate::settings::endpoint_url::SIGN_IN;

/// Returns the configured endpoint, or else the one in the region that the person logged in to, or
/// else in that of the settings.
pub(super) fn endpoint(
    context: Context<'_>,
    region: Option<&str>,
) -> Result<String, CredentialsError> {
    if let Some(endpoint) = configured_endpoint(context, SIGN_IN)? {
        return Ok(endpoint);
    }
    let settings = &context.shared.settings;
    let region = region.or_else(|| Some(settings.region.as_ref()?.value.as_str()));
    let region = region.ok_or_else(|| {
        CredentialsError::failed(
            "the sign-in service needs a region: set AWS_REGION, or region in the profile",
        )
    })?;
    regional_url(region, settings.variant)
}

fn regional_url(region: &str, variant: Variant) -> Result<String, CredentialsError> {
    check_region(region)?;
    let partition = partition(region);
    let own_domain = match partition.id {
        "aws" => "aws.amazon.com",
        "aws-cn" => "amazonaws.cn",
        "aws-us-gov" => "amazonaws-us-gov.com",
        "aws-eusc" => "amazonaws-eusc.eu",
        "aws-iso" => "c2shome.ic.gov",
        "aws-iso-b" => "sc2shome.sgov.gov",
        "aws-iso-e" => "csphome.adc-e.uk",
        "aws-iso-f" => "csphome.hci.ic.gov",
        _ => partition.dns_suffix,
    };
    Ok(match (variant.fips, variant.dual_stack) {
        (false, false) => format!("https://{region}.signin.{own_domain}"),
        (true, false) if region == "us-gov-west-1" => format!("https://signin-fips.{own_domain}"),
        (true, false) if partition.id == "aws-us-gov" => {
            format!("https://{region}.signin-fips.{own_domain}")
        }
        (true, _) => format!("https://signin-fips.{region}.{}", partition.suffix(variant)),
        (false, true) => format!("https://signin.{region}.{}", partition.suffix(variant)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_partition_and_the_variant() {
        for (region, fips, dual_stack, host) in [
            ("us-east-1", false, false, "us-east-1.signin.aws.amazon.com"),
            ("eu-west-1", false, false, "eu-west-1.signin.aws.amazon.com"),
            ("cn-north-1", false, false, "cn-north-1.signin.amazonaws.cn"),
            (
                "us-gov-east-1",
                false,
                false,
                "us-gov-east-1.signin.amazonaws-us-gov.com",
            ),
            (
                "us-gov-west-1",
                true,
                false,
                "signin-fips.amazonaws-us-gov.com",
            ),
            (
                "us-gov-east-1",
                true,
                false,
                "us-gov-east-1.signin-fips.amazonaws-us-gov.com",
            ),
            (
                "us-east-1",
                true,
                false,
                "signin-fips.us-east-1.amazonaws.com",
            ),
            ("us-east-1", false, true, "signin.us-east-1.api.aws"),
            ("us-east-1", true, true, "signin-fips.us-east-1.api.aws"),
        ] {
            let url = regional_url(region, Variant { fips, dual_stack }).unwrap();
            assert_eq!(url, format!("https://{host}"));
        }
    }

    #[test]
    fn rejects_a_region_that_is_not_a_host_label() {
        let error = regional_url("evil.example/#", Variant::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid region \"evil.example/#\": expected a region such as \"us-east-1\""
        );
    }
}
