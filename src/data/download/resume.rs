//! Going on where a download was interrupted.

/// What an interrupted download left: the bytes that there are, of the object with this ETag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partial {
    pub(super) bytes: u64,
    pub(super) etag: String,
}

impl Partial {
    /// The headers that ask for the rest, as long as the object is the same.
    pub(super) fn headers(&self) -> [(&'static str, String); 2] {
        [
            ("range", format!("bytes={}-", self.bytes)),
            ("if-match", self.etag.clone()),
        ]
    }
}

/// What to do with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The body is the whole object.
    TakeWhole,
    /// The body is what comes after the bytes that there are.
    Append,
    /// There is nothing after the bytes that there are: they may be the whole.
    CheckWhatIsThere,
    /// What there is does not belong to the object: ask again, for all of it.
    StartOver,
    /// It is a refusal.
    Refused,
}

/// Reads an answer to a request for an object, or for the rest of one.
pub(super) fn judge(
    partial: Option<&Partial>,
    status: u16,
    etag: Option<&str>,
    content_range: Option<&str>,
) -> Step {
    let Some(partial) = partial else {
        return if status == 200 {
            Step::TakeWhole
        } else {
            Step::Refused
        };
    };
    match status {
        // A server that knows no ranges.
        200 => Step::TakeWhole,
        206 => {
            let same = etag.is_none_or(|etag| etag == partial.etag);
            let first = content_range.and_then(first_byte);
            if same && first == Some(partial.bytes) {
                Step::Append
            } else {
                Step::StartOver
            }
        }
        416 if content_range.and_then(length) == Some(partial.bytes) => Step::CheckWhatIsThere,
        412 | 416 => Step::StartOver,
        _ => Step::Refused,
    }
}

/// The 5 of `bytes 5-9/10`.
fn first_byte(content_range: &str) -> Option<u64> {
    let (first, _) = content_range.strip_prefix("bytes ")?.split_once('-')?;
    first.parse().ok()
}

/// The 10 of `bytes */10`.
fn length(content_range: &str) -> Option<u64> {
    content_range.strip_prefix("bytes */")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partial() -> Partial {
        Partial {
            bytes: 5,
            etag: "\"e\"".to_owned(),
        }
    }

    #[test]
    fn the_rest_is_asked_for_only_of_the_same_object() {
        assert_eq!(
            partial().headers(),
            [
                ("range", "bytes=5-".to_owned()),
                ("if-match", "\"e\"".to_owned())
            ]
        );
    }

    #[test]
    fn a_whole_object_is_taken_whatever_was_asked_for() {
        assert_eq!(judge(None, 200, None, None), Step::TakeWhole);
        assert_eq!(
            judge(Some(&partial()), 200, Some("\"f\""), None),
            Step::TakeWhole
        );
    }

    #[test]
    fn the_rest_is_appended_only_if_it_fits() {
        let judged = |etag, range| judge(Some(&partial()), 206, etag, range);
        assert_eq!(judged(Some("\"e\""), Some("bytes 5-9/10")), Step::Append);
        assert_eq!(judged(None, Some("bytes 5-9/10")), Step::Append);
        assert_eq!(judged(Some("\"f\""), Some("bytes 5-9/10")), Step::StartOver);
        assert_eq!(judged(Some("\"e\""), Some("bytes 4-9/10")), Step::StartOver);
        assert_eq!(judged(Some("\"e\""), Some("5-9")), Step::StartOver);
        assert_eq!(judged(Some("\"e\""), None), Step::StartOver);
    }

    #[test]
    fn an_object_that_changed_is_fetched_anew_and_one_that_is_here_is_checked() {
        let judged = |status, range| judge(Some(&partial()), status, None, range);
        assert_eq!(judged(412, None), Step::StartOver);
        assert_eq!(judged(416, Some("bytes */5")), Step::CheckWhatIsThere);
        assert_eq!(judged(416, Some("bytes */4")), Step::StartOver);
        assert_eq!(judged(416, None), Step::StartOver);
    }

    #[test]
    fn everything_else_is_a_refusal() {
        for status in [206, 301, 403, 404, 412, 416, 500, 503] {
            assert_eq!(
                judge(None, status, None, Some("bytes 0-9/10")),
                Step::Refused
            );
        }
        for status in [301, 403, 404, 503] {
            assert_eq!(judge(Some(&partial()), status, None, None), Step::Refused);
        }
    }
}
