//! ListExports page by page, and export by export.

use std::collections::{HashSet, VecDeque};
use std::mem;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::operation::list_exports::{ListExportsInput, ListExportsOutput};
use crate::operation::types::ExportSummary;

/// The service's own limit.
const MAX_TOKEN_CHARS: usize = 2048;

/// The service may return empty pages, but hardly this many in a row.
const MAX_EMPTY_PAGES: u32 = 100;

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
            empty_pages: 0,
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
    tokens_seen: HashSet<String>,
    empty_pages: u32,
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
        let Some(token) = page.next_token.as_deref().filter(|token| !token.is_empty()) else {
            return Next::End;
        };
        self.empty_pages = if page.export_summaries.is_empty() {
            self.empty_pages + 1
        } else {
            0
        };
        let length = token.chars().count();
        let problem = if length > MAX_TOKEN_CHARS {
            format!(
                "the service returned a nextToken of {length} characters: expected at most \
                 {MAX_TOKEN_CHARS}"
            )
        } else if self.empty_pages >= MAX_EMPTY_PAGES {
            format!("pagination loop: the service returned {MAX_EMPTY_PAGES} empty pages in a row")
        } else if !self.tokens_seen.insert(token.to_owned()) {
            "pagination loop: the service repeated a nextToken".to_owned()
        } else {
            return Next::Fetch(input.next_token(token));
        };
        Next::Fail(Error::new(ErrorKind::Response, problem).in_operation(ListExportsInput::NAME))
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
