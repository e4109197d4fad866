//! A role that is assumed with an identity provider's token, such as Kubernetes gives to a pod and
//! a CI service to a job.

use zeroize::Zeroizing;

use super::assume_role::default_session_name;
use super::context::{Context, read_error, read_secret, to_text};
use super::plan::WebIdentity;
use super::sts::Sts;
use super::{Credentials, CredentialsError};
use crate::system::Deadline;

const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
const ROLE_ARN: &str = "AWS_ROLE_ARN";
const SESSION_NAME: &str = "AWS_ROLE_SESSION_NAME";

/// Uses the token file and the role in the environment.
pub(super) fn from_environment(
    context: &Context,
    deadline: Deadline<'_>,
) -> Result<Credentials, CredentialsError> {
    let Some(token_file) = context.variable(TOKEN_FILE)? else {
        return Err(CredentialsError::not_configured(format!(
            "{TOKEN_FILE} is not set"
        )));
    };
    let Some(role_arn) = context.variable(ROLE_ARN)? else {
        return Err(CredentialsError::failed(format!(
            "{TOKEN_FILE} is set, but {ROLE_ARN} is not: set both"
        )));
    };
    let identity = WebIdentity {
        role_arn: role_arn.to_owned(),
        session_name: context.variable(SESSION_NAME)?.map(str::to_owned),
        token_file: token_file.to_owned(),
        origin: "web identity".to_owned(),
        place: TOKEN_FILE.to_owned(),
    };
    provide(context, deadline, &identity)
}

pub(super) fn provide(
    context: &Context,
    deadline: Deadline<'_>,
    identity: &WebIdentity,
) -> Result<Credentials, CredentialsError> {
    let token = read_token(context, &deadline, identity)?;
    let session_name = match &identity.session_name {
        Some(name) => name.clone(),
        None => default_session_name(context.system()),
    };
    let parameters = [
        ("RoleArn", identity.role_arn.as_str()),
        ("RoleSessionName", session_name.as_str()),
        ("WebIdentityToken", token.as_str()),
    ];
    let credentials = Sts::new(context, deadline)
        .and_then(|sts| sts.assume("AssumeRoleWithWebIdentity", &parameters, None))
        .map_err(|error| {
            error.map_message(|text| {
                format!("role {} ({}): {text}", identity.role_arn, identity.place)
            })
        })?;
    let WebIdentity {
        origin, role_arn, ..
    } = identity;
    let source = format!("{origin} (role {role_arn})");
    Ok(credentials.source(source).build())
}

/// Reads the token file, which is replaced while the program runs.
fn read_token(
    context: &Context,
    deadline: &Deadline<'_>,
    identity: &WebIdentity,
) -> Result<Zeroizing<String>, CredentialsError> {
    let path = context.path(&identity.token_file);
    let place = &identity.place;
    let token = read_secret(&path, deadline).and_then(|content| to_text(&content));
    let token = token.map_err(|error| {
        let what = format!("the token file {} ({place})", path.display());
        read_error(&what, &error)
    })?;
    if token.trim().is_empty() {
        return Err(CredentialsError::failed(format!(
            "the token file {} ({place}) is empty",
            path.display()
        )));
    }
    Ok(Zeroizing::new(token.trim().to_owned()))
}
