//! ListExports page by page, and export by export.

use std::collections::{HashSet, VecDeque};
use std::mem;

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
            tokens_seen: input.next_token.iter().cloned().collect(),
            next: Next::Fetch(input),
        }
    }
}

/// Iterates over the pages of ListExports; see [`Client::list_exports_pages`].
///
/// Ends after the last page, or after an error. A repeated token is an error, after the page that
/// carries it: following it would never end.
#[derive(Debug)]
pub struct ListExportsPages {
    client: Client,
    next: Next,
    tokens_seen: HashSet<String>,
}

#[derive(Debug)]
enum Next {
    Fetch(ListExportsInput),
    RefuseToken,
    End,
}

impl ListExportsPages {
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
        let mut input = match mem::replace(&mut self.next, Next::End) {
            Next::Fetch(input) => input,
            Next::RefuseToken => return Some(Err(Error::repeated_token(ListExportsInput::NAME))),
            Next::End => return None,
        };
        let page = match self.client.list_exports(&input) {
            Ok(page) => page,
            Err(error) => return Some(Err(error)),
        };
        if let Some(token) = page.next_token.as_deref().filter(|token| !token.is_empty()) {
            self.next = if self.tokens_seen.insert(token.to_owned()) {
                input.next_token = Some(token.to_owned());
                Next::Fetch(input)
            } else {
                Next::RefuseToken
            };
        }
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
