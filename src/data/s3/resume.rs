//! Resumes an interrupted download.

/// What an interrupted download left: the first bytes of the object with this ETag, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Partial {
    pub(crate) bytes: u64,
    pub(crate) etag: String,
}

impl Partial {
    /// Returns the headers that request the rest, provided that the object is the same.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("if-match", self.etag.clone())];
        if self.bytes > 0 {
            headers.push(("range", format!("bytes={}-", self.bytes)));
        }
        headers
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
}

/// Judges the response to a request for an object, or for the rest of one; `None` if it is a refusal.
pub(crate) fn judge(
    partial: Option<&Partial>,
    status: u16,
    etag: Option<&str>,
    content_range: Option<&str>,
) -> Option<Step> {
    if status == 200 {
        // Also for the rest, if the server does not support ranges.
        return Some(Step::TakeAll);
    }
    let partial = partial?;
    match status {
        206 => {
            let same = etag.is_none_or(|etag| etag == partial.etag);
            let first = content_range.and_then(first_byte);
            let fits = same && first == Some(partial.bytes);
            Some(if fits { Step::Append } else { Step::StartOver })
        }
        416 if content_range.and_then(length) == Some(partial.bytes) => Some(Step::Complete),
        412 | 416 => Some(Step::StartOver),
        _ => None,
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
        let if_match = ("if-match", "\"e\"".to_owned());
        let range = ("range", "bytes=5-".to_owned());
        assert_eq!(partial().headers(), [if_match.clone(), range]);
        let none = Partial {
            bytes: 0,
            ..partial()
        };
        assert_eq!(none.headers(), [if_match]);
    }

    #[test]
    fn takes_a_whole_object_no_matter_what_was_requested() {
        assert_eq!(judge(None, 200, None, None), Some(Step::TakeAll));
        assert_eq!(
            judge(Some(&partial()), 200, Some("\"f\""), None),
            Some(Step::TakeAll)
        );
    }

    #[test]
    fn appends_the_rest_only_if_it_fits() {
        let judged = |etag, range| judge(Some(&partial()), 206, etag, range);
        assert_eq!(
            judged(Some("\"e\""), Some("bytes 5-9/10")),
            Some(Step::Append)
        );
        assert_eq!(judged(None, Some("bytes 5-9/10")), Some(Step::Append));
        assert_eq!(
            judged(Some("\"f\""), Some("bytes 5-9/10")),
            Some(Step::StartOver)
        );
        assert_eq!(
            judged(Some("\"e\""), Some("bytes 4-9/10")),
            Some(Step::StartOver)
        );
        assert_eq!(judged(Some("\"e\""), Some("5-9")), Some(Step::StartOver));
        assert_eq!(judged(Some("\"e\""), None), Some(Step::StartOver));
    }

    #[test]
    fn starts_over_if_the_object_changed() {
        let judged = |status, range| judge(Some(&partial()), status, None, range);
        assert_eq!(judged(412, None), Some(Step::StartOver));
        assert_eq!(judged(416, Some("bytes */5")), Some(Step::Complete));
        assert_eq!(judged(416, Some("bytes */4")), Some(Step::StartOver));
        assert_eq!(judged(416, None), Some(Step::StartOver));
    }

    #[test]
    fn everything_else_is_a_refusal() {
        for status in [206, 301, 403, 404, 412, 416, 500, 503] {
            assert_eq!(judge(None, status, None, Some("bytes 0-9/10")), None);
        }
        for status in [301, 403, 404, 503] {
            assert_eq!(judge(Some(&partial()), status, None, None), None);
        }
    }
}
