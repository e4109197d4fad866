//! AWS Signature Version 4, as a pure function of a request, credentials and a time.
//!
//! A [`Signer`] is made for one service in one region. It takes what goes over the wire (method,
//! URI, headers, body) and gives the headers to add. It does no I/O and asks no clock. Anything
//! that speaks Signature Version 4 in headers can be signed with it, S3 included
//! ([`SigningSettings::s3`]); presigned URLs, chunked uploads and Signature Version 4A are not
//! supported.
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
//! let names: Vec<&str> = signed.headers().map(|(name, _)| name).collect();
//! assert_eq!(names, ["x-amz-date", "authorization"]);
//! assert_eq!(signed.amz_date(), "20150830T123600Z");
//! assert!(signed.authorization().starts_with(
//!     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/sdb/aws4_request, \
//!      SignedHeaders=content-type;host;x-amz-date, Signature="
//! ));
//! # Ok::<(), time::error::ComponentRange>(())
//! ```

mod canonical;

use std::fmt;
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use time::{OffsetDateTime, UtcOffset};
use zeroize::Zeroizing;

use self::canonical::CanonicalRequest;
use crate::credentials::Credentials;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The value of `x-amz-content-sha256` for a body that the signature leaves out.
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// What is signed of a request: exactly what goes over the wire.
#[derive(Debug, Clone, Copy)]
pub struct SignableRequest<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The URI, absolute (`https://host/path?query`) or from the path on, percent-encoded as it is
    /// sent. A fragment is not part of a request and must not be here. It is signed as it is: what
    /// is no URI gets a signature that no service accepts.
    pub uri: &'a str,
    /// The headers to sign, in any order and case; a name may come several times. A header that a
    /// proxy may change does not belong here. `host` is taken from an absolute URI where it is
    /// missing; `x-amz-date`, `x-amz-security-token` and `x-amz-content-sha256` are made where
    /// they are missing and needed.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: SignableBody<'a>,
}

/// A body, as far as the signature is concerned.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum SignableBody<'a> {
    /// The bytes themselves.
    Bytes(&'a [u8]),
    /// The SHA-256 of the body in lower-case hexadecimal, where it is known already; or another
    /// value that the service takes in its place.
    Sha256Hex(&'a str),
    /// The signature does not cover the body. Only S3 takes this, and over TLS only.
    Unsigned,
}

/// Where services differ in what they sign.
///
/// ```
/// use simpledb_export::sigv4::SigningSettings;
///
/// assert!(!SigningSettings::standard().content_sha256_header);
/// assert!(SigningSettings::s3().content_sha256_header);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the variations are independent of each other"
)]
pub struct SigningSettings {
    /// Percent-encode the path of the URI once more for the canonical request, as every service
    /// but S3 expects.
    pub encode_path_again: bool,
    /// Resolve `.` and `..` and collapse `//` in the path, as every service but S3 does.
    pub normalize_path: bool,
    /// Send and sign `x-amz-content-sha256`, as S3 requires.
    pub content_sha256_header: bool,
    /// Sign the session token's header, as nearly every service expects, rather than adding it
    /// after signing.
    pub sign_session_token: bool,
}

impl SigningSettings {
    /// What every service but S3 expects.
    #[must_use]
    pub const fn standard() -> SigningSettings {
        SigningSettings {
            encode_path_again: true,
            normalize_path: true,
            content_sha256_header: false,
            sign_session_token: true,
        }
    }

    /// What S3 expects: the path as it is, and the hash of the body in a header.
    #[must_use]
    pub const fn s3() -> SigningSettings {
        SigningSettings {
            encode_path_again: false,
            normalize_path: false,
            content_sha256_header: true,
            sign_session_token: true,
        }
    }
}

/// The headers that make a request a signed one.
#[derive(Clone)]
pub struct Signed {
    amz_date: Option<AmzDate>,
    content_sha256: Option<String>,
    session_token: Option<Zeroizing<String>>,
    authorization: String,
    signature_at: usize,
}

impl Signed {
    /// The headers to add to the request, names in lower case. What the request already had is not
    /// repeated.
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

    /// The value of `authorization`.
    #[must_use]
    pub fn authorization(&self) -> &str {
        &self.authorization
    }

    /// The value of `x-amz-date` that was added; empty where the request had one.
    #[must_use]
    pub fn amz_date(&self) -> &str {
        self.amz_date.as_ref().map_or("", AmzDate::as_str)
    }

    /// The signature alone: 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn signature(&self) -> &str {
        &self.authorization[self.signature_at..]
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("amz_date", &self.amz_date())
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
/// The key that is derived from the credentials holds for a day; the signer keeps it, so that
/// signing again with the same credentials costs about as much as hashing the request. It can be
/// shared between threads.
pub struct Signer {
    service: String,
    region: String,
    settings: SigningSettings,
    key: Mutex<Option<SigningKey>>,
}

/// The derived key of one day, kept as the HMAC state that it starts.
struct SigningKey {
    date: [u8; 8],
    credentials: Credentials,
    mac: Hmac<Sha256>,
}

impl Signer {
    /// A signer for the signing name of a service (`sdb`, `sts`) and a region, with
    /// [`SigningSettings::standard`].
    pub fn new(service: impl Into<String>, region: impl Into<String>) -> Signer {
        Signer::with_settings(service, region, SigningSettings::standard())
    }

    /// A signer with settings of its own.
    pub fn with_settings(
        service: impl Into<String>,
        region: impl Into<String>,
        settings: SigningSettings,
    ) -> Signer {
        Signer {
            service: service.into(),
            region: region.into(),
            settings,
            key: Mutex::new(None),
        }
    }

