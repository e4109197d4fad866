//! An export in a directory: its manifests, its data files, and all of its items.

mod find;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use time::OffsetDateTime;

use super::download::read_ahead::ReadAhead;
use super::error::{Error, ErrorKind};
use super::manifest::{self, Entry, MANIFEST_FILE, MANIFEST_SUMMARY, MAX_LIST_BYTES, Summary};
use super::reader::{DEFAULT_MAX_ITEM_BYTES, ItemReader, OnError, UnreadableItem};
use super::source::{DataFiles, Source, open_regular};
use crate::fs::native;
use crate::wire::item::Item;

/// An export in a local directory, with the layout that it has in its bucket; or in the bucket itself,
/// as [`Client::open_export`](crate::Client::open_export) returns it.
///
/// ```no_run
/// use simpledb_export::data::Export;
///
/// let export = Export::open("exports/AWSSimpleDB/c0ffee/Books")?;
/// for item in export.items() {
///     println!("{}", item?.item_name);
/// }
/// # Ok::<(), simpledb_export::data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Export {
    dir: PathBuf,
    /// Where the files are read from, if they are not in the directory.
    files: Option<Arc<dyn DataFiles>>,
    pub(super) summary: Option<Summary>,
    /// Shared between clones: there may be millions.
    pub(super) entries: Arc<Vec<Entry>>,
    pub(super) max_item_bytes: usize,
    pub(super) check_md5: bool,
    pub(super) on_error: OnError,
}

/// Returns the directories of the exports that were downloaded to a directory, or only that directory,
/// if it is an export or contains none.
#[cfg(feature = "cli")]
#[must_use]
pub fn exports_in(dir: &Path) -> Vec<PathBuf> {
    find::all(native(dir))
}

