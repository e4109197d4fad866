//! Where the services that give credentials are.

use super::CredentialsError;
use super::context::Context;
use crate::settings::Setting;
use crate::settings::endpoint::{check_endpoint_url, partition};

/// The endpoint of a service in a region, unless an environment variable sets another one.
pub(super) fn endpoint(
    context: &Context,
    variable: &str,
    name: &str,
    region: &str,
) -> Result<String, CredentialsError> {
    let configured = configured_endpoint(context, variable)?;
    Ok(configured.unwrap_or_else(|| regional_endpoint(context, name, region)))
}

/// The endpoint that an environment variable sets for a service, as for every AWS SDK; unless
/// such settings are to be ignored.
pub(super) fn configured_endpoint(
    context: &Context,
    variable: &str,
) -> Result<Option<String>, CredentialsError> {
    const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
    let is_ignored = context.variable(IGNORE)?;
    if is_ignored.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    let Some(url) = context.variable(variable)? else {
        return Ok(None);
    };
    match check_endpoint_url(url) {
        Ok(url) => Ok(Some(url)),
        Err(problem) => Err(CredentialsError::failed(format!(
            "{variable} is not usable: the endpoint URL {problem}"
        ))),
    }
}

/// The endpoint of a service in a region, of FIPS and dual stack if the settings ask for them.
pub(super) fn regional_endpoint(context: &Context, name: &str, region: &str) -> String {
    let settings = context.settings();
    let is = |setting: &Option<Setting<bool>>| setting.as_ref().is_some_and(|is| is.value);
    let (fips, dual_stack) = (is(&settings.use_fips), is(&settings.use_dual_stack));
    regional_url(name, region, fips, dual_stack)
}

/// The URL of a service: `https://{name}.{region}.{suffix of the partition}`.
/// In `aws-us-gov` the ordinary endpoints are FIPS endpoints.
fn regional_url(name: &str, region: &str, fips: bool, dual_stack: bool) -> String {
    let partition = partition(region);
    let fips = if fips && partition.id != "aws-us-gov" {
        "-fips"
    } else {
        ""
    };
    let suffix = if dual_stack {
        partition.dual_stack_dns_suffix
    } else {
        partition.dns_suffix
    };
    format!("https://{name}{fips}.{region}.{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_its_suffix_and_each_variant_its_name() {
        for (name, region, fips, dual_stack, url) in [
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
            assert_eq!(regional_url(name, region, fips, dual_stack), url);
        }
    }
}
