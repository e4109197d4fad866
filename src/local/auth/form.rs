//! Verifies Signature Version 2, which covers the parameters of a form.

use time::OffsetDateTime;

use super::{Refusal, Verifier, check_skew};
use crate::local::api::Api;
use crate::local::error::ServiceError;
use crate::local::exchange::Request;
use crate::local::parameters::Parameters;
use crate::sigv2;
use crate::wire::timestamp::parse_rfc3339;

/// What a request without a signature lacks.
const SIGNATURE: &str = "Signature (this API accepts Signature Version 2 only)";

impl Verifier {
    /// Verifies a request of the older API, which is not signed for a region.
    pub(crate) fn verify_form(
        &self,
        request: &Request,
        form: &Parameters,
        now: OffsetDateTime,
    ) -> Result<(), ServiceError> {
        let refuse = |refusal: Refusal| refusal.into_error(Api::Domains);
        let invalid = |message| ServiceError::bad_request("InvalidParameterValue", message);
        let signature = form.get("Signature");
        let signature = signature.ok_or_else(|| refuse(Refusal::Missing(SIGNATURE)))?;
        for (name, expected) in [("SignatureVersion", "2"), ("SignatureMethod", "HmacSHA256")] {
            let value = form.required(name)?;
            if value != expected {
                return Err(invalid(format!(
                    "{name} is {value:?}: expected {expected:?}"
                )));
            }
        }
        let timestamp = form.required("Timestamp")?;
        let time = parse_rfc3339(timestamp).ok_or_else(|| {
            invalid(format!(
                "Timestamp is {timestamp:?}: expected a time like 2026-02-16T16:56:43Z"
            ))
        })?;
        check_skew(timestamp, time, now).map_err(refuse)?;
        let key_id = form.required("AWSAccessKeyId")?;
        let key = self
            .key(key_id, form.get("SecurityToken"))
            .map_err(refuse)?;
        let host = request.header("host").unwrap_or_default();
        let signed = form.iter().filter(|(name, _)| *name != "Signature");
        let signed = sigv2::canonical(signed.collect());
        if sigv2::signature(host, request.path(), &signed, key.secret_access_key()) == signature {
            Ok(())
        } else {
            Err(refuse(Refusal::WrongSignature))
        }
    }
}
