//! The writer of items, which all formats share.

use std::fmt;
use std::io::{self, Write};
use std::mem;

use super::columns::ColumnOptions;
use super::encoder::{Assembler, Concat, Encode, Encoder, Format, SplitFormat};
use super::output::Output;
use super::parts::Parts;
use super::tally::Tally;
use super::{TextColumn, WriteReport};
use crate::data::counts::Counter;
use crate::data::error::Error;
use crate::data::reader::OnError;
use crate::data::types::Types;
use crate::wire::item::Item;

/// Writes items to a target in a [`Format`]. Each format has a name for its writer:
/// [`JsonLinesWriter`](super::JsonLinesWriter), [`CsvWriter`](super::CsvWriter),
/// [`DynamoDbWriter`](super::DynamoDbWriter), [`SqlWriter`](super::SqlWriter) and `ParquetWriter`.
#[must_use = "output is incomplete without `finish`"]
pub struct ItemWriter<W, F: Format> {
    pub(super) format: F,
    options: ColumnOptions,
    /// Set before the first item is encoded.
    pub(super) encoder: Option<F::Encoder>,
    pub(super) assembler: F::Assembler,
    pub(super) output: Output<W>,
    pub(super) tally: Tally,
    pub(super) counter: Counter,
}

impl<W: Write, F: Format> ItemWriter<W, F> {
    pub(super) fn with_format(target: W, format: F) -> ItemWriter<W, F> {
        ItemWriter {
            format,
            options: ColumnOptions {
                key_name: "itemName".to_string(),
                types: None,
                on_error: OnError::default(),
            },
            encoder: None,
            assembler: F::Assembler::default(),
            output: Output::new(target),
            tally: Tally::default(),
            counter: Counter::default(),
        }
    }

    /// Sets the attributes to write, and their types, which [`Describe`](crate::data::Describe)
    /// finds. CSV, Parquet, SQL and flat JSON Lines require them; they omit and report attributes
    /// without a type. Nested JSON Lines do not use them.
    pub fn types(mut self, types: Types) -> ItemWriter<W, F> {
        self.options.types = Some(types);
        self
    }

    /// Sets the name of the column, or attribute, of the item names, which no attribute may have.
    /// Defaults to `itemName`. Nested JSON Lines do not use it.
    pub fn key_name(mut self, name: impl Into<String>) -> ItemWriter<W, F> {
        self.options.key_name = name.into();
        self
    }

    /// Sets what to do about values that do not fit their type. Defaults to [`OnError::Fail`];
    /// [`OnError::Replace`] omits such values.
    pub fn on_error(mut self, on_error: OnError) -> ItemWriter<W, F> {
        self.options.on_error = on_error;
        self
    }

    /// Writes an item.
    ///
    /// # Errors
    ///
    /// - [`Write`](crate::data::ErrorKind::Write): the target failed.
    /// - [`TypeMismatch`](crate::data::ErrorKind::TypeMismatch): a value does not fit its type. Nothing
    ///   of the item was written.
    /// - [`NameCollision`](crate::data::ErrorKind::NameCollision): an attribute has the name of the key.
    /// - [`InvalidOption`](crate::data::ErrorKind::InvalidOption): an option is not valid, or no types
    ///   are set for a format that requires them.
    /// - [`TooManyColumns`](crate::data::ErrorKind::TooManyColumns): the database has no table with so many.
    pub fn write(&mut self, item: &Item) -> Result<(), Error> {
        let encoder = if let Some(encoder) = &mut self.encoder {
            encoder
        } else {
            let encoder = self.start()?;
            self.encoder.insert(encoder)
        };
        self.counter.add(item);
        encoder.encode(item, &mut self.tally)?;
        if encoder.is_full() {
            let chunk = encoder.take();
            self.append(chunk)?;
        }
        Ok(())
    }

