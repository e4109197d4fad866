//! `list-exports`.

use simpledb_export::ListExportsInput;

use crate::app::answers::Listing;
use crate::app::args::{Global, ListArgs};
use crate::app::failure::{Exit, Failure};
use crate::app::pagination::{self, StartingToken};
use crate::app::{Result, output, session};

pub(super) fn run(global: &Global, args: &ListArgs) -> Result<()> {
    let start = starting_token(args)?;
    let mut input = ListExportsInput::new();
    input.domain_name.clone_from(&args.domain_name);
    input.max_results = args.page_size;
    input.next_token.clone_from(&start.page);
    let max_items = args
        .max_items
        .map(|most| usize::try_from(most).unwrap_or(usize::MAX));

    let pages = session::client(global)?.list_exports_pages(input);
    let (summaries, rest) = pagination::take(pages, start, max_items)?;
    let next_token = rest
        .map(|token| token.encode())
        .transpose()
        .map_err(|error| Failure::general(&error))?;
    let listing = Listing::new(&summaries, next_token.as_deref());
    output::print(global.output, "ListExports", &listing)
}

fn starting_token(args: &ListArgs) -> Result<StartingToken> {
    let Some(token) = &args.starting_token else {
        return Ok(StartingToken::default());
    };
    StartingToken::decode(token).ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            "--starting-token is not the NextToken of a list; leave it out to list from the \
             beginning",
        )
    })
}
