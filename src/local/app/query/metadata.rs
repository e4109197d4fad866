//! How much a domain holds.

use std::collections::HashSet;
use std::convert::Infallible;
use std::io;

use crate::local::domains::Domain;

/// The counts of a domain; the sizes are bytes of UTF-8.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) item_count: usize,
    pub(super) item_names_size_bytes: usize,
    pub(super) attribute_name_count: usize,
    pub(super) attribute_names_size_bytes: usize,
    pub(super) attribute_value_count: usize,
    pub(super) attribute_values_size_bytes: usize,
}

/// Reads all items of a domain once.
pub(super) fn metadata(domain: &Domain) -> io::Result<Metadata> {
    let mut metadata = Metadata::default();
    let mut names: HashSet<String> = HashSet::new();
    let Ok(()) = domain.for_each(|item| {
        metadata.item_count += 1;
        metadata.item_names_size_bytes += item.item_name.len();
        for attribute in &item.attributes {
            if !names.contains(&attribute.name) {
                names.insert(attribute.name.clone());
            }
            metadata.attribute_value_count += attribute.values.len();
            metadata.attribute_values_size_bytes +=
                attribute.values.iter().map(String::len).sum::<usize>();
        }
        Ok::<(), Infallible>(())
    })?;
    metadata.attribute_name_count = names.len();
    metadata.attribute_names_size_bytes = names.iter().map(String::len).sum();
    Ok(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::item::Item;

    #[test]
    fn counts_every_pair_and_each_attribute_name_once() {
        let items = [
            Item::new("ä")
                .attribute("name", ["a", "bc"])
                .attribute("e", [""]),
            Item::new("b").attribute("name", ["€"]),
            Item::new("none"),
        ];
        let counted = metadata(&Domain::Items(items.into())).unwrap();
        let expected = Metadata {
            item_count: 3,
            item_names_size_bytes: 7,
            attribute_name_count: 2,
            attribute_names_size_bytes: 5,
            attribute_value_count: 4,
            attribute_values_size_bytes: 6,
        };
        assert_eq!(counted, expected);
    }
}
