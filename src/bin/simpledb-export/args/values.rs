//! Parsers of option values.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PathBufValueParser, TypedValueParser};

/// Parses a directory, with the system's separators throughout: messages show paths below it.
pub(super) fn directory() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(|path| path.components().collect())
}

/// Parses an export's ARN, whose length is documented and whose form is not.
pub(super) fn export_arn(text: &str) -> Result<String, &'static str> {
    if text.starts_with("arn:") && (20..=2048).contains(&text.chars().count()) {
        Ok(text.to_owned())
    } else {
        Err("expected an ARN as shown by list-exports, such as \
             arn:aws:sdb:us-east-1:111122223333:domain/Books/export/ID")
    }
}

/// Parses a bucket's name, which is not a URL.
pub(super) fn bucket(text: &str) -> Result<String, &'static str> {
    if text.starts_with("s3://") {
        return Err("expected a bucket name; the rest belongs to --s3-key-prefix");
    }
    let bytes = text.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    let is_name = (3..=255).contains(&bytes.len())
        && ends
            .iter()
            .all(|end| end.is_some_and(u8::is_ascii_alphanumeric))
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(byte));
    if is_name {
        Ok(text.to_owned())
    } else {
        Err(
            "expected a bucket name: at least 3 letters, digits, '.', '-' and '_', with a letter or \
             digit at either end",
        )
    }
}

/// Parses the name of a region or a profile.
pub(super) fn name(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        Err("must not be empty; omit the option to use the environment's")
    } else {
        Ok(text.to_owned())
    }
}

/// Parses a number of threads.
pub(super) fn threads(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("expected an integer of at least 1"),
    }
}

/// Parses a timeout in whole seconds, 0 for none, as the AWS CLI does.
pub(super) fn timeout(text: &str) -> Result<Duration, &'static str> {
    match text.parse() {
        Ok(0) => Ok(Duration::MAX),
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => Err("expected whole seconds, or 0 for no limit"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_the_name_of_a_bucket() {
        for name in ["abc", "my-bucket.2", "Old_Bucket"] {
            assert_eq!(bucket(name).as_deref(), Ok(name));
        }
        for name in ["", "ab", "-abc", "abc.", "a b", "bücket", "a/b", "s3://abc"] {
            assert!(bucket(name).is_err(), "{name}");
        }
    }

    #[test]
    fn recognizes_an_arn_by_its_prefix_and_length() {
        let with = |length| export_arn(&format!("arn:{}", "x".repeat(length)));
        assert!(with(15).is_err());
        assert!(with(16).is_ok());
        assert!(with(2044).is_ok());
        assert!(with(2045).is_err());
        assert!(export_arn("0123456789012345678901234").is_err());
    }
}
