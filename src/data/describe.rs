//! Describes the data of an export: which attributes there are, and what their texts stand for.

mod forms;
mod guess;
mod scan;
mod span;
mod tally;

use std::ops::ControlFlow;

use serde::Serialize;

use self::scan::Scan;
use super::error::Error;
use super::export::Export;
use super::parallel;
use super::pipeline;
use super::progress::{Callback, Progress, Tracker};
use super::reader::UnreadableItem;
use super::types::{AttributeType, DataType, Types};

/// A first pass over an [`Export`], returned by [`Export::describe`].
#[derive(Debug)]
#[must_use = "does nothing until `run`"]
pub struct Describe<'a> {
    export: &'a Export,
    threads: usize,
    callback: Callback<'a>,
}

impl Export {
    /// Reads the whole export, describes its attributes, and guesses their types.
    ///
    /// ```no_run
    /// use simpledb_export::data::Export;
    ///
    /// let export = Export::open("exports/AWSSimpleDB/c0ffee/Books")?;
    /// let description = export.describe().run()?;
    /// for attribute in &description.attributes {
    ///     println!("{}: {}", attribute.name, attribute.attribute_type);
    /// }
    /// # Ok::<(), simpledb_export::data::Error>(())
    /// ```
    pub fn describe(&self) -> Describe<'_> {
        Describe {
            export: self,
            threads: 0,
            callback: Callback::none(),
        }
    }
}

impl<'a> Describe<'a> {
    /// Sets how many threads read the files; 0 means the default. Defaults to the number of cores.
    pub fn threads(mut self, threads: usize) -> Describe<'a> {
        self.threads = threads;
        self
    }

    /// Sets a callback that is called several times per MiB, by one thread at a time.
    /// [`ControlFlow::Break`] cancels the pass.
    pub fn on_progress(
        mut self,
        callback: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'a,
    ) -> Describe<'a> {
        self.callback = Callback::new(callback);
        self
    }

    /// Reads the export and describes it.
    ///
    /// # Errors
    ///
    /// A data file cannot be read or is not valid;
    /// [`TooManyColumns`](super::ErrorKind::TooManyColumns) for more than 10,000 attributes;
    /// [`Cancelled`](super::ErrorKind::Cancelled) if the callback cancelled.
    pub fn run(self) -> Result<Description, Error> {
        let export = self.export;
        let cancelled = "the description was cancelled";
        let tracker = Tracker::new(cancelled, &export.entries, self.callback);
        let threads = parallel::threads(self.threads);
        let parts = pipeline::survey(export, &tracker, threads, &Scan)?;
        let mut parts = parts.into_iter();
        let mut whole = parts.next().unwrap_or_default();
        for part in parts {
            whole.merge(part)?;
        }
        Ok(whole.describe(export.domain_name()))
    }
}

/// What an export contains, returned by [`Describe::run`].
///
/// Serialized, it is an object with the members `domainName`, `items`, `itemNameLength` and
/// `attributes`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Description {
    /// The domain's name, if `manifest-summary.json` states it.
    pub domain_name: Option<String>,
    /// The number of items.
    pub items: u64,
    /// The lengths of the item names, in bytes of UTF-8.
    pub item_name_length: Range,
    /// The attributes in the order of their first occurrence.
    pub attributes: Vec<AttributeDescription>,
    /// The items that were skipped or repaired.
    #[serde(skip)]
    pub unreadable: Vec<UnreadableItem>,
}

/// What an attribute contains.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AttributeDescription {
    /// The attribute's name.
    pub name: String,
    /// The number of items that have the attribute.
    pub items: u64,
    /// The number of values that an item has, if it has the attribute.
    pub values: Range,
    /// The lengths of the values, in bytes of UTF-8.
    pub length: Range,
    /// The type: one that reproduces the text of every value exactly, or else text.
    #[serde(rename = "type")]
    pub attribute_type: AttributeType,
    /// What the type is based on: `integer + 2^63 in 20 digits: 3,000 of 3,000 values`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// Why the attribute is text although it looks like something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The first distinct values, truncated to 100 bytes.
    pub examples: Vec<String>,
}

/// The minimum and maximum of some numbers; both are 0 if there are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Range {
    /// The smallest number.
    pub min: u64,
    /// The largest number.
    pub max: u64,
}

impl Description {
    /// Returns the guessed types.
    #[must_use]
    pub fn types(&self) -> Types {
        self.types_by(|found| found.attribute_type)
    }

    /// Returns types that keep every value as text.
    #[must_use]
    pub fn text_types(&self) -> Types {
        self.types_by(|found| {
            AttributeType::new(DataType::Text).multi_valued(found.attribute_type.multi_valued)
        })
    }

    fn types_by(&self, choose: impl Fn(&AttributeDescription) -> AttributeType) -> Types {
        let attributes = self.attributes.iter();
        Types {
            attributes: attributes
                .map(|found| (found.name.clone(), choose(found)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests;
