//! `list-domains`.

use simpledb_export::domains::{Domains, ListDomainsInput, ListDomainsOutput};

use super::paging;
use crate::args::{Global, ListDomainsArgs};
use crate::{Result, output, session};

pub(super) fn run(global: &Global, args: &ListDomainsArgs) -> Result<()> {
    let domains = Domains::new(&session::client(global)?)?;
    let page = &args.page;
    if page.no_paginate || page.max_number_of_domains.is_some() || page.next_token.is_some() {
        let mut input = ListDomainsInput::new();
        input.max_number_of_domains = page.max_number_of_domains;
        input.next_token.clone_from(&page.next_token);
        return output::print(global.output, &domains.list_domains(&input)?);
    }
    let token = args.starting_token.clone();
    let listed = paging::list(args.max_items, args.page_size, token, |size, token| {
        let mut input = ListDomainsInput::new();
        input.max_number_of_domains = size;
        input.next_token = token;
        let pages = domains.list_domains_pages(input);
        pages.map(|page| page.map(|page| (page.domain_names, page.next_token)))
    });
    let mut listing = ListDomainsOutput::default();
    (listing.domain_names, listing.next_token) = listed?;
    output::print(global.output, &listing)
}
