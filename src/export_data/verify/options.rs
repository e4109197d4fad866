//! How an export is checked.

use std::fmt;
use std::num::NonZeroUsize;
use std::thread;

use crate::export_data::reader::DEFAULT_MAX_ITEM_BYTES;

/// How [`verify_export`](super::verify_export) works.
///
/// ```
/// use simpledb_export::export_data::VerifyOptions;
///
/// let options = VerifyOptions::new().threads(2).expected_items_count(4650);
/// assert_eq!(options.get_threads(), 2);
/// ```
#[derive(Clone, Copy)]
pub struct VerifyOptions<'a> {
    threads: Option<NonZeroUsize>,
    pub(super) expected_items_count: Option<u64>,
    pub(super) max_item_bytes: usize,
    pub(super) progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

impl<'a> VerifyOptions<'a> {
    /// The defaults.
    #[must_use]
    pub fn new() -> VerifyOptions<'a> {
        VerifyOptions {
            threads: None,
            expected_items_count: None,
            max_item_bytes: DEFAULT_MAX_ITEM_BYTES,
            progress: None,
        }
    }

    /// How many files are checked at once; without this, or at 0, as many as the machine has
    /// cores.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> VerifyOptions<'a> {
        self.threads = NonZeroUsize::new(threads);
        self
    }

    /// How many files are checked at once.
    #[must_use]
    pub fn get_threads(&self) -> usize {
        self.threads
            .or_else(|| thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
    }

    /// The `itemsCount` that `GetExport` gave, to be compared as well.
    #[must_use]
    pub fn expected_items_count(mut self, items: u64) -> VerifyOptions<'a> {
        self.expected_items_count = Some(items);
        self
    }

    /// Limits the length of one item's JSON, and with it the memory that a thread takes; without
    /// this, [`DEFAULT_MAX_ITEM_BYTES`].
    #[must_use]
    pub fn max_item_bytes(mut self, bytes: usize) -> VerifyOptions<'a> {
        self.max_item_bytes = bytes;
        self
    }

    /// Is called with how many more bytes have been read, from any of the threads.
    #[must_use]
    pub fn progress(mut self, progress: &'a (dyn Fn(u64) + Sync)) -> VerifyOptions<'a> {
        self.progress = Some(progress);
        self
    }
}

impl Default for VerifyOptions<'_> {
    fn default() -> Self {
        VerifyOptions::new()
    }
}

impl fmt::Debug for VerifyOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyOptions")
            .field("threads", &self.threads)
            .field("expected_items_count", &self.expected_items_count)
            .field("max_item_bytes", &self.max_item_bytes)
            .finish_non_exhaustive()
    }
}
