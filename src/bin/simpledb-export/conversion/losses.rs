//! What a conversion could not read or represent.

use simpledb_export::cli_support::Escaped;
use simpledb_export::data::WriteReport;

use crate::stderr;

/// Reports on stderr what could not be read, what the format could not represent, and columns that may
/// be misspelled.
pub(crate) fn report_losses(report: &WriteReport) {
    for item in &report.unreadable {
        stderr::note(&item.to_string());
    }
    for (kind, count) in report.losses.counts() {
        let examples = report.losses.examples();
        if let Some(first) = examples.iter().find(|loss| loss.kind == kind) {
            let times = if count == 1 { "time" } else { "times" };
            stderr::note(&format!("lost {count} {times}, first: {first}"));
        }
    }
    for column in &report.text_columns {
        stderr::note(&column.to_string());
    }
    for renamed in &report.renamed {
        stderr::note(&renamed.to_string());
    }
    for column in &report.unused_columns {
        let column = Escaped(column);
        stderr::note(&format!(
            "no item has the attribute {column}; its column is empty"
        ));
    }
}
