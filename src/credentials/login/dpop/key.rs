//! A key that ring signs with.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use rustls::pki_types::PrivateSec1KeyDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

/// The DER tags of a sequence and of an octet string.
const SEQUENCE: u8 = 0x30;
const OCTET_STRING: u8 = 0x04;

/// Version 0, and the algorithm: `ecPublicKey` on `prime256v1`.
const PKCS8_HEAD: &[u8] = b"\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\
    \x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";

pub(crate) struct Key(EcdsaKeyPair);

impl Key {
    /// Reads a key in PEM (SEC1). The error completes "cannot be refreshed".
    pub(crate) fn from_pem(pem: &str) -> Result<Key, &'static str> {
        let der = PrivateSec1KeyDer::from_pem_slice(pem.as_bytes()).ok();
        let der = der.map(Zeroizing::new);
        let key = der.and_then(|der| {
            let pkcs8 = pkcs8(der.secret_sec1_der())?;
            let random = SystemRandom::new();
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &random).ok()
        });
        key.map(Key)
            .ok_or("its dpopKey is not a P-256 key in PEM with its public key")
    }

    /// Returns the coordinates of the public key.
    pub(crate) fn public_point(&self) -> [&[u8]; 2] {
        // An uncompressed point: a byte for its form, and two halves.
        let point = self.0.public_key().as_ref();
        let (x, y) = point[1..].split_at(point.len() / 2);
        [x, y]
    }

    /// Returns the two numbers of the signature, as JSON Web Tokens have it.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let signature = self.0.sign(&SystemRandom::new(), message).ok()?;
        Some(signature.as_ref().to_vec())
    }
}

/// Wraps a SEC1 key in the form that ring reads.
fn pkcs8(sec1: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = element(OCTET_STRING, &[sec1])?;
    element(SEQUENCE, &[PKCS8_HEAD, &key])
}

/// Returns a DER element; `None` if it is longer than any with a key of this curve.
fn element(tag: u8, parts: &[&[u8]]) -> Option<Zeroizing<Vec<u8>>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u8::try_from(length).ok()?;
    let mut element = Zeroizing::new(Vec::with_capacity(usize::from(length) + 3));
    element.push(tag);
    if length >= 0x80 {
        element.push(0x81);
    }
    element.push(length);
    for part in parts {
        element.extend_from_slice(part);
    }
    Some(element)
}
