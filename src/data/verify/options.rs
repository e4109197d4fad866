//! How an export is checked.

use std::fmt;
use std::num::NonZeroUsize;
use std::thread;

use crate::data::reader::DEFAULT_MAX_ITEM_BYTES;

/// How [`verify_export`](super::verify_export) works.
///
/// ```
/// use simpledb_export::data::VerifyOptions;
///
/// let options = VerifyOptions::new().threads(2).expected_items_count(4650);
/// assert_eq!(options.get_threads(), 2);
/// ```
#[derive(Clone, Copy)]
pub struct VerifyOptions<'a> {
    threads: Option<NonZeroUsize>,
    pub(super) expected_items_count: Option<u64>,
    pub(super) max_item_bytes: usize,
    pub(super) on_progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

impl<'a> VerifyOptions<'a> {
    /// The defaults.
    #[must_use]
    pub fn new() -> VerifyOptions<'a> {
        VerifyOptions {
            threads: None,
            expected_items_count: None,
            max_item_bytes: DEFAULT_MAX_ITEM_BYTES,
            on_progress: None,
        }
    }

    /// Sets how many files are checked at once; 0 is taken as the default. Default: as many as the
    /// machine has cores.
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

    /// Sets the `itemsCount` that GetExport gave, to be compared as well. Default: none.
    #[must_use]
    pub fn expected_items_count(mut self, items: u64) -> VerifyOptions<'a> {
        self.expected_items_count = Some(items);
        self
    }

    /// Sets how many bytes the JSON of one item may have, which limits the memory that a thread
    /// takes. Default: [`DEFAULT_MAX_ITEM_BYTES`].
    #[must_use]
    pub fn max_item_bytes(mut self, bytes: usize) -> VerifyOptions<'a> {
        self.max_item_bytes = bytes;
        self
    }

    /// Sets what is told how many more bytes have been read, from any of the threads. Default:
    /// nothing.
    #[must_use]
    pub fn on_progress(mut self, on_progress: &'a (dyn Fn(u64) + Sync)) -> VerifyOptions<'a> {
        self.on_progress = Some(on_progress);
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
