//! Which account a run is about. Pure.

/// The account in an export's ARN: one of its first parts, as AWS documents more than one form of
/// these; `None` where there is nothing that could be one.
pub(super) fn account_of(export_arn: &str) -> Option<&str> {
    let is_account = |part: &&str| part.len() == 12 && part.bytes().all(|b| b.is_ascii_digit());
    export_arn.split(':').take(6).find(is_account)
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
}
