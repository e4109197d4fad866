//! The address of an object.

use crate::settings::endpoint::{Variant, is_host_label, partition};
use crate::wire::percent;

/// An endpoint of S3: a URL without a slash at its end, and whether the bucket is part of the path
/// even if it could be part of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct S3Endpoint {
    url: String,
    path_style: bool,
}

impl S3Endpoint {
    /// Returns AWS's endpoint in a region, by the rules that AWS publishes for S3. The error completes a
    /// sentence.
    pub(crate) fn of_region(
        region: &str,
        variant: Variant,
        path_style: bool,
    ) -> Result<S3Endpoint, String> {
        if !is_host_label(region) {
            return Err(format!("{region:?} is not a region name"));
        }
        let fips = if variant.fips { "-fips" } else { "" };
        let dual_stack = if variant.dual_stack { ".dualstack" } else { "" };
        let suffix = partition(region).dns_suffix;
        Ok(S3Endpoint {
            url: format!("https://s3{fips}{dual_stack}.{region}.{suffix}"),
            path_style,
        })
    }

    /// Returns an endpoint that the caller set.
    pub(crate) fn custom(url: &str, path_style: bool) -> S3Endpoint {
        S3Endpoint {
            url: url.trim_end_matches('/').to_owned(),
            path_style,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the URL of an object, with the bucket in the host if possible, else in the path.
    ///
    /// All bytes of the key except letters, digits, `-`, `.`, `_`, `~` and `/` are percent-encoded
    /// once, as S3's signatures require. `.` and `..` in a key have no meaning.
    pub(crate) fn object_url(&self, bucket: &str, key: &str) -> String {
        let key = percent::encode_path(key);
        match self.url.split_once("://") {
            Some((scheme, rest)) if !self.path_style && can_be_in_host(bucket) => {
                format!("{scheme}://{bucket}.{rest}/{key}")
            }
            _ => format!("{}/{}/{key}", self.url, percent::encode_path(bucket)),
        }
    }
}

/// Returns whether the bucket can be part of the host. A name with a dot is not covered by S3's
/// certificate, and one with capitals or an underscore, as old buckets have, is not a host name.
fn can_be_in_host(bucket: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = bucket.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|&byte| plain(byte) || byte == b'-')
        && bytes.first().is_some_and(|&byte| plain(byte))
        && bytes.last().is_some_and(|&byte| plain(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aws() -> S3Endpoint {
        S3Endpoint::of_region("eu-west-1", Variant::default(), false).unwrap()
    }

    #[test]
    fn puts_the_bucket_into_the_host_if_possible() {
        assert_eq!(
            aws().object_url("my-bucket", "a/b.json"),
            "https://my-bucket.s3.eu-west-1.amazonaws.com/a/b.json"
        );
        let long = "b".repeat(64);
        for bucket in [
            "my.bucket",
            "My-Bucket",
            "my_bucket",
            "ab",
            "-ab",
            "ab-",
            &long,
        ] {
            assert_eq!(
                aws().object_url(bucket, "k"),
                format!("https://s3.eu-west-1.amazonaws.com/{bucket}/k")
            );
        }
    }

    #[test]
    fn uses_the_requested_style() {
        let path_style = S3Endpoint::of_region("eu-west-1", Variant::default(), true).unwrap();
        assert_eq!(
            path_style.object_url("my-bucket", "k"),
            "https://s3.eu-west-1.amazonaws.com/my-bucket/k"
        );
        assert_eq!(
            S3Endpoint::custom("http://127.0.0.1:8000/", true).object_url("my-bucket", "k"),
            "http://127.0.0.1:8000/my-bucket/k"
        );
        assert_eq!(
            S3Endpoint::custom("http://s3.localhost:8000/base", false).object_url("bucket", "k"),
            "http://bucket.s3.localhost:8000/base/k"
        );
    }

    #[test]
    fn builds_endpoints_of_every_partition_and_variant() {
        let url = |region, fips, dual_stack| {
            S3Endpoint::of_region(region, Variant { fips, dual_stack }, false)
                .map(|endpoint| endpoint.url)
        };
        for (region, fips, dual_stack, expected) in [
            ("us-east-1", false, false, "s3.us-east-1.amazonaws.com"),
            ("us-east-1", true, false, "s3-fips.us-east-1.amazonaws.com"),
            (
                "us-west-2",
                false,
                true,
                "s3.dualstack.us-west-2.amazonaws.com",
            ),
            (
                "us-west-2",
                true,
                true,
                "s3-fips.dualstack.us-west-2.amazonaws.com",
            ),
            ("cn-north-1", false, false, "s3.cn-north-1.amazonaws.com.cn"),
        ] {
            assert_eq!(
                url(region, fips, dual_stack),
                Ok(format!("https://{expected}"))
            );
        }
        assert_eq!(
            url("evil.example/", false, false),
            Err("\"evil.example/\" is not a region name".to_owned())
        );
    }

    #[test]
    fn encodes_every_character_of_a_key() {
        assert_eq!(
            aws().object_url("bucket", "a b+é/../c?d#e%41\u{1}~"),
            "https://bucket.s3.eu-west-1.amazonaws.com/\
             a%20b%2B%C3%A9/../c%3Fd%23e%2541%01~"
        );
    }

    #[test]
    fn a_bucket_cannot_change_the_host() {
        assert_eq!(
            aws().object_url("evil.example/x@", "k"),
            "https://s3.eu-west-1.amazonaws.com/evil.example/x%40/k"
        );
    }
}
