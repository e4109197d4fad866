//! How much an export contains, in the numbers that SimpleDB counts a domain in.

use std::collections::HashSet;

#[cfg(feature = "domains")]
use crate::domains::DomainMetadataOutput;
use crate::wire::item::Item;

/// How much an export or a domain contains, in the numbers of SimpleDB's DomainMetadata.
///
/// Sizes are in bytes of UTF-8.
///
/// ```no_run
/// # #[cfg(feature = "domains")] {
/// use simpledb_export::Client;
/// use simpledb_export::data::{Counts, Export};
/// use simpledb_export::domains::{DomainMetadataInput, Domains};
///
/// let report = Export::open("exports/AWSSimpleDB/c0ffee/Books")?.verify().run()?;
/// let domains = Domains::new(&Client::from_env()?)?;
/// let metadata = domains.domain_metadata(&DomainMetadataInput::new("Books"))?;
/// for (name, export, domain) in report.counts.differences(&Counts::from(&metadata)) {
///     println!("{name}: {export} in the export, {domain} in the domain");
/// }
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Number of items.
    pub items: u64,
    /// Size of all item names.
    pub item_names_size_bytes: u64,
    /// Number of distinct attribute names.
    pub attribute_names: u64,
    /// Size of the distinct attribute names.
    pub attribute_names_size_bytes: u64,
    /// Number of pairs of attribute name and value.
    pub attribute_values: u64,
    /// Size of all attribute values.
    pub attribute_values_size_bytes: u64,
}

impl Counts {
    /// Returns each number with its name, as in `attribute values`.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 6] {
        [
            ("items", self.items),
            ("bytes of item names", self.item_names_size_bytes),
            ("attribute names", self.attribute_names),
            ("bytes of attribute names", self.attribute_names_size_bytes),
            ("attribute values", self.attribute_values),
            (
                "bytes of attribute values",
                self.attribute_values_size_bytes,
            ),
        ]
    }

    /// Returns the numbers that differ: the name, the number here, and the other one.
    pub fn differences(&self, other: &Counts) -> impl Iterator<Item = (&'static str, u64, u64)> {
        let pairs = self.named().into_iter().zip(other.named());
        pairs
            .filter(|(here, there)| here != there)
            .map(|((name, here), (_, there))| (name, here, there))
    }
}

#[cfg(feature = "domains")]
impl From<&DomainMetadataOutput> for Counts {
    fn from(metadata: &DomainMetadataOutput) -> Counts {
        Counts {
            items: metadata.item_count,
            item_names_size_bytes: metadata.item_names_size_bytes,
            attribute_names: metadata.attribute_name_count,
            attribute_names_size_bytes: metadata.attribute_names_size_bytes,
            attribute_values: metadata.attribute_value_count,
            attribute_values_size_bytes: metadata.attribute_values_size_bytes,
        }
    }
}

/// Counts items one by one.
#[derive(Debug, Default)]
pub(super) struct Counter {
    counts: Counts,
    names: HashSet<String>,
    /// The name of the n-th attribute of an earlier item: items are alike, and comparing is faster
    /// than hashing.
    previous: Vec<String>,
}

impl Counter {
    pub(super) fn add(&mut self, item: &Item) {
        let counts = &mut self.counts;
        counts.items += 1;
        counts.item_names_size_bytes += item.item_name.len() as u64;
        for (index, attribute) in item.attributes.iter().enumerate() {
            counts.attribute_values += attribute.values.len() as u64;
            let sizes = attribute.values.iter().map(|value| value.len() as u64);
            counts.attribute_values_size_bytes += sizes.sum::<u64>();
            match self.previous.get_mut(index) {
                Some(previous) if *previous == attribute.name => continue,
                Some(previous) => previous.clone_from(&attribute.name),
                None => self.previous.push(attribute.name.clone()),
            }
            if !self.names.contains(&attribute.name) {
                self.names.insert(attribute.name.clone());
            }
        }
    }

    /// Adds what another one counted.
    pub(super) fn merge(&mut self, other: Counter) {
        self.counts.items += other.counts.items;
        self.counts.item_names_size_bytes += other.counts.item_names_size_bytes;
        self.counts.attribute_values += other.counts.attribute_values;
        self.counts.attribute_values_size_bytes += other.counts.attribute_values_size_bytes;
        self.names.extend(other.names);
    }

    pub(super) fn counts(&self) -> Counts {
        let sizes = self.names.iter().map(|name| name.len() as u64);
        Counts {
            attribute_names: self.names.len() as u64,
            attribute_names_size_bytes: sizes.sum(),
            ..self.counts
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_the_metadata_of_a_domain_counts() {
        let mut first = Counter::default();
        first.add(&Item::new("é1").attribute("name", ["Ada", "Bo"]));
        first.add(&Item::new("i2").attribute("year", ["1999"]));
        first.add(&Item::new("i3").attribute("name", ["💡"]));
        let mut second = Counter::default();
        second.add(
            &Item::new("i4")
                .attribute("name", [""])
                .attribute("tag", ["x"]),
        );
        first.merge(second);
        let counts = Counts {
            items: 4,
            item_names_size_bytes: 9,
            attribute_names: 3,
            attribute_names_size_bytes: 11,
            attribute_values: 6,
            attribute_values_size_bytes: 14,
        };
        assert_eq!(first.counts(), counts);
    }

    #[test]
    fn names_what_differs() {
        let export = Counts {
            items: 39,
            ..Counts::default()
        };
        let domain = Counts {
            items: 40,
            attribute_values: 1,
            ..Counts::default()
        };
        let differences: Vec<_> = export.differences(&domain).collect();
        assert_eq!(differences, [("items", 39, 40), ("attribute values", 0, 1)]);
        assert_eq!(export.differences(&export).count(), 0);
    }
}
