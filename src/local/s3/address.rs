//! The bucket and key that a request names.

use crate::local::error::ServiceError;
use crate::local::host::virtual_bucket;
use crate::local::parameters::decode;

/// Returns the decoded bucket and key, either of which may be empty, of a request in path style
/// (`/bucket/key`) or virtual-hosted style (host `bucket.s3.…`, `/key`).
pub(super) fn bucket_and_key(host: &str, path: &str) -> Result<(String, String), ServiceError> {
    let path = decode(path).ok_or_else(|| {
        let message = "the path is not percent-encoded UTF-8; encode the key";
        ServiceError::bad_request("InvalidURI", message)
    })?;
    let path = path.strip_prefix('/').unwrap_or(&path);
    let (bucket, key) = match virtual_bucket(host) {
        Some(bucket) => (bucket, path),
        None => path.split_once('/').unwrap_or((path, "")),
    };
    Ok((bucket.to_owned(), key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let expected = (bucket.to_owned(), key.to_owned());
            assert_eq!(bucket_and_key(host, path), Ok(expected), "{path}");
        }
    }

    #[test]
    fn rejects_a_path_that_is_not_percent_encoded_utf8() {
        for path in ["/bucket/%", "/bucket/%4", "/bucket/%zz", "/bucket/%ff"] {
            let error = bucket_and_key("h", path).unwrap_err();
            assert_eq!((error.status, error.code), (400, "InvalidURI"), "{path}");
        }
    }
}
