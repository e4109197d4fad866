//! The bucket and key that a request names.

use crate::local::error::ServiceError;
use crate::local::host::virtual_bucket;
use crate::local::parameters::decode;

/// A decoded bucket and key; either may be empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) bucket: String,
    pub(super) key: String,
}

impl Address {
    /// Parses path style (`/bucket/key`) and virtual-hosted style (host `bucket.s3.…`, `/key`).
    pub(super) fn new(host: &str, path: &str) -> Result<Address, ServiceError> {
        let path = decode(path).ok_or_else(|| {
            ServiceError::bad_request(
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: &str, path: &str) -> (String, String) {
        let address = Address::new(host, path).unwrap();
        (address.bucket, address.key)
    }

    #[test]
    fn reads_both_styles_and_decodes_keys() {
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
    fn rejects_a_path_that_is_not_percent_encoded_utf8() {
        for path in ["/bucket/%", "/bucket/%4", "/bucket/%zz", "/bucket/%ff"] {
            let error = Address::new("h", path).unwrap_err();
            assert_eq!((error.status, error.code), (400, "InvalidURI"), "{path}");
        }
    }
}
