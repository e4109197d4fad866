//! The MD5 checksums of a manifest.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde::de::{self, Deserialize, Deserializer};

/// An MD5 checksum. Its text form is that of a manifest: the base64 of its 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Md5Digest([u8; 16]);

impl Md5Digest {
    #[cfg(test)]
    pub(crate) fn of(bytes: &[u8]) -> Md5Digest {
        Md5Digest(Md5::digest(bytes).into())
    }
}

impl FromStr for Md5Digest {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Md5Digest, &'static str> {
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

impl<'de> Deserialize<'de> for Md5Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Md5Digest, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Says that a file has another checksum than the manifest.
pub(super) fn mismatch(expected: impl fmt::Display, actual: impl fmt::Display) -> String {
    format!("MD5 checksum is {actual}, expected {expected}; download it again")
}

/// Computes the checksum of bytes that arrive in chunks.
#[derive(Clone, Default)]
pub(super) struct Md5Hasher(Md5);

impl Md5Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> Md5Digest {
        Md5Digest(self.0.finalize().into())
    }
}

impl fmt::Debug for Md5Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Md5Hasher")
    }
}

/// Computes the checksum and the length of what is read through it.
pub(super) struct Md5Reader<R> {
    source: R,
    hasher: Md5Hasher,
    bytes: u64,
}

impl<R: Read> Md5Reader<R> {
    pub(super) fn new(source: R) -> Md5Reader<R> {
        Md5Reader {
            source,
            hasher: Md5Hasher::default(),
            bytes: 0,
        }
    }

    /// Returns how many bytes were read, and their checksum.
    pub(super) fn finish(self) -> (u64, Md5Digest) {
        (self.bytes, self.hasher.finish())
    }
}

impl<R: Read> Read for Md5Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.hasher.update(buffer.get(..read).unwrap_or_default());
        self.bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_what_is_read() {
        let mut reader = Md5Reader::new(&b"message digest"[..]);
        io::copy(&mut reader, &mut io::sink()).unwrap();
        let (bytes, digest) = reader.finish();
        assert_eq!((bytes, digest), (14, Md5Digest::of(b"message digest")));
        // From RFC 1321, appendix A.5.
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
                text.parse::<Md5Digest>(),
                Err("invalid MD5 checksum: expected the base64 of 16 bytes")
            );
        }
        let digest = "1B2M2Y8AsgTpgAmY7PhCfg==".parse().unwrap();
        assert_eq!(Md5Digest::of(b""), digest);
        assert_eq!(format!("{digest:?}"), "Md5Digest(1B2M2Y8AsgTpgAmY7PhCfg==)");
    }
}
