//! An export in a folder: its manifests, its data files, and all its items.

mod source;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use self::source::Source;
use super::error::{DataError, DataErrorKind};
use super::item_ref::ItemRef;
use super::layout::data_file_path;
use super::manifest::{
    MANIFEST_FILE, MANIFEST_SUMMARY, ManifestEntry, ManifestFile, ManifestSummary,
};
use super::reader::{DEFAULT_MAX_ITEM_BYTES, ItemReader};
use crate::item::Item;

/// An export in a folder on this machine, laid out as in the bucket.
///
/// The folder is the one that holds `manifest-file.json`: in the bucket,
/// `AWSSimpleDB/<id>/<domain>`.
///
/// ```no_run
/// use simpledb_export::data::ExportFolder;
///
/// let export = ExportFolder::open("exports/AWSSimpleDB/c0ffee/Books")?;
/// for item in export.items() {
///     println!("{}", item?.item_name);
/// }
/// # Ok::<(), simpledb_export::data::DataError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ExportFolder {
    path: PathBuf,
    summary: Option<ManifestSummary>,
    data_files: Vec<DataFile>,
    max_item_bytes: usize,
    checks_md5: bool,
}

/// A data file of an [`ExportFolder`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataFile {
    /// Where it is, or should be.
    pub path: PathBuf,
    /// What the manifest says about it.
    pub entry: ManifestEntry,
}

impl ExportFolder {
    /// Reads the manifests in `folder`; a summary that is not there is done without.
    ///
    /// # Errors
    ///
    /// A manifest cannot be read or is not valid, or a key in it leads out of the folder. No data
    /// file is looked at yet.
    pub fn open(folder: impl Into<PathBuf>) -> Result<ExportFolder, DataError> {
        let folder = folder.into();
        if folder.is_file() {
            let message = "is a file; give the folder that holds manifest-file.json";
            return Err(DataError::new(DataErrorKind::Read, message).in_file(&folder));
        }
        let summary = read_summary(&folder)?;
        let Some(manifest) = read_manifest(&folder)? else {
            let message = "there is no manifest-file.json here; give the folder that holds it, \
                           AWSSimpleDB/<id>/<domain> (an export that has not succeeded, or has not been \
                           fetched whole, has none)";
            return Err(DataError::new(DataErrorKind::Read, message).in_file(&folder));
        };
        let prefix = summary.as_ref().and_then(|s| s.s3_export_prefix.as_deref());
        let data_files = manifest
            .entries
            .into_iter()
            .map(|entry| {
                let relative = data_file_path(&entry.data_file_s3_key, prefix)
                    .map_err(|error| error.in_file(&folder.join(MANIFEST_FILE)))?;
                Ok(DataFile {
                    path: folder.join(relative),
                    entry,
                })
            })
            .collect::<Result<Vec<_>, DataError>>()?;
        Ok(ExportFolder {
            path: folder,
            summary,
            data_files,
            max_item_bytes: DEFAULT_MAX_ITEM_BYTES,
            checks_md5: false,
        })
    }

    /// Sets how many bytes the JSON of one item may have. Default: [`DEFAULT_MAX_ITEM_BYTES`].
    #[must_use]
    pub fn max_item_bytes(mut self, bytes: usize) -> ExportFolder {
        self.max_item_bytes = bytes;
        self
    }

    /// Sets whether the MD5 checksum of each data file is computed while it is read, and compared
    /// with the manifest's after its last item. Then a file that was changed is an error of the
    /// kind [`Changed`](DataErrorKind::Changed), and one whose checksum the manifest does not have
    /// is [`InvalidShape`](DataErrorKind::InvalidShape). Default: no.
    ///
    /// ```no_run
    /// use simpledb_export::data::{DataError, ExportFolder};
    ///
    /// let export = ExportFolder::open("exports/AWSSimpleDB/c0ffee/Books")?.check_md5(true);
    /// let items = export.try_for_each_ref(|_| Ok::<(), DataError>(()))?;
    /// println!("{items} items, as they were written");
    /// # Ok::<(), DataError>(())
    /// ```
    #[must_use]
    pub fn check_md5(mut self, check: bool) -> ExportFolder {
        self.checks_md5 = check;
        self
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What `manifest-summary.json` says, if it is there.
    #[must_use]
    pub fn summary(&self) -> Option<&ManifestSummary> {
        self.summary.as_ref()
    }

    /// The data files, in the manifest's order.
    #[must_use]
    pub fn data_files(&self) -> &[DataFile] {
        &self.data_files
    }

    /// All items, file by file in the manifest's order. The first error is the last thing given.
    #[must_use]
    pub fn items(&self) -> Items<'_> {
        Items {
            folder: self,
            files: self.data_files.iter(),
            reader: None,
        }
    }

    /// Calls `each` with every item, in the order of [`items`](ExportFolder::items) but without
    /// copying their text, and returns how many there were.
    ///
    /// # Errors
    ///
    /// The first error of a file or of `each`.
    pub fn try_for_each_ref<E: From<DataError>>(
        &self,
        mut each: impl FnMut(&ItemRef<'_>) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut items = 0;
        for file in &self.data_files {
            let mut reader = self.reader(file)?;
            items += reader.try_for_each_ref(&mut each)?;
            finish(&mut reader, file)?;
        }
        Ok(items)
    }
}

impl ExportFolder {
    fn reader(&self, file: &DataFile) -> Result<ItemReader<Source>, DataError> {
        let source = Source::open(file, self.checks_md5)?;
        Ok(ItemReader::new(source)
            .path(&file.path)
            .max_item_bytes(self.max_item_bytes))
    }
}

/// After the last item of a file.
fn finish(reader: &mut ItemReader<Source>, file: &DataFile) -> Result<(), DataError> {
    let finished = reader.source_mut().finish();
    finished.map_err(|error| error.in_file(&file.path))
}

/// The items of an [`ExportFolder`].
#[derive(Debug)]
pub struct Items<'a> {
    folder: &'a ExportFolder,
    files: std::slice::Iter<'a, DataFile>,
    reader: Option<(ItemReader<Source>, &'a DataFile)>,
}

impl Items<'_> {
    fn advance(&mut self) -> Result<Option<Item>, DataError> {
        loop {
            if let Some((reader, file)) = &mut self.reader {
                if let Some(item) = reader.next() {
                    return item.map(Some);
                }
                finish(reader, file)?;
                self.reader = None;
            }
            let Some(file) = self.files.next() else {
                return Ok(None);
            };
            self.reader = Some((self.folder.reader(file)?, file));
        }
    }
}

impl Iterator for Items<'_> {
    type Item = Result<Item, DataError>;

    fn next(&mut self) -> Option<Result<Item, DataError>> {
        let item = self.advance();
        if item.is_err() {
            self.files = [].iter();
            self.reader = None;
        }
        item.transpose()
    }
}

/// The summary in `folder`, if there is one.
pub(super) fn read_summary(folder: &Path) -> Result<Option<ManifestSummary>, DataError> {
    read(&folder.join(MANIFEST_SUMMARY), ManifestSummary::read)
}

/// The list of data files in `folder`, if there is one.
pub(super) fn read_manifest(folder: &Path) -> Result<Option<ManifestFile>, DataError> {
    read(&folder.join(MANIFEST_FILE), ManifestFile::read)
}

fn read<T>(
    path: &Path,
    parse: impl FnOnce(File) -> Result<T, DataError>,
) -> Result<Option<T>, DataError> {
    let parsed = match File::open(path) {
        Ok(file) => parse(file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DataError::read(error)),
    };
    parsed.map_err(|error| error.in_file(path))
}

#[cfg(test)]
mod tests;
