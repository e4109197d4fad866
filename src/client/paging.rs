//! Lists of any API, page by page and element by element.

use std::collections::HashSet;
use std::fmt;
use std::mem;

use crate::error::{Error, ErrorKind};

/// The service's own limit.
const MAX_TOKEN_CHARS: usize = 2048;

/// The service may return empty pages, but hardly this many in a row.
const MAX_EMPTY_PAGES: u32 = 100;

/// What requests the pages of a list.
pub(crate) trait Paged {
    /// The operation's name.
    const OPERATION: &'static str;

    type Input: fmt::Debug;
    type Page;
    type Element;

    fn page(&self, input: &Self::Input) -> Result<Self::Page, Error>;

    fn token(input: &mut Self::Input) -> &mut Option<String>;

    fn next_token(page: &Self::Page) -> Option<&str>;

    fn elements(page: &mut Self::Page) -> &mut Vec<Self::Element>;
}

/// Iterates over the pages of a list. Ends after the last page, or after an error.
#[derive(Debug)]
pub(crate) struct Pages<C: Paged> {
    caller: C,
    /// The input of the next page, or why there is none; `None` at the end.
    next: Option<Result<C::Input, Error>>,
    tokens_seen: HashSet<String>,
    /// How many empty pages in a row there were.
    empty_in_a_row: u32,
}

impl<C: Paged> Pages<C> {
    pub(crate) fn new(caller: C, mut input: C::Input) -> Pages<C> {
        Pages {
            caller,
            tokens_seen: C::token(&mut input).iter().cloned().collect(),
            next: Some(Ok(input)),
            empty_in_a_row: 0,
        }
    }

    /// Iterates over the elements of all pages; fetches a page when the previous one is used up.
    pub(crate) fn elements(self) -> impl Iterator<Item = Result<C::Element, Error>> {
        self.flat_map(|page| {
            let (elements, error) = match page {
                Ok(mut page) => (mem::take(C::elements(&mut page)), None),
                Err(error) => (Vec::new(), Some(Err(error))),
            };
            elements.into_iter().map(Ok).chain(error)
        })
    }

    /// Decides what follows a page.
    fn after(
        &mut self,
        mut input: C::Input,
        page: &mut C::Page,
    ) -> Option<Result<C::Input, Error>> {
        if C::elements(page).is_empty() {
            self.empty_in_a_row += 1;
        } else {
            self.empty_in_a_row = 0;
        }
        let token = C::next_token(page).filter(|token| !token.is_empty())?;
        let length = token.chars().count();
        let problem = if length > MAX_TOKEN_CHARS {
            format!(
                "the service returned a nextToken of {length} characters: expected at most \
                 {MAX_TOKEN_CHARS}"
            )
        } else if self.empty_in_a_row >= MAX_EMPTY_PAGES {
            format!("pagination loop: the service returned {MAX_EMPTY_PAGES} empty pages in a row")
        } else if !self.tokens_seen.insert(token.to_owned()) {
            "pagination loop: the service repeated a nextToken".to_owned()
        } else {
            *C::token(&mut input) = Some(token.to_owned());
            return Some(Ok(input));
        };
        Some(Err(
            Error::new(ErrorKind::Response, problem).in_operation(C::OPERATION)
        ))
    }
}

impl<C: Paged> Iterator for Pages<C> {
    type Item = Result<C::Page, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let input = self.next.take()?;
        Some(input.and_then(|input| {
            let mut page = self.caller.page(&input)?;
            self.next = self.after(input, &mut page);
            Ok(page)
        }))
    }
}
