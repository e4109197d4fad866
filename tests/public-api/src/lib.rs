//! Lists the public items of a crate, and compares two such lists.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use public_api::Builder;

/// Traits that the compiler implements automatically, and that change with it. `Send` and `Sync` are
/// listed: callers rely on them.
const NOT_LISTED: [&str; 6] = [
    "core::marker::Freeze",
    "core::marker::StructuralPartialEq",
    "core::marker::Unpin",
    "core::marker::UnsafeUnpin",
    "core::panic::unwind_safe::RefUnwindSafe",
    "core::panic::unwind_safe::UnwindSafe",
];

/// Returns the public items of the crate that rustdoc's JSON describes, one per line. The methods of
/// an implemented trait are not repeated below the implementation: the trait declares them.
///
/// # Errors
///
/// The file cannot be read, for example because its version of Rust is not supported yet.
pub fn listing(rustdoc_json: &Path) -> Result<String, public_api::Error> {
    let api = Builder::from_rustdoc_json(rustdoc_json)
        .omit_blanket_impls(true)
        .build()?;
    let implementations: HashSet<_> = api
        .items()
        .filter(|item| is_trait_implementation(&item.to_string()))
        .map(public_api::PublicItem::id)
        .collect();
    let lines: BTreeSet<String> = api
        .items()
        .filter(|item| {
            !item
                .parent_id()
                .is_some_and(|id| implementations.contains(&id))
        })
        .map(ToString::to_string)
        .filter(|line| is_listed(line))
        .collect();
    Ok(lines.iter().flat_map(|line| [line, "\n"]).collect())
}

fn is_trait_implementation(line: &str) -> bool {
    line.starts_with("impl") && line.contains(" for ")
}

fn is_listed(line: &str) -> bool {
    let Some((implementation, _)) = line.split_once(" for ") else {
        return true;
    };
    let is_of = |name: &&str| {
        let rest = implementation.strip_suffix(name);
        line.starts_with("impl") && rest.is_some_and(|rest| rest.ends_with([' ', '!']))
    };
    !NOT_LISTED.iter().any(is_of)
}

/// Returns the lines that only one of two listings has; `None` if they are equal.
#[must_use]
pub fn difference(kept: &str, now: &str) -> Option<String> {
    if kept == now {
        return None;
    }
    let (kept, now): (BTreeSet<_>, BTreeSet<_>) = (kept.lines().collect(), now.lines().collect());
    let gone = kept.difference(&now).map(|line| ("- ", *line));
    let new = now.difference(&kept).map(|line| ("+ ", *line));
    // A changed line follows the one that it replaces.
    let mut changes: Vec<_> = gone.chain(new).collect();
    changes.sort_by_key(|(sign, line)| (name(line), *sign == "+ "));
    let changes = changes.iter().map(|(sign, line)| format!("{sign}{line}\n"));
    Some(changes.collect())
}

/// Returns the part of a line before its types.
fn name(line: &str) -> &str {
    line.split_once(['(', '=']).map_or(line, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn omits_what_the_compiler_implements() {
        for (line, expected) in [
            ("impl core::marker::Send for a::B", true),
            ("impl core::marker::Unpin for a::B", false),
            ("impl<T> !core::marker::Freeze for a::B<T>", false),
            (
                "impl<T> core::marker::Unpin for a::B<T> where T: x::Y",
                false,
            ),
            ("impl core::clone::Clone for a::Unpin", true),
            ("pub fn a::B::new() -> a::B", true),
        ] {
            assert_eq!(is_listed(line), expected, "{line}");
        }
    }

    #[test]
    fn puts_a_changed_line_below_the_one_it_replaces() {
        let kept = "pub fn a::b(u8)\npub fn a::c()\npub fn a::d()\n";
        let now = "pub fn a::a()\npub fn a::b(u16)\npub fn a::d()\n";
        assert_eq!(
            difference(kept, now).unwrap(),
            "+ pub fn a::a()\n- pub fn a::b(u8)\n+ pub fn a::b(u16)\n- pub fn a::c()\n"
        );
        assert_eq!(difference(kept, kept), None);
    }
}
