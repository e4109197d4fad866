//! Splits one JSON array of any length into its elements, in constant memory.
//!
//! A window slides over the file. An element that lies within it is parsed in place; one that
//! reaches beyond it is parsed again once more has been read. The window is checked for UTF-8 as a
//! whole, which makes this faster than parsing bytes, and nearly twice as fast as `serde_json`
//! reading from a stream.

use std::io::{self, Read};
use std::mem;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::error::{Error, ErrorKind};
use super::nesting::Nesting;

/// How much is read at a time: small enough to stay in a core's cache, for the parser and for the
/// checksum that is computed along the way.
const CHUNK_BYTES: usize = 128 * 1024;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The elements of one array.
pub(super) struct Elements<R> {
    source: R,
    window: String,
    /// Where the unread part of the window begins.
    start: usize,
    /// How many bytes of the file come before the window.
    offset: u64,
    /// Bytes after the window that are not UTF-8, or not yet: a character that a read cut in two.
    pending: Vec<u8>,
    end: Option<End>,
    place: Place,
    /// The number of the current element, from 1.
    number: u64,
    /// Whether the element at the start of the window is being parsed.
    in_element: bool,
    max_bytes: usize,
}

/// Why nothing more can be read.
pub(super) enum End {
    Reached,
    Failed(io::Error),
    /// The file was cut here, between two elements or within one that is too large.
    Cut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    BeforeArray,
    BeforeFirst,
    AfterElement,
    AfterComma,
    AfterArray,
    Stopped,
}

impl Place {
    /// Returns the place after bytes between elements, if the array is valid up to there.
    pub(super) fn after(self, bytes: &[u8]) -> Place {
        match bytes.iter().rfind(|byte| !byte.is_ascii_whitespace()) {
            Some(b'[') => Place::BeforeFirst,
            Some(b',') => Place::AfterComma,
            Some(b']') => Place::AfterArray,
            _ => self,
        }
    }
}

/// Consecutive elements of an array, as bytes that nobody has parsed.
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    /// Where the bytes are in the file.
    pub(super) offset: u64,
    /// How many elements come before.
    pub(super) number: u64,
    pub(super) place: Place,
    pub(super) end: End,
}

impl Batch {
    /// Returns whether it is the file's last one.
    pub(super) fn is_last(&self) -> bool {
        !matches!(self.end, End::Cut)
    }
}

impl Elements<io::Empty> {
    /// Reads the elements of a batch. `max_bytes` limits one element.
    pub(super) fn of_batch(batch: Batch, max_bytes: usize) -> Elements<io::Empty> {
        let mut elements = Elements::new(io::empty(), max_bytes);
        elements.offset = batch.offset;
        elements.number = batch.number;
        elements.place = batch.place;
        elements.end = Some(batch.end);
        elements.set_window(batch.bytes);
        elements
    }
}

