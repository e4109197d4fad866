//! A role that is assumed with other credentials.

use super::context::Context;
use super::plan::Role;
use super::{Credentials, CredentialsError, mfa, role_cache, sts};

pub(super) fn provide(
    mut context: Context<'_>,
    role: &Role,
    source: &Credentials,
) -> Result<Credentials, CredentialsError> {
    let code = mfa::code(context, role)?;
    if code.is_some() {
        // A person takes their time, and a code works only once.
        context.deadline = context.deadline.restarted();
    }
    let duration = role.duration_seconds.map(|seconds| seconds.to_string());
    let serial = role.mfa.as_ref().map(|mfa| mfa.serial.as_str());
    let parameters = [
        ("ExternalId", role.external_id.as_deref()),
        ("DurationSeconds", duration.as_deref()),
        ("SerialNumber", serial),
        ("TokenCode", code.as_deref().map(String::as_str)),
    ];
    let parameters = parameters.into_iter();
    let parameters: Vec<_> = parameters
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    let request = sts::Request {
        role_arn: &role.arn,
        session_name: role.session_name.as_deref(),
        place: &role.place,
        parameters: &parameters,
        credentials: Some(source),
    };
    let credentials = sts::assume(context, &request)?;
    let credentials = credentials.source(role.source()).build();
    role_cache::keep(context, role, &credentials);
    Ok(credentials)
}
