//! Output in several targets of limited size, each of whole rows.

use std::io;

use super::chunk::Text;
use super::limit::Limit;

/// Completes a target and replaces it by the next one.
type Next<W> = Box<dyn FnMut(&mut W) -> io::Result<()> + Send>;

/// The limit of the targets, and how full the current one is.
pub(super) struct Parts<W> {
    pub(super) max_bytes: u64,
    pub(super) written: u64,
    /// Whether a row can contain line breaks, between quotes.
    has_quotes: bool,
    /// What precedes the rows in every target, once it is known.
    pub(super) head: Option<Text>,
    next: Next<W>,
}

impl<W> Parts<W> {
    pub(super) fn new(max_bytes: u64, has_quotes: bool, next: Next<W>) -> Parts<W> {
        Parts {
            max_bytes,
            written: 0,
            has_quotes,
            head: None,
            next,
        }
    }

    /// Has a single target without a limit.
    pub(super) fn single() -> Parts<W> {
        Parts::new(u64::MAX, false, Box::new(|_| Ok(())))
    }

    /// Returns what limits a target with nothing but the head.
    pub(super) fn limit(&self) -> Limit {
        self.limit_after(self.head_bytes())
    }

    fn limit_after(&self, written: u64) -> Limit {
        let room = self.max_bytes.saturating_sub(written);
        Limit {
            room: usize::try_from(room).unwrap_or(usize::MAX),
            has_quotes: self.has_quotes,
        }
    }

    fn head_bytes(&self) -> u64 {
        self.head.as_ref().map_or(0, Text::length) as u64
    }

    /// Returns how many bytes of rows belong to the current target, if others do not. A row that is
    /// larger than a target has one to itself.
    pub(super) fn cut(&self, rows: &[u8]) -> Option<usize> {
        self.limit_after(self.written).cut(rows, self.has_rows())
    }

    /// Returns whether the current target has more than the head.
    pub(super) fn has_rows(&self) -> bool {
        self.written > self.head_bytes()
    }

    /// Returns whether so many bytes more are too many for the current target, which is not empty.
    pub(super) fn would_exceed(&self, bytes: u64) -> bool {
        self.written > 0 && self.written.saturating_add(bytes) > self.max_bytes
    }

    pub(super) fn next(&mut self, target: &mut W) -> io::Result<()> {
        self.written = 0;
        (self.next)(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(max_bytes: u64, written: u64, chunk: &str) -> Option<usize> {
        let mut parts: Parts<()> = Parts::new(max_bytes, false, Box::new(|()| Ok(())));
        parts.written = written;
        parts.cut(chunk.as_bytes())
    }

    #[test]
    fn cuts_after_the_last_line_that_fits() {
        assert_eq!(cut(10, 0, "ab\ncd\nef\n"), None);
        assert_eq!(cut(9, 0, "ab\ncd\nef\n"), None);
        assert_eq!(cut(8, 0, "ab\ncd\nef\n"), Some(6));
        assert_eq!(cut(10, 7, "ab\ncd\nef\n"), Some(3));
        assert_eq!(cut(10, 8, "ab\ncd\nef\n"), Some(0));
        assert_eq!(cut(10, 20, "ab\n"), Some(0));
    }

    #[test]
    fn cuts_between_rows_but_not_within_quotes() {
        let rows = "a,\"x\ny\"\nb,\"\"\"\n\"\nc\n";
        let mut parts: Parts<()> = Parts::new(10, true, Box::new(|()| Ok(())));
        parts.head = Some(Text::Plain(b"h\n".to_vec()));
        for (written, max_bytes, end) in [
            (2, 20, None),
            (2, 19, Some(16)),
            (2, 10, Some(8)),
            (2, 5, Some(8)),
            (3, 5, Some(0)),
        ] {
            parts.written = written;
            parts.max_bytes = max_bytes;
            assert_eq!(parts.cut(rows.as_bytes()), end, "{written} {max_bytes}");
        }
    }

    #[test]
    fn gives_a_target_to_a_line_that_is_too_large() {
        assert_eq!(cut(2, 0, "abc\nd\n"), Some(4));
        assert_eq!(cut(2, 0, "abc\n"), None);
        assert_eq!(cut(2, 1, "abc\n"), Some(0));
    }
}
