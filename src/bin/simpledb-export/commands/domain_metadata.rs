//! `domain-metadata`.

use simpledb_export::domains::{DomainMetadataInput, Domains};

use crate::args::Global;
use crate::{Result, output, session};

pub(super) fn run(global: &Global, domain_name: &str) -> Result<()> {
    let domains = Domains::new(&session::client(global)?)?;
    let metadata = domains.domain_metadata(&DomainMetadataInput::new(domain_name))?;
    output::print(global.output, &metadata)
}
