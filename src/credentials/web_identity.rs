//! A role that is assumed with an identity provider's token, such as Kubernetes gives to a pod and
//! a CI service to a job.

use zeroize::Zeroizing;

use super::context::Context;
use super::plan::WebIdentity;
use super::{Credentials, CredentialsError, sts};

const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
const ROLE_ARN: &str = "AWS_ROLE_ARN";
const SESSION_NAME: &str = "AWS_ROLE_SESSION_NAME";

/// Uses the token file and the role in the environment.
pub(super) fn from_environment(context: Context<'_>) -> Result<Credentials, CredentialsError> {
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
    provide(context, &identity)
}

pub(super) fn provide(
    context: Context<'_>,
    identity: &WebIdentity,
) -> Result<Credentials, CredentialsError> {
    let token = read_token(context, identity)?;
    let request = sts::Request {
        role_arn: &identity.role_arn,
        session_name: identity.session_name.as_deref(),
        place: &identity.place,
        parameters: &[("WebIdentityToken", &token)],
        credentials: None,
    };
    let credentials = sts::assume(context, &request)?;
    let source = format!("{} (role {})", identity.origin, identity.role_arn);
    Ok(credentials.source(source).build())
}

/// Reads the token file, which is replaced while the program runs.
fn read_token(
    context: Context<'_>,
    identity: &WebIdentity,
) -> Result<Zeroizing<String>, CredentialsError> {
    let path = context.path(&identity.token_file);
    let what = format!("the token file {} ({})", path.display(), identity.place);
    let token = context.read_token(&path, &what)?;
    if token.trim().is_empty() {
        return Err(CredentialsError::failed(format!("{what} is empty")));
    }
    Ok(Zeroizing::new(token.trim().to_owned()))
}
