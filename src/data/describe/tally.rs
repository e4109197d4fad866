//! What is known of an attribute, added up over items. Tallies can be merged in any order.

use super::forms::Forms;
use super::span::Span;
use crate::data::pipeline::FilePlace;
use crate::data::types::is_numbered;

/// How many examples are kept, and how long they may be.
const EXAMPLES: usize = 3;
const MAX_EXAMPLE_BYTES: usize = 100;

/// The position of an attribute of an item in an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) batch: FilePlace,
    /// Counted over all items of the batch.
    pub(super) number: u64,
}

#[derive(Debug)]
pub(super) struct Tally {
    pub(super) first: Place,
    /// How many items have the attribute.
    pub(super) items: u64,
    /// How many values there are.
    pub(super) values: u64,
    /// How many values an item has.
    pub(super) per_item: Span,
    pub(super) lengths: Span,
    pub(super) forms: Forms,
    /// Whether the values of every item are numbered from 0 on.
    pub(super) is_numbered: bool,
    /// The first different values.
    examples: Vec<(Place, Box<str>)>,
    /// The last item that has the attribute, and how many values it has: an item in a file may have
    /// an attribute twice.
    pub(super) last_item: u64,
    pub(super) last_values: usize,
}

impl Tally {
    pub(super) fn new(first: Place) -> Tally {
        Tally {
            first,
            items: 0,
            values: 0,
            per_item: Span::default(),
            lengths: Span::default(),
            forms: Forms::default(),
            is_numbered: true,
            examples: Vec::new(),
            last_item: 0,
            last_values: 0,
        }
    }

    /// Adds the values that an item has; items are numbered from 1.
    pub(super) fn add(&mut self, values: &[String], item: u64, place: Place) {
        self.is_numbered = self.is_numbered && self.last_item != item && is_numbered(values);
        if self.last_item == item {
            self.last_values += values.len();
        } else {
            self.items += 1;
            self.last_item = item;
            self.last_values = values.len();
        }
        self.per_item.add(self.last_values);
        self.values += values.len() as u64;
        for value in values {
            self.lengths.add(value.len());
            self.forms.add(value);
            if self.examples.len() < EXAMPLES {
                self.add_example(value, place);
            }
        }
    }

    fn add_example(&mut self, value: &str, place: Place) {
        let mut end = value.len().min(MAX_EXAMPLE_BYTES);
        while !value.is_char_boundary(end) {
            end -= 1;
        }
        let example = value.get(..end).unwrap_or_default();
        if self.examples.iter().all(|(_, known)| **known != *example) {
            self.examples.push((place, example.into()));
        }
    }

    pub(super) fn merge(&mut self, other: Tally) {
        self.first = self.first.min(other.first);
        self.items += other.items;
        self.values += other.values;
        self.per_item.merge(other.per_item);
        self.lengths.merge(other.lengths);
        self.forms.merge(&other.forms);
        self.is_numbered &= other.is_numbered;
        self.examples.extend(other.examples);
        // Values of the same item stay in their order.
        self.examples.sort_by_key(|(place, _)| *place);
        let mut kept: Vec<(Place, Box<str>)> = Vec::with_capacity(EXAMPLES);
        for (place, example) in self.examples.drain(..) {
            if kept.len() < EXAMPLES && kept.iter().all(|(_, known)| *known != example) {
                kept.push((place, example));
            }
        }
        self.examples = kept;
    }

    pub(super) fn examples(self) -> Vec<String> {
        let examples = self.examples.into_iter();
        examples.map(|(_, example)| example.into()).collect()
    }
}
