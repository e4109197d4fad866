//! A role that is assumed with other credentials.

use super::context::Context;
use super::plan::Role;
use super::sts::Sts;
use super::{Credentials, CredentialsError, mfa, role_cache};
use crate::system::{Deadline, System};

pub(super) fn provide(
    context: &Context,
    deadline: Deadline<'_>,
    role: &Role,
    source: &Credentials,
) -> Result<Credentials, CredentialsError> {
    let code = mfa::code(context, role)?;
    // A person takes their time, and a code works only once.
    let deadline = match code {
        Some(_) => deadline.restarted(),
        None => deadline,
    };
    let session_name = match &role.session_name {
        Some(name) => name.clone(),
        None => default_session_name(context.system()),
    };
    let duration = role.duration_seconds.map(|seconds| seconds.to_string());
    let mut parameters = vec![
        ("RoleArn", role.arn.as_str()),
        ("RoleSessionName", session_name.as_str()),
    ];
    if let Some(id) = &role.external_id {
        parameters.push(("ExternalId", id));
    }
    if let Some(duration) = &duration {
        parameters.push(("DurationSeconds", duration));
    }
    if let (Some(mfa), Some(code)) = (&role.mfa, &code) {
        parameters.push(("SerialNumber", &mfa.serial));
        parameters.push(("TokenCode", code));
    }
    let credentials = Sts::new(context, deadline)
        .and_then(|sts| sts.assume("AssumeRole", &parameters, Some(source)))
        .map_err(|error| {
            error.map_message(|text| format!("role {} ({}): {text}", role.arn, role.place))
        })?;
    let credentials = credentials.source(role.source()).build();
    role_cache::keep(context, role, &credentials);
    Ok(credentials)
}

/// Returns the session name for CloudTrail, if none is configured.
pub(super) fn default_session_name(system: &dyn System) -> String {
    format!("simpledb-export-{}", system.now().unix_timestamp())
}
