//! AWS Signature Version 4: signs requests to any AWS service.
//!
//! A [`Signer`] signs for one service in one region. It takes what goes over the wire (method, URI,
//! headers, body), credentials and a time, and returns the headers to add. It does no I/O and reads
//! no clock. S3 needs [`Signer::s3`]. Presigned URLs, chunked uploads and Signature
//! Version 4A are not supported.
//!
//! The rules are those of the [IAM user guide, "Create a signed AWS API request"][guide].
//!
//! [guide]: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
//!
//! ```
//! use simpledb_export::Credentials;
//! use simpledb_export::sigv4::{SignableBody, SignableRequest, Signer};
//! use time::OffsetDateTime;
//!
//! let signer = Signer::new("sdb", "eu-west-1");
//! let request = SignableRequest {
//!     method: "POST",
//!     uri: "https://sdb.eu-west-1.amazonaws.com/v2/ListExports",
//!     headers: &[("content-type", "application/json")],
//!     body: SignableBody::Bytes(b"{}"),
//! };
//! let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
//! let time = OffsetDateTime::from_unix_timestamp(1_440_938_160)?;
//!
//! let signed = signer.sign(&request, &credentials, time);
//! let headers: Vec<(&str, &str)> = signed.headers().collect();
//! assert_eq!(headers[0], ("x-amz-date", "20150830T123600Z"));
//! assert_eq!(headers[1].0, "authorization");
//! assert!(headers[1].1.starts_with(
//!     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/sdb/aws4_request, \
//!      SignedHeaders=content-type;host;x-amz-date, Signature="
//! ));
//! # Ok::<(), time::error::ComponentRange>(())
//! ```

mod canonical;

use std::fmt;
use std::sync::Mutex;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use time::{OffsetDateTime, UtcOffset};
use zeroize::Zeroizing;

use self::canonical::CanonicalRequest;
use crate::credentials::Credentials;
use crate::system::lock;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The value of `x-amz-content-sha256` for a body that is not signed.
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The signed parts of a request, exactly as they go over the wire.
#[derive(Debug)]
pub struct SignableRequest<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The URI, either absolute (`https://host/path?query`) or starting with the path,
    /// percent-encoded as it is sent and without a fragment. It is not validated: an invalid URI
    /// gets a signature that no service accepts.
    pub uri: &'a str,
    /// The headers to sign, in any order and case; names may repeat. Leave out headers that a proxy
    /// may change. If missing, `host` is taken from an absolute URI, and `x-amz-date`,
    /// `x-amz-security-token` and `x-amz-content-sha256` are added as needed.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: SignableBody<'a>,
}

/// How the signature covers a body.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum SignableBody<'a> {
    /// The bytes themselves.
    Bytes(&'a [u8]),
    /// The body's SHA-256 in lower-case hexadecimal, or another value that the service accepts in
    /// its place.
    Sha256Hex(&'a str),
    /// The body is not signed. Only S3 accepts this, and only over TLS.
    Unsigned,
}

/// The headers that sign a request.
pub struct Signed {
    amz_date: Option<AmzDate>,
    content_sha256: Option<String>,
    session_token: Option<Zeroizing<String>>,
    authorization: String,
    signature_at: usize,
}

impl Signed {
    /// Returns the headers to add to the request, with names in lower case. Headers that the request
    /// already has are not repeated.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let optional = [
            ("x-amz-date", self.amz_date.as_ref().map(AmzDate::as_str)),
            ("x-amz-content-sha256", self.content_sha256.as_deref()),
            (
                "x-amz-security-token",
                self.session_token.as_deref().map(String::as_str),
            ),
            ("authorization", Some(self.authorization.as_str())),
        ];
        optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }

    /// Returns the signature alone: 64 lower-case hexadecimal digits.
    #[cfg(any(feature = "local", test))]
    pub(crate) fn signature(&self) -> &str {
        &self.authorization[self.signature_at..]
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("amz_date", &self.amz_date.as_ref().map(AmzDate::as_str))
            .field("content_sha256", &self.content_sha256)
            .field(
                "session_token",
                &self.session_token.as_ref().map(|_| "**redacted**"),
            )
            .field("authorization", &&self.authorization[..self.signature_at])
            .finish_non_exhaustive()
    }
}

/// Signs requests to one service in one region.
///
/// The signer keeps the key that it derives from the credentials, which is valid for a day: signing
/// again with the same credentials costs about as much as hashing the request. Threads can share a
/// signer.
pub struct Signer {
    service: String,
    region: String,
    is_s3: bool,
    key: Mutex<Option<SigningKey>>,
}

/// The derived key of one day, kept as the HMAC state that it starts.
struct SigningKey {
    date: AmzDate,
    credentials: Credentials,
    mac: Hmac<Sha256>,
}

impl Signer {
    /// Creates a signer for any service but S3, by its signing name (`sdb`, `sts`), in a region.
    pub fn new(service: impl Into<String>, region: impl Into<String>) -> Signer {
        Signer {
            service: service.into(),
            region: region.into(),
            is_s3: false,
            key: Mutex::new(None),
        }
    }

    /// Creates a signer for S3, which signs the path as it is and takes the body's hash from a header.
    pub fn s3(region: impl Into<String>) -> Signer {
        Signer {
            is_s3: true,
            ..Signer::new("s3", region)
        }
    }

