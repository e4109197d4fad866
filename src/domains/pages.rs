//! ListDomains page by page, and domain by domain.

use std::collections::VecDeque;
use std::mem;

use super::Domains;
use super::list_domains::{ListDomainsInput, ListDomainsOutput};
use super::query::QueryOperation;
use crate::client::PageTokens;
use crate::error::Error;

/// Iterates over the pages of ListDomains; see [`Domains::list_domains_pages`].
///
/// Ends after the last page, or after an error. So that it does end, these are errors
/// ([`ErrorKind::Response`](crate::ErrorKind::Response)), after the page in question: a repeated
/// token, a token of more than 2,048 characters, and 100 empty pages in a row.
#[derive(Debug)]
pub struct ListDomainsPages {
    domains: Domains,
    next: Next,
    tokens: PageTokens,
}

#[derive(Debug)]
enum Next {
    Fetch(ListDomainsInput),
    Fail(Error),
    End,
}

impl ListDomainsPages {
    pub(super) fn new(domains: Domains, input: ListDomainsInput) -> ListDomainsPages {
        ListDomainsPages {
            domains,
            tokens: PageTokens::starting_at(input.next_token.as_deref()),
            next: Next::Fetch(input),
        }
    }

    /// Decides what follows a page.
    fn after(&mut self, input: ListDomainsInput, page: &ListDomainsOutput) -> Next {
        let is_empty = page.domain_names.is_empty();
        match self.tokens.after(page.next_token.as_deref(), is_empty) {
            Ok(Some(token)) => Next::Fetch(input.next_token(token)),
            Ok(None) => Next::End,
            Err(error) => Next::Fail(error.in_operation(ListDomainsInput::NAME)),
        }
    }

    /// Returns an iterator over the names of the domains of all pages.
    #[must_use]
    pub fn items(self) -> ListDomainsItems {
        ListDomainsItems {
            pages: self,
            page: VecDeque::new(),
        }
    }
}

impl Iterator for ListDomainsPages {
    type Item = Result<ListDomainsOutput, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let input = match mem::replace(&mut self.next, Next::End) {
            Next::Fetch(input) => input,
            Next::Fail(error) => return Some(Err(error)),
            Next::End => return None,
        };
        let page = match self.domains.list_domains(&input) {
            Ok(page) => page,
            Err(error) => return Some(Err(error)),
        };
        self.next = self.after(input, &page);
        Some(Ok(page))
    }
}

/// Iterates over the names of all domains; see [`ListDomainsPages::items`].
///
/// Fetches a page when the previous one is used up. Ends after the last name, or after an error.
#[derive(Debug)]
pub struct ListDomainsItems {
    pages: ListDomainsPages,
    page: VecDeque<String>,
}

impl Iterator for ListDomainsItems {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(name) = self.page.pop_front() {
                return Some(Ok(name));
            }
            match self.pages.next()? {
                Ok(page) => self.page = page.domain_names.into(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