impl Export {
    /// Opens the export in `dir`, which is the directory that contains `manifest-file.json`:
    /// `AWSSimpleDB/<id>/<domain>` of what was downloaded, or a directory to which exactly one
    /// export was downloaded. Reads the manifests but no data file.
    ///
    /// # Errors
    ///
    /// There are several exports, or none; or a manifest cannot be read, is not valid, is larger than
    /// 1 MiB (`manifest-summary.json`) or 1 GiB (`manifest-file.json`), lists a file twice, or contains
    /// a key that points outside the directory. A missing summary is accepted.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Export, Error> {
        let dir = find::find(native(&dir.into()))?;
        if dir.is_file() {
            let message = "is a file; expected the directory that contains manifest-file.json";
            return Err(Error::new(ErrorKind::Read, message).in_file(&dir));
        }
        let summary = read(&dir.join(MANIFEST_SUMMARY), Summary::read)?;
        let prefix = summary.as_ref().and_then(|s| s.s3_export_prefix.as_deref());
        let entries = read(&dir.join(MANIFEST_FILE), |file| {
            manifest::read_entries(file, prefix)
        })?;
        let Some(entries) = entries else {
            let message = "contains no manifest-file.json; expected the directory of a complete \
                           export, AWSSimpleDB/<id>/<domain> (an export that failed or was not \
                           downloaded completely has no manifests)";
            return Err(Error::new(ErrorKind::Read, message).in_file(&dir));
        };
        Ok(Export::new(dir, summary, entries))
    }

    pub(super) fn new(dir: PathBuf, summary: Option<Summary>, entries: Vec<Entry>) -> Export {
        Export {
            dir,
            files: None,
            summary,
            entries: Arc::new(entries),
            max_item_bytes: DEFAULT_MAX_ITEM_BYTES,
            check_md5: false,
            on_error: OnError::Fail,
        }
    }

    /// Sets the maximum size of an item's JSON in bytes. Defaults to 4 MiB.
    #[must_use]
    pub fn max_item_bytes(mut self, bytes: usize) -> Export {
        self.max_item_bytes = bytes;
        self
    }

    /// Sets whether reading items also compares each data file's MD5 checksum with the manifest's,
    /// after its last item. A file that differs is an error of the kind
    /// [`Changed`](ErrorKind::Changed); one that has no checksum in the manifest is
    /// [`InvalidManifest`](ErrorKind::InvalidManifest). Defaults to false.
    ///
    /// ```no_run
    /// use simpledb_export::Item;
    /// use simpledb_export::data::Export;
    ///
    /// let export = Export::open("exports/AWSSimpleDB/c0ffee/Books")?.check_md5(true);
    /// let mut items = export.items();
    /// let mut item = Item::default();
    /// while items.read_item(&mut item)? {
    ///     println!("{}", item.item_name);
    /// }
    /// println!("every file is what the export wrote");
    /// # Ok::<(), simpledb_export::data::Error>(())
    /// ```
    #[must_use]
    pub fn check_md5(mut self, check: bool) -> Export {
        self.check_md5 = check;
        self
    }

    /// Sets what to do about an item that cannot be read. Defaults to [`OnError::Fail`]; the error is
    /// then of the kind [`UnreadableItem`](ErrorKind::UnreadableItem) if
    /// [`check_md5`](Export::check_md5) is set and the file is what the export wrote.
    #[must_use]
    pub fn on_error(mut self, on_error: OnError) -> Export {
        self.on_error = on_error;
        self
    }

    /// Returns the directory; for an export in its bucket, `s3://<bucket>/<prefix>`.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the export's ARN, if `manifest-summary.json` states it.
    #[must_use]
    pub fn export_arn(&self) -> Option<&str> {
        self.summary.as_ref()?.export_arn.as_deref()
    }

    /// Returns the domain's name, if `manifest-summary.json` states it.
    #[must_use]
    pub fn domain_name(&self) -> Option<&str> {
        self.summary.as_ref()?.domain_name.as_deref()
    }

    /// Returns the number of items that `manifest-summary.json` states, if any.
    #[must_use]
    pub fn items_count(&self) -> Option<u64> {
        self.summary.as_ref()?.items_count()
    }

    /// Returns the cutoff time, if `manifest-summary.json` states it: items inserted before it are part
    /// of the export.
    #[must_use]
    pub fn export_data_cutoff_time(&self) -> Option<OffsetDateTime> {
        self.summary.as_ref()?.export_data_cutoff_time
    }

    /// Returns the data files in the manifest's order.
    #[must_use]
    pub fn data_files(&self) -> impl ExactSizeIterator<Item = DataFile<'_>> {
        self.entries.iter().map(|entry| self.data_file(entry))
    }

    /// Returns all items, file by file in the manifest's order. The first error ends the iteration.
    #[must_use]
    pub fn items(&self) -> Items<'_> {
        Items {
            export: self,
            entries: self.entries.iter(),
            reader: None,
            unreadable: Vec::new(),
        }
    }

    /// The same export, whose files are read from elsewhere.
    pub(super) fn read_from(mut self, files: Arc<dyn DataFiles>) -> Export {
        self.files = Some(files);
        self
    }

    /// The same export, to be read in the manifest's order. If it is in its bucket, `count` files are
    /// received at once.
    pub(super) fn read_ahead(&self, count: usize) -> Export {
        let export = self.clone();
        match &self.files {
            Some(files) if count > 1 => {
                let ahead = ReadAhead::new(Arc::clone(files), Arc::clone(&self.entries), count);
                export.read_from(Arc::new(ahead))
            }
            _ => export,
        }
    }

    pub(super) fn is_in_bucket(&self) -> bool {
        self.files.is_some()
    }

    /// Opens a data file, unless its checksum is to be compared and the manifest has none. Returns its
    /// length as well, if it is known.
    pub(super) fn open_entry(
        &self,
        entry: &Entry,
        check_md5: bool,
    ) -> Result<(Source<'_>, Option<u64>), Error> {
        if check_md5 && entry.md5.is_none() {
            let message = "cannot be checked: the manifest has no checksum for it";
            return Err(Error::new(ErrorKind::InvalidManifest, message));
        }
        let (source, length) = if let Some(files) = &self.files {
            files.open(entry)?
        } else {
            let (file, length) = open_regular(&self.data_file(entry).path())?;
            (Box::new(file) as _, Some(length))
        };
        Ok((Source::new(source, entry.md5.filter(|_| check_md5)), length))
    }

    pub(super) fn data_file<'a>(&'a self, entry: &'a Entry) -> DataFile<'a> {
        DataFile {
            export: self,
            entry,
        }
    }
}

