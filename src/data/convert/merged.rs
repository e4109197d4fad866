//! Attributes that occur more than once in an item: SimpleDB has none, but a file may.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::losses::{LossKind, Losses};
use crate::wire::item::{Attribute, Item};

/// Returns the item with each attribute once, which nearly always is the item as it is.
pub(super) fn merge_repeated<'i>(item: &'i Item, losses: &mut Losses) -> Cow<'i, Item> {
    let attributes = &item.attributes;
    if all_different(attributes.iter().map(|attribute| &attribute.name)) {
        return Cow::Borrowed(item);
    }
    let mut places = HashMap::new();
    let mut merged: Vec<Attribute> = Vec::new();
    for attribute in attributes {
        let place = *places.entry(&attribute.name).or_insert(merged.len());
        if let Some(first) = merged.get_mut(place) {
            losses.add(LossKind::RepeatedAttribute, item, Some(&attribute.name));
            first.values.extend(attribute.values.iter().cloned());
        } else {
            merged.push(attribute.clone());
        }
    }
    Cow::Owned(Item {
        item_name: item.item_name.clone(),
        attributes: merged,
    })
}

/// Returns whether no text occurs twice.
pub(super) fn all_different<'a>(texts: impl ExactSizeIterator<Item = &'a String> + Clone) -> bool {
    // Comparing a few texts is much cheaper than hashing them.
    const FEW: usize = 16;
    if texts.len() > FEW {
        let mut seen = HashSet::with_capacity(texts.len());
        return texts.into_iter().all(|text| seen.insert(text));
    }
    let earlier = texts.clone();
    let mut texts = texts.enumerate();
    texts.all(|(count, text)| earlier.clone().take(count).all(|other| other != text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_an_item_without_repetition_alone() {
        let item = Item::new("a").attribute("x", ["v"]).attribute("y", ["v"]);
        let mut losses = Losses::default();
        let merged = merge_repeated(&item, &mut losses);
        assert!(matches!(merged, Cow::Borrowed(_)));
        assert!(losses.is_empty());
    }

    #[test]
    fn merges_the_values_of_a_repeated_attribute_in_order() {
        let item = Item::new("a")
            .attribute("x", ["1", "2"])
            .attribute("y", ["3"])
            .attribute("x", ["2"])
            .attribute("x", ["0"]);
        let mut losses = Losses::default();
        let merged = merge_repeated(&item, &mut losses);
        let expected = Item::new("a")
            .attribute("x", ["1", "2", "2", "0"])
            .attribute("y", ["3"]);
        assert_eq!(*merged, expected);
        assert_eq!(losses.count(LossKind::RepeatedAttribute), 2);
    }

    #[test]
    fn finds_equal_texts_among_few_and_many() {
        for count in [0, 1, 2, 16, 17, 100] {
            let mut texts: Vec<_> = (0..count).map(|number: u32| number.to_string()).collect();
            assert!(all_different(texts.iter()), "{count}");
            if let Some(first) = texts.first().cloned() {
                texts.push(first);
                assert!(!all_different(texts.iter()), "{count}");
            }
        }
    }
}
