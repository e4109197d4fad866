//! Attributes that occur more than once in an item: SimpleDB has none, but a file may.

use std::borrow::Cow;
use std::collections::HashMap;

use super::losses::{LossKind, Losses};
use crate::data::item_ref::{AttributeRef, ItemRef};

/// Up to here, comparing every name with every other is faster than hashing them.
const FEW: usize = 24;

/// The item with each attribute once, which nearly always is the item as it is.
pub(super) fn merge_repeated<'i, 'a>(
    item: &'i ItemRef<'a>,
    losses: &mut Losses,
) -> Cow<'i, ItemRef<'a>> {
    let attributes = &item.attributes;
    if attributes.len() <= FEW && !few_repeat(attributes) {
        return Cow::Borrowed(item);
    }
    let mut places = HashMap::with_capacity(attributes.len());
    let mut merged: Vec<AttributeRef<'a>> = Vec::with_capacity(attributes.len());
    for attribute in attributes {
        let place = *places.entry(&*attribute.name).or_insert(merged.len());
        if let Some(first) = merged.get_mut(place) {
            losses.add(LossKind::RepeatedAttribute, item, Some(&attribute.name));
            first.values.extend(attribute.values.iter().cloned());
        } else {
            merged.push(attribute.clone());
        }
    }
    if merged.len() == attributes.len() {
        return Cow::Borrowed(item);
    }
    Cow::Owned(ItemRef {
        item_name: item.item_name.clone(),
        attributes: merged,
    })
}

fn few_repeat(attributes: &[AttributeRef<'_>]) -> bool {
    let mut rest = attributes;
    while let [first, others @ ..] = rest {
        let name = first.name.as_bytes();
        let same = |other: &AttributeRef<'_>| {
            // Names often begin alike, so the last byte tells them apart without a call.
            let other = other.name.as_bytes();
            other.len() == name.len() && other.last() == name.last() && other == name
        };
        if others.iter().any(same) {
            return true;
        }
        rest = others;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Item;

    #[test]
    fn an_item_without_repetition_is_left_alone() {
        for count in [0, 1, FEW, FEW + 1, 300] {
            let item = (0..count).fold(Item::new("a"), |item, number| {
                item.attribute(number.to_string(), ["v"])
            });
            let item = ItemRef::from(&item);
            let mut losses = Losses::default();
            let merged = merge_repeated(&item, &mut losses);
            assert!(matches!(merged, Cow::Borrowed(_)));
            assert!(losses.is_empty());
        }
    }

    #[test]
    fn values_of_a_repeated_attribute_come_together_in_order() {
        for more in [0, FEW] {
            let mut item = Item::new("a")
                .attribute("x", ["1", "2"])
                .attribute("y", ["3"])
                .attribute("x", ["2"])
                .attribute("x", ["0"]);
            for number in 0..more {
                item = item.attribute(number.to_string(), ["v"]);
            }
            let item = ItemRef::from(&item);
            let mut losses = Losses::default();
            let merged = merge_repeated(&item, &mut losses);
            assert_eq!(merged.attributes.len(), 2 + more);
            assert_eq!(merged.attributes[0].values, ["1", "2", "2", "0"]);
            assert_eq!(merged.attributes[1].values, ["3"]);
            assert_eq!(losses.count(LossKind::RepeatedAttribute), 2);
        }
    }
}
