//! The checksums that clients send with an upload.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc::{CRC_32_ISCSI, CRC_32_ISO_HDLC, CRC_64_NVME, Crc, Table};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use crate::local::error::ServiceError;

static CRC32: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);
static CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);
static CRC64: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_NVME);

/// A checksum over a body, while it is computed.
pub(super) enum Checksum {
    Md5(Md5),
    Sha256(Sha256),
    Sha1(Sha1),
    Crc32(crc::Digest<'static, u32, Table<16>>),
    Crc64(crc::Digest<'static, u64, Table<16>>),
}

impl Checksum {
    /// Returns the checksum of a header; `None` for any other header.
    pub(super) fn of_header(name: &str) -> Option<Checksum> {
        Some(match name {
            "content-md5" => Checksum::Md5(Md5::new()),
            "x-amz-content-sha256" | "x-amz-checksum-sha256" => Checksum::Sha256(Sha256::new()),
            "x-amz-checksum-sha1" => Checksum::Sha1(Sha1::new()),
            "x-amz-checksum-crc32" => Checksum::Crc32(CRC32.digest()),
            "x-amz-checksum-crc32c" => Checksum::Crc32(CRC32C.digest()),
            "x-amz-checksum-crc64nvme" => Checksum::Crc64(CRC64.digest()),
            _ => return None,
        })
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Checksum::Md5(md5) => md5.update(bytes),
            Checksum::Sha256(sha) => sha.update(bytes),
            Checksum::Sha1(sha) => sha.update(bytes),
            Checksum::Crc32(crc) => crc.update(bytes),
            Checksum::Crc64(crc) => crc.update(bytes),
        }
    }

    /// Compares the checksum with the value of its header.
    pub(super) fn check(self, name: &str, expected: &str) -> Result<(), ServiceError> {
        let actual = match self {
            Checksum::Md5(md5) => md5.finalize().to_vec(),
            Checksum::Sha256(sha) => sha.finalize().to_vec(),
            Checksum::Sha1(sha) => sha.finalize().to_vec(),
            Checksum::Crc32(crc) => crc.finalize().to_be_bytes().to_vec(),
            Checksum::Crc64(crc) => crc.finalize().to_be_bytes().to_vec(),
        };
        // Only the hash of the signature is in hexadecimal.
        let (actual, code) = match name {
            "x-amz-content-sha256" => (hex::encode(actual), "XAmzContentSHA256Mismatch"),
            _ => (STANDARD.encode(actual), "BadDigest"),
        };
        if actual == expected {
            return Ok(());
        }
        let message = format!("{name} is {expected:?}, but that of the body is {actual:?}");
        Err(ServiceError::bad_request(code, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_every_checksum_of_s3() {
        // The check value of each algorithm, over the same nine digits.
        for (name, value) in [
            ("content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="),
            (
                "x-amz-content-sha256",
                "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
            ),
            (
                "x-amz-checksum-sha256",
                "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
            ),
            ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
            ("x-amz-checksum-crc32", "y/Q5Jg=="),
            ("x-amz-checksum-crc32c", "4waSgw=="),
            ("x-amz-checksum-crc64nvme", "rosUhgp5mIg="),
        ] {
            let mut checksum = Checksum::of_header(name).unwrap();
            checksum.update(b"12345");
            checksum.update(b"6789");
            checksum.check(name, value).unwrap();
            let error = Checksum::of_header(name)
                .unwrap()
                .check(name, value)
                .unwrap_err();
            assert_eq!(error.status, 400, "{name}");
        }
        assert!(Checksum::of_header("x-amz-checksum-other").is_none());
    }
}
