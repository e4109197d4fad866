//! Parses the `Range` header.

/// A range of an object whose length is known.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Range {
    /// None, or one that S3 ignores: several ranges, other units, anything malformed.
    Whole,
    /// From the first to the last byte, inclusive.
    Part { first: u64, last: u64 },
    /// It contains no byte of the object.
    Outside,
}

pub(super) fn parse(header: &str, length: u64) -> Range {
    let Some((first, last)) = header
        .trim()
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Range::Whole;
    };
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // A number that overflows is beyond any object.
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let (first, last) = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => (first, last),
        (Some(first), None) if last.is_empty() => (first, u64::MAX),
        (None, Some(0)) if first.is_empty() => return Range::Outside,
        (None, Some(count)) if first.is_empty() => (length.saturating_sub(count), u64::MAX),
        _ => return Range::Whole,
    };
    if first < length {
        let last = last.min(length - 1);
        Range::Part { first, last }
    } else {
        Range::Outside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ranges_as_s3_does() {
        let part = |first, last| Range::Part { first, last };
        let table = [
            ("bytes=0-9", part(0, 9)),
            ("bytes=0-", part(0, 99)),
            ("bytes=99-", part(99, 99)),
            ("bytes=90-1000", part(90, 99)),
            ("bytes=-10", part(90, 99)),
            ("bytes=-1000", part(0, 99)),
            ("bytes=5-99999999999999999999999", part(5, 99)),
            ("bytes=100-", Range::Outside),
            ("bytes=99999999999999999999999-", Range::Outside),
            ("bytes=-0", Range::Outside),
            ("bytes=9-0", Range::Whole),
            ("bytes=0-1,4-5", Range::Whole),
            ("bytes=-", Range::Whole),
            ("bytes=+1-2", Range::Whole),
            ("items=0-9", Range::Whole),
            ("", Range::Whole),
        ];
        for (header, range) in table {
            assert_eq!(parse(header, 100), range, "{header}");
        }
        assert_eq!(parse("bytes=0-", 0), Range::Outside);
        assert_eq!(parse("bytes=-5", 0), Range::Outside);
    }
}
