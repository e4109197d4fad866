//! Credentials of a profile: its keys become a plan, which is then carried out.

use super::context::Context;
use super::plan::{Base, CredentialSource, Plan, Role};
use super::{
    Credentials, CredentialsError, assume_role, container, environment, imds, login, mfa, process,
    role_cache, sso, web_identity,
};
use crate::settings::{Origin, with_reasons};
use crate::system::Deadline;

pub(super) fn provide(
    context: &Context,
    deadline: Deadline<'_>,
) -> Result<Credentials, CredentialsError> {
    let settings = context.settings();
    let profile = &settings.profile;
    if settings.profile_section().is_none() {
        let origin = match profile.origin {
            Origin::Environment(variable) => format!(" ({variable})"),
            _ => String::new(),
        };
        let text = format!("profile {:?}{origin} does not exist", profile.value);
        let text = with_reasons(text, &profile.value, &settings.profiles, &settings.paths);
        // A profile that is named, or whose section has an invalid name, is meant to exist.
        let is_configured = profile.origin != Origin::Default
            || settings.profiles.misnamed(&profile.value).is_some();
        return Err(if is_configured {
            CredentialsError::failed(text)
        } else {
            CredentialsError::not_configured(text)
        });
    }
    let plan = Plan::of(&settings.profiles, &profile.value)?;
    let (cached, roles) = cached(context, deadline, &plan.roles);
    for role in roles {
        mfa::check(context, role)?;
    }
    let mut credentials = match cached {
        Some(credentials) => credentials,
        None => base(context, deadline, &plan.base)?,
    };
    for role in roles {
        credentials = assume_role::provide(context, deadline, role, &credentials)?;
    }
    Ok(credentials)
}

/// Returns the session of the last role that has one in the cache, and the roles after it.
fn cached<'a>(
    context: &Context,
    deadline: Deadline<'_>,
    roles: &'a [Role],
) -> (Option<Credentials>, &'a [Role]) {
    for (index, role) in roles.iter().enumerate().rev() {
        if let Some(credentials) = role_cache::find(context, deadline, role) {
            return (Some(credentials), &roles[index + 1..]);
        }
    }
    (None, roles)
}

fn base(
    context: &Context,
    deadline: Deadline<'_>,
    base: &Base,
) -> Result<Credentials, CredentialsError> {
    match base {
        Base::Keys(credentials) => Ok(credentials.clone()),
        Base::Named { source, place } => {
            let found = match source {
                CredentialSource::Environment => environment::provide(context.env()),
                CredentialSource::Ec2InstanceMetadata => imds::provide(context, deadline),
                CredentialSource::EcsContainer => container::provide(context, deadline),
            };
            // The profile requires this source, so that it not being configured is a failure.
            found.map_err(|error| {
                let text = format!("{place} is {}, but {error}", source.as_str());
                if error.is_timed_out() {
                    CredentialsError::timed_out(text)
                } else {
                    CredentialsError::failed(text)
                }
            })
        }
        Base::WebIdentity(identity) => web_identity::provide(context, deadline, identity),
        Base::Sso(sso) => sso::provide(context, deadline, sso),
        Base::Process { command, place } => process::provide(command, place, deadline),
        Base::Login { session, profile } => login::provide(context, deadline, session, profile),
    }
}
