//! Arbitrary items, for property tests.

use proptest::prelude::*;

use crate::wire::item::{Attribute, Item};

/// Generates items with any characters; attributes may repeat and have no values.
pub(crate) fn any_items() -> impl Strategy<Value = Vec<Item>> {
    // Few names, so that some repeat.
    let name = prop_oneof![any::<String>(), "[ab]?"];
    let value = prop_oneof![any::<String>(), "[\\[\\]\\\\\",|\r\n]{0,2}"];
    let attribute = (name.clone(), prop::collection::vec(value, 0..4))
        .prop_map(|(name, values)| Attribute::new(name, values));
    let item = (name, prop::collection::vec(attribute, 0..5)).prop_map(|(name, attributes)| {
        let mut item = Item::new(name);
        item.attributes = attributes;
        item
    });
    prop::collection::vec(item, 0..6)
}

pub(crate) fn few_cases() -> ProptestConfig {
    ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
