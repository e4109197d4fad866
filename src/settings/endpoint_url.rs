//! Which configured endpoint URL counts: the most specific one, the environment before the profile.

use super::origin::{Origin, Place, Setting};
use super::reader::Reader;
use crate::settings::endpoint::check_endpoint_url;
use crate::settings::error::ConfigError;
use crate::settings::profile::Profiles;

/// The names of a service in the environment and in profile files.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    variable: &'static str,
    key: &'static str,
}

pub(super) const SIMPLEDB: Service = Service {
    variable: "AWS_ENDPOINT_URL_SIMPLEDBV2",
    key: "simpledbv2",
};

/// The older API of SimpleDB, for domains.
pub(super) const SIMPLEDB_DOMAINS: Service = Service {
    variable: "AWS_ENDPOINT_URL_SIMPLEDB",
    key: "simpledb",
};

pub(super) const S3: Service = Service {
    variable: "AWS_ENDPOINT_URL_S3",
    key: "s3",
};

pub(crate) const STS: Service = Service {
    variable: "AWS_ENDPOINT_URL_STS",
    key: "sts",
};

pub(crate) const SSO: Service = Service {
    variable: "AWS_ENDPOINT_URL_SSO",
    key: "sso",
};

pub(crate) const SSO_OIDC: Service = Service {
    variable: "AWS_ENDPOINT_URL_SSO_OIDC",
    key: "sso_oidc",
};

pub(crate) const SIGN_IN: Service = Service {
    variable: "AWS_ENDPOINT_URL_SIGNIN",
    key: "signin",
};

/// Returns the endpoint URL of the environment or the profile, unless these are ignored. Then an
/// invalid one is no error.
pub(super) fn configured(
    service: Service,
    reader: &Reader<'_>,
    profiles: &Profiles,
    ignore_in_code: Option<bool>,
) -> Result<Option<Setting<String>>, ConfigError> {
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
    find(service, reader, profiles)?.map(parse).transpose()
}

fn find<'a>(
    service: Service,
    reader: &Reader<'a>,
    profiles: &'a Profiles,
) -> Result<Option<Setting<&'a str>>, ConfigError> {
    for variable in [service.variable, "AWS_ENDPOINT_URL"] {
        if let Some(found) = reader.variable(variable)? {
            return Ok(Some(found));
        }
    }
    match in_services_section(service, reader, profiles)? {
        Some(found) => Ok(Some(found)),
        None => Ok(reader.key("endpoint_url")),
    }
}

/// Returns the endpoint URL in the `[services NAME]` section that the profile names.
fn in_services_section<'a>(
    service: Service,
    reader: &Reader<'a>,
    profiles: &'a Profiles,
) -> Result<Option<Setting<&'a str>>, ConfigError> {
    let Some(services) = reader.key("services") else {
        return Ok(None);
    };
    let section = profiles.services(services.value).ok_or_else(|| {
        let expected = "expected the name of a [services NAME] section of the config file";
        services.invalid(Some(services.value), expected)
    })?;
    let Some(property) = section.property(service.key) else {
        return Ok(None);
    };
    let title = format!("services {:?}", services.value);
    if !property.value().is_empty() && !property.value().starts_with('\n') {
        let place = Place::new(service.key, title, property);
        let found = Setting::new(property.value(), Origin::File(place.into()));
        let expected =
            "expected an empty value, and indented lines such as \"endpoint_url = URL\" below it";
        return Err(found.invalid(Some(found.value), expected));
    }
    let Some(url) = property.sub_property("endpoint_url") else {
        return Ok(None);
    };
    let key = format!("endpoint_url of {}", service.key);
    let place = Place::new(&key, title, property);
    let url = Some(url).filter(|url| !url.is_empty());
    Ok(url.map(|url| Setting::new(url, Origin::File(place.into()))))
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
