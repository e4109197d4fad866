//! Attributes that occur more than once in an item: SimpleDB has none, but a file may.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::losses::{LossKind, Losses};
use crate::wire::item::{Attribute, Item};

/// Returns the item with each attribute once, which nearly always is the item as it is.
pub(super) fn merge_repeated<'i>(item: &'i Item, losses: &mut Losses) -> Cow<'i, Item> {
    let attributes = &item.attributes;
    let mut names = HashSet::with_capacity(attributes.len());
    if attributes
        .iter()
        .all(|attribute| names.insert(&attribute.name))
    {
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
}
