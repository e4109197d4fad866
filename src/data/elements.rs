//! One JSON array of any length, element by element, in constant memory.
//!
//! `serde_json` streams values that follow one another, not the elements of an array. So a window
//! slides over the file: an element that lies in it whole is parsed in place, where its text can
//! be borrowed; one that reaches over the window's end is parsed again once more has been read.
//! A window of text, checked for UTF-8 once, is what makes this faster than parsing bytes.

use std::io::{self, Read};

use serde::Deserialize;
use serde_json::error::Category;

use super::error::{DataError, DataErrorKind};

/// How much is read at a time: little enough to stay in a core's cache, for the parser and for
/// the checksum that is computed on the way.
const CHUNK_BYTES: usize = 128 * 1024;

/// An error this close to the window's end may come from the cut itself: the parser calls half a
/// number wrong, not unfinished.
const CUT_BYTES: usize = 16;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The elements of one array.
pub(super) struct Elements<R> {
    source: R,
    window: String,
    /// Where in the window the part begins that has not been used.
    start: usize,
    /// How many bytes of the file come before the window.
    offset: u64,
    /// The first bytes of a character that the last read cut in two.
    cut: Vec<u8>,
    end: Option<End>,
    place: Place,
    /// How many elements have been begun.
    begun: u64,
    max_bytes: usize,
}

/// Why nothing more can be read.
enum End {
    Reached,
    /// Reached in the middle of a character.
    Torn,
    Failed(io::Error),
    NotText,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    BeforeArray,
    BeforeFirst,
    AfterElement,
    AfterArray,
    Stopped,
}

impl<R: Read> Elements<R> {
    /// `max_bytes` limits one element, and with it the memory taken.
    pub(super) fn new(source: R, max_bytes: usize) -> Elements<R> {
        Elements {
            source,
            window: String::new(),
            start: 0,
            offset: 0,
            cut: Vec::new(),
            end: None,
            place: Place::BeforeArray,
            begun: 0,
            max_bytes,
        }
    }

    pub(super) fn set_max_bytes(&mut self, max_bytes: usize) {
        self.max_bytes = max_bytes;
    }

    /// What the elements are read from; some of it has been read ahead.
    pub(super) fn source_mut(&mut self) -> &mut R {
        &mut self.source
    }

    /// Hands the text from the next element on to `read`, which says what it made of the element
    /// and how long that is. After an error there is nothing more.
    pub(super) fn next_with<T>(
        &mut self,
        mut read: impl FnMut(&str) -> serde_json::Result<(T, usize)>,
    ) -> Result<Option<T>, DataError> {
        let next = self.advance().and_then(|found| {
            if found {
                self.element(&mut read).map(Some)
            } else {
                Ok(None)
            }
        });
        if next.is_err() {
            self.place = Place::Stopped;
        }
        next
    }

    /// Moves to the first byte of the next element; false at the end of the file.
    fn advance(&mut self) -> Result<bool, DataError> {
        if self.place == Place::Stopped {
            return Ok(false);
        }
        if self.place == Place::BeforeArray {
            self.open()?;
        }
        let found = self.peek()?;
        match (self.place, found) {
            (Place::BeforeFirst | Place::AfterElement, Some(b']')) => self.close(),
            (Place::BeforeFirst, Some(_)) => {
                self.begun += 1;
                Ok(true)
            }
            (Place::AfterElement, Some(b',')) => {
                self.start += 1;
                self.begun += 1;
                match self.peek()? {
                    Some(b']') => Err(self.wrong("a comma must be followed by an item")),
                    Some(_) => Ok(true),
                    None => Err(self.too_early()),
                }
            }
            (_, Some(_)) => Err(self.wrong("a comma or the end of the array must follow an item")),
            (_, None) => Err(self.too_early()),
        }
    }

    fn open(&mut self) -> Result<(), DataError> {
        self.fill();
        if self.window.starts_with(BYTE_ORDER_MARK) {
            self.start = BYTE_ORDER_MARK.len();
        }
        match self.peek()? {
            Some(b'[') => {
                self.start += 1;
                self.place = Place::BeforeFirst;
                Ok(())
            }
            Some(_) => Err(self.wrong("the file must be one JSON array")),
            None => Err(self.too_early()),
        }
    }

