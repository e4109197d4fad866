//! Values by their names.

use std::fmt;

/// Names and values in the order of the names. Profile files have few of them, and this takes far
/// less code than a tree.
#[derive(Clone)]
pub(super) struct Sorted<V>(Vec<(String, V)>);

impl<V> Sorted<V> {
    pub(super) fn get(&self, name: &str) -> Option<&V> {
        let (_, value) = self.0.get(self.find(name).ok()?)?;
        Some(value)
    }

    /// Puts a value in the place of the one that is there.
    pub(super) fn set(&mut self, name: String, value: V) {
        match self.find(&name) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0
            .binary_search_by(|(found, _)| found.as_str().cmp(name))
    }
}

impl<V: Default> Sorted<V> {
    /// The value of a name; a new one where there is none.
    pub(super) fn entry(&mut self, name: &str) -> &mut V {
        let at = self.find(name).unwrap_or_else(|at| {
            self.0.insert(at, (name.to_owned(), V::default()));
            at
        });
        &mut self.0[at].1
    }
}

impl<V> Default for Sorted<V> {
    fn default() -> Sorted<V> {
        Sorted(Vec::new())
    }
}

impl<V: fmt::Debug> fmt::Debug for Sorted<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_in_order_and_once() {
        let mut sorted = Sorted::<u32>::default();
        for (name, value) in [("b", 1), ("c", 2), ("a", 3), ("b", 4)] {
            sorted.set(name.to_owned(), value);
        }
        *sorted.entry("c") += 10;
        *sorted.entry("B") += 20;
        let all: Vec<_> = sorted.iter().collect();
        assert_eq!(all, [("B", &20), ("a", &3), ("b", &4), ("c", &12)]);
        assert_eq!(sorted.names().collect::<String>(), "Babc");
        assert_eq!(
            format!("{sorted:?}"),
            r#"{"B": 20, "a": 3, "b": 4, "c": 12}"#
        );
        assert_eq!((sorted.get("b"), sorted.get("d")), (Some(&4), None));
    }
}
