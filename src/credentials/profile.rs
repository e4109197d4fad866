//! Credentials of a profile: what its keys say is made a plan first, and then followed.

use super::context::Context;
use super::fetch::Deadline;
use super::plan::{Base, CredentialSource, Plan};
use super::{
    Credentials, CredentialsError, EnvironmentCredentials, ProvideCredentials, assume_role,
    container, imds, login, process, sso, web_identity,
};
use crate::settings::{Origin, with_reasons};

pub(super) fn provide(
    context: &Context,
    deadline: Deadline<'_>,
) -> Result<Credentials, CredentialsError> {
    let settings = context.settings();
    let profile = &settings.profile;
    if settings.profile_section().is_none() {
        let text = format!("there is no profile {:?}", profile.value);
        let text = match profile.origin {
            Origin::Default => text,
            _ => format!("{text} ({})", profile.origin),
        };
        let text = with_reasons(text, &profile.value, &settings.profiles, &settings.paths);
        // Whoever names a profile, or misspells the section of the default one, means it.
        let is_meant = profile.origin != Origin::Default
            || settings.profiles.misnamed(&profile.value).is_some();
        return Err(if is_meant {
            CredentialsError::failed(text)
        } else {
            CredentialsError::not_configured(text)
        });
    }
    let plan = Plan::of(&settings.profiles, &profile.value)?;
    let mut credentials = base(context, deadline, &plan.base)?;
    for role in &plan.roles {
        credentials = assume_role::provide(context, deadline, role, &credentials)?;
    }
    Ok(credentials)
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
                CredentialSource::Environment => {
                    EnvironmentCredentials::new(context.env()).provide_credentials(deadline.left())
                }
                CredentialSource::Ec2InstanceMetadata => imds::provide(context, deadline),
                CredentialSource::EcsContainer => container::provide(context, deadline),
            };
            // This profile says that it has to be there.
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
        Base::Login { session, profile } => login::provide(context, session, profile),
    }
}
