//! Reads a JSON array of items one at a time.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use serde::Deserializer;
use serde::de::{self, SeqAccess, Visitor};

use crate::wire::item::Item;

const BUFFER: usize = 64 * 1024;

/// Calls `visit` with each item as soon as it is read, until it returns an error: the inner one.
pub(super) fn read_items<E>(
    json: impl Read,
    visit: impl FnMut(&Item) -> Result<(), E>,
) -> io::Result<Result<(), E>> {
    let mut json = BufReader::with_capacity(BUFFER, json);
    // Some editors start a UTF-8 file with a byte order mark.
    if json.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
        json.consume('\u{feff}'.len_utf8());
    }
    let mut stopped = None;
    let mut deserializer = serde_json::Deserializer::from_reader(json);
    let result = deserializer
        .deserialize_seq(Items {
            visit,
            stopped: &mut stopped,
        })
        .and_then(|()| deserializer.end());
    match stopped {
        Some(error) => Ok(Err(error)),
        None => Ok(Ok(result?)),
    }
}

struct Items<'a, E, F> {
    visit: F,
    stopped: &'a mut Option<E>,
}

impl<'de, E, F: FnMut(&Item) -> Result<(), E>> Visitor<'de> for Items<'_, E, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            if let Err(error) = (self.visit)(&item) {
                *self.stopped = Some(error);
                return Err(de::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}
