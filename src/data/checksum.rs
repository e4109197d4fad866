//! The MD5 checksums of a manifest.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde::Deserialize;

/// An MD5 checksum. Its text form is that of a manifest: the base64 of its 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Md5Digest([u8; 16]);

impl Md5Digest {
    #[cfg(test)]
    pub(crate) fn of(bytes: &[u8]) -> Md5Digest {
        Md5Digest(Md5::digest(bytes).into())
    }
}

impl From<Md5> for Md5Digest {
    fn from(md5: Md5) -> Md5Digest {
        Md5Digest(md5.finalize().into())
    }
}

impl TryFrom<String> for Md5Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Md5Digest, &'static str> {
        let bytes = STANDARD.decode(text).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Md5Digest)
            .ok_or("invalid MD5 checksum: expected the base64 of 16 bytes")
    }
}

impl fmt::Display for Md5Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Md5Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Md5Digest({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_checksum_of_rfc_1321() {
        // From its appendix A.5.
        let digest = Md5Digest::of(b"message digest");
        assert_eq!(
            u128::from_be_bytes(digest.0),
            0xf96b_697d_7cb7_938d_525a_2f31_aaf1_61d0
        );
    }

    #[test]
    fn parses_only_base64_of_16_bytes() {
        for text in [
            "",
            "1B2M2Y8AsgTpgAmY7PhCfg",
            "1B2M2Y8AsgTpgAmY7PhC",
            "d41d8cd98f00b204",
        ] {
            assert_eq!(
                Md5Digest::try_from(text.to_string()),
                Err("invalid MD5 checksum: expected the base64 of 16 bytes")
            );
        }
        let digest = Md5Digest::try_from("1B2M2Y8AsgTpgAmY7PhCfg==".to_string()).unwrap();
        assert_eq!(Md5Digest::of(b""), digest);
        assert_eq!(format!("{digest:?}"), "Md5Digest(1B2M2Y8AsgTpgAmY7PhCfg==)");
    }
}