/// More columns than any reader of tables takes; also limits memory use.
pub(super) const MAX_ATTRIBUTE_NAMES: usize = 10_000;

/// A data file of an [`Export`].
#[derive(Debug)]
pub struct DataFile<'a> {
    export: &'a Export,
    entry: &'a Entry,
}

impl DataFile<'_> {
    /// Returns where the file is, or should be; for one in a bucket, `s3://<bucket>/<key>`.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        let dir = self.export.dir();
        if self.export.is_in_bucket() {
            return format!("{}/{}", dir.display(), self.entry.path).into();
        }
        let mut path = dir.to_path_buf();
        path.extend(self.entry.path.split('/'));
        path
    }

    /// Returns the number of items that the manifest states, if any.
    #[must_use]
    pub fn items_count(&self) -> Option<u64> {
        self.entry.items
    }

    /// Returns the MD5 checksum that the manifest states, if any: the base64 of 16 bytes.
    #[must_use]
    pub fn md5_checksum(&self) -> Option<String> {
        self.entry.md5.map(|md5| md5.to_string())
    }
}

/// The items of an [`Export`].
///
/// Iterating returns a new [`Item`] each time; [`read_item`](Items::read_item) reuses one, which is
/// about 1.5 times as fast.
#[derive(Debug)]
pub struct Items<'a> {
    export: &'a Export,
    entries: std::slice::Iter<'a, Entry>,
    reader: Option<(ItemReader<Source<'a>>, PathBuf)>,
    unreadable: Vec<UnreadableItem>,
}

impl Items<'_> {
    /// Reads the next item into `item`, reusing its memory. Returns false at the end of the
    /// export, or after an error.
    ///
    /// # Errors
    ///
    /// A data file cannot be read, is not valid, or is not what the export wrote (if
    /// [`check_md5`](Export::check_md5) is set). The content of `item` is unspecified then.
    pub fn read_item(&mut self, item: &mut Item) -> Result<bool, Error> {
        let read = self.advance(item);
        if read.is_err() {
            self.entries = [].iter();
            self.reader = None;
        }
        read
    }

    /// Returns the items read so far that were skipped or repaired.
    #[must_use]
    pub fn unreadable(&self) -> &[UnreadableItem] {
        &self.unreadable
    }

    fn advance(&mut self, item: &mut Item) -> Result<bool, Error> {
        loop {
            if let Some((reader, path)) = &mut self.reader {
                let read = reader.read_item(item);
                self.unreadable.append(&mut reader.unreadable);
                let finished = match read {
                    Ok(true) => return Ok(true),
                    Ok(false) => reader.source_mut().finish().map_err(Error::from),
                    Err(error) => Err(reader.source_mut().explain(error)),
                };
                finished.map_err(|error| error.in_file(path))?;
                self.reader = None;
            }
            let Some(entry) = self.entries.next() else {
                return Ok(false);
            };
            let path = self.export.data_file(entry).path();
            let opened = self.export.open_entry(entry, self.export.check_md5);
            let (source, _) = opened.map_err(|error| error.in_file(&path))?;
            let reader = ItemReader::new(source)
                .path(&path)
                .max_item_bytes(self.export.max_item_bytes)
                .on_error(self.export.on_error);
            self.reader = Some((reader, path));
        }
    }
}

impl Iterator for Items<'_> {
    type Item = Result<Item, Error>;

    fn next(&mut self) -> Option<Result<Item, Error>> {
        let mut item = Item::default();
        let found = self.read_item(&mut item);
        found.map(|found| found.then_some(item)).transpose()
    }
}

fn read<T>(path: &Path, parse: impl FnOnce(File) -> Result<T, Error>) -> Result<Option<T>, Error> {
    let parsed = match open_regular(path) {
        Ok((_, length)) if length > MAX_LIST_BYTES => Err(manifest::too_large(MAX_LIST_BYTES)),
        Ok((file, _)) => parse(file).map(Some),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    };
    parsed.map_err(|error| error.in_file(path))
}

#[cfg(test)]
mod tests;
