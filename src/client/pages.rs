//! ListExports page by page, and export by export.

use std::collections::VecDeque;
use std::mem;

use super::page_tokens::PageTokens;
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
        ListExportsPages {
            client: self.clone(),
            tokens: PageTokens::starting_at(input.next_token.as_deref()),
            next: Next::Fetch(input),
        }
    }
}

/// Iterates over the pages of ListExports; see [`Client::list_exports_pages`].
///
/// Ends after the last page, or after an error. So that it does end, these are errors
/// ([`ErrorKind::Response`](crate::ErrorKind::Response)), after the page in question: a repeated
/// token, a token of more than 2,048 characters, and 100 empty pages in a row.
#[derive(Debug)]
pub struct ListExportsPages {
    client: Client,
    next: Next,
    tokens: PageTokens,
}

#[derive(Debug)]
enum Next {
    Fetch(ListExportsInput),
    Fail(Error),
    End,
}

impl ListExportsPages {
    /// Decides what follows a page.
    fn after(&mut self, input: ListExportsInput, page: &ListExportsOutput) -> Next {
        let is_empty = page.export_summaries.is_empty();
        match self.tokens.after(page.next_token.as_deref(), is_empty) {
            Ok(Some(token)) => Next::Fetch(input.next_token(token)),
            Ok(None) => Next::End,
            Err(error) => Next::Fail(error.in_operation(ListExportsInput::NAME)),
        }
    }

    /// Returns an iterator over the exports of all pages.
    #[must_use]
    pub fn items(self) -> ListExportsItems {
        ListExportsItems {
            pages: self,
            page: VecDeque::new(),
        }
    }
}

impl Iterator for ListExportsPages {
    type Item = Result<ListExportsOutput, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let input = match mem::replace(&mut self.next, Next::End) {
            Next::Fetch(input) => input,
            Next::Fail(error) => return Some(Err(error)),
            Next::End => return None,
        };
        let page = match self.client.list_exports(&input) {
            Ok(page) => page,
            Err(error) => return Some(Err(error)),
        };
        self.next = self.after(input, &page);
        Some(Ok(page))
    }
}

/// Iterates over the exports of all pages of ListExports; see [`ListExportsPages::items`].
///
/// Fetches a page when the previous one is used up. Ends after the last export, or after an error.
#[derive(Debug)]
pub struct ListExportsItems {
    pages: ListExportsPages,
    page: VecDeque<ExportSummary>,
}

impl Iterator for ListExportsItems {
    type Item = Result<ExportSummary, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(summary) = self.page.pop_front() {
                return Some(Ok(summary));
            }
            match self.pages.next()? {
                Ok(page) => self.page = page.export_summaries.into(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
