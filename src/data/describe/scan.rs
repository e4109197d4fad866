//! Reads files and adds up what they contain.

use std::collections::HashMap;
use std::io::Read;
use std::mem;

use super::span::Span;
use super::tally::{Place, Tally};
use super::{Description, guess};
use crate::data::error::{Error, ErrorKind};
use crate::data::export::MAX_ATTRIBUTE_NAMES;
use crate::data::pipeline::{FilePlace, Survey};
use crate::data::reader::{ItemReader, UnreadableItem};
use crate::data::source::Changed;
use crate::wire::item::Item;

/// Describes items, each thread some of them.
pub(super) struct Scan;

/// What some of the items contain. Parts can be merged in any order.
#[derive(Debug, Default)]
pub(super) struct Part {
    items: u64,
    item_names: Span,
    attributes: Attributes,
    /// The memory of the previous item.
    item: Item,
    unreadable: Vec<(FilePlace, Vec<UnreadableItem>)>,
}

#[derive(Debug, Default)]
struct Attributes {
    names: HashMap<Box<str>, usize>,
    tallies: Vec<(Box<str>, Tally)>,
    /// Where the tally of the n-th attribute of the previous item is: items are alike.
    previous: Vec<usize>,
}

impl Survey for Scan {
    type Found = Part;

    const REQUIRES_MD5: bool = true;

    fn add<R: Read>(
        &self,
        part: &mut Part,
        place: FilePlace,
        items: &mut ItemReader<R>,
    ) -> Result<(), Error> {
        let mut attribute = Place {
            batch: place,
            number: 0,
        };
        let mut item = mem::take(&mut part.item);
        while items.read_item(&mut item)? {
            part.add(&item, &mut attribute)?;
        }
        part.item = item;
        let unreadable = mem::take(&mut items.unreadable);
        if !unreadable.is_empty() {
            part.unreadable.push((place, unreadable));
        }
        Ok(())
    }

    fn not_opened(&self, _file: usize, error: Error) -> Result<(), Error> {
        Err(error)
    }

    fn ended(
        &self,
        _file: usize,
        _bytes: u64,
        read: Result<Result<(), Changed>, Error>,
    ) -> Result<(), Error> {
        Ok(read??)
    }
}

impl Part {
    /// Adds an item whose first attribute has this place.
    fn add(&mut self, item: &Item, place: &mut Place) -> Result<(), Error> {
        self.items += 1;
        self.item_names.add(item.item_name.len());
        for (index, attribute) in item.attributes.iter().enumerate() {
            place.number += 1;
            let position = self.attributes.position(index, &attribute.name, *place)?;
            if let Some(tally) = self.attributes.get_mut(position) {
                tally.add(&attribute.values, self.items, *place);
            }
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Part) -> Result<(), Error> {
        self.items += other.items;
        self.item_names.merge(other.item_names);
        self.unreadable.extend(other.unreadable);
        for (name, tally) in other.attributes.tallies {
            let known = self.attributes.names.get(&name).copied();
            match known.and_then(|position| self.attributes.get_mut(position)) {
                Some(known) => known.merge(tally),
                None => drop(self.attributes.push(name, tally)?),
            }
        }
        Ok(())
    }

    pub(super) fn describe(mut self, domain_name: Option<&str>) -> Description {
        self.attributes
            .tallies
            .sort_unstable_by_key(|(_, tally)| tally.first);
        self.unreadable.sort_by_key(|(place, _)| *place);
        let unreadable = self.unreadable.into_iter();
        let attributes = self.attributes.tallies.into_iter();
        Description {
            domain_name: domain_name.map(str::to_string),
            items: self.items,
            item_name_length: self.item_names.range(),
            attributes: attributes
                .map(|(name, tally)| guess::describe(name, tally))
                .collect(),
            unreadable: unreadable.flat_map(|(_, items)| items).collect(),
        }
    }
}

impl Attributes {
    /// Returns where the tally of an attribute is, which is the n-th of its item.
    fn position(&mut self, index: usize, name: &str, place: Place) -> Result<usize, Error> {
        let expected = self.previous.get(index).copied().unwrap_or(index);
        let there = self.tallies.get(expected);
        if there.is_some_and(|(known, _)| **known == *name) {
            return Ok(expected);
        }
        let position = match self.names.get(name) {
            Some(known) => *known,
            None => self.push(name.into(), Tally::new(place))?,
        };
        if self.previous.len() <= index {
            self.previous.resize(index + 1, 0);
        }
        if let Some(previous) = self.previous.get_mut(index) {
            *previous = position;
        }
        Ok(position)
    }

    fn get_mut(&mut self, position: usize) -> Option<&mut Tally> {
        self.tallies.get_mut(position).map(|(_, tally)| tally)
    }

    fn push(&mut self, name: Box<str>, tally: Tally) -> Result<usize, Error> {
        if self.tallies.len() == MAX_ATTRIBUTE_NAMES {
            let message = format!(
                "more than {MAX_ATTRIBUTE_NAMES} different attributes, which no table can hold; \
                 convert to JSON Lines"
            );
            return Err(Error::new(ErrorKind::TooManyColumns, message));
        }
        let position = self.tallies.len();
        self.names.insert(name.clone(), position);
        self.tallies.push((name, tally));
        Ok(position)
    }
}
