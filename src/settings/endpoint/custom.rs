//! Checks custom endpoint URLs.

/// Checks an endpoint URL, and returns it with its scheme in lower case and no slash at its end.
///
/// The error completes a sentence that begins with "the endpoint URL". It never repeats the URL,
/// which may contain a password.
pub(crate) fn check_endpoint_url(url: &str) -> Result<String, &'static str> {
    let (scheme, rest) = ["http://", "https://"]
        .into_iter()
        .find_map(|scheme| {
            let start = url.get(..scheme.len())?;
            let is_this = start.eq_ignore_ascii_case(scheme);
            is_this.then(|| (scheme, &url[scheme.len()..]))
        })
        .ok_or("must be absolute, beginning with http:// or https://")?;
    if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must be printable ASCII without spaces (percent-encode anything else)");
    }
    if rest.contains('?') {
        return Err("must not have a query");
    }
    if rest.contains('#') {
        return Err("must not have a fragment");
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.contains('@') {
        return Err("must not have a user name or password");
    }
    let (host, port) = split_port(authority).ok_or("has a host in brackets that does not end")?;
    if let Some(port) = port {
        // An empty port is the scheme's own, by RFC 3986; ureq refuses it.
        if !port.bytes().all(|byte| byte.is_ascii_digit()) || port.parse::<u16>().is_err() {
            return Err("has an invalid port (expected a number up to 65535)");
        }
    }
    check_host(host)?;
    if !path.bytes().all(is_path_byte) {
        return Err("has a character in its path that must be percent-encoded");
    }
    Ok([scheme, rest.trim_end_matches('/')].concat())
}

/// Splits host and port; the host of an IPv6 address keeps its brackets.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if authority.starts_with('[') {
        let end = authority.find(']')? + 1;
        let (host, rest) = authority.split_at(end);
        return match rest {
            "" => Some((host, None)),
            rest => Some((host, Some(rest.strip_prefix(':')?))),
        };
    }
    Some(match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    })
}

/// The characters of a path, by RFC 3986.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/".contains(&byte)
}

fn check_host(host: &str) -> Result<(), &'static str> {
    if host.is_empty() {
        return Err("must name a host");
    }
    let is_valid = match host.strip_prefix('[') {
        Some(rest) => rest
            .strip_suffix(']')
            .is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok()),
        None => host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
    };
    if is_valid {
        Ok(())
    } else {
        Err("has an invalid host name")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_a_usable_url_without_slashes_at_its_end() {
        for (url, checked) in [
            ("https://example.com", "https://example.com"),
            ("https://example.com/", "https://example.com"),
            ("HTTP://Example.com:80//", "http://Example.com:80"),
            ("http://[::1]:8000/base/", "http://[::1]:8000/base"),
            ("http://[fd00:ec2::254]", "http://[fd00:ec2::254]"),
            ("http://my_host/a%20b", "http://my_host/a%20b"),
            ("http://127.0.0.1:65535", "http://127.0.0.1:65535"),
        ] {
            assert_eq!(check_endpoint_url(url).as_deref(), Ok(checked));
        }
    }

    #[test]
    fn rejects_every_other_url_with_the_reason() {
        for (url, reason) in [
            ("", "must be absolute"),
            ("example.com", "must be absolute"),
            ("//example.com", "must be absolute"),
            ("ftp://example.com", "must be absolute"),
            ("htt", "must be absolute"),
            ("httpé://", "must be absolute"),
            ("https://", "must name a host"),
            ("https:///v2", "must name a host"),
            ("https://:8000", "must name a host"),
            ("https://a b", "must be printable ASCII"),
            ("https://a/ü", "must be printable ASCII"),
            ("https://a/b`c", "has a character in its path"),
            ("https://a/{b}", "has a character in its path"),
            ("https://a/\r\nx-evil: 1", "must be printable ASCII"),
            ("https://a?x=1", "must not have a query"),
            ("https://a/#x", "must not have a fragment"),
            ("https://me:hidden@a", "must not have a user name"),
            ("https://a:b", "has an invalid port"),
            ("https://a:", "has an invalid port"),
            ("https://a:65536", "has an invalid port"),
            ("https://a:+1", "has an invalid port"),
            ("https://[::1", "has a host in brackets"),
            ("https://[::1]8000", "has a host in brackets"),
            ("https://[::g]", "has an invalid host name"),
            ("https://a,b", "has an invalid host name"),
            ("https://a\\b", "has an invalid host name"),
        ] {
            let error = check_endpoint_url(url).unwrap_err();
            assert!(error.starts_with(reason), "{url}: {error}");
            assert!(!error.contains("hidden"));
        }
    }
}
