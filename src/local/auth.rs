//! Verifies signatures: signs a request again with the keys that the service accepts, and compares.

mod form;
mod header;
mod refusal;

use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use self::header::Authorization;
pub(super) use self::refusal::Refusal;
use super::api::Api;
use super::exchange::Request;
use crate::credentials::Credentials;
use crate::sigv4::{SignableBody, SignableRequest};
use crate::wire::timestamp::parse_rfc3339;

/// The value of `x-amz-content-sha256` for a body that is not signed.
pub(super) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// How far a request's time may be from the service's, as on AWS.
const TOLERANCE: time::Duration = time::Duration::minutes(15);

/// The keys that are accepted, and the region that requests must be signed for.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) keys: Vec<Credentials>,
    /// `None` accepts any.
    pub(super) region: Option<String>,
}

impl Verifier {
    /// Returns the region that the request was signed for.
    pub(super) fn verify(
        &self,
        request: &Request,
        api: Api,
        now: OffsetDateTime,
    ) -> Result<String, Refusal> {
        let header = request
            .header("authorization")
            .ok_or(Refusal::Missing("Authorization header"))?;
        let authorization = Authorization::parse(header).map_err(Refusal::Incomplete)?;
        let region = authorization.region;
        if authorization.service != api.signing_name() {
            return Err(Refusal::WrongService {
                expected: api.signing_name(),
                got: authorization.service.to_owned(),
            });
        }
        if let Some(expected) = self.region.as_deref().filter(|own| *own != region) {
            return Err(Refusal::WrongRegion {
                expected: expected.to_owned(),
                got: region.to_owned(),
            });
        }
        check_coverage(request, api, &authorization)?;
        let time = check_time(request, authorization.date, now)?;
        let token = request.header("x-amz-security-token");
        let key = self.key(authorization.access_key_id, token)?;
        let body = signed_body(request, api)?;

        let headers: Vec<(&str, &str)> = request
            .headers()
            .filter(|(name, _)| authorization.signs(name))
            .collect();
        let signable = SignableRequest {
            method: request.method(),
            uri: request.target(),
            headers: &headers,
            body,
        };
        // A token that was signed is among the headers; the signer must not add it.
        let key = Credentials::new(key.access_key_id(), key.secret_access_key());
        let expected = api.signer(region).sign(&signable, &key, time);
        if expected.signature() == authorization.signature {
            Ok(region.to_owned())
        } else {
            Err(Refusal::WrongSignature)
        }
    }

    fn key(&self, id: &str, token: Option<&str>) -> Result<&Credentials, Refusal> {
        let mut known = self.keys.iter().filter(|key| key.access_key_id() == id);
        let fits = |key: &&Credentials| key.session_token() == token;
        match (known.clone().find(fits), known.next()) {
            (Some(key), _) => Ok(key),
            (None, Some(_)) => Err(Refusal::WrongToken),
            (None, None) => Err(Refusal::UnknownKey(id.to_owned())),
        }
    }
}

/// Checks that the signature covers what it must.
fn check_coverage(
    request: &Request,
    api: Api,
    authorization: &Authorization<'_>,
) -> Result<(), Refusal> {
    let must: &[&str] = match api {
        Api::Exports | Api::Domains => &["host", "x-amz-date"],
        Api::S3 => &["host", "x-amz-date", "x-amz-content-sha256"],
    };
    for name in must {
        if request.header(name).is_none() {
            return Err(Refusal::Incomplete(format!("the request has no {name}")));
        }
        if !authorization.signs(name) {
            return Err(Refusal::Incomplete(format!("{name} is not signed")));
        }
    }
    let signed = &authorization.signed_headers;
    let is_absent = |name: &&&str| !request.headers().any(|(sent, _)| sent == **name);
    if let Some(name) = signed.iter().find(is_absent) {
        return Err(Refusal::Incomplete(format!(
            "SignedHeaders names {name:?}, which the request does not have"
        )));
    }
    if !signed.is_sorted_by(|a, b| a < b) {
        return Err(Refusal::Incomplete(
            "SignedHeaders is not in alphabetical order".to_owned(),
        ));
    }
    Ok(())
}

fn check_time(
    request: &Request,
    day: &str,
    now: OffsetDateTime,
) -> Result<OffsetDateTime, Refusal> {
    let sent = request.header("x-amz-date").unwrap_or_default();
    let time = parse_amz_date(sent).ok_or_else(|| {
        Refusal::Incomplete("x-amz-date is not a time like 20260216T165643Z".to_owned())
    })?;
    if !sent.starts_with(day) {
        return Err(Refusal::Incomplete(
            "the credential scope and x-amz-date have different dates".to_owned(),
        ));
    }
    check_skew(sent, time, now)?;
    Ok(time)
}

/// Checks that the time that was sent is about now.
fn check_skew(sent: &str, time: OffsetDateTime, now: OffsetDateTime) -> Result<(), Refusal> {
    if (now - time).abs() > TOLERANCE {
        return Err(Refusal::Skewed {
            sent: sent.to_owned(),
            now,
        });
    }
    Ok(())
}

/// Returns what the signature covers of the body. An upload is compared with it as it is read.
fn signed_body(request: &Request, api: Api) -> Result<SignableBody<'_>, Refusal> {
    match (api, request.header("x-amz-content-sha256")) {
        (Api::S3, Some(value)) if request.is_upload() => Ok(SignableBody::Sha256Hex(value)),
        (Api::S3, Some(value @ UNSIGNED_PAYLOAD)) => Ok(SignableBody::Sha256Hex(value)),
        (_, Some(hash)) if hash != hex::encode(Sha256::digest(&request.body)) => {
            Err(Refusal::WrongContentHash)
        }
        _ => Ok(SignableBody::Bytes(&request.body)),
    }
}

/// Reads `20260216T165643Z`.
fn parse_amz_date(text: &str) -> Option<OffsetDateTime> {
    let part = |range| text.get(range);
    let (year, month, day_and_hour) = (part(0..4)?, part(4..6)?, part(6..11)?);
    let (minute, second) = (part(11..13)?, part(13..16)?);
    let has_form = text.len() == 16 && text.ends_with('Z');
    parse_rfc3339(&format!("{year}-{month}-{day_and_hour}:{minute}:{second}")).filter(|_| has_form)
}

#[cfg(test)]
mod tests;
