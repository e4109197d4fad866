//! The one rule by which names that come from elsewhere, such as those of domains, become file
//! names: the same on every system, and reversible.
//!
//! Letters, digits and most punctuation stay as they are. Whatever some file system forbids,
//! changes or takes for something else is percent-encoded: control characters, everything outside
//! ASCII (file systems normalize it), `" % * / : < > ? \ | ~`, a dot at the beginning (names that
//! begin with one are the program's own), a dot or space at the end, and the first letter of the
//! names that Windows keeps for devices. An empty name becomes `%`.
//!
//! What remains are names that differ in case only, which is for [`distinct`] to resolve.

#[cfg(feature = "cli")]
use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, CONTROLS, percent_encode, percent_encode_byte};
use sha2::{Digest, Sha256};

/// The longest file name that common file systems take, in bytes.
const MAX_LENGTH: usize = 255;

const SPECIAL: &AsciiSet = &CONTROLS
    .add(b'"')
    .add(b'%')
    .add(b'*')
    .add(b'/')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'|')
    .add(b'~');

/// What Windows keeps for devices, with any extension.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Returns the file name for `name`, with `suffix` at its end.
///
/// A name that would be too long is cut and identified by its SHA-256 instead: such a name cannot be
/// decoded, but still no two names share it.
#[must_use]
pub fn encode(name: &str, suffix: &str) -> String {
    bounded(name, suffix, encode_plainly(name))
}

/// Returns the file names for all of `names`: those of [`encode`], unless two names differ in case
/// only. These have their capital letters percent-encoded, so that each has its own file on
/// disks that ignore case. The result does not depend on the order of the names.
#[cfg(feature = "cli")]
pub fn distinct<'a>(
    names: impl IntoIterator<Item = &'a str>,
    suffix: &str,
) -> BTreeMap<&'a str, String> {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in names {
        let key = encode(name, suffix).to_ascii_lowercase();
        groups.entry(key).or_default().push(name);
    }
    let groups = groups.into_values();
    let file_names = groups.flat_map(|group| {
        let is_shared = group.len() > 1;
        group.into_iter().map(move |name| {
            let file_name = if is_shared {
                bounded(name, suffix, encode_capitals(&encode_plainly(name)))
            } else {
                encode(name, suffix)
            };
            (name, file_name)
        })
    });
    file_names.collect()
}

fn encode_plainly(name: &str) -> String {
    if name.is_empty() {
        return "%".to_owned();
    }
    let last = name.len() - 1;
    let is_device = is_device(name);
    let mut encoded = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        let is_encoded = match byte {
            b'.' => at == 0 || at == last,
            b' ' => at == last,
            _ => at == 0 && is_device,
        };
        if is_encoded {
            encoded.push_str(percent_encode_byte(byte));
        } else {
            encoded.extend(percent_encode(&[byte], SPECIAL));
        }
    }
    encoded
}

/// Encodes the capital letters of what is encoded otherwise.
#[cfg(feature = "cli")]
fn encode_capitals(encoded: &str) -> String {
    let mut distinct = String::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte.is_ascii_uppercase() {
            distinct.push_str(percent_encode_byte(byte));
            continue;
        }
        distinct.push(byte.into());
        if byte == b'%' {
            distinct.extend(rest.by_ref().take(2).map(char::from));
        }
    }
    distinct
}

/// Returns whether Windows takes the name for that of a device: by what is before the first dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim_end_matches(' ').to_ascii_uppercase();
    let is_port = |port: &str| {
        let number = stem.strip_prefix(port).map(str::as_bytes);
        matches!(number, Some([digit]) if digit.is_ascii_digit())
    };
    DEVICES.contains(&stem.as_str()) || is_port("COM") || is_port("LPT")
}

