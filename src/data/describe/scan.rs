//! Reads files and adds up what they contain.

use std::collections::HashMap;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::span::Span;
use super::tally::{Place, Tally};
use super::{AttributeDescription, Description, guess};
use crate::data::error::{Error, ErrorKind};
use crate::data::export::{Export, MAX_ATTRIBUTE_NAMES};
use crate::data::progress::{Reported, Tracker};
use crate::data::reader::{ItemReader, UnreadableItem};
use crate::wire::item::Item;

/// The files of an export, which several threads share.
pub(super) struct Scan<'s, 'a> {
    export: &'s Export,
    tracker: &'s Tracker<'a>,
    next: AtomicUsize,
}

/// What some of the items contain. Parts can be merged in any order.
#[derive(Debug, Default)]
pub(super) struct Part {
    items: u64,
    item_names: Span,
    attributes: Attributes,
    /// With the number of their file.
    unreadable: Vec<(usize, Vec<UnreadableItem>)>,
}

#[derive(Debug, Default)]
struct Attributes {
    names: HashMap<Box<str>, usize>,
    tallies: Vec<(Box<str>, Tally)>,
    /// Where the tally of the n-th attribute of the previous item is: items are alike.
    previous: Vec<usize>,
}

impl<'s, 'a> Scan<'s, 'a> {
    pub(super) fn new(export: &'s Export, tracker: &'s Tracker<'a>) -> Scan<'s, 'a> {
        Scan {
            export,
            tracker,
            next: AtomicUsize::new(0),
        }
    }

    /// Reads files until none is left or all threads have to stop.
    pub(super) fn run(&self) -> Result<Part, Error> {
        let mut part = Part::default();
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.export.entries.len() || self.tracker.stop().load(Ordering::SeqCst) {
                return Ok(part);
            }
            self.read(number, &mut part)?;
        }
    }

    fn read(&self, number: usize, part: &mut Part) -> Result<(), Error> {
        let Some(entry) = self.export.entries.get(number) else {
            return Ok(());
        };
        let file = self.export.data_file(entry);
        let path = file.path();
        let (source, length) = self
            .export
            .open_checked(entry)
            .map_err(|error| error.in_file(&path))?;
        let mut progress = self.tracker.file(entry.items.unwrap_or_default());
        progress.set(0, length)?;
        let mut reader = ItemReader::new(Reported::new(source, length, &mut progress))
            .path(&path)
            .max_item_bytes(self.export.max_item_bytes)
            .on_error(self.export.on_error);
        let read = part.read(number, &mut reader);
        let unreadable = mem::take(&mut reader.unreadable);
        if !unreadable.is_empty() {
            part.unreadable.push((number, unreadable));
        }
        let reported = reader.source_mut();
        if let Some(cancelled) = reported.cancelled.take() {
            return Err(cancelled);
        }
        let bytes = reported.bytes;
        match read {
            Ok(()) => reported.source.finish().map_err(Error::from),
            Err(error) if error.kind() == ErrorKind::TooManyColumns => Err(error),
            Err(error) => Err(reported.source.explain(error)),
        }
        .map_err(|error| error.in_file(&path))?;
        drop(reader);
        progress.complete(bytes)
    }
}

impl Part {
    fn read(
        &mut self,
        file: usize,
        reader: &mut ItemReader<impl std::io::Read>,
    ) -> Result<(), Error> {
        let mut item = Item::default();
        let mut place = Place { file, number: 0 };
        while reader.read_item(&mut item)? {
            self.add(&item, &mut place)?;
        }
        Ok(())
    }

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
        self.unreadable.sort_by_key(|(file, _)| *file);
        let unreadable = self.unreadable.into_iter();
        let attributes = self.attributes.tallies.into_iter();
        Description {
            domain_name: domain_name.map(str::to_string),
            items: self.items,
            item_name_length: self.item_names.range(),
            attributes: attributes
                .map(|(name, tally)| describe(name, tally))
                .collect(),
            unreadable: unreadable.flat_map(|(_, items)| items).collect(),
        }
    }
}

fn describe(name: Box<str>, tally: Tally) -> AttributeDescription {
    let guess = guess::guess(&tally);
    AttributeDescription {
        name: name.into(),
        items: tally.items,
        values: tally.per_item.range(),
        length: tally.lengths.range(),
        attribute_type: guess.attribute_type,
        evidence: guess.evidence,
        reason: guess.reason,
        examples: tally.examples(),
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
