//! Which bucket and key a request means.

use crate::local::s3_error::S3Error;

/// A bucket and a key, decoded; either may be empty.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    bucket: String,
    key: String,
}

impl Address {
    /// Reads path style (`/bucket/key`) and virtual-hosted style (host `bucket.s3.…`, `/key`).
    pub(crate) fn new(host: &str, path: &str) -> Result<Address, S3Error> {
        let path = percent_decode(path).ok_or_else(|| {
            S3Error::new(
                400,
                "InvalidURI",
                "the path is not percent-encoded UTF-8; encode the key",
            )
        })?;
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = match virtual_bucket(host) {
            Some(bucket) => (bucket, path),
            None => path.split_once('/').unwrap_or((path, "")),
        };
        Ok(Address {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }

    /// Both, where the request is about an object and not about a bucket or all buckets.
    pub(super) fn bucket_and_key(&self) -> Result<(&str, &str), S3Error> {
        if self.bucket.is_empty() || self.key.is_empty() {
            Err(S3Error::not_implemented())
        } else {
            Ok((&self.bucket, &self.key))
        }
    }
}

/// The bucket that a host like `bucket.s3.eu-west-1.amazonaws.com` or `bucket.s3.localhost:8000`
/// names.
pub(crate) fn virtual_bucket(host: &str) -> Option<&str> {
    // The bucket's own name may hold the same letters.
    host.rfind(".s3.").and_then(|end| host.get(..end))
}

fn percent_decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push(u8::try_from(high << 4 | low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: &str, path: &str) -> (String, String) {
        let address = Address::new(host, path).unwrap();
        (address.bucket, address.key)
    }

    #[test]
    fn both_styles_are_understood_and_keys_decoded() {
        let table = [
            ("127.0.0.1:80", "/bucket/a/b.json", "bucket", "a/b.json"),
            ("127.0.0.1:80", "/bucket", "bucket", ""),
            ("127.0.0.1:80", "/", "", ""),
            ("127.0.0.1:80", "/bucket//a/../b", "bucket", "/a/../b"),
            ("h", "/bucket/%C3%A4%2F%20+%25%00", "bucket", "ä/ +%\0"),
            ("bucket.s3.localhost:80", "/a/b", "bucket", "a/b"),
            ("a.s3.b.s3.eu-west-1.amazonaws.com", "/k", "a.s3.b", "k"),
            ("s3.localhost", "/bucket/k", "bucket", "k"),
        ];
        for (host, path, bucket, key) in table {
            assert_eq!(
                address(host, path),
                (bucket.to_owned(), key.to_owned()),
                "{path}"
            );
        }
    }

    #[test]
    fn a_path_that_cannot_be_decoded_is_an_invalid_uri() {
        for path in ["/bucket/%", "/bucket/%4", "/bucket/%zz", "/bucket/%ff"] {
            let error = Address::new("h", path).unwrap_err();
            assert_eq!((error.status, error.code), (400, "InvalidURI"), "{path}");
        }
    }
}