/// Cuts an encoded name to what a file name may have; `%-` begins no encoded character.
fn bounded(name: &str, suffix: &str, encoded: String) -> String {
    if encoded.len() + suffix.len() <= MAX_LENGTH {
        return encoded + suffix;
    }
    let digest = hex::encode(&Sha256::digest(name)[..16]);
    let end = format!("%-{digest}{suffix}");
    let room = MAX_LENGTH.saturating_sub(end.len());
    // Not within an encoded character.
    let cut = (room.saturating_sub(2)..room).find(|at| encoded.as_bytes().get(*at) == Some(&b'%'));
    encoded[..cut.unwrap_or(room)].to_owned() + &end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::percent;

    /// The name that a file name stands for.
    fn decode(file_name: &str) -> String {
        match file_name {
            "%" => String::new(),
            _ => String::from_utf8(percent::decode(file_name).into_owned()).unwrap(),
        }
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in [
            "Books",
            "data",
            "manifest-file.json",
            "a b",
            "a..b",
            "x.",
            "CONSOLE",
            "COM10",
            "COM",
            "com-1",
            "lpt",
            "Sales_2024-01.old",
            "!#$&'()+,;=@[]^_`{}",
        ] {
            assert_eq!(
                encode(name, "").trim_end_matches("%2E"),
                name.trim_end_matches('.')
            );
        }
        assert_eq!(encode("Books", ".csv.gz"), "Books.csv.gz");
    }

    #[test]
    fn names_that_some_system_forbids_or_changes_are_encoded() {
        let table = [
            ("", "%"),
            (".", "%2E"),
            ("..", "%2E%2E"),
            ("...", "%2E.%2E"),
            ("../../x", "%2E.%2F..%2Fx"),
            (".hidden", "%2Ehidden"),
            ("x.", "x%2E"),
            ("x ", "x%20"),
            ("%2E", "%252E"),
            ("a\\..\\b", "a%5C..%5Cb"),
            ("C:", "C%3A"),
            ("a\0b\n", "a%00b%0A"),
            ("*?\"<>|", "%2A%3F%22%3C%3E%7C"),
            ("BOOKS~1", "BOOKS%7E1"),
            ("Bücher", "B%C3%BCcher"),
            ("CON", "%43ON"),
            ("nul", "%6Eul"),
            ("nul .tar.gz", "%6Eul .tar.gz"),
            ("Com1", "%43om1"),
            ("LPT9.x", "%4CPT9.x"),
            ("conin$", "%63onin$"),
        ];
        for (name, file_name) in table {
            assert_eq!(encode(name, ""), file_name);
            assert_eq!(decode(file_name), name);
        }
    }

    #[test]
    fn a_long_name_is_cut_and_stays_distinct() {
        let fits = "d".repeat(251);
        assert_eq!(encode(&fits, ".csv"), format!("{fits}.csv"));
        let name = "d".repeat(252);
        let file_name = encode(&name, ".csv");
        assert_eq!(file_name.len(), 255);
        assert!(
            file_name.starts_with("ddd")
                && file_name
                    .split_once('.')
                    .is_some_and(|(_, end)| end == "csv"),
            "{file_name}"
        );
        assert_ne!(file_name, encode(&"d".repeat(253), ".csv"));
        // An encoded character is not cut.
        for pad in 0..3 {
            let file_name = encode(&format!("{}{}", "d".repeat(pad), "é".repeat(200)), "");
            let (kept, digest) = file_name.split_once("%-").unwrap();
            assert_eq!(digest.len(), 32);
            assert_eq!(kept.len() % 3, pad, "{file_name}");
            assert!((253..=255).contains(&file_name.len()), "{file_name}");
        }
    }

    #[cfg(feature = "cli")]
    #[test]
    fn names_that_differ_in_case_only_have_their_capitals_encoded() {
        let names = [
            "books", "Films", "Books", "BOOKS", "Com1", "COM1", "A/b", "A/B",
        ];
        let file_names: Vec<_> = distinct(names, ".csv").into_values().collect();
        assert_eq!(
            file_names,
            [
                "%41%2F%42.csv",
                "%41%2Fb.csv",
                "%42%4F%4F%4B%53.csv",
                "%42ooks.csv",
                "%43%4F%4D1.csv",
                "%43om1.csv",
                "Films.csv",
                "books.csv",
            ]
        );
    }

    /// Names made of what is hard to name a file after, and of anything.
    fn name() -> impl Strategy<Value = String> {
        let awkward =
            r"(?i:con|nul|com1|lpt9|b|B|é|É|e\x{301}|ß|ẞ|K|ſ|\.| |%|%2E|%42|/|~|[\x00-\x20]){0,4}";
        prop_oneof![3 => awkward, 1 => any::<String>(), 1 => "[aA]{245,260}"]
    }

    proptest! {
        #[test]
        fn a_file_name_is_harmless_and_stands_for_one_name(name in name()) {
            let file_name = encode(&name, "");
            prop_assert!(file_name.len() <= 255 && !file_name.is_empty());
            prop_assert!(file_name.is_ascii());
            prop_assert!(!file_name.starts_with('.') && !file_name.ends_with(['.', ' ']));
            prop_assert!(!file_name.contains(|c: char| c.is_control() || "\"*/:<>?\\|~".contains(c)));
            prop_assert!(!is_device(&file_name));
            if !file_name.contains("%-") {
                prop_assert_eq!(decode(&file_name), name);
            }
        }

        #[cfg(feature = "cli")]
        #[test]
        fn no_two_names_share_a_file_on_a_disk_that_ignores_case(
            names in proptest::collection::vec(name(), 0..12)
        ) {
            let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
            let file_names = distinct(names.iter().copied(), ".csv");
            prop_assert_eq!(file_names.len(), names.len());
            let on_disk: BTreeSet<_> = file_names.values().map(|name| name.to_lowercase()).collect();
            prop_assert_eq!(on_disk.len(), names.len());
            for (name, file_name) in &file_names {
                prop_assert!(file_name.len() <= 255);
                if !file_name.contains("%-") {
                    let stem = file_name.strip_suffix(".csv").unwrap();
                    prop_assert_eq!(&decode(stem), name);
                }
            }
            let backwards = distinct(names.iter().rev().copied(), ".csv");
            prop_assert_eq!(backwards, file_names);
        }
    }
}
