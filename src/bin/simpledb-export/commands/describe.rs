//! `describe`.

use std::io::{self, IsTerminal};
use std::path::Path;

use serde::Serialize;
use simpledb_export::cli_support::Escaped;
use simpledb_export::data::{self, AttributeDescription, Description, Export, Range, TypesFile};

use super::download::open;
use crate::args::{DescribeArgs, Format, Global};
use crate::failure::{Exit, Failure};
use crate::progress::Progress;
use crate::{Result, conversion, output, session, stderr, stdout};

/// The result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described<'a> {
    #[serde(flatten)]
    description: &'a Description,
    #[serde(skip_serializing_if = "Option::is_none")]
    types_file: Option<String>,
}

pub(super) fn run(global: &Global, args: &DescribeArgs) -> Result<()> {
    let is_remote = args.source.export_arn.is_some();
    let client = is_remote.then(|| session::client(global)).transpose()?;
    let export = open(global, &args.source, client.as_ref())?;
    let export = export.on_error(args.on_error.map(Into::into).unwrap_or_default());
    let types_file = match &args.types_file {
        Some(path) => Some((path, domain_name(&export)?, existing(path)?)),
        None => None,
    };
    let description = describe(&export, args.threads)?;
    for item in &description.unreadable {
        stderr::note(&item.to_string());
    }
    if let Some((path, domain_name, mut file)) = types_file {
        file.insert(domain_name, description.types());
        file.write(path)?;
    }
    let format = global.output.unwrap_or_else(|| {
        if io::stdout().is_terminal() {
            Format::Table
        } else {
            Format::Json
        }
    });
    if format == Format::Table {
        return stdout::print(&table(&description));
    }
    let types_file = args.types_file.as_ref();
    let described = Described {
        description: &description,
        types_file: types_file.map(|path| path.display().to_string()),
    };
    output::print(Some(format), &described)
}

/// Returns the name by which a types file lists the types of an export.
fn domain_name(export: &Export) -> Result<String> {
    let name = export.domain_name().map(str::to_string);
    name.ok_or_else(|| {
        let line = "manifest-summary.json does not state the domain, by which a types file lists its \
                    types; download the export again, or omit --types-file";
        Failure::new(Exit::General, line).at(export.dir())
    })
}

/// Reads the types file that the types are added to.
fn existing(path: &Path) -> Result<TypesFile> {
    if !path.is_file() {
        return Ok(TypesFile::new());
    }
    Ok(TypesFile::open(path)?)
}

/// Describes an export, with progress.
fn describe(export: &Export, threads: Option<usize>) -> Result<Description> {
    let describe = export.describe().threads(threads.unwrap_or_default());
    let describe = describe.on_progress(Progress::start().of(&conversion::domain_name(export)));
    describe.run().map_err(|error| match error.kind() {
        data::ErrorKind::InvalidData => {
            let hint = "to describe the other items: --on-error skip; to find all that is wrong: \
                        simpledb-export verify";
            Failure::from(error).with_hint(hint.to_owned())
        }
        _ => error.into(),
    })
}

fn table(description: &Description) -> String {
    let domain = description.domain_name.as_deref().unwrap_or("unknown");
    let facts = [
        ("domain", Escaped(domain).to_string()),
        ("items", description.items.to_string()),
        ("bytes per item name", span(description.item_name_length)),
        ("attributes", description.attributes.len().to_string()),
    ];
    let facts = facts.map(|(name, value)| vec![name.to_string(), value]);
    let mut text = output::grid(&[], facts.to_vec());
    if !description.attributes.is_empty() {
        let header = ["attribute", "items", "values", "bytes", "type", "examples"];
        let rows = description.attributes.iter().map(row);
        text.push_str(&output::grid(&header, rows.collect()));
    }
    text
}

fn row(attribute: &AttributeDescription) -> Vec<String> {
    let guess = match (&attribute.evidence, &attribute.reason) {
        (Some(evidence), _) => evidence.clone(),
        (None, Some(reason)) => format!("text: {reason}"),
        (None, None) => "text".to_string(),
    };
    let examples = attribute.examples.iter();
    let examples: Vec<_> = examples
        .map(|example| Escaped(example).to_string())
        .collect();
    vec![
        Escaped(&attribute.name).to_string(),
        attribute.items.to_string(),
        span(attribute.values),
        span(attribute.length),
        guess,
        examples.join("\n"),
    ]
}

fn span(range: Range) -> String {
    if range.min == range.max {
        range.min.to_string()
    } else {
        format!("{} to {}", range.min, range.max)
    }
}
