//! Output in several targets of limited size, each of whole lines.

use std::io;

/// Completes a target and replaces it by the next one.
type Next<W> = Box<dyn FnMut(&mut W) -> io::Result<()> + Send>;

/// The limit of the targets, and how full the current one is.
pub(super) struct Parts<W> {
    max_bytes: u64,
    written: u64,
    next: Next<W>,
}

impl<W> Parts<W> {
    pub(super) fn new(max_bytes: u64, next: Next<W>) -> Parts<W> {
        Parts {
            max_bytes,
            written: 0,
            next,
        }
    }

    /// Returns how many bytes of a chunk belong to the current target, if others do not. A line that
    /// is larger than a target has one to itself.
    pub(super) fn cut(&self, chunk: &[u8]) -> Option<usize> {
        let room = self.max_bytes.saturating_sub(self.written);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        if chunk.len() <= room {
            return None;
        }
        let is_end = |byte: &u8| *byte == b'\n';
        let fitting = chunk.get(..room).unwrap_or_default();
        let end = match fitting.iter().rposition(is_end) {
            Some(last) => last + 1,
            None if self.written > 0 => 0,
            None => chunk.iter().position(is_end)? + 1,
        };
        (end < chunk.len()).then_some(end)
    }

    pub(super) fn count(&mut self, bytes: usize) {
        self.written += bytes as u64;
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
        let mut parts: Parts<()> = Parts::new(max_bytes, Box::new(|()| Ok(())));
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
    fn gives_a_target_to_a_line_that_is_too_large() {
        assert_eq!(cut(2, 0, "abc\nd\n"), Some(4));
        assert_eq!(cut(2, 0, "abc\n"), None);
        assert_eq!(cut(2, 1, "abc\n"), Some(0));
    }
}
