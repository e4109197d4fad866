//! Converts an export on all cores.

use std::fmt;
use std::io::Write;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use super::WriteReport;
use super::encoder::{Assembler, Format};
use super::writer::ItemWriter;
use crate::data::error::Error;
use crate::data::export::Export;
use crate::data::parallel;
use crate::data::pipeline::{self, Job};
use crate::data::progress::{Callback, Progress, Tracker};

/// A conversion of an [`Export`], returned by [`Export::convert`].
///
/// The output does not depend on the number of threads: items and examples of losses are in the
/// manifest's order. Each thread needs up to 16 MiB of memory, or more if an item is larger than
/// that.
#[must_use = "does nothing until `write_to`"]
pub struct Convert<'a> {
    job: Job<'a>,
    threads: Option<NonZeroUsize>,
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
        Convert::new(self.job(self))
    }
}

impl<'a> Convert<'a> {
    pub(crate) fn new(job: Job<'a>) -> Convert<'a> {
        Convert {
            job,
            threads: None,
            callback: Callback::none(),
        }
    }

    /// Sets how many threads convert items; 0 means the default. Defaults to the number of cores. Of
    /// an export in its bucket, as many files are received at once, each with up to 2 MiB of memory
    /// more.
    pub fn threads(mut self, threads: usize) -> Convert<'a> {
        self.threads = NonZeroUsize::new(threads);
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
        let threads = self.threads.map_or_else(parallel::available, Into::into);
        let items = self.job.entries.iter();
        let items = items.map(|entry| entry.items.unwrap_or_default());
        let tracker = Tracker::new("the conversion was cancelled", items, self.callback);
        let tracker = tracker.counting_items();
        let ahead = self.job.files.ahead(threads);
        let job = Job {
            files: ahead.as_deref().unwrap_or(self.job.files),
            ..self.job
        };
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
        let read = pipeline::run(job, &tracker, threads, &encoder, deflate.as_ref(), append)?;
        writer.encoder = Some(encoder);
        writer.counter.merge(read.counter);
        let (target, mut report) = writer.finish()?;
        report.read_bytes = tracker.bytes();
        report.unreadable = read.unreadable;
        Ok((target, report))
    }
}

impl fmt::Debug for Convert<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Convert")
            .field("threads", &self.threads)
            .field("callback", &self.callback)
            .finish_non_exhaustive()
    }
}
