//! The proof that whoever sends a refresh token holds the key that it was issued for: a JSON Web
//! Token with an ECDSA signature on P-256 (DPoP, RFC 9449).

#[cfg(feature = "rustls")]
mod key;
#[cfg(not(feature = "rustls"))]
mod no_key;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use time::OffsetDateTime;

#[cfg(feature = "rustls")]
pub(super) use self::key::Key;
#[cfg(not(feature = "rustls"))]
pub(super) use self::no_key::Key;
use crate::wire::json::{self, Value};

/// Returns the proof for one POST request to `url`; `None` if the system has no random numbers.
pub(super) fn proof(key: &Key, id: &str, url: &str, issued_at: OffsetDateTime) -> Option<String> {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let [x, y] = key.public_point().map(encode);
    let key_shown = vec![
        ("kty", Value::Text("EC")),
        ("x", Value::Text(&x)),
        ("y", Value::Text(&y)),
        ("crv", Value::Text("P-256")),
    ];
    let header = [
        ("typ", Value::Text("dpop+jwt")),
        ("alg", Value::Text("ES256")),
        ("jwk", Value::Object(key_shown)),
    ];
    let payload = [
        ("jti", Value::Text(id)),
        ("htm", Value::Text("POST")),
        ("htu", Value::Text(url)),
        ("iat", Value::Integer(issued_at.unix_timestamp())),
    ];
    let header = encode(&json::object(&header).ok()?);
    let payload = encode(&json::object(&payload).ok()?);
    let signed = [header, payload].join(".");
    let signature = encode(&key.sign(signed.as_bytes())?);
    Some([signed, signature].join("."))
}

#[cfg(all(test, feature = "rustls"))]
mod tests {
    use base64::prelude::BASE64_STANDARD;
    use ring::rand::SystemRandom;
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
        EcdsaKeyPair, EcdsaSigningAlgorithm, UnparsedPublicKey,
    };

    use super::*;
    use crate::wire::timestamp::parse_epoch_seconds;

    /// Returns a new key in SEC1: what follows the algorithm in PKCS #8.
    fn new_key(algorithm: &'static EcdsaSigningAlgorithm, sec1_at: usize) -> Vec<u8> {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        pkcs8.as_ref()[sec1_at..].to_vec()
    }

    fn new_p256_key() -> Vec<u8> {
        new_key(&ECDSA_P256_SHA256_FIXED_SIGNING, 29)
    }

    fn pem(label: &str, der: &[u8]) -> String {
        let base64 = BASE64_STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
    }

    fn decode(part: &str) -> Vec<u8> {
        BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()
    }

    #[test]
    fn signs_the_request_with_the_key_that_it_shows() {
        let key = Key::from_pem(&pem("EC PRIVATE KEY", &new_p256_key()))
            .ok()
            .unwrap();
        let issued_at = parse_epoch_seconds("1763510400").unwrap();
        let url = "https://us-east-1.signin.aws.amazon.com/v1/token";
        let proof = proof(&key, "an-id", url, issued_at).unwrap();
        let (signed, signature) = proof.rsplit_once('.').unwrap();
        let (header, payload) = signed.split_once('.').unwrap();
        let header: serde_json::Value = serde_json::from_slice(&decode(header)).unwrap();
        let [x, y] = ["x", "y"].map(|name| header["jwk"][name].as_str().unwrap());
        assert_eq!(
            header,
            serde_json::json!({
                "typ": "dpop+jwt",
                "alg": "ES256",
                "jwk": {"kty": "EC", "x": x, "y": y, "crv": "P-256"},
            })
        );
        assert_eq!(
            String::from_utf8(decode(payload)).unwrap(),
            r#"{"jti":"an-id","htm":"POST","htu":"https://us-east-1.signin.aws.amazon.com/v1/token","iat":1763510400}"#
        );
        let point = [vec![4], decode(x), decode(y)].concat();
        assert_eq!(point.len(), 65);
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        public
            .verify(signed.as_bytes(), &decode(signature))
            .unwrap();
    }

    #[test]
    fn rejects_a_key_of_another_kind() {
        let good = new_p256_key();
        // Version and private key are the first 37 bytes of the sequence.
        let without_public_key = [&[0x30, 37], &good[2..39]].concat();
        let other_curve = new_key(&ECDSA_P384_SHA384_FIXED_SIGNING, 27);
        for pem in [
            String::new(),
            "hidden".to_owned(),
            pem("EC PRIVATE KEY", &[0; 300]),
            pem("PRIVATE KEY", &good),
            pem("EC PRIVATE KEY", &without_public_key),
            pem("EC PRIVATE KEY", &other_curve),
        ] {
            assert_eq!(
                Key::from_pem(&pem).err(),
                Some("its dpopKey is not a P-256 key in PEM with its public key")
            );
        }
    }
}
