//! Credentials of a profile: its keys become a plan, which is then carried out.

use super::context::Context;
use super::plan::{Base, Plan, Role};
use super::{
    Credentials, CredentialsError, assume_role, login, mfa, process, role_cache, sso, web_identity,
};

pub(super) fn provide(context: Context<'_>) -> Result<Credentials, CredentialsError> {
    let plan = Plan::of(&context.shared.profile)?;
    let (cached, roles) = cached(context, &plan.roles);
    for role in roles {
        mfa::check(context, role)?;
    }
    let mut credentials = match cached {
        Some(credentials) => credentials,
        None => base(context, &plan.base)?,
    };
    for role in roles {
        credentials = assume_role::provide(context, role, &credentials)?;
    }
    Ok(credentials)
}

/// Returns the session of the last role that has one in the cache, and the roles after it.
fn cached<'a>(context: Context<'_>, roles: &'a [Role]) -> (Option<Credentials>, &'a [Role]) {
    for (index, role) in roles.iter().enumerate().rev() {
        if let Some(credentials) = role_cache::find(context, role) {
            return (Some(credentials), &roles[index + 1..]);
        }
    }
    (None, roles)
}

fn base(context: Context<'_>, base: &Base) -> Result<Credentials, CredentialsError> {
    match base {
        Base::Keys(credentials) => Ok(credentials.clone()),
        Base::Named {
            name,
            provide,
            place,
        } => provide(context).map_err(|error| {
            let error = error.map_message(|text| format!("{place} is {name}, but {text}"));
            error.required()
        }),
        Base::WebIdentity(identity) => web_identity::provide(context, identity),
        Base::Sso(sso) => sso::provide(context, sso),
        Base::Process { command, place } => process::provide(context, command, place),
        Base::Login { session, profile } => login::provide(context, session, profile),
    }
}
