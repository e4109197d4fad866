//! Which configured endpoint URL counts: the most specific one, the environment before the profile.

use super::origin::{Origin, Setting};
use super::reader::{Found, Reader};
use crate::settings::endpoint::check_endpoint_url;
use crate::settings::error::ConfigError;
use crate::settings::profile::Kind;

/// The names of a service in the environment and in profile files.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    variable: &'static str,
    key: &'static str,
}

impl Service {
    const fn new(variable: &'static str, key: &'static str) -> Service {
        Service { variable, key }
    }
}

pub(super) const SIMPLEDB: Service = Service::new("AWS_ENDPOINT_URL_SIMPLEDBV2", "simpledbv2");
/// The older API of SimpleDB, for domains.
pub(super) const SIMPLEDB_DOMAINS: Service = Service::new("AWS_ENDPOINT_URL_SIMPLEDB", "simpledb");
pub(super) const S3: Service = Service::new("AWS_ENDPOINT_URL_S3", "s3");
pub(crate) const STS: Service = Service::new("AWS_ENDPOINT_URL_STS", "sts");
pub(crate) const SSO: Service = Service::new("AWS_ENDPOINT_URL_SSO", "sso");
pub(crate) const SSO_OIDC: Service = Service::new("AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc");
pub(crate) const SIGN_IN: Service = Service::new("AWS_ENDPOINT_URL_SIGNIN", "signin");

/// Returns the endpoint URL of the environment or the profile, unless these are ignored. Then an
/// invalid one is not an error.
pub(super) fn configured(
    service: Service,
    reader: &Reader<'_>,
    ignore_in_code: Option<bool>,
) -> Found<String> {
    let is_ignored = match ignore_in_code {
        Some(is_ignored) => is_ignored,
        None => reader.is_set(
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "ignore_configured_endpoint_urls",
        )?,
    };
    if is_ignored {
        return Ok(None);
    }
    find(service, reader)?.map(parse).transpose()
}

fn find<'a>(service: Service, reader: &Reader<'a>) -> Found<&'a str> {
    for variable in [service.variable, "AWS_ENDPOINT_URL"] {
        if let Some(found) = reader.variable(variable)? {
            return Ok(Some(found));
        }
    }
    let found = in_services_section(service, reader)?;
    Ok(found.or_else(|| reader.key("endpoint_url")))
}

/// Returns the endpoint URL in the `[services NAME]` section that the profile names.
fn in_services_section<'a>(service: Service, reader: &Reader<'a>) -> Found<&'a str> {
    let Some(services) = reader.key("services") else {
        return Ok(None);
    };
    let section = reader.profile.files.find(Kind::Services, services.value);
    let section = section.ok_or_else(|| {
        let expected = "expected the name of a [services NAME] section of the config file";
        services.invalid(Some(services.value), expected)
    })?;
    let Some(property) = section.property(service.key) else {
        return Ok(None);
    };
    let found =
        |key: &str, value| Setting::new(value, Origin::File(property.place(section, key).into()));
    if !property.value.is_empty() && !property.value.starts_with('\n') {
        let found = found(service.key, property.value.as_str());
        let expected =
            "expected an empty value, and indented lines such as \"endpoint_url = URL\" below it";
        return Err(found.invalid(Some(found.value), expected));
    }
    let url = property.sub_property("endpoint_url");
    let url = url.filter(|url| !url.is_empty());
    Ok(url.map(|url| found(&format!("endpoint_url of {}", service.key), url)))
}

/// Checks a URL. One that may hold a password is not repeated in the error.
pub(super) fn parse(found: Setting<&str>) -> Result<Setting<String>, ConfigError> {
    match check_endpoint_url(found.value) {
        Ok(url) => Ok(Setting::new(url, found.origin)),
        Err(problem) => {
            let value = (!found.value.contains('@')).then_some(found.value);
            Err(found.invalid(value, &format!("the endpoint URL {problem}")))
        }
    }
}
