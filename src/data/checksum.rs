//! The checksums of a manifest.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde::de::{self, Deserialize, Deserializer};

/// An MD5 checksum, written as a manifest has it: the base64 of its 16 bytes.
///
/// ```
/// use simpledb_export::data::Md5Digest;
///
/// let digest: Md5Digest = "1B2M2Y8AsgTpgAmY7PhCfg==".parse()?;
/// assert_eq!(digest, Md5Digest::of(b""));
/// assert_eq!(digest.to_string(), "1B2M2Y8AsgTpgAmY7PhCfg==");
/// # Ok::<(), simpledb_export::data::InvalidMd5>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Md5Digest([u8; 16]);

impl Md5Digest {
    /// The checksum of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Md5Digest {
        Md5Digest(Md5::digest(bytes).into())
    }

    /// The 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl From<[u8; 16]> for Md5Digest {
    fn from(bytes: [u8; 16]) -> Md5Digest {
        Md5Digest(bytes)
    }
}

impl FromStr for Md5Digest {
    type Err = InvalidMd5;

    fn from_str(text: &str) -> Result<Md5Digest, InvalidMd5> {
        let bytes = STANDARD.decode(text).map_err(|_| InvalidMd5(()))?;
        bytes.try_into().map(Md5Digest).map_err(|_| InvalidMd5(()))
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
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// What is wrong with a file that has another checksum.
pub(super) fn mismatch(expected: Md5Digest, actual: Md5Digest) -> String {
    format!("has the MD5 checksum {actual}, but the manifest says {expected}; fetch it again")
}

/// The text is not an MD5 checksum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidMd5(());

impl fmt::Display for InvalidMd5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an MD5 checksum is the base64 of 16 bytes")
    }
}

impl std::error::Error for InvalidMd5 {}

/// Computes the checksum of bytes that come one part after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Md5Hasher(Md5);

impl Md5Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> Md5Digest {
        Md5Digest(self.0.finalize().into())
    }
}

/// Computes the checksum and the length of what is read through it.
pub(super) struct Md5Reader<R> {
    source: R,
    digest: Md5Hasher,
    bytes: u64,
}

impl<R: Read> Md5Reader<R> {
    pub(super) fn new(source: R) -> Md5Reader<R> {
        Md5Reader {
            source,
            digest: Md5Hasher::default(),
            bytes: 0,
        }
    }

    /// How many bytes have been read, and their checksum.
    pub(super) fn finish(self) -> (u64, Md5Digest) {
        (self.bytes, self.digest.finish())
    }
}

impl<R: Read> Read for Md5Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.digest.update(buffer.get(..read).unwrap_or_default());
        self.bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_what_is_read_is_that_of_the_bytes() {
        let mut reader = Md5Reader::new(&b"message digest"[..]);
        io::copy(&mut reader, &mut io::sink()).unwrap();
        let (bytes, digest) = reader.finish();
        assert_eq!((bytes, digest), (14, Md5Digest::of(b"message digest")));
        // From RFC 1321, appendix A.5.
        assert_eq!(
            u128::from_be_bytes(*digest.as_bytes()),
            0xf96b_697d_7cb7_938d_525a_2f31_aaf1_61d0
        );
    }

    #[test]
    fn only_base64_of_sixteen_bytes_is_a_checksum() {
        for text in [
            "",
            "1B2M2Y8AsgTpgAmY7PhCfg",
            "1B2M2Y8AsgTpgAmY7PhC",
            "d41d8cd98f00b204",
        ] {
            let error = text.parse::<Md5Digest>().unwrap_err();
            assert_eq!(
                error.to_string(),
                "an MD5 checksum is the base64 of 16 bytes"
            );
        }
        assert_eq!(
            format!("{:?}", Md5Digest::from([0; 16])),
            "Md5Digest(AAAAAAAAAAAAAAAAAAAAAA==)"
        );
    }
}
