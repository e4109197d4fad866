//! Codes of multi-factor authentication, which a person enters.

use std::fmt;
use std::io;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::CredentialsError;
use super::context::Context;
use super::plan::{Mfa, Role};

/// What the program does to get a code, given the serial number of the device.
#[derive(Clone)]
pub(crate) struct MfaCode(Arc<Callback>);

type Callback = dyn Fn(&str) -> io::Result<String> + Send + Sync;

impl MfaCode {
    pub(crate) fn new(
        callback: impl Fn(&str) -> io::Result<String> + Send + Sync + 'static,
    ) -> MfaCode {
        MfaCode(Arc::new(callback))
    }
}

impl fmt::Debug for MfaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MfaCode")
    }
}

/// Rejects a role whose code no one can enter.
pub(super) fn check(context: Context<'_>, role: &Role) -> Result<(), CredentialsError> {
    match &role.mfa {
        Some(mfa) => callback(context, mfa, role).map(drop),
        None => Ok(()),
    }
}

fn callback<'a>(
    context: Context<'a>,
    mfa: &Mfa,
    role: &Role,
) -> Result<&'a Callback, CredentialsError> {
    let callback = context.shared.mfa_code.as_ref();
    let callback = callback.map(|MfaCode(callback)| &**callback);
    callback.ok_or_else(|| {
        CredentialsError::failed(format!(
            "{} requires an MFA code, which can be entered only on a terminal: run \"aws sts \
             get-caller-identity --profile {}\" there first, or use a session from another tool, \
             for example with credential_process",
            mfa.place, role.profile
        ))
    })
}

/// Returns the code for a role, if it requires one.
pub(super) fn code(
    context: Context<'_>,
    role: &Role,
) -> Result<Option<Zeroizing<String>>, CredentialsError> {
    let Some(mfa) = &role.mfa else {
        return Ok(None);
    };
    let entered = callback(context, mfa, role)?(&mfa.serial).map_err(|error| {
        CredentialsError::failed(format!("{}: no MFA code: {error}", mfa.place))
    })?;
    let entered = Zeroizing::new(entered);
    let code = Zeroizing::new(entered.trim().to_owned());
    if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Some(code));
    }
    Err(CredentialsError::failed(format!(
        "{}: invalid MFA code: expected six digits",
        mfa.place
    )))
}
