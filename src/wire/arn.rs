//! Amazon Resource Names.

/// An ARN, of which only the parts that are needed are read: AWS documents more than one form of
/// an export's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a>(pub(crate) &'a str);

impl<'a> Arn<'a> {
    /// Returns the twelve-digit account ID, if there is one.
    pub(crate) fn account_id(self) -> Option<&'a str> {
        let is_account = |part: &&str| part.len() == 12 && part.bytes().all(|b| b.is_ascii_digit());
        self.0.split(':').take(6).find(is_account)
    }

    /// Returns the last part, which is an export's ID.
    #[cfg(any(feature = "data", test))]
    pub(crate) fn id(self) -> &'a str {
        self.0.rsplit(['/', ':']).next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_account_and_id_in_every_documented_form() {
        for (arn, id) in [
            (
                "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/c0ffee",
                "c0ffee",
            ),
            (
                "arn:aws::sdb:us-east-1:111122223333:domain/Books/export/c0ffee",
                "c0ffee",
            ),
            (
                "arn:aws:sts::111122223333:assumed-role/Role/session",
                "session",
            ),
        ] {
            assert_eq!(Arn(arn).account_id(), Some("111122223333"), "{arn}");
            assert_eq!(Arn(arn).id(), id, "{arn}");
        }
    }

    #[test]
    fn does_not_take_other_numbers_for_an_account() {
        for arn in [
            "",
            "arn:x",
            "arn:aws:sdb:us-east-1::domain/111122223333",
            "arn:aws:sdb:us-east-1:11112222333:domain/x:y:111122223333",
        ] {
            assert_eq!(Arn(arn).account_id(), None, "{arn}");
        }
    }
}
