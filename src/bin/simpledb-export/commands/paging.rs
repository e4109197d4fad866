//! Lists over all pages, or of the first elements only.

use simpledb_export::Error;

use crate::Result;

/// The largest page of the service.
const MAX_PAGE_SIZE: u32 = 100;

/// What a page holds, and the token of the next one.
type Page<T> = (Vec<T>, Option<String>);

/// Lists all elements, or at most `max_items`, from a token on; returns the token to resume with, if
/// any are left.
///
/// Never asks for more elements than are still wanted, so that the last page's token is the one to
/// resume with. `pages` lists pages of a size, from a token on.
pub(super) fn list<T, P>(
    max_items: Option<u32>,
    page_size: Option<u32>,
    mut token: Option<String>,
    pages: impl Fn(Option<u32>, Option<String>) -> P,
) -> Result<Page<T>>
where
    P: Iterator<Item = std::result::Result<Page<T>, Error>>,
{
    let mut elements = Vec::new();
    let Some(max_items) = max_items else {
        for page in pages(page_size, token) {
            elements.extend(page?.0);
        }
        return Ok((elements, None));
    };
    let mut wanted = max_items;
    loop {
        let size = page_size.unwrap_or(MAX_PAGE_SIZE).min(wanted);
        for page in pages(Some(size), token.clone()) {
            let (listed, next) = page?;
            wanted = wanted.saturating_sub(u32::try_from(listed.len()).unwrap_or(u32::MAX));
            elements.extend(listed);
            token = next.filter(|token| !token.is_empty());
            if wanted < size {
                break;
            }
        }
        if wanted == 0 || token.is_none() {
            return Ok((elements, token));
        }
    }
}
