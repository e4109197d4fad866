//! A range of numbers, added one by one.

use super::Range;

/// The least and the greatest of the numbers that were added.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    min: usize,
    max: usize,
}

impl Default for Span {
    fn default() -> Span {
        Span {
            min: usize::MAX,
            max: 0,
        }
    }
}

impl Span {
    pub(super) fn add(&mut self, number: usize) {
        self.min = self.min.min(number);
        self.max = self.max.max(number);
    }

    pub(super) fn merge(&mut self, other: Span) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Returns the only number that was added.
    pub(super) fn single(self) -> Option<usize> {
        (self.min == self.max).then_some(self.max)
    }

    pub(super) fn max(self) -> usize {
        self.max
    }

    pub(super) fn range(self) -> Range {
        Range {
            min: self.min.min(self.max) as u64,
            max: self.max as u64,
        }
    }
}
