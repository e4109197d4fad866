//! What a format could not represent.

use std::fmt;

use crate::text::Escaped;
use crate::wire::item::Item;

/// The kind of a [`Loss`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LossKind {
    /// An item has the same attribute more than once; the values were merged.
    RepeatedAttribute,
    /// A set contains a value more than once, which was written once.
    DuplicateValue,
    /// An attribute has no values and was omitted.
    NoValues,
    /// A spreadsheet would treat a text as a formula; it was prefixed with `'`.
    GuardedFormula,
    /// An attribute is not among the columns and was omitted.
    NotAColumn,
    /// A value does not fit the type of its column and was omitted.
    TypeMismatch,
    /// A value does not fit the type of its column; the item was skipped.
    SkippedItem,
    /// A number is beyond DynamoDB's range; it was written anyway.
    NumberOutOfRange,
    /// A text contains NUL, which the database does not allow; U+FFFD was written instead.
    NulCharacter,
    /// A time is out of the database's range and was omitted.
    TimeOutOfRange,
    /// An item is larger than DynamoDB's limit of 400 KB; it was written anyway.
    ItemTooLarge,
    /// An item name is empty or longer than DynamoDB's limit of 2048 bytes for a key; the item was
    /// written anyway.
    InvalidKey,
}

impl fmt::Display for LossKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LossKind::RepeatedAttribute => {
                "the attribute occurs more than once; its values were merged"
            }
            LossKind::DuplicateValue => "a duplicate value was written once",
            LossKind::NoValues => "the attribute has no values and was omitted",
            LossKind::GuardedFormula => "a ' was put before what looks like a formula",
            LossKind::NotAColumn => "the attribute has no column and was omitted",
            LossKind::TypeMismatch => "a value does not fit the column's type and was omitted",
            LossKind::SkippedItem => "a value does not fit the column's type; the item was skipped",
            LossKind::NumberOutOfRange => {
                "DynamoDB rejects numbers that are not zero and not between 1E-130 and 1E126"
            }
            LossKind::NulCharacter => {
                "the database's text cannot contain NUL, which was replaced by U+FFFD"
            }
            LossKind::TimeOutOfRange => "the time is out of the database's range and was omitted",
            LossKind::ItemTooLarge => "DynamoDB rejects items larger than 400 KB",
            LossKind::InvalidKey => {
                "DynamoDB rejects keys that are empty or longer than 2048 bytes"
            }
        })
    }
}

/// Something that a format could not represent. `Display` is one line.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loss {
    /// What could not be represented.
    pub kind: LossKind,
    /// The name of the item.
    pub item_name: String,
    /// The attribute, unless the loss concerns the whole item.
    pub attribute: Option<String>,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item {}", Escaped(&self.item_name))?;
        if let Some(attribute) = &self.attribute {
            write!(f, ", attribute {}", Escaped(attribute))?;
        }
        write!(f, ": {}", self.kind)
    }
}

/// The number of examples kept of each kind.
const EXAMPLES: u64 = 10;

/// What a format could not represent: the count of each kind, and the first examples.
#[derive(Debug, Default)]
pub struct Losses {
    counts: Vec<(LossKind, u64)>,
    examples: Vec<Loss>,
}

impl Losses {
    /// Returns true if nothing was lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Returns the count of this kind.
    #[must_use]
    pub fn count(&self, kind: LossKind) -> u64 {
        let mut counts = self.counts();
        counts
            .find(|count| count.0 == kind)
            .map_or(0, |count| count.1)
    }

    /// Returns the kinds that occurred, in the order of their first occurrence, with their counts.
    pub fn counts(&self) -> impl Iterator<Item = (LossKind, u64)> + '_ {
        self.counts.iter().copied()
    }

    /// Returns the first ten of each kind, in the order of the items.
    #[must_use]
    pub fn examples(&self) -> &[Loss] {
        &self.examples
    }

    pub(crate) fn add(&mut self, kind: LossKind, item: &Item, attribute: Option<&str>) {
        if self.increase(kind, 1) < EXAMPLES {
            self.examples.push(Loss {
                kind,
                item_name: item.item_name.clone(),
                attribute: attribute.map(str::to_owned),
            });
        }
    }

    /// Adds the losses of items that follow.
    pub(super) fn append(&mut self, next: Losses) {
        for (kind, count) in next.counts {
            self.increase(kind, count);
        }
        for loss in next.examples {
            let known = self.examples.iter().filter(|known| known.kind == loss.kind);
            if (known.count() as u64) < EXAMPLES {
                self.examples.push(loss);
            }
        }
    }

    /// Adds to the count of a kind, and returns what it was.
    fn increase(&mut self, kind: LossKind, by: u64) -> u64 {
        let known = self.counts.iter_mut().find(|count| count.0 == kind);
        if let Some((_, count)) = known {
            let before = *count;
            *count += by;
            before
        } else {
            self.counts.push((kind, by));
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_all_and_keeps_the_first_of_each_kind() {
        let item = Item::new("a\nb");
        let mut losses = Losses::default();
        assert!(losses.is_empty());
        for _ in 0..25 {
            losses.add(LossKind::NoValues, &item, Some("n"));
        }
        losses.add(LossKind::ItemTooLarge, &item, None);
        assert!(!losses.is_empty());
        assert_eq!(losses.count(LossKind::NoValues), 25);
        assert_eq!(losses.count(LossKind::GuardedFormula), 0);
        let counts: Vec<_> = losses.counts().collect();
        assert_eq!(
            counts,
            [(LossKind::NoValues, 25), (LossKind::ItemTooLarge, 1)]
        );
        assert_eq!(losses.examples().len(), 11);
        assert_eq!(
            losses.examples()[0].to_string(),
            "item a\\nb, attribute n: the attribute has no values and was omitted"
        );
        assert_eq!(
            losses.examples()[10].to_string(),
            "item a\\nb: DynamoDB rejects items larger than 400 KB"
        );
    }

    #[test]
    fn appended_losses_are_those_of_all_items_in_order() {
        let lose = |losses: &mut Losses, number: u64| {
            let item = Item::new(number.to_string());
            if number % 3 == 0 {
                losses.add(LossKind::GuardedFormula, &item, Some("a"));
            }
            if number % 2 == 0 {
                losses.add(LossKind::NoValues, &item, None);
            }
        };
        let (mut at_once, mut in_parts) = (Losses::default(), Losses::default());
        for start in (0..40).step_by(8) {
            let mut part = Losses::default();
            for number in start..start + 8 {
                lose(&mut at_once, number);
                lose(&mut part, number);
            }
            in_parts.append(part);
        }
        assert_eq!(format!("{in_parts:?}"), format!("{at_once:?}"));
    }
}
