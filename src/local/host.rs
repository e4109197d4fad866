//! The `Host` header: what it says about the bucket, and whether a loopback service accepts it.

use std::net::IpAddr;

/// Returns whether a host can only be this machine: a loopback address, `localhost`, or a name below
/// it. A web page whose own name was pointed to 127.0.0.1 sends that name (DNS rebinding).
pub(super) fn is_loopback(host: &str) -> bool {
    let name = without_port(host).to_ascii_lowercase();
    let address = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(&name)
        .parse::<IpAddr>();
    match address {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

/// Returns the bucket in a host such as `bucket.s3.eu-west-1.amazonaws.com`, `bucket.s3.localhost` or
/// `bucket.localhost:8000`.
pub(super) fn virtual_bucket(host: &str) -> Option<&str> {
    // A bucket's name may itself contain `.s3.`.
    if let Some((bucket, _)) = host.rsplit_once(".s3.") {
        return Some(bucket);
    }
    let name = without_port(host).strip_suffix(".localhost")?;
    (name != "s3" && !name.starts_with("s3.")).then_some(name)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_hosts_are_loopback() {
        for host in [
            "localhost",
            "LocalHost:8000",
            "bucket.s3.localhost:8000",
            "127.0.0.1",
            "127.0.0.1:80",
            "127.1.2.3:80",
            "[::1]",
            "[::1]:8000",
            "[::ffff:127.0.0.1]:8000",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            ":80",
            "example.com",
            "example.com:8000",
            "localhost.example.com",
            "notlocalhost",
            "127.0.0.1.example.com",
            "10.0.0.1",
            "0.0.0.0:80",
            "[::]:80",
            "bucket.s3.amazonaws.com",
            "localhost:80:80",
            "localhost/",
            "user@127.0.0.1",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn finds_the_bucket_in_a_virtual_host() {
        for (host, bucket) in [
            ("bucket.s3.localhost:80", Some("bucket")),
            ("bucket.localhost:80", Some("bucket")),
            ("my.bucket.localhost", Some("my.bucket")),
            ("a.s3.b.s3.eu-west-1.amazonaws.com", Some("a.s3.b")),
            ("localhost:80", None),
            ("s3.localhost", None),
            ("s3.eu-west-1.localhost:80", None),
            ("127.0.0.1:80", None),
            ("[::1]:80", None),
        ] {
            assert_eq!(virtual_bucket(host), bucket, "{host}");
        }
    }
}