    /// Writes the remaining output, and returns the target and the report.
    ///
    /// # Errors
    ///
    /// The same as for [`write`](ItemWriter::write).
    pub fn finish(mut self) -> Result<(W, WriteReport), Error> {
        let mut encoder = self.started()?;
        let mut report = report(mem::take(&mut self.tally), &encoder);
        let end = encoder.finish(&mut report);
        self.append(end)?;
        self.assembler.finish(&mut self.output)?;
        let (target, bytes) = self.output.finish()?;
        report.bytes = bytes;
        report.counts = self.counter.counts();
        Ok((target, report))
    }

    /// Returns the encoder, after writing what precedes the first item.
    pub(super) fn started(&mut self) -> Result<F::Encoder, Error> {
        match self.encoder.take() {
            Some(encoder) => Ok(encoder),
            None => self.start(),
        }
    }

    fn start(&mut self) -> Result<F::Encoder, Error> {
        let mut encoder = self.format.encoder(&self.options)?;
        self.append(encoder.take())?;
        Ok(encoder)
    }

    fn append(&mut self, chunk: <F::Encoder as Encoder>::Output) -> Result<(), Error> {
        let chunk = self.output.compressed(chunk)?;
        self.assembler.append(chunk, &mut self.output)
    }
}

/// The formats whose output can be split: all but SQL.
impl<W: Write, F: SplitFormat> ItemWriter<W, F> {
    /// Continues in another target before one would have more than `max_bytes` bytes, before
    /// compression. Each target is complete, with its own header in CSV, and has whole items, at least
    /// one. Parquet's have at least one row group, and about that size. `next` completes a target and
    /// replaces it by the next one; [`finish`](ItemWriter::finish) returns the last.
    ///
    /// ```
    /// use std::mem;
    /// use std::sync::mpsc;
    /// use simpledb_export::Item;
    /// use simpledb_export::data::DynamoDbWriter;
    ///
    /// let (complete, parts) = mpsc::channel();
    /// let mut writer = DynamoDbWriter::new(Vec::new()).split(100, move |target| {
    ///     let _ = complete.send(mem::take(target));
    ///     Ok(())
    /// });
    /// for name in ["a", "b", "c", "d"] {
    ///     writer.write(&Item::new(name))?; // a line of 32 bytes
    /// }
    /// let (last, _) = writer.finish()?;
    /// assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [96]);
    /// assert_eq!(last.len(), 32);
    /// # Ok::<(), simpledb_export::data::Error>(())
    /// ```
    pub fn split(
        mut self,
        max_bytes: u64,
        next: impl FnMut(&mut W) -> io::Result<()> + Send + 'static,
    ) -> ItemWriter<W, F> {
        self.output.parts = Parts::new(max_bytes, F::HAS_QUOTES, Box::new(next));
        self
    }
}

/// The formats that are text.
impl<W: Write, F: Format + Encode<Assembler = Concat>> ItemWriter<W, F> {
    /// Sets whether to compress the output with gzip. Defaults to false.
    pub fn gzip(mut self, gzip: bool) -> ItemWriter<W, F> {
        self.output.set_gzip(gzip);
        self
    }
}

impl<W, F: Format> fmt::Debug for ItemWriter<W, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemWriter")
            .field("format", &self.format)
            .field("options", &self.options)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}

fn report(tally: Tally, encoder: &impl Encoder) -> WriteReport {
    let mut report = WriteReport {
        items: tally.items,
        losses: tally.losses,
        ..WriteReport::default()
    };
    let types = encoder
        .columns()
        .into_iter()
        .flat_map(|columns| columns.types().iter());
    for (position, (name, attribute)) in types.enumerate() {
        let is_used = tally.used_columns.get(position) == Some(&true);
        if report.items > 0 && !is_used {
            report.unused_columns.push(name.to_string());
        }
        if let Some(reason) = encoder.text_reason(attribute.data_type) {
            report.text_columns.push(TextColumn {
                attribute: name.to_string(),
                reason,
            });
        }
    }
    report
}