    #[cfg(feature = "data")]
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// Signs a request. The service accepts it if `time` is within some minutes of its own clock
    /// (SimpleDB and S3: 15).
    #[must_use]
    pub fn sign(
        &self,
        request: &SignableRequest<'_>,
        credentials: &Credentials,
        time: OffsetDateTime,
    ) -> Signed {
        let date = AmzDate::new(time);
        let mut canonical = CanonicalRequest::new(request, credentials, date.as_str(), self.is_s3);

        let mut authorization = String::with_capacity(
            200 + credentials.access_key_id().len() + canonical.signed_headers().len(),
        );
        authorization.push_str(ALGORITHM);
        authorization.push_str(" Credential=");
        authorization.push_str(credentials.access_key_id());
        authorization.push('/');
        let scope = authorization.len();
        self.push_scope(&mut authorization, date);
        let scope = scope..authorization.len();
        authorization.push_str(", SignedHeaders=");
        authorization.push_str(canonical.signed_headers());
        authorization.push_str(", Signature=");

        let string_to_sign = canonical.string_to_sign(date.as_str(), &authorization[scope]);
        let signature = self.hmac(credentials, date, string_to_sign.as_bytes());
        let signature_at = authorization.len();
        authorization.push_str(HexHash::new(&signature).as_str());

        Signed {
            session_token: credentials
                .session_token()
                .filter(|_| canonical.adds.session_token)
                .map(|token| Zeroizing::new(token.to_owned())),
            content_sha256: canonical
                .adds
                .content_sha256
                .then(|| canonical.payload_hash().to_owned()),
            amz_date: canonical.adds.amz_date.then_some(date),
            authorization,
            signature_at,
        }
    }

    /// Returns the canonical request, to compare with the one in a service's error message. It
    /// contains the session token.
    #[must_use]
    pub fn canonical_request(
        &self,
        request: &SignableRequest<'_>,
        credentials: &Credentials,
        time: OffsetDateTime,
    ) -> String {
        let canonical = CanonicalRequest::new(
            request,
            credentials,
            AmzDate::new(time).as_str(),
            self.is_s3,
        );
        canonical.text().to_owned()
    }

    /// `<date>/<region>/<service>/aws4_request`
    fn push_scope(&self, text: &mut String, date: AmzDate) {
        for part in [date.day(), &self.region, &self.service] {
            text.push_str(part);
            text.push('/');
        }
        text.push_str("aws4_request");
    }

    /// Returns the HMAC of a message under the day's key, which is derived at most once a day for the
    /// same credentials.
    fn hmac(&self, credentials: &Credentials, date: AmzDate, message: &[u8]) -> [u8; 32] {
        let mut mac = {
            let mut cached = lock(&self.key);
            match &*cached {
                Some(key) if key.date.day() == date.day() && key.credentials == *credentials => {
                    key.mac.clone()
                }
                _ => {
                    let key = self.derive_key(credentials, date);
                    cached.insert(key).mac.clone()
                }
            }
        };
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    fn derive_key(&self, credentials: &Credentials, date: AmzDate) -> SigningKey {
        let secret = Zeroizing::new(["AWS4", credentials.secret_access_key()].concat());
        let mut key = Zeroizing::new(hmac_sha256(secret.as_bytes(), date.day().as_bytes()));
        for part in [self.region.as_str(), self.service.as_str(), "aws4_request"] {
            *key = hmac_sha256(&*key, part.as_bytes());
        }
        SigningKey {
            date,
            credentials: credentials.clone(),
            mac: keyed(&*key),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("service", &self.service)
            .field("region", &self.region)
            .field("is_s3", &self.is_s3)
            .finish_non_exhaustive()
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    keyed(key)
        .chain_update(message)
        .finalize()
        .into_bytes()
        .into()
}

/// A SHA-256 in lower-case hexadecimal.
struct HexHash([u8; 64]);

impl HexHash {
    fn of(bytes: &[u8]) -> HexHash {
        HexHash::new(&Sha256::digest(bytes).into())
    }

    fn new(hash: &[u8; 32]) -> HexHash {
        // Without the table of `hex`, so that it becomes a few vector instructions: a signature takes
        // 1.5 times as long as its hashes, rather than 1.65.
        let digit = |value: u8| value + if value < 10 { b'0' } else { b'a' - 10 };
        let mut digits = [0; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(hash) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        HexHash(digits)
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A time in the form of `x-amz-date`: `20150830T123600Z`.
#[derive(Clone, Copy)]
struct AmzDate([u8; 16]);

impl AmzDate {
    fn new(time: OffsetDateTime) -> AmzDate {
        let time = time.to_offset(UtcOffset::UTC);
        let mut text = *b"00000000T000000Z";
        // Only years of four digits have a form here.
        let year = u16::try_from(time.year().clamp(0, 9999)).unwrap_or_default();
        let [century, year] = [year / 100, year % 100].map(|part| u8::try_from(part).unwrap_or(0));
        let parts = [
            (0, century),
            (2, year),
            (4, time.month().into()),
            (6, time.day()),
            (9, time.hour()),
            (11, time.minute()),
            (13, time.second()),
        ];
        for (at, value) in parts {
            text[at] += value / 10;
            text[at + 1] += value % 10;
        }
        AmzDate(text)
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn day(&self) -> &str {
        &self.as_str()[..8]
    }
}

#[cfg(test)]
mod tests;
