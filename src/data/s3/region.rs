//! The region of a bucket, learnt from S3's responses.

use crate::settings::endpoint::partition;

/// Returns the region that a refusal names, if a request that was signed for `signed_for` should be
/// signed for that instead.
///
/// In the wrong region, S3 responds with 301, 307 or 400 and names the right one in the header
/// `x-amz-bucket-region` or in its XML. No address in a response is ever followed: only the name of
/// the region is used, and only within the same partition.
pub(crate) fn region_named<'a>(
    status: u16,
    bucket_region: Option<&'a str>,
    signed_for: &str,
) -> Option<&'a str> {
    let region = bucket_region.filter(|region| is_region(region))?;
    let is_other = region != signed_for && partition(region).id == partition(signed_for).id;
    (matches!(status, 301 | 307 | 400) && is_other).then_some(region)
}

/// Returns whether the name looks like `us-east-1` and is safe as part of a host name.
fn is_region(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=32).contains(&name.len())
        && name.split('-').count() >= 3
        && name
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_another_region_only_from_a_refusal() {
        let named = |status, region| region_named(status, region, "us-east-1");
        for status in [301, 307, 400] {
            assert_eq!(named(status, Some("eu-west-1")), Some("eu-west-1"));
            assert_eq!(named(status, Some("us-east-1")), None);
            assert_eq!(named(status, None), None);
        }
        assert_eq!(named(301, Some("cn-north-1")), None);
        for status in [200, 206, 403, 404, 503] {
            assert_eq!(named(status, Some("eu-west-1")), None);
        }
    }

    #[test]
    fn accepts_nothing_but_a_region() {
        assert!(is_region("us-gov-west-1"));
        for name in [
            "",
            "useast1",
            "us-east",
            "us--1",
            "US-EAST-1",
            "us-east-1.evil.example",
        ] {
            assert!(!is_region(name), "{name}");
        }
        assert!(!is_region(&"a-".repeat(40)));
    }
}
