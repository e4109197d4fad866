//! AWS Signature Version 2, which SimpleDB's older API requires: signs the parameters of a form.
//!
//! It does no I/O and reads no clock.

use base64::prelude::{BASE64_STANDARD, Engine};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::credentials::Credentials;
use crate::sigv4::hmac_sha256;
use crate::wire::percent;
use crate::wire::timestamp::rfc3339_seconds;

/// Returns the signed form, to be sent by POST to a host, as in the `Host` header, and a path.
pub(crate) fn sign(
    host: &str,
    path: &str,
    parameters: &[(&str, &str)],
    credentials: &Credentials,
    time: OffsetDateTime,
) -> Zeroizing<String> {
    let timestamp = rfc3339_seconds(time);
    let mut all = parameters.to_vec();
    all.extend([
        ("AWSAccessKeyId", credentials.access_key_id()),
        ("SignatureMethod", "HmacSHA256"),
        ("SignatureVersion", "2"),
        ("Timestamp", &timestamp),
    ]);
    all.extend(
        credentials
            .session_token()
            .map(|token| ("SecurityToken", token)),
    );
    let mut form = canonical(all);
    let signature = signature(host, path, &form, credentials.secret_access_key());
    form.push_str("&Signature=");
    form.extend(percent::encode(&signature));
    form
}

/// Returns the signature of a form's canonical parameters.
pub(crate) fn signature(host: &str, path: &str, canonical: &str, secret_key: &str) -> String {
    let host = host.to_ascii_lowercase();
    let text = Zeroizing::new(["POST\n", &host, "\n", path, "\n", canonical].concat());
    BASE64_STANDARD.encode(hmac_sha256(secret_key.as_bytes(), text.as_bytes()))
}

/// Returns the parameters in the order and the form that are signed.
pub(crate) fn canonical(mut parameters: Vec<(&str, &str)>) -> Zeroizing<String> {
    parameters.sort_unstable();
    let sizes = parameters
        .iter()
        .map(|(name, value)| 3 * (name.len() + value.len()) + 2);
    // Room for all and the signature, so that no copy of a session token is left behind.
    let mut text = Zeroizing::new(String::with_capacity(sizes.sum::<usize>() + 160));
    for (name, value) in parameters {
        if !text.is_empty() {
            text.push('&');
        }
        text.extend(percent::encode(name));
        text.push('=');
        text.extend(percent::encode(value));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn credentials() -> Credentials {
        Credentials::new("AKIDEXAMPLE", SECRET)
    }

    fn noon() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_440_938_160).unwrap()
    }

    /// The signatures are those of botocore 1.44 for the same requests.
    #[test]
    fn signs_as_botocore_does() {
        let parameters = [
            ("Action", "ListDomains"),
            ("Version", "2009-04-15"),
            ("MaxNumberOfDomains", "100"),
        ];
        assert_eq!(
            *sign(
                "sdb.amazonaws.com",
                "/",
                &parameters,
                &credentials(),
                noon()
            ),
            "AWSAccessKeyId=AKIDEXAMPLE&Action=ListDomains&MaxNumberOfDomains=100\
             &SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2015-08-30T12%3A36%3A00Z\
             &Version=2009-04-15&Signature=vFBF%2B%2Bs0YQLt3QK5si8qh%2F68PZbphwS9LJRAoEuNy%2Fk%3D"
        );
        let parameters = [
            ("Action", "DomainMetadata"),
            ("Version", "2009-04-15"),
            ("DomainName", "Größe 1~*/+"),
        ];
        let session = Credentials::builder("AKIDEXAMPLE", SECRET).session_token("tok/en+=");
        assert_eq!(
            *sign(
                "localhost:8000",
                "/base/",
                &parameters,
                &session.build(),
                noon()
            ),
            "AWSAccessKeyId=AKIDEXAMPLE&Action=DomainMetadata\
             &DomainName=Gr%C3%B6%C3%9Fe%201~%2A%2F%2B&SecurityToken=tok%2Fen%2B%3D\
             &SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2015-08-30T12%3A36%3A00Z\
             &Version=2009-04-15&Signature=KUbPfozniHL8b53y%2BMmtMm2arCRLE3DMRDfqCr7THpk%3D"
        );
    }

    #[test]
    fn signs_for_the_host_in_lower_case() {
        let signature = |host| signature(host, "/", "Action=ListDomains", SECRET);
        assert_eq!(signature("SDB.example:80"), signature("sdb.example:80"));
        assert_ne!(signature("sdb.example:80"), signature("sdb.example:81"));
    }
}
