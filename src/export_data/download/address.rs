//! The address of an object.

use std::fmt::Write as _;

/// Where S3 answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum S3Endpoint<'a> {
    /// AWS: the region and the DNS suffix of its partition.
    Aws {
        region: &'a str,
        dns_suffix: &'a str,
    },
    /// Another one, which gets the bucket in the path: `http://127.0.0.1:8000`.
    Custom { url: &'a str },
}

/// The URL of an object: by virtual host where the bucket can be part of one, else by path.
///
/// Every byte of the key but letters, digits, `-`, `.`, `_`, `~` and `/` is percent-encoded, once,
/// as S3's signatures want it. Nothing in the key is taken as `.` or `..`.
pub(crate) fn object_url(endpoint: S3Endpoint<'_>, bucket: &str, key: &str) -> String {
    let key = encode(key);
    match endpoint {
        S3Endpoint::Custom { url } => {
            format!("{}/{}/{key}", url.trim_end_matches('/'), encode(bucket))
        }
        S3Endpoint::Aws { region, dns_suffix } if is_host_label(bucket) => {
            format!("https://{bucket}.s3.{region}.{dns_suffix}/{key}")
        }
        S3Endpoint::Aws { region, dns_suffix } => {
            format!("https://s3.{region}.{dns_suffix}/{}/{key}", encode(bucket))
        }
    }
}

/// Whether the bucket can stand before `.s3`: a name with a dot would not be covered by S3's
/// certificate, and one with capitals or an underscore, as in old buckets, is no host's name.
fn is_host_label(bucket: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = bucket.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|&byte| plain(byte) || byte == b'-')
        && bytes.first().is_some_and(|&byte| plain(byte))
        && bytes.last().is_some_and(|&byte| plain(byte))
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // A string takes everything.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWS: S3Endpoint<'_> = S3Endpoint::Aws {
        region: "eu-west-1",
        dns_suffix: "amazonaws.com",
    };

    #[test]
    fn a_bucket_is_part_of_the_host_where_it_can_be() {
        assert_eq!(
            object_url(AWS, "my-bucket", "a/b.json"),
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
                object_url(AWS, bucket, "k"),
                format!("https://s3.eu-west-1.amazonaws.com/{bucket}/k")
            );
        }
        let custom = S3Endpoint::Custom {
            url: "http://127.0.0.1:8000/",
        };
        assert_eq!(
            object_url(custom, "my-bucket", "k"),
            "http://127.0.0.1:8000/my-bucket/k"
        );
    }

    #[test]
    fn any_character_of_a_key_arrives() {
        assert_eq!(
            object_url(AWS, "bucket", "a b+é/../c?d#e%41\u{1}~"),
            "https://bucket.s3.eu-west-1.amazonaws.com/\
             a%20b%2B%C3%A9/../c%3Fd%23e%2541%01~"
        );
    }

    #[test]
    fn a_bucket_cannot_change_the_host() {
        assert_eq!(
            object_url(AWS, "evil.example/x@", "k"),
            "https://s3.eu-west-1.amazonaws.com/evil.example/x%40/k"
        );
    }
}
