//! What happens to items while they are encoded.

use super::losses::Losses;

/// What happened to items besides being encoded.
#[derive(Debug, Default)]
pub struct Tally {
    pub(crate) items: u64,
    pub(crate) losses: Losses,
    /// For each column, whether an item has that attribute; may be shorter.
    pub(super) used_columns: Vec<bool>,
}

impl Tally {
    /// Marks the columns that an item has.
    pub(super) fn use_columns(&mut self, used: impl ExactSizeIterator<Item = bool>) {
        if self.used_columns.len() < used.len() {
            self.used_columns.resize(used.len(), false);
        }
        for (is_used, now) in self.used_columns.iter_mut().zip(used) {
            *is_used |= now;
        }
    }

    /// Adds what happened to the items that follow.
    pub(crate) fn append(&mut self, next: Tally) {
        self.items += next.items;
        self.losses.append(next.losses);
        self.use_columns(next.used_columns.into_iter());
    }
}
