//! Matches hosts against `NO_PROXY`.

use std::net::IpAddr;

/// Returns whether a pattern of `NO_PROXY`, in lower case, matches a host and port.
///
/// A pattern is `*` (every host); a name, which also matches its subdomains, with or without a
/// leading dot or `*.`; an IP address; or a range of addresses such as `10.0.0.0/8`. A name or an
/// address may be limited to a port.
pub(super) fn is_bypassed(patterns: &[String], host: &str, port: u16) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    patterns.iter().any(|pattern| covers(pattern, &host, port))
}

fn covers(pattern: &str, host: &str, port: u16) -> bool {
    if pattern == "*" {
        return true;
    }
    let address = host.parse::<IpAddr>().ok();
    if let Some((range, bits)) = pattern.split_once('/') {
        return match (address, range.parse(), bits.parse()) {
            (Some(address), Ok(range), Ok(bits)) => is_in_range(address, range, bits),
            _ => false,
        };
    }
    let (pattern, pattern_port) = split_port(pattern);
    if pattern_port.is_some_and(|pattern_port| pattern_port != port) {
        return false;
    }
    if let Some(address) = address {
        return pattern.parse() == Ok(address);
    }
    let name = pattern.strip_prefix('*').unwrap_or(pattern);
    let name = name.trim_start_matches('.').trim_end_matches('.');
    let is_subdomain = || {
        let rest = host.strip_suffix(name);
        rest.is_some_and(|rest| rest.ends_with('.'))
    };
    !name.is_empty() && (host == name || is_subdomain())
}

/// Returns whether the first bits of two addresses of one family are equal.
fn is_in_range(address: IpAddr, range: IpAddr, bits: u32) -> bool {
    match (address, range) {
        (IpAddr::V4(address), IpAddr::V4(range)) if bits <= 32 => {
            let differing = address.to_bits() ^ range.to_bits();
            differing.leading_zeros() >= bits
        }
        (IpAddr::V6(address), IpAddr::V6(range)) if bits <= 128 => {
            let differing = address.to_bits() ^ range.to_bits();
            differing.leading_zeros() >= bits
        }
        _ => false,
    }
}

/// Splits `host:port`. An IPv6 address loses its brackets, and has no port without them; an invalid
/// port is ignored.
fn split_port(text: &str) -> (&str, Option<u16>) {
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        let port = rest.strip_prefix(':').and_then(|port| port.parse().ok());
        return (host, port);
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, port.parse().ok()),
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use ureq::http::Uri;

    use super::*;

    fn is(pattern: &str, authority: &str) -> bool {
        let uri: Uri = authority.parse().unwrap();
        let port = uri.port_u16().unwrap_or(443);
        is_bypassed(&[pattern.to_owned()], uri.host().unwrap(), port)
    }

    #[test]
    fn matches_a_name_and_its_subdomains() {
        for pattern in [
            "example.com",
            ".example.com",
            "*.example.com",
            "example.com.",
        ] {
            assert!(is(pattern, "example.com"), "{pattern}");
            assert!(is(pattern, "a.b.Example.com:8443"), "{pattern}");
            assert!(!is(pattern, "notexample.com"), "{pattern}");
            assert!(!is(pattern, "example.com.evil"), "{pattern}");
        }
        assert!(is("*", "anything"));
        for pattern in ["", ".", "*.", "a*"] {
            assert!(!is(pattern, "abc"), "{pattern}");
        }
    }

    #[test]
    fn limits_a_pattern_to_its_port() {
        assert!(is("localhost:8000", "localhost:8000"));
        assert!(!is("localhost:8000", "localhost"));
        assert!(is("localhost:443", "localhost"));
        assert!(is("[::1]:8000", "[::1]:8000"));
        assert!(!is("[::1]:8000", "[::1]:8001"));
    }

    #[test]
    fn compares_addresses_as_such() {
        assert!(is("127.0.0.1", "127.0.0.1:8000"));
        assert!(is("::1", "[0:0::1]:8000"));
        assert!(is("[::1]", "[::1]"));
        assert!(!is("0.0.1", "127.0.0.1"));
        assert!(!is("127.0.0.1", "localhost"));
    }

    #[test]
    fn matches_ranges_against_addresses_only() {
        assert!(is("10.0.0.0/8", "10.200.3.4"));
        assert!(!is("10.0.0.0/8", "11.0.0.1"));
        assert!(is("0.0.0.0/0", "11.0.0.1"));
        assert!(is("10.0.0.1/32", "10.0.0.1"));
        assert!(is("fd00::/8", "[fd12::1]"));
        assert!(!is("fd00::/8", "10.0.0.1"));
        for pattern in ["10.0.0.0/33", "10.0.0.0/x", "10/8", "example.com/8"] {
            assert!(!is(pattern, "10.0.0.1"), "{pattern}");
            assert!(!is(pattern, "example.com"), "{pattern}");
        }
    }

    #[test]
    fn splits_a_port_from_a_host() {
        for (text, host, port) in [
            ("h", "h", None),
            ("h:443", "h", Some(443)),
            ("h:", "h", None),
            ("h:65536", "h", None),
            ("[::1]", "::1", None),
            ("[::1]:80", "::1", Some(80)),
            ("::1", "::1", None),
        ] {
            assert_eq!(split_port(text), (host, port), "{text}");
        }
    }
}
