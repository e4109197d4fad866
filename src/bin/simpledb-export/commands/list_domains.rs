//! `list-domains`.

use simpledb_export::Error;
use simpledb_export::domains::{Domains, ListDomainsInput, ListDomainsOutput};

use super::paging;
use crate::app::args::{Global, ListDomainsArgs};
use crate::app::{Result, output, session};

/// The largest page of the service.
const MAX_PAGE_SIZE: u32 = 100;

pub(super) fn run(global: &Global, args: &ListDomainsArgs) -> Result<()> {
    let domains = Domains::new(&session::client(global)?)?;
    let mut input = ListDomainsInput::new();
    let page = &args.page;
    if page.no_paginate || page.max_number_of_domains.is_some() || page.next_token.is_some() {
        input.max_number_of_domains = page.max_number_of_domains;
        input.next_token.clone_from(&page.next_token);
        return output::print(global.output, &domains.list_domains(&input)?);
    }
    input.max_number_of_domains = args.page_size;
    input.next_token.clone_from(&args.starting_token);
    let mut listing = ListDomainsOutput::default();
    (listing.domain_names, listing.next_token) = match args.max_items {
        Some(max_items) => list_at_most(max_items, &domains, &input)?,
        None => (list_all(&domains, input)?, None),
    };
    output::print(global.output, &listing)
}

fn list_all(domains: &Domains, input: ListDomainsInput) -> Result<Vec<String>> {
    let names = domains.list_domains_pages(input).items();
    Ok(names.collect::<std::result::Result<_, Error>>()?)
}

fn list_at_most(
    max_items: u32,
    domains: &Domains,
    input: &ListDomainsInput,
) -> Result<paging::Page<String>> {
    let page_size = input.max_number_of_domains.unwrap_or(MAX_PAGE_SIZE);
    let token = input.next_token.clone();
    paging::at_most(max_items, page_size, token, |size, token| {
        let mut input = ListDomainsInput::new().max_number_of_domains(size);
        input.next_token = token;
        let pages = domains.list_domains_pages(input);
        pages.map(|page| page.map(|page| (page.domain_names, page.next_token)))
    })
}
