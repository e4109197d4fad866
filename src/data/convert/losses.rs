//! What a conversion could not carry over.

use std::collections::BTreeMap;
use std::fmt;

use crate::data::item_ref::ItemRef;
use crate::text::Escaped;

/// A kind of thing that a format cannot hold, or that its reader refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LossKind {
    /// An item has the same attribute more than once; the values were put together under one.
    RepeatedAttribute,
    /// A value occurs more than once in a set, and was written once.
    DuplicateValue,
    /// An attribute has no values, and was left out.
    NoValues,
    /// An empty value looks like an attribute that is not there.
    EmptyValue,
    /// An attribute is not among the columns that were given, and was left out.
    NotAColumn,
    /// An item is larger than the 400 KB that DynamoDB takes; it was written all the same.
    ItemTooLarge,
    /// An item's name is empty or longer than the 2048 bytes that DynamoDB takes for a key; it
    /// was written all the same.
    InvalidKey,
}

impl fmt::Display for LossKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LossKind::RepeatedAttribute => {
                "the attribute occurs more than once; its values were put together"
            }
            LossKind::DuplicateValue => "a value that occurs more than once was written once",
            LossKind::NoValues => "the attribute has no values and was left out",
            LossKind::EmptyValue => "an empty value looks like no value",
            LossKind::NotAColumn => "the attribute has no column and was left out",
            LossKind::ItemTooLarge => "DynamoDB will refuse an item of more than 400 KB",
            LossKind::InvalidKey => {
                "DynamoDB will refuse a key that is empty or longer than 2048 bytes"
            }
        })
    }
}

/// One thing that was lost. `Display` is one line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// What kind.
    pub kind: LossKind,
    /// The item that it was lost from.
    pub item_name: String,
    /// The attribute that it was lost from, if it is not about the whole item.
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

/// All that was lost: how much of each kind, and the first examples of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    counts: BTreeMap<LossKind, u64>,
    examples: Vec<Loss>,
}

impl Losses {
    /// How many examples are kept of each kind.
    pub const EXAMPLES: u64 = 10;

    /// True if nothing was lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// How much was lost of this kind.
    #[must_use]
    pub fn count(&self, kind: LossKind) -> u64 {
        self.counts.get(&kind).copied().unwrap_or_default()
    }

    /// How much was lost of each kind of which anything was.
    pub fn counts(&self) -> impl Iterator<Item = (LossKind, u64)> + '_ {
        self.counts.iter().map(|(kind, count)| (*kind, *count))
    }

    /// The first [`EXAMPLES`](Losses::EXAMPLES) of each kind, in the order of the items.
    #[must_use]
    pub fn examples(&self) -> &[Loss] {
        &self.examples
    }

    pub(super) fn add(&mut self, kind: LossKind, item: &ItemRef<'_>, attribute: Option<&str>) {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count <= Losses::EXAMPLES {
            self.examples.push(Loss {
                kind,
                item_name: item.item_name.to_string(),
                attribute: attribute.map(str::to_owned),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Item;

    #[test]
    fn all_are_counted_and_the_first_of_each_kind_are_named() {
        let item = Item::new("a\nb");
        let item = ItemRef::from(&item);
        let mut losses = Losses::default();
        assert!(losses.is_empty());
        for _ in 0..25 {
            losses.add(LossKind::NoValues, &item, Some("n"));
        }
        losses.add(LossKind::ItemTooLarge, &item, None);
        assert!(!losses.is_empty());
        assert_eq!(losses.count(LossKind::NoValues), 25);
        assert_eq!(losses.count(LossKind::EmptyValue), 0);
        let counts: Vec<_> = losses.counts().collect();
        assert_eq!(
            counts,
            [(LossKind::NoValues, 25), (LossKind::ItemTooLarge, 1)]
        );
        assert_eq!(losses.examples().len(), 11);
        assert_eq!(
            losses.examples()[0].to_string(),
            "item a\\nb, attribute n: the attribute has no values and was left out"
        );
        assert_eq!(
            losses.examples()[10].to_string(),
            "item a\\nb: DynamoDB will refuse an item of more than 400 KB"
        );
    }
}
