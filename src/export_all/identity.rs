//! Which account and which service a run is about. Pure.

/// The account in an export's ARN: one of its first parts, as AWS documents more than one form of
/// these; `None` where there is nothing that could be one.
pub(super) fn account_of(export_arn: &str) -> Option<&str> {
    let is_account = |part: &&str| part.len() == 12 && part.bytes().all(|b| b.is_ascii_digit());
    export_arn.split(':').take(6).find(is_account)
}

/// The host of a URL, without its port.
pub(super) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest
        .split_once('/')
        .map_or(rest, |(authority, _)| authority);
    match authority.rsplit_once(':') {
        // In brackets, colons are part of the host.
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_found_in_each_form_of_an_arn() {
        for arn in [
            "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/c0ffee",
            "arn:aws::sdb:us-east-1:111122223333:domain/Books/export/c0ffee",
        ] {
            assert_eq!(account_of(arn), Some("111122223333"));
        }
        for arn in [
            "",
            "arn:x",
            "arn:aws:sdb:us-east-1::domain/111122223333",
            "arn:aws:sdb:us-east-1:11112222333:domain/x:y:111122223333",
        ] {
            assert_eq!(account_of(arn), None, "{arn}");
        }
    }

    #[test]
    fn a_host_has_no_port() {
        for (url, host) in [
            ("http://127.0.0.1:8000", "127.0.0.1"),
            ("https://example.com/base:1/", "example.com"),
            ("http://[::1]:8000/base", "[::1]"),
            ("http://[::1]", "[::1]"),
        ] {
            assert_eq!(host_of(url), host);
        }
    }
}
