//! ListDomains page by page, and domain by domain.

use super::Domains;
use super::list_domains::{ListDomainsInput, ListDomainsOutput};
use super::query::QueryOperation;
use crate::client::paging::{Paged, Pages};
use crate::error::Error;

impl Domains {
    /// Lists domains page by page. Each page is fetched when the iterator reaches it;
    /// [`items`](ListDomainsPages::items) iterates over the names instead.
    #[must_use]
    pub fn list_domains_pages(&self, input: ListDomainsInput) -> ListDomainsPages {
        ListDomainsPages(Pages::new(self.clone(), input))
    }
}

impl Paged for Domains {
    const OPERATION: &'static str = ListDomainsInput::NAME;

    type Input = ListDomainsInput;
    type Page = ListDomainsOutput;
    type Element = String;

    fn page(&self, input: &ListDomainsInput) -> Result<ListDomainsOutput, Error> {
        self.list_domains(input)
    }

    fn token(input: &mut ListDomainsInput) -> &mut Option<String> {
        &mut input.next_token
    }

    fn next_token(page: &ListDomainsOutput) -> Option<&str> {
        page.next_token.as_deref()
    }

    fn elements(page: &mut ListDomainsOutput) -> &mut Vec<String> {
        &mut page.domain_names
    }
}

/// Iterates over the pages of ListDomains; see [`Domains::list_domains_pages`].
///
/// Ends after the last page, or after an error. So that it does end, these are errors
/// ([`ErrorKind::Response`](crate::ErrorKind::Response)), after the page in question: a repeated
/// token, a token of more than 2,048 characters, and 100 empty pages in a row.
#[derive(Debug)]
pub struct ListDomainsPages(Pages<Domains>);

impl ListDomainsPages {
    /// Returns an iterator over the names of the domains of all pages. It fetches a page when the
    /// previous one is used up, and ends after the last name, or after an error.
    pub fn items(self) -> impl Iterator<Item = Result<String, Error>> {
        self.0.elements()
    }
}

impl Iterator for ListDomainsPages {
    type Item = Result<ListDomainsOutput, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
