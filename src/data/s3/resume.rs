//! Resumes an interrupted download.

/// What an interrupted download left: the first bytes of the object with this ETag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Partial {
    pub(crate) bytes: u64,
    pub(crate) etag: String,
}

impl Partial {
    /// Returns the headers that request the rest, provided that the object is the same.
    pub(crate) fn headers(&self) -> [(&'static str, String); 2] {
        [
            ("range", format!("bytes={}-", self.bytes)),
            ("if-match", self.etag.clone()),
        ]
    }
}

/// What to do with a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The body is the whole object.
    TakeAll,
    /// The body follows the bytes that were fetched before.
    Append,
    /// Nothing follows the bytes that were fetched before: they may be all.
    Complete,
    /// The bytes that were fetched before belong to another object: fetch all again.
    StartOver,
    /// The request was refused.
    Refused,
}

/// Judges the response to a request for an object, or for the rest of one.
pub(crate) fn judge(
    partial: Option<&Partial>,
    status: u16,
    etag: Option<&str>,
    content_range: Option<&str>,
) -> Step {
    let Some(partial) = partial else {
        return if status == 200 {
            Step::TakeAll
        } else {
            Step::Refused
        };
    };
    match status {
        // The server does not support ranges.
        200 => Step::TakeAll,
        206 => {
            let same = etag.is_none_or(|etag| etag == partial.etag);
            let first = content_range.and_then(first_byte);
            if same && first == Some(partial.bytes) {
                Step::Append
            } else {
                Step::StartOver
            }
        }
        416 if content_range.and_then(length) == Some(partial.bytes) => Step::Complete,
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
    fn requests_the_rest_of_the_same_object_only() {
        assert_eq!(
            partial().headers(),
            [
                ("range", "bytes=5-".to_owned()),
                ("if-match", "\"e\"".to_owned())
            ]
        );
    }

    #[test]
    fn takes_a_whole_object_whatever_was_requested() {
        assert_eq!(judge(None, 200, None, None), Step::TakeAll);
        assert_eq!(
            judge(Some(&partial()), 200, Some("\"f\""), None),
            Step::TakeAll
        );
    }

    #[test]
    fn appends_the_rest_only_if_it_fits() {
        let judged = |etag, range| judge(Some(&partial()), 206, etag, range);
        assert_eq!(judged(Some("\"e\""), Some("bytes 5-9/10")), Step::Append);
        assert_eq!(judged(None, Some("bytes 5-9/10")), Step::Append);
        assert_eq!(judged(Some("\"f\""), Some("bytes 5-9/10")), Step::StartOver);
        assert_eq!(judged(Some("\"e\""), Some("bytes 4-9/10")), Step::StartOver);
        assert_eq!(judged(Some("\"e\""), Some("5-9")), Step::StartOver);
        assert_eq!(judged(Some("\"e\""), None), Step::StartOver);
    }

    #[test]
    fn starts_over_if_the_object_changed() {
        let judged = |status, range| judge(Some(&partial()), status, None, range);
        assert_eq!(judged(412, None), Step::StartOver);
        assert_eq!(judged(416, Some("bytes */5")), Step::Complete);
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