    fn close(&mut self) -> Result<bool, DataError> {
        self.start += 1;
        self.place = Place::AfterArray;
        if self.peek()?.is_some() {
            return Err(self.wrong("nothing may follow the array"));
        }
        self.place = Place::Stopped;
        Ok(false)
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Result<Option<u8>, DataError> {
        loop {
            let rest = self.window.as_bytes().get(self.start..).unwrap_or_default();
            let space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
            if let Some(at) = rest.iter().position(|byte| !space(byte)) {
                self.start += at;
                return Ok(rest.get(at).copied());
            }
            self.start = self.window.len();
            match self.end.take() {
                None => self.fill(),
                Some(End::Reached) => {
                    self.end = Some(End::Reached);
                    return Ok(None);
                }
                Some(end) => return Err(self.ended(end)),
            }
        }
    }

    fn element<T>(
        &mut self,
        read: &mut impl FnMut(&str) -> serde_json::Result<(T, usize)>,
    ) -> Result<T, DataError> {
        loop {
            let text = self.window.get(self.start..).unwrap_or_default();
            let error = match read(text) {
                Ok((_, used)) if used > self.max_bytes => return Err(self.too_large()),
                Ok((element, used)) => {
                    self.start += used;
                    self.place = Place::AfterElement;
                    return Ok(element);
                }
                Err(error) => error,
            };
            let at = place_of(&error, text);
            if !error.is_eof() && at + CUT_BYTES < text.len() {
                return Err(self.refused(&error, at));
            }
            match self.end.take() {
                Some(End::Reached) if !error.is_eof() => return Err(self.refused(&error, at)),
                Some(end) => return Err(self.ended(end)),
                None if text.len() > self.max_bytes => return Err(self.too_large()),
                None => self.fill(),
            }
        }
    }

    /// Drops what has been used and reads as much as there is room for: at least as much as is
    /// kept, so that parsing an element again costs no more than reading it did.
    fn fill(&mut self) {
        let mut bytes = std::mem::take(&mut self.window).into_bytes();
        bytes.drain(..self.start);
        self.offset += self.start as u64;
        self.start = 0;
        bytes.append(&mut self.cut);

        let room = CHUNK_BYTES.max(bytes.len().min(self.max_bytes));
        bytes.reserve(room);
        match self
            .source
            .by_ref()
            .take(room as u64)
            .read_to_end(&mut bytes)
        {
            Ok(read) if read < room => self.end = Some(End::Reached),
            Ok(_) => self.cut = bytes.split_off(whole_characters(&bytes)),
            Err(error) => self.end = Some(End::Failed(error)),
        }
        self.window = String::from_utf8(bytes).unwrap_or_else(|error| {
            let fault = error.utf8_error();
            let mut bytes = error.into_bytes();
            bytes.truncate(fault.valid_up_to());
            self.end = Some(match (self.end.take(), fault.error_len()) {
                (Some(End::Failed(error)), None) => End::Failed(error),
                (Some(End::Reached), None) => End::Torn,
                _ => End::NotText,
            });
            String::from_utf8(bytes).unwrap_or_default()
        });
    }

    fn ended(&self, end: End) -> DataError {
        match end {
            End::Reached | End::Torn => self.too_early(),
            End::Failed(error) => self.located(DataError::read(error), self.window.len()),
            End::NotText => self.located(
                DataError::new(DataErrorKind::InvalidJson, "this is not UTF-8"),
                self.window.len(),
            ),
        }
    }

    fn too_early(&self) -> DataError {
        let message = "the file ends too early; fetch it again";
        self.located(
            DataError::new(DataErrorKind::Truncated, message),
            self.window.len(),
        )
    }

    fn too_large(&self) -> DataError {
        let message = format!(
            "longer than the limit of {} bytes; raise it",
            self.max_bytes
        );
        self.located(
            DataError::new(DataErrorKind::ItemTooLarge, message),
            self.start,
        )
    }

    fn wrong(&self, message: &'static str) -> DataError {
        self.located(
            DataError::new(DataErrorKind::InvalidJson, message),
            self.start,
        )
    }

    fn refused(&self, error: &serde_json::Error, at: usize) -> DataError {
        let kind = match error.classify() {
            Category::Data => DataErrorKind::InvalidShape,
            _ => DataErrorKind::InvalidJson,
        };
        self.located(DataError::new(kind, message_of(error)), self.start + at)
    }

    fn located(&self, error: DataError, at: usize) -> DataError {
        let error = error.at_byte(self.offset + at as u64);
        if self.begun > 0 {
            error.at_item(self.begun)
        } else {
            error
        }
    }
}

/// Parses the value that `text` begins with: what [`Elements::next_with`] is given.
pub(super) fn first<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<(T, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    match values.next() {
        Some(Ok(value)) => Ok((value, values.byte_offset())),
        Some(Err(error)) => Err(error),
        None => Err(serde::de::Error::custom("there is nothing here")),
    }
}

/// What the parser says, without the line and column: these count from the element's start.
pub(super) fn message_of(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}

/// Where in `text` the parser's line and column are, as a number of bytes.
pub(super) fn place_of(error: &serde_json::Error, text: &str) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let line_start: usize = text
        .split_inclusive('\n')
        .take(lines_before)
        .map(str::len)
        .sum();
    (line_start + error.column().saturating_sub(1)).min(text.len())
}

/// How many of the bytes are whole characters, if they are UTF-8 at all.
fn whole_characters(bytes: &[u8]) -> usize {
    let last = bytes
        .iter()
        .rev()
        .take(4)
        .position(|byte| byte & 0xC0 != 0x80);
    let Some(after) = last else {
        return bytes.len();
    };
    let start = bytes.len() - 1 - after;
    let length = match bytes.get(start) {
        Some(0xC0..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xFF) => 4,
        _ => 1,
    };
    if start + length > bytes.len() {
        start
    } else {
        bytes.len()
    }
}

#[cfg(test)]
mod tests;
