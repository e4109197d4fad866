//! Which page follows a page, so that every list ends.

use std::collections::HashSet;

use crate::error::{Error, ErrorKind};

/// The service's own limit.
const MAX_TOKEN_CHARS: usize = 2048;

/// The service may return empty pages, but hardly this many in a row.
const MAX_EMPTY_PAGES: u32 = 100;

/// The tokens of the pages so far.
#[derive(Debug)]
pub(crate) struct PageTokens {
    seen: HashSet<String>,
    empty_pages: u32,
}

impl PageTokens {
    /// Starts with the page of this token, or with the first page.
    pub(crate) fn starting_at(token: Option<&str>) -> PageTokens {
        PageTokens {
            seen: token.map(str::to_owned).into_iter().collect(),
            empty_pages: 0,
        }
    }

    /// Returns the token of the page to fetch after one with `next_token`; `None` after the last.
    pub(crate) fn after(
        &mut self,
        next_token: Option<&str>,
        is_empty: bool,
    ) -> Result<Option<String>, Error> {
        let Some(token) = next_token.filter(|token| !token.is_empty()) else {
            return Ok(None);
        };
        self.empty_pages = if is_empty { self.empty_pages + 1 } else { 0 };
        let length = token.chars().count();
        let problem = if length > MAX_TOKEN_CHARS {
            format!(
                "the service returned a nextToken of {length} characters: expected at most \
                 {MAX_TOKEN_CHARS}"
            )
        } else if self.empty_pages >= MAX_EMPTY_PAGES {
            format!("pagination loop: the service returned {MAX_EMPTY_PAGES} empty pages in a row")
        } else if !self.seen.insert(token.to_owned()) {
            "pagination loop: the service repeated a nextToken".to_owned()
        } else {
            return Ok(Some(token.to_owned()));
        };
        Err(Error::new(ErrorKind::Response, problem))
    }
}
