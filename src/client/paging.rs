//! Lists page by page, and element by element, whichever API has them.

use std::collections::{HashSet, VecDeque};
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

    fn is_empty(page: &Self::Page) -> bool;

    fn elements(page: Self::Page) -> Vec<Self::Element>;
}

/// Iterates over the pages of a list. Ends after the last page, or after an error.
#[derive(Debug)]
pub(crate) struct Pages<C: Paged> {
    caller: C,
    next: Next<C::Input>,
    tokens_seen: HashSet<String>,
    /// How many empty pages in a row there were.
    empty_in_a_row: u32,
}

#[derive(Debug)]
enum Next<I> {
    Fetch(I),
    Fail(Error),
    End,
}

impl<C: Paged> Pages<C> {
    pub(crate) fn new(caller: C, mut input: C::Input) -> Pages<C> {
        Pages {
            caller,
            tokens_seen: C::token(&mut input).iter().cloned().collect(),
            next: Next::Fetch(input),
            empty_in_a_row: 0,
        }
    }

    /// Decides what follows a page.
    fn after(&mut self, mut input: C::Input, page: &C::Page) -> Next<C::Input> {
        let Some(token) = C::next_token(page).filter(|token| !token.is_empty()) else {
            return Next::End;
        };
        self.empty_in_a_row = if C::is_empty(page) {
            self.empty_in_a_row + 1
        } else {
            0
        };
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
            return Next::Fetch(input);
        };
        Next::Fail(Error::new(ErrorKind::Response, problem).in_operation(C::OPERATION))
    }
}

impl<C: Paged> Iterator for Pages<C> {
    type Item = Result<C::Page, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let input = match mem::replace(&mut self.next, Next::End) {
            Next::Fetch(input) => input,
            Next::Fail(error) => return Some(Err(error)),
            Next::End => return None,
        };
        let page = match self.caller.page(&input) {
            Ok(page) => page,
            Err(error) => return Some(Err(error)),
        };
        self.next = self.after(input, &page);
        Some(Ok(page))
    }
}

/// Iterates over the elements of all pages; fetches a page when the previous one is used up.
#[derive(Debug)]
pub(crate) struct Elements<C: Paged> {
    pages: Pages<C>,
    page: VecDeque<C::Element>,
}

impl<C: Paged> From<Pages<C>> for Elements<C> {
    fn from(pages: Pages<C>) -> Elements<C> {
        Elements {
            pages,
            page: VecDeque::new(),
        }
    }
}

impl<C: Paged> Iterator for Elements<C> {
    type Item = Result<C::Element, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(element) = self.page.pop_front() {
                return Some(Ok(element));
            }
            match self.pages.next()? {
                Ok(page) => self.page = C::elements(page).into(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
