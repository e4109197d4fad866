//! Which endpoint URL is configured: the most specific one, the environment before the profile.

use super::origin::{Origin, Setting};
use super::reader::Reader;
use crate::settings::endpoint::check_endpoint_url;
use crate::settings::error::ConfigError;
use crate::settings::profile::Profiles;

/// How the environment and profile files call a service.
#[derive(Clone, Copy)]
pub(super) struct Service {
    variable: &'static str,
    key: &'static str,
}

pub(super) const SIMPLEDB: Service = Service {
    variable: "AWS_ENDPOINT_URL_SIMPLEDBV2",
    key: "simpledbv2",
};

pub(super) const S3: Service = Service {
    variable: "AWS_ENDPOINT_URL_S3",
    key: "s3",
};

/// The endpoint URL of the environment or the profile, unless these are to be ignored. Then they
/// are not even looked at, so that a bad one does no harm.
pub(super) fn configured(
    service: Service,
    reader: &Reader<'_>,
    profiles: &Profiles,
    ignore_in_code: Option<bool>,
) -> Result<Option<Setting<String>>, ConfigError> {
    let is_ignored = match ignore_in_code {
        Some(is_ignored) => is_ignored,
        None => reader
            .boolean(
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                "ignore_configured_endpoint_urls",
            )?
            .is_some_and(|setting| setting.value),
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
    match of_service(service, reader, profiles)? {
        Some(found) => Ok(Some(found)),
        None => Ok(reader.key("endpoint_url")),
    }
}

/// The endpoint URL in the `[services NAME]` section that the profile names.
fn of_service<'a>(
    service: Service,
    reader: &Reader<'a>,
    profiles: &'a Profiles,
) -> Result<Option<Setting<&'a str>>, ConfigError> {
    let Some(services) = reader.key("services") else {
        return Ok(None);
    };
    let section = profiles.services(services.value).ok_or_else(|| {
        services.error("the name of a [services NAME] section of the config file")
    })?;
    let Some(property) = section.property(service.key) else {
        return Ok(None);
    };
    let title = format!("services {:?}", services.value);
    if !property.value().is_empty() && !property.value().starts_with('\n') {
        let origin = Origin::of_property(service.key, &title, property);
        return Err(Setting::new(property.value(), origin)
            .error("nothing there, and indented lines such as \"endpoint_url = URL\" below"));
    }
    let url = property.sub_property("endpoint_url");
    let key = format!("endpoint_url of {}", service.key);
    Ok(url
        .filter(|url| !url.is_empty())
        .map(|url| Setting::new(url, Origin::of_property(&key, &title, property))))
}

/// Checks a URL. One that may hold a password is not repeated.
pub(super) fn parse(found: Setting<&str>) -> Result<Setting<String>, ConfigError> {
    match check_endpoint_url(found.value) {
        Ok(url) => Ok(Setting::new(url, found.origin)),
        Err(problem) => {
            let value = if found.value.contains('@') {
                "not usable".to_owned()
            } else {
                format!("{:?}", found.value)
            };
            Err(ConfigError::new(format!(
                "{} is {value}: the endpoint URL {problem}",
                found.origin
            )))
        }
    }
}
