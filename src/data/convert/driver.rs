//! Converts an export on all cores.

use std::io::Write;
use std::ops::ControlFlow;

use super::WriteReport;
use super::encoder::{Assembler, Format};
use super::writer::ItemWriter;
use crate::data::error::Error;
use crate::data::export::Export;
use crate::data::parallel;
use crate::data::pipeline;
use crate::data::progress::{Callback, Progress, Tracker};

/// A conversion of an [`Export`], returned by [`Export::convert`].
///
/// The output does not depend on the number of threads: items and examples of losses are in the
/// manifest's order. Each thread needs up to 16 MiB of memory, or more if an item is larger than
/// that.
#[derive(Debug)]
#[must_use = "does nothing until `write_to`"]
pub struct Convert<'a> {
    export: &'a Export,
    threads: usize,
    callback: Callback<'a>,
}

impl Export {
    /// Converts all items to another format, on several threads.
    ///
    /// ```no_run
    /// use std::fs::File;
    /// use simpledb_export::data::{Export, JsonLinesWriter};
    ///
    /// let export = Export::open("exports/AWSSimpleDB/c0ffee/Books")?.check_md5(true);
    /// let writer = JsonLinesWriter::new(File::create("books.jsonl")?);
    /// let (_, report) = export.convert().threads(2).write_to(writer)?;
    /// println!("{} items", report.items);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn convert(&self) -> Convert<'_> {
        Convert {
            export: self,
            threads: 0,
            callback: Callback::none(),
        }
    }
}

impl<'a> Convert<'a> {
    /// Sets how many threads convert items; 0 means the default. Defaults to the number of cores. Of
    /// an export in its bucket, as many files are received at once, each with up to 2 MiB of memory
    /// more.
    pub fn threads(mut self, threads: usize) -> Convert<'a> {
        self.threads = threads;
        self
    }

    /// Sets a callback that is called several times per MiB, by one thread at a time. Its items are
    /// those that were converted. [`ControlFlow::Break`] cancels the conversion.
    pub fn on_progress(
        mut self,
        callback: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'a,
    ) -> Convert<'a> {
        self.callback = Callback::new(callback);
        self
    }

    /// Converts all items, completes the target, and returns it with a report, which includes the
    /// items that were skipped or repaired.
    ///
    /// The target is completed only after every data file was read to its end and, if
    /// [`check_md5`](Export::check_md5) is set, has the right checksum.
    ///
    /// # Errors
    ///
    /// A data file cannot be read, is not valid, or is not what the export wrote (if `check_md5` is
    /// set); the writer fails; or [`Cancelled`](crate::data::ErrorKind::Cancelled) if the callback
    /// cancelled. It is always the first error in the order of the items.
    pub fn write_to<W: Write + Send, F: Format>(
        self,
        mut writer: ItemWriter<W, F>,
    ) -> Result<(W, WriteReport), Error> {
        let threads = parallel::threads(self.threads);
        let export = self.export.read_ahead(threads);
        let cancelled = "the conversion was cancelled";
        let tracker = Tracker::new(cancelled, &export.entries, self.callback);
        let encoder = writer.started()?;
        let deflate = writer.output.deflate();
        let ItemWriter {
            assembler,
            output,
            tally,
            ..
        } = &mut writer;
        let append = |chunk, of_chunk| {
            tally.append(of_chunk);
            assembler.append(chunk, output)
        };
        let read = pipeline::run(
            &export,
            &tracker,
            threads,
            &encoder,
            deflate.as_ref(),
            append,
        )?;
        writer.encoder = Some(encoder);
        writer.counter.merge(read.counter);
        let (target, mut report) = writer.finish()?;
        report.read_bytes = tracker.bytes();
        report.unreadable = read.unreadable;
        Ok((target, report))
    }
}