impl<R: Read> Elements<R> {
    /// Reads an array from `source`. `max_bytes` limits one element, and with it the memory used.
    pub(super) fn new(source: R, max_bytes: usize) -> Elements<R> {
        Elements {
            source,
            window: String::new(),
            start: 0,
            offset: 0,
            pending: Vec::new(),
            end: None,
            place: Place::BeforeArray,
            number: 0,
            in_element: false,
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

    /// Passes the text from the next element on to `parse`, which returns the element and its
    /// length. After an error there are no more elements.
    pub(super) fn next_with<T>(
        &mut self,
        mut parse: impl FnMut(&str) -> serde_json::Result<(T, usize)>,
    ) -> Result<Option<T>, Error> {
        let next = self
            .advance()
            .and_then(|found| found.then(|| self.element(&mut parse)).transpose());
        if next.is_err() {
            self.stop();
        }
        next
    }

    /// Makes this element the last one.
    pub(super) fn stop(&mut self) {
        self.place = Place::Stopped;
    }

    /// Moves to the first byte of the next element; returns false at the end of the file.
    fn advance(&mut self) -> Result<bool, Error> {
        if self.place == Place::Stopped {
            return Ok(false);
        }
        if self.place == Place::BeforeArray && self.offset + self.start as u64 == 0 {
            self.skip_byte_order_mark();
        }
        if self.place == Place::AfterElement && self.peek()? == Some(b',') {
            self.start += 1;
            self.number += 1;
            self.place = Place::AfterComma;
        }
        match (self.place, self.peek()?) {
            (Place::BeforeArray, Some(b'[')) => {
                self.start += 1;
                self.place = Place::BeforeFirst;
                self.advance()
            }
            (Place::BeforeFirst | Place::AfterElement, Some(b']')) => {
                self.start += 1;
                self.place = Place::AfterArray;
                self.advance()
            }
            (Place::BeforeFirst, Some(_)) => {
                self.number += 1;
                Ok(true)
            }
            (Place::AfterComma, Some(b']')) => {
                Err(self.invalid("expected an item after the comma"))
            }
            (Place::AfterComma, Some(_)) => Ok(true),
            (Place::BeforeArray, Some(_)) => Err(self.invalid("expected a JSON array")),
            (Place::AfterArray, Some(_)) => Err(self.invalid("unexpected data after the array")),
            (_, Some(_)) => Err(self.invalid("expected a comma or the end of the array")),
            (Place::AfterArray, None) => Ok(false),
            (_, None) if matches!(self.end, Some(End::Cut)) => Ok(false),
            (_, None) => Err(self.truncated()),
        }
    }

    fn skip_byte_order_mark(&mut self) {
        if self.end.is_none() {
            self.fill();
        }
        if self.window.starts_with(BYTE_ORDER_MARK) {
            self.start = BYTE_ORDER_MARK.len();
        }
    }

    /// Moves to the next byte that is not white space, and returns it.
    fn peek(&mut self) -> Result<Option<u8>, Error> {
        loop {
            let rest = self.window.as_bytes().get(self.start..).unwrap_or_default();
            let space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
            if let Some(at) = rest.iter().position(|byte| !space(byte)) {
                self.start += at;
                return Ok(rest.get(at).copied());
            }
            self.start = self.window.len();
            if !self.extend()? {
                return Ok(None);
            }
        }
    }

    fn element<T>(
        &mut self,
        parse: &mut impl FnMut(&str) -> serde_json::Result<(T, usize)>,
    ) -> Result<T, Error> {
        self.in_element = true;
        loop {
            let text = self.window.get(self.start..).unwrap_or_default();
            let error = match parse(text) {
                Ok((_, used)) if used > self.max_bytes => return Err(self.too_large()),
                Ok((element, used)) => {
                    self.start += used;
                    self.in_element = false;
                    self.place = Place::AfterElement;
                    return Ok(element);
                }
                Err(error) => error,
            };
            let at = place_of(&error, text);
            // As bytes: the parser's place may be within a character.
            let rest = text.as_bytes().get(at..).unwrap_or_default();
            let may_be_cut = error.is_eof() || is_cut_token(rest);
            if !may_be_cut {
                return Err(self.refused(&error, at));
            }
            if self.end.is_none() && text.len() > self.max_bytes {
                return Err(self.too_large());
            }
            if !self.extend()? {
                return Err(match self.end {
                    _ if !error.is_eof() => self.refused(&error, at),
                    Some(End::Cut) => self.too_large(),
                    _ => self.truncated(),
                });
            }
        }
    }

    /// After an error in an element that is an object: returns its bytes, so that reading continues
    /// after it. `None` if its end is not found.
    pub(super) fn take_broken(&mut self) -> Option<Vec<u8>> {
        if !mem::take(&mut self.in_element) {
            return None;
        }
        let mut bytes = self.take_unread();
        if !bytes.starts_with(b"{") {
            return None;
        }
        let mut nesting = Nesting::default();
        let mut searched = 0;
        let length = loop {
            if let Some(found) = nesting.object_end(bytes.get(searched..)?) {
                break searched + found;
            }
            searched = bytes.len();
            if self.end.is_some() || bytes.len() > self.max_bytes {
                return None;
            }
            self.read_to(&mut bytes);
        };
        let rest = bytes.split_off(length);
        self.offset += length as u64;
        self.set_window(rest);
        self.place = Place::AfterElement;
        Some(bytes)
    }

    /// Makes the window reach further; returns false at the end of the file.
    fn extend(&mut self) -> Result<bool, Error> {
        let cut = std::str::from_utf8(&self.pending);
        if cut.is_err_and(|error| error.error_len().is_some()) {
            let error = Error::new(ErrorKind::InvalidData, "invalid UTF-8");
            return Err(self.located(error, self.window.len()));
        }
        let is_failure = |end: &mut End| matches!(end, End::Failed(_));
        if let Some(End::Failed(error)) = self.end.take_if(is_failure) {
            return Err(self.located(Error::read(error), self.window.len()));
        }
        match self.end {
            Some(End::Reached) if !self.pending.is_empty() => Err(self.truncated()),
            Some(_) => Ok(false),
            None => {
                self.fill();
                Ok(true)
            }
        }
    }

    /// Drops what has been read and reads as much as there is room for: at least as much as is
    /// kept, so that parsing an element again costs no more than reading it did.
    fn fill(&mut self) {
        let mut bytes = self.take_unread();
        self.read_to(&mut bytes);
        self.set_window(bytes);
    }

    /// Takes what has not been read from the window and after it.
    fn take_unread(&mut self) -> Vec<u8> {
        let mut bytes = mem::take(&mut self.window).into_bytes();
        bytes.drain(..self.start);
        self.offset += self.start as u64;
        self.start = 0;
        bytes.append(&mut self.pending);
        bytes
    }

    fn read_to(&mut self, bytes: &mut Vec<u8>) {
        let room = CHUNK_BYTES.max(bytes.len().min(self.max_bytes));
        bytes.reserve(room);
        let mut chunk = self.source.by_ref().take(room as u64);
        match chunk.read_to_end(bytes) {
            Ok(read) if read < room => self.end = Some(End::Reached),
            Ok(_) => {}
            Err(error) => self.end = Some(End::Failed(error)),
        }
    }

    /// Makes a window of what is text at the start of `bytes`.
    fn set_window(&mut self, bytes: Vec<u8>) {
        self.window = String::from_utf8(bytes).unwrap_or_else(|error| {
            let valid = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            self.pending = bytes.split_off(valid);
            String::from_utf8(bytes).unwrap_or_default()
        });
    }

    fn truncated(&self) -> Error {
        let message = "unexpected end of file; download it again";
        self.located(Error::new(ErrorKind::Truncated, message), self.window.len())
    }

    fn too_large(&self) -> Error {
        let message = format!(
            "larger than the limit of {} bytes; raise max_item_bytes",
            self.max_bytes
        );
        self.located(Error::new(ErrorKind::ItemTooLarge, message), self.start)
    }

    fn invalid(&self, message: &'static str) -> Error {
        self.located(Error::new(ErrorKind::InvalidData, message), self.start)
    }

    fn refused(&self, error: &serde_json::Error, at: usize) -> Error {
        self.located(not_parsed(error), self.start + at)
    }

    fn located(&self, error: Error, at: usize) -> Error {
        let error = error.at_byte(self.offset + at as u64);
        if self.number > 0 {
            error.at_item(self.number)
        } else {
            error
        }
    }
}

/// Parses the value that `text` begins with, for [`Elements::next_with`].
pub(super) fn first<T: DeserializeOwned>(text: &str) -> serde_json::Result<(T, usize)> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(&mut json)?;
    Ok((value, json.into_iter::<IgnoredAny>().byte_offset()))
}

/// Returns a parser's error without line and column, which may count from an element's start.
pub(super) fn not_parsed(error: &serde_json::Error) -> Error {
    let kind = if error.is_eof() {
        ErrorKind::Truncated
    } else {
        ErrorKind::InvalidData
    };
    Error::new(kind, message_of(error))
}

/// Returns a parser's message without line and column.
pub(super) fn message_of(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}

/// Returns whether all of these bytes, from an error to the window's end, may belong to one number or
/// literal: the parser calls half a number invalid, not incomplete.
fn is_cut_token(bytes: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    bytes.iter().all(is_part)
}

/// Returns the byte of `text` that the parser's line and column point at.
pub(super) fn place_of(error: &serde_json::Error, text: &str) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let line_start: usize = text
        .split_inclusive('\n')
        .take(lines_before)
        .map(str::len)
        .sum();
    (line_start + error.column().saturating_sub(1)).min(text.len())
}

#[cfg(test)]
mod tests;
