//! Several objects that belong together, such as the parts of a large table.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use super::{ObjectWriter, Upload};
use crate::data::error::Error;
use crate::fs::part_names::PartNames;

/// Objects that are uploaded one after the other, and appear together; returned by
/// [`Upload::start_parts`].
///
/// What is written goes to the current object. Nothing appears before
/// [`finish`](ObjectParts::finish); dropping it removes what was uploaded, and waits for that.
#[must_use = "nothing is written without `finish`"]
pub struct ObjectParts {
    names: PartNames,
    existing_source: Option<String>,
    /// Those before the current one, of which all bytes are in S3.
    uploaded: Vec<ObjectWriter>,
    current: ObjectWriter,
}

impl Upload {
    /// Starts to upload several objects instead of one: for the key `tables/Books.csv`, these are
    /// `tables/Books-00001.csv`, `tables/Books-00002.csv` and so on. Removes what killed uploads to
    /// such keys have left.
    ///
    /// ```no_run
    /// use simpledb_export::Client;
    /// use simpledb_export::data::{Export, JsonLinesWriter, ObjectParts};
    ///
    /// let client = Client::from_env()?;
    /// let export = Export::open("exports/AWSSimpleDB/c0ffee/Books")?.check_md5(true);
    /// let objects = client.upload("my-bucket", "tables/Books.jsonl").start_parts()?;
    /// let writer = JsonLinesWriter::new(objects).split(1_000_000_000, ObjectParts::start_next);
    /// let (objects, _) = export.convert().write_to(writer)?;
    /// println!("{} objects", objects.finish()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`start`](Upload::start); and [`ErrorKind::Upload`](crate::data::ErrorKind::Upload)
    /// if there is such an object already, unless it has the same [`source`](Upload::source): it would
    /// be mixed with the new ones. That requires `s3:ListBucket`.
    pub fn start_parts(mut self) -> Result<ObjectParts, Error> {
        let names = PartNames::of(&self.key);
        if !self.key.is_empty() {
            self.key = names.name(1);
        }
        let current = self.start()?;
        current.destination.check_parts(&names)?;
        Ok(ObjectParts {
            names,
            existing_source: current.existing_source().map(str::to_owned),
            uploaded: Vec::new(),
            current,
        })
    }
}

impl ObjectParts {
    /// Returns the [source](Upload::source) of the first object as it is now, if there is one. It is
    /// written last: if its source is that of the new ones, all of them are there.
    #[must_use]
    pub fn existing_source(&self) -> Option<&str> {
        self.existing_source.as_deref()
    }

    /// Uploads the rest of the object, and starts the next one.
    ///
    /// # Errors
    ///
    /// An [`Error`] of the kind [`ErrorKind::Upload`](crate::data::ErrorKind::Upload).
    pub fn start_next(&mut self) -> io::Result<()> {
        self.current.send_rest().map_err(io::Error::other)?;
        let key = self.names.name(self.uploaded.len() + 2);
        let beside = self.current.destination.beside(key);
        let destination = Arc::new(beside.map_err(io::Error::other)?);
        let next = ObjectWriter::new(destination, self.current.threads);
        self.uploaded
            .push(std::mem::replace(&mut self.current, next));
        Ok(())
    }

    /// Uploads the rest, makes all objects appear, the first one last, and returns how many there are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Upload`](crate::data::ErrorKind::Upload), with the [`Error`](crate::Error) as the
    /// source. Some of the objects may have appeared.
    pub fn finish(mut self) -> Result<usize, Error> {
        self.current.send_rest()?;
        let count = self.uploaded.len() + 1;
        self.current.finish()?;
        while let Some(object) = self.uploaded.pop() {
            object.finish()?;
        }
        Ok(count)
    }

    /// Removes what was uploaded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Upload`](crate::data::ErrorKind::Upload) if parts are left in the bucket. The next
    /// upload to the same keys removes them.
    pub fn abort(self) -> Result<(), Error> {
        let objects = self.uploaded.into_iter().chain([self.current]);
        let aborted: Vec<_> = objects.map(ObjectWriter::abort).collect();
        aborted.into_iter().collect()
    }
}

impl Write for ObjectParts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.current.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.current.flush()
    }
}

impl ObjectWriter {
    /// Sends all that was written; it appears with [`finish`](ObjectWriter::finish).
    fn send_rest(&mut self) -> Result<(), Error> {
        if !self.part.is_empty() {
            self.send()?;
        }
        match &mut self.multipart {
            Some(multipart) => multipart.wait(),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ObjectParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectParts")
            .field("uploaded", &self.uploaded.len())
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}