    /// The region that is signed for.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Signs a request at a time, which the service accepts if it is within some minutes of its
    /// own (SimpleDB and S3: 15).
    #[must_use]
    pub fn sign(
        &self,
        request: &SignableRequest<'_>,
        credentials: &Credentials,
        time: OffsetDateTime,
    ) -> Signed {
        let date = AmzDate::new(time);
        let mut canonical = CanonicalRequest::new(request, credentials, &date, self.settings);

        let mut authorization = Vec::with_capacity(
            200 + credentials.access_key_id().len() + canonical.signed_headers().len(),
        );
        authorization.extend_from_slice(ALGORITHM.as_bytes());
        authorization.extend_from_slice(b" Credential=");
        authorization.extend_from_slice(credentials.access_key_id().as_bytes());
        authorization.push(b'/');
        let scope = authorization.len();
        self.push_scope(&mut authorization, &date);
        let scope = scope..authorization.len();
        authorization.extend_from_slice(b", SignedHeaders=");
        authorization.extend_from_slice(canonical.signed_headers());
        authorization.extend_from_slice(b", Signature=");

        let string_to_sign = canonical.string_to_sign(&date, &authorization[scope]);
        let signature = self.hmac(credentials, &date, string_to_sign);
        let signature_at = authorization.len();
        authorization.extend_from_slice(&HexHash::new(&signature).0);

        Signed {
            session_token: credentials
                .session_token()
                .filter(|_| canonical.adds.session_token)
                .map(|token| Zeroizing::new(token.to_owned())),
            content_sha256: canonical
                .adds
                .content_sha256
                .then(|| into_text(canonical.payload_hash().to_vec())),
            amz_date: canonical.adds.amz_date.then_some(date),
            authorization: into_text(authorization),
            signature_at,
        }
    }

    /// The canonical request: what to compare with the one that a service prints when it refuses a
    /// signature. It holds the session token.
    #[must_use]
    pub fn canonical_request(
        &self,
        request: &SignableRequest<'_>,
        credentials: &Credentials,
        time: OffsetDateTime,
    ) -> String {
        let canonical =
            CanonicalRequest::new(request, credentials, &AmzDate::new(time), self.settings);
        into_text(canonical.text().to_vec())
    }

    /// The string to sign that belongs to a canonical request.
    #[must_use]
    pub fn string_to_sign(&self, canonical_request: &str, time: OffsetDateTime) -> String {
        let date = AmzDate::new(time);
        let mut scope = Vec::new();
        self.push_scope(&mut scope, &date);
        let mut text = Vec::new();
        let hash = HexHash::of(canonical_request.as_bytes());
        push_string_to_sign(&mut text, &hash, &date, &scope);
        into_text(text)
    }

    /// `<date>/<region>/<service>/aws4_request`
    fn push_scope(&self, text: &mut Vec<u8>, date: &AmzDate) {
        for part in [date.day(), self.region.as_bytes(), self.service.as_bytes()] {
            text.extend_from_slice(part);
            text.push(b'/');
        }
        text.extend_from_slice(b"aws4_request");
    }

    /// The HMAC of a message under the day's key, derived at most once a day for the same
    /// credentials.
    fn hmac(&self, credentials: &Credentials, date: &AmzDate, message: &[u8]) -> [u8; 32] {
        let mut mac = {
            let mut cached = self.key.lock().unwrap_or_else(PoisonError::into_inner);
            match &*cached {
                Some(key) if key.date == date.day_bytes() && key.credentials == *credentials => {
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

    fn derive_key(&self, credentials: &Credentials, date: &AmzDate) -> SigningKey {
        let secret = Zeroizing::new(["AWS4", credentials.secret_access_key()].concat());
        let mut key = Zeroizing::new(hmac_sha256(secret.as_bytes(), date.day()));
        for part in [self.region.as_str(), self.service.as_str(), "aws4_request"] {
            *key = hmac_sha256(&*key, part.as_bytes());
        }
        SigningKey {
            date: date.day_bytes(),
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
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    keyed(key)
        .chain_update(message)
        .finalize()
        .into_bytes()
        .into()
}

fn push_string_to_sign(text: &mut Vec<u8>, hash: &HexHash, date: &AmzDate, scope: &[u8]) {
    for line in [ALGORITHM.as_bytes(), &date.0, scope] {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text.extend_from_slice(&hash.0);
}

/// What was put together of texts and ASCII, looked through once.
fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// A SHA-256 in lower-case hexadecimal.
struct HexHash([u8; 64]);

impl HexHash {
    fn of(bytes: &[u8]) -> HexHash {
        HexHash::new(&Sha256::digest(bytes).into())
    }

    fn new(hash: &[u8; 32]) -> HexHash {
        // Without a table, so that it becomes a few vector instructions.
        let digit = |value: u8| value + if value < 10 { b'0' } else { b'a' - 10 };
        let mut digits = [0; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(hash) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        HexHash(digits)
    }
}

/// A time in the form of `x-amz-date`: `20150830T123600Z`.
#[derive(Clone, Copy)]
struct AmzDate([u8; 16]);

impl AmzDate {
    fn new(time: OffsetDateTime) -> AmzDate {
        let time = time.to_offset(UtcOffset::UTC);
        let mut text = *b"00000000T000000Z";
        // A year outside of 0 to 9999 has no form here, and no service is open then.
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

    fn day(&self) -> &[u8] {
        &self.0[..8]
    }

    fn day_bytes(&self) -> [u8; 8] {
        let mut day = [0; 8];
        day.copy_from_slice(&self.0[..8]);
        day
    }
}

#[cfg(test)]
mod tests;
