//! Values that are checked before anything is done with them.

/// An export's ARN, of which the service documents the length and no form.
pub(super) fn export_arn(text: &str) -> Result<String, &'static str> {
    if text.starts_with("arn:") && (20..=2048).contains(&text.chars().count()) {
        Ok(text.to_owned())
    } else {
        Err("expected an ARN as list-exports shows them, like \
             arn:aws:sdb:us-east-1:111122223333:domain/Books/export/ID")
    }
}

/// A bucket's name, and not where something lies in it.
pub(super) fn bucket(text: &str) -> Result<String, &'static str> {
    if text.starts_with("s3://") {
        Err("give the name only; the rest is --s3-key-prefix")
    } else {
        Ok(text.to_owned())
    }
}

/// A region, or a profile, that is named at all.
pub(super) fn name(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        Err("it is empty; leave it out for that of the environment")
    } else {
        Ok(text.to_owned())
    }
}

/// A number of threads.
pub(super) fn threads(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("expected a whole number from 1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_known_by_its_beginning_and_its_length_only() {
        let with = |length| export_arn(&format!("arn:{}", "x".repeat(length)));
        assert!(with(15).is_err());
        assert!(with(16).is_ok());
        assert!(with(2044).is_ok());
        assert!(with(2045).is_err());
        assert!(export_arn("0123456789012345678901234").is_err());
    }
}
