//! The values of settings. Each error completes a sentence that begins with "expected".

use crate::settings::endpoint::is_host_label;

pub(super) fn boolean(text: &str) -> Result<bool, &'static str> {
    if text.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if text.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err("\"true\" or \"false\"")
    }
}

pub(super) fn max_attempts(text: &str) -> Result<u32, &'static str> {
    match text.parse() {
        Ok(attempts) if attempts > 0 => Ok(attempts),
        _ => Err("an integer of at least 1"),
    }
}

/// Accepts every mode that AWS's tools, which share the setting, know.
pub(super) fn retry_mode(text: &str) -> Result<(), &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "standard" => Ok(()),
        other @ ("legacy" | "adaptive") => {
            log::debug!("retry mode {other} is treated as standard");
            Ok(())
        }
        _ => Err("\"standard\" (\"legacy\" and \"adaptive\" are treated as \"standard\")"),
    }
}

pub(crate) fn region(text: &str) -> Result<String, &'static str> {
    if is_host_label(text) {
        Ok(text.to_owned())
    } else {
        Err("a region such as \"us-east-1\": letters, digits and hyphens")
    }
}

/// The characters are those of AWS's SDK reference.
pub(crate) fn app_id(text: &str) -> Result<String, &'static str> {
    let is_valid = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if text.len() <= 50 && text.chars().all(is_valid) {
        Ok(text.to_owned())
    } else {
        Err("at most 50 letters, digits and characters of !#$%&'*+-.^_`|~")
    }
}

/// The address of the instance metadata service, unless a setting says otherwise.
pub(super) const EC2_METADATA_IPV4: &str = "http://169.254.169.254";

/// Returns the address of the instance metadata service in an address family.
pub(super) fn ec2_metadata_address(family: &str) -> Result<&'static str, &'static str> {
    if family.eq_ignore_ascii_case("IPv4") {
        Ok(EC2_METADATA_IPV4)
    } else if family.eq_ignore_ascii_case("IPv6") {
        Ok("http://[fd00:ec2::254]")
    } else {
        Err("\"IPv4\" or \"IPv6\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_booleans_and_modes_in_any_case() {
        assert_eq!(boolean("TRUE"), Ok(true));
        assert_eq!(boolean("False"), Ok(false));
        for text in ["", "1", "yes", "truee"] {
            assert!(boolean(text).is_err(), "{text}");
        }
        assert_eq!(ec2_metadata_address("ipV6"), Ok("http://[fd00:ec2::254]"));
        assert_eq!(ec2_metadata_address("ipv4"), Ok("http://169.254.169.254"));
        assert!(ec2_metadata_address("6").is_err());
        for text in ["standard", "Legacy", "ADAPTIVE"] {
            assert_eq!(retry_mode(text), Ok(()));
        }
        assert!(retry_mode("none").is_err());
    }

    #[test]
    fn reads_attempts_as_integers_of_at_least_one() {
        assert_eq!(max_attempts("1"), Ok(1));
        assert_eq!(max_attempts("4294967295"), Ok(u32::MAX));
        for text in ["0", "-1", "1.5", "", "three", "4294967296", "1 2"] {
            assert!(max_attempts(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rejects_an_application_id_that_does_not_fit_into_a_header() {
        assert_eq!(app_id("My_App~1|`").as_deref(), Ok("My_App~1|`"));
        assert!(app_id(&"x".repeat(50)).is_ok());
        for text in ["a b", "a/b", "a\nb", "ä", &"x".repeat(51)] {
            assert!(app_id(text).is_err(), "{text}");
        }
    }
}
