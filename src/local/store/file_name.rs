//! The name of the file or folder that stands for one part of a key.

/// Names are the key's own wherever they can be. What could lead elsewhere, or cannot be a name, is
/// percent-encoded, and so is the percent sign, so that no two keys share a file: `..` becomes
/// `%2E%2E`, `a\b` becomes `a%5Cb`, and an empty part becomes `%`.
pub(super) fn file_name(part: &str) -> String {
    match part {
        "" => return "%".to_owned(),
        "." => return "%2E".to_owned(),
        ".." => return "%2E%2E".to_owned(),
        _ => {}
    }
    let mut name = String::with_capacity(part.len());
    for character in part.chars() {
        match character {
            '\0' => name.push_str("%00"),
            '%' => name.push_str("%25"),
            '\\' => name.push_str("%5C"),
            // With a drive's letter before it, a way out on Windows.
            ':' => name.push_str("%3A"),
            character => name.push(character),
        }
    }
    name
}

/// A name for a file that is not complete yet. No key has it, as no percent sign stands before a
/// `t` in any [`file_name`].
pub(super) fn temporary_name(name: &str) -> String {
    format!("%tmp-{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay_and_others_become_harmless() {
        for plain in [
            "data",
            "manifest-file.json",
            "a b",
            "...",
            "ä+&?#*",
            ".a",
            "a..b",
        ] {
            assert_eq!(file_name(plain), plain);
        }
        let table = [
            ("", "%"),
            (".", "%2E"),
            ("..", "%2E%2E"),
            ("%2E%2E", "%252E%252E"),
            ("a\\..\\b", "a%5C..%5Cb"),
            ("C:", "C%3A"),
            ("a\0b", "a%00b"),
            ("%", "%25"),
            ("%tmp-a", "%25tmp-a"),
        ];
        for (part, name) in table {
            assert_eq!(file_name(part), name);
        }
    }
}
