//! Verifies Signature Version 2, which covers the parameters of a form.

use time::OffsetDateTime;

use super::{Refusal, TOLERANCE, Verifier};
use crate::local::exchange::Request;
use crate::local::query::{Form, QueryError};
use crate::sigv2;
use crate::wire::timestamp::parse_rfc3339;

impl Verifier {
    /// Verifies a request of the older API, which is not signed for a region.
    pub(crate) fn verify_form(
        &self,
        request: &Request,
        form: &Form,
        now: OffsetDateTime,
    ) -> Result<(), QueryError> {
        let signature = form.get("Signature").ok_or(Refusal::Missing)?;
        for (name, expected) in [("SignatureVersion", "2"), ("SignatureMethod", "HmacSHA256")] {
            let value = form.required(name)?;
            if value != expected {
                let message = format!("{name} is {value:?}: expected {expected:?}");
                return Err(QueryError::invalid_value(message));
            }
        }
        let timestamp = form.required("Timestamp")?;
        let time = parse_rfc3339(timestamp).ok_or_else(|| {
            QueryError::invalid_value(format!(
                "Timestamp is {timestamp:?}: expected a time like 2026-02-16T16:56:43Z"
            ))
        })?;
        if (now - time).abs() > TOLERANCE {
            return Err(QueryError::from(Refusal::Skewed {
                sent: timestamp.to_owned(),
                now,
            }));
        }
        let key = self.key(form.required("AWSAccessKeyId")?, form.get("SecurityToken"))?;
        let host = request.header("host").unwrap_or_default();
        let signed = sigv2::canonical(form.signed());
        if sigv2::signature(host, request.path(), &signed, key.secret_access_key()) == signature {
            Ok(())
        } else {
            Err(QueryError::from(Refusal::WrongSignature))
        }
    }
}
