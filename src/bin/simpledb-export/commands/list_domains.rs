//! `list-domains`.

use simpledb_export::domains::{Domains, ListDomainsInput, ListDomainsOutput};

use crate::app::args::{Global, ListDomainsArgs};
use crate::app::{Result, output, session};

pub(super) fn run(global: &Global, args: &ListDomainsArgs) -> Result<()> {
    let mut input = ListDomainsInput::new();
    input.max_number_of_domains = args.max_number_of_domains;
    input.next_token.clone_from(&args.next_token);
    let domains = Domains::new(&session::client(global)?)?;
    if input != ListDomainsInput::new() {
        return output::print(global.output, &domains.list_domains(&input)?);
    }
    let mut all = ListDomainsOutput::default();
    for name in domains.list_domains_pages(input).items() {
        all.domain_names.push(name?);
    }
    output::print(global.output, &all)
}
