//! `list-exports`.

use simpledb_export::{Client, ExportSummary, ListExportsInput};

use super::paging;
use crate::app::args::{Global, ListArgs};
use crate::app::results::Listing;
use crate::app::{Result, output, session};

/// The largest page of the service.
const MAX_PAGE_SIZE: u32 = 100;

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
    input.max_results = args.page_size;
    input.next_token.clone_from(&args.starting_token);
    let (export_summaries, next_token) = match args.max_items {
        Some(max_items) => list_at_most(max_items, &client, &input)?,
        None => (list_all(&client, input)?, None),
    };
    let listing = Listing {
        export_summaries,
        next_token,
    };
    output::print(global.output, &listing)
}

fn list_all(client: &Client, input: ListExportsInput) -> Result<Vec<ExportSummary>> {
    let mut exports = Vec::new();
    for page in client.list_exports_pages(input) {
        exports.extend(page?.export_summaries);
    }
    Ok(exports)
}

fn list_at_most(
    max_items: u32,
    client: &Client,
    input: &ListExportsInput,
) -> Result<paging::Page<ExportSummary>> {
    let page_size = input.max_results.unwrap_or(MAX_PAGE_SIZE);
    let token = input.next_token.clone();
    paging::at_most(max_items, page_size, token, |size, token| {
        let mut input = input.clone();
        input.max_results = Some(size);
        input.next_token = token;
        let pages = client.list_exports_pages(input);
        pages.map(|page| page.map(|page| (page.export_summaries, page.next_token)))
    })
}
