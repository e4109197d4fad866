//! Where rows are cut, so that no output is larger than a limit.

/// How many bytes of whole rows there is room for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) room: usize,
    /// Whether a row can contain line breaks, between quotes.
    pub(super) has_quotes: bool,
}

impl Limit {
    /// Returns how many bytes of rows there is room for, if not for all. A row that is too large is
    /// admitted unless others come before it.
    pub(super) fn cut(self, rows: &[u8], others_before: bool) -> Option<usize> {
        if rows.len() <= self.room {
            return None;
        }
        let end = match last_end(rows, self.room, self.has_quotes) {
            (Some(last), _) => last,
            (None, _) if others_before => 0,
            (None, next) => next?,
        };
        (end < rows.len()).then_some(end)
    }
}

/// Returns the end of the last row that fits into this many bytes, or that of the first one if none
/// does.
fn last_end(rows: &[u8], room: usize, has_quotes: bool) -> (Option<usize>, Option<usize>) {
    let mut is_quoted = false;
    let mut last = None;
    for (position, byte) in rows.iter().enumerate() {
        match byte {
            // A quote within quotes is doubled.
            b'"' if has_quotes => is_quoted = !is_quoted,
            b'\n' if !is_quoted && position < room => last = Some(position + 1),
            b'\n' if !is_quoted => return (last, Some(position + 1)),
            _ => {}
        }
        if position >= room && last.is_some() {
            break;
        }
    }
    (last, None)
}
