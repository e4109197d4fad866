//! ListExports page by page, and export by export.

use super::paging::{Paged, Pages};
use crate::client::Client;
use crate::error::Error;
use crate::operation::Operation;
use crate::operation::list_exports::{ListExportsInput, ListExportsOutput};
use crate::operation::types::ExportSummary;

impl Client {
    /// Lists exports page by page. Each page is fetched when the iterator reaches it;
    /// [`items`](ListExportsPages::items) iterates over the exports instead.
    ///
    /// ```no_run
    /// use simpledb_export::{Client, ListExportsInput};
    ///
    /// let client = Client::from_env()?;
    /// for export in client.list_exports_pages(ListExportsInput::new()).items() {
    ///     let export = export?;
    ///     println!("{} {}", export.export_status, export.export_arn);
    /// }
    /// # Ok::<(), simpledb_export::Error>(())
    /// ```
    #[must_use]
    pub fn list_exports_pages(&self, input: ListExportsInput) -> ListExportsPages {
        ListExportsPages(Pages::new(self.clone(), input))
    }
}

/// The pages of a client are those of ListExports.
impl Paged for Client {
    const OPERATION: &'static str = ListExportsInput::NAME;

    type Input = ListExportsInput;
    type Page = ListExportsOutput;
    type Element = ExportSummary;

    fn page(&self, input: &ListExportsInput) -> Result<ListExportsOutput, Error> {
        self.list_exports(input)
    }

    fn token(input: &mut ListExportsInput) -> &mut Option<String> {
        &mut input.next_token
    }

    fn next_token(page: &ListExportsOutput) -> Option<&str> {
        page.next_token.as_deref()
    }

    fn elements(page: &mut ListExportsOutput) -> &mut Vec<ExportSummary> {
        &mut page.export_summaries
    }
}

/// Iterates over the pages of ListExports; see [`Client::list_exports_pages`].
///
/// Ends after the last page, or after an error. So that it does end, these are errors
/// ([`ErrorKind::Response`](crate::ErrorKind::Response)), after the page in question: a repeated
/// token, a token of more than 2,048 characters, and 100 empty pages in a row.
#[derive(Debug)]
pub struct ListExportsPages(Pages<Client>);

impl ListExportsPages {
    /// Returns an iterator over the exports of all pages. It fetches a page when the previous one is
    /// used up, and ends after the last export, or after an error.
    pub fn items(self) -> impl Iterator<Item = Result<ExportSummary, Error>> {
        self.0.elements()
    }
}

impl Iterator for ListExportsPages {
    type Item = Result<ListExportsOutput, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
