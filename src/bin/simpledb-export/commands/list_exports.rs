//! `list-exports`.

use simpledb_export::ListExportsInput;

use super::paging;
use crate::args::{Global, ListArgs};
use crate::results::Listing;
use crate::{Result, output, session};

pub(super) fn run(global: &Global, args: &ListArgs) -> Result<()> {
    let mut input = ListExportsInput::new();
    input.domain_name.clone_from(&args.domain_name);
    let client = session::client(global)?;
    let page = &args.page;
    if page.no_paginate || page.max_results.is_some() || page.next_token.is_some() {
        input.max_results = page.max_results;
        input.next_token.clone_from(&page.next_token);
        return output::print(global.output, &client.list_exports(&input)?);
    }
    let token = args.starting_token.clone();
    let listed = paging::list(args.max_items, args.page_size, token, |size, token| {
        let mut input = input.clone();
        input.max_results = size;
        input.next_token = token;
        let pages = client.list_exports_pages(input);
        pages.map(|page| page.map(|page| (page.export_summaries, page.next_token)))
    });
    let (export_summaries, next_token) = listed?;
    let listing = Listing {
        export_summaries,
        next_token,
    };
    output::print(global.output, &listing)
}
