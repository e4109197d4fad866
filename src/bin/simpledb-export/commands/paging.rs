//! Lists of which only the first elements are wanted.

use simpledb_export::Error;

use crate::app::Result;

/// What a page holds, and the token of the next one.
pub(super) type Page<T> = (Vec<T>, Option<String>);

/// Lists at most `max_items` elements, from a token on; returns the token to resume with, if any are
/// left.
///
/// Never asks for more elements than are still wanted, so that the last page's token is the one to
/// resume with. `pages` lists pages of a size, from a token on.
pub(super) fn at_most<T, P>(
    max_items: u32,
    page_size: u32,
    mut token: Option<String>,
    pages: impl Fn(u32, Option<String>) -> P,
) -> Result<Page<T>>
where
    P: Iterator<Item = std::result::Result<Page<T>, Error>>,
{
    let mut elements = Vec::new();
    let mut wanted = max_items;
    loop {
        let size = page_size.min(wanted);
        for page in pages(size, token.clone()) {
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
