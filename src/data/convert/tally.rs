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
    /// Marks a column as used.
    pub(super) fn use_column(&mut self, position: usize) {
        if position >= self.used_columns.len() {
            self.used_columns.resize(position + 1, false);
        }
        if let Some(is_used) = self.used_columns.get_mut(position) {
            *is_used = true;
        }
    }

    /// Adds what happened to the items that follow.
    pub(crate) fn append(&mut self, next: Tally) {
        self.items += next.items;
        self.losses.append(next.losses);
        for (position, is_used) in next.used_columns.into_iter().enumerate() {
            if is_used {
                self.use_column(position);
            }
        }
    }
}
