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

/// Parses the size of a file for DynamoDB, which takes objects of at most 5 GB.
pub(super) fn size(text: &str) -> Result<u64, &'static str> {
    let unit = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let factor = match unit {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => 0,
    };
    let number: Option<u64> = text.strip_suffix(unit).and_then(|text| text.parse().ok());
    match number.and_then(|number| number.checked_mul(factor)) {
        Some(size @ 1_000_000..=5_000_000_000) => Ok(size),
        _ => Err("expected 1MB to 5GB, such as 500MB or 1GiB"),
    }
}

/// Parses the delimiter of CSV.
pub(super) fn delimiter(text: &str) -> Result<char, &'static str> {
    let delimiter = if text == "\\t" { "\t" } else { text };
    match delimiter.as_bytes() {
        [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(char::from(*byte)),
        _ => {
            Err("expected an ASCII character other than a quote or a line break, or \\t for a tab")
        }
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
    fn accepts_sizes_up_to_the_limit_of_an_object() {
        for (text, bytes) in [
            ("1000000", 1_000_000),
            ("500MB", 500_000_000),
            ("1GiB", 1 << 30),
            ("5GB", 5_000_000_000),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "MB",
            "1",
            "999999",
            "5GiB",
            "1.5GB",
            "1 GB",
            "1TB",
            "-1GB",
            "9999999999GB",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn accepts_a_delimiter_or_a_tab() {
        assert_eq!(delimiter(";"), Ok(';'));
        assert_eq!(delimiter("\\t"), Ok('\t'));
        assert_eq!(delimiter("\t"), Ok('\t'));
        for text in ["", "\"", "\n", "é", "ab"] {
            assert!(delimiter(text).is_err(), "{text:?}");
        }
    }

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
