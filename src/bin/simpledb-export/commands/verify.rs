//! `verify`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use simpledb_export::Client;
use simpledb_export::cli_support::exports_in;
use simpledb_export::data::{Export, Problem, ProblemKind, VerifyReport};

use super::proof::{self, Proof};
use crate::args::{Global, VerifyArgs};
use crate::conversion::domain_name;
use crate::failure::{Exit, Failure};
use crate::progress::Progress;
use crate::results::Artifacts;
use crate::{Result, hint, output, session};

pub(super) fn run(global: &Global, args: &VerifyArgs) -> Result<()> {
    let mut proofs = BTreeMap::new();
    let directories = exports_in(&args.directory).into_iter();
    Failure::last(directories.map(|directory| run_one(global, args, &directory, &mut proofs)))
}

/// Verifies one export; what its counts are compared with is kept by its region.
fn run_one(
    global: &Global,
    args: &VerifyArgs,
    directory: &Path,
    proofs: &mut BTreeMap<Option<String>, Proof>,
) -> Result<()> {
    let export = Export::open(directory).map_err(|error| {
        let summary = directory.join("manifest-summary.json");
        // Any other directory cannot be downloaded again.
        let is_export = error.path() != Some(directory) || summary.exists();
        Failure::from(error).with_hint(is_export.then(|| hint::fetch_again(directory)))
    })?;
    // Before a long verification, so that a missing region is known at once.
    let proof = match proofs.entry(region(&export)) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(new) if args.against_domain => {
            new.insert(Proof::new(&client(global, &export)?, true))
        }
        Entry::Vacant(new) => new.insert(Proof::default()),
    };
    let report = verify(&export, None, args.threads)?;
    let mut artifacts = Artifacts::of_verified(&export, &report);
    artifacts.domain = proof.of_verified(&export, &report);
    output::print(global.output, &artifacts)?;
    check(&export, &report)?;
    proof::check(artifacts.domain.as_ref())
}

/// Returns the client for the region of an export.
pub(super) fn client(global: &Global, export: &Export) -> Result<Client> {
    let mut loader = session::loader(global);
    if let (Some(region), None) = (region(export), &global.region) {
        loader = loader.region(region);
    }
    session::client_of(loader.load()?)
}

fn region(export: &Export) -> Option<String> {
    // arn:aws:sdb:REGION:…
    let arn = export.export_arn()?;
    let mut parts = arn.split(':').skip_while(|part| *part != "sdb");
    let region = parts.nth(1).filter(|region| !region.is_empty());
    region.map(str::to_owned)
}

/// Verifies an export, with progress.
pub(super) fn verify(
    export: &Export,
    expected_items_count: Option<u64>,
    threads: Option<usize>,
) -> Result<VerifyReport> {
    let verify = export.verify().threads(threads.unwrap_or_default());
    let mut verify = verify.on_progress(Progress::start().of(&domain_name(export)));
    if let Some(items) = expected_items_count {
        verify = verify.expected_items_count(items);
    }
    Ok(verify.run()?)
}

/// Fails with the first problem; the output has all of them.
pub(super) fn check(export: &Export, report: &VerifyReport) -> Result<()> {
    let directory = export.dir();
    let Some(first) = report.problems.first() else {
        return Ok(());
    };
    let count = report.problems.len();
    let line = match (report.is_intact(), count) {
        (true, 1) => format!("the export is intact, but an item cannot be read: {first}"),
        (true, _) => {
            format!("the export is intact, but {count} items cannot be read, the first: {first}")
        }
        (false, 1) => format!("the export is damaged: {first}"),
        (false, _) => format!("the export is damaged, {count} problems, the first: {first}"),
    };
    let hint = if report.is_intact() {
        Some(hint::convert_unreadable(directory))
    } else {
        let is_fixable = report.problems.iter().any(is_fixed_by_download);
        is_fixable.then(|| hint::fetch_again(directory))
    };
    Err(Failure::new(Exit::General, line)
        .at(directory)
        .with_hint(hint))
}

fn is_fixed_by_download(problem: &Problem) -> bool {
    matches!(
        problem.kind(),
        ProblemKind::Missing
            | ProblemKind::Invalid
            | ProblemKind::ChecksumMismatch
            | ProblemKind::ItemsMismatch
    )
}
