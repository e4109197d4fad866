//! The names of files that belong together: `Books-00001.json.gz`, `Books-00002.json.gz` and so on.

/// How many digits a number has at least.
const DIGITS: usize = 5;

/// The names of the parts of what would be one file, or one object.
#[derive(Debug, Clone)]
pub struct PartNames {
    stem: String,
    /// The extension, and that of the compression.
    suffix: String,
}

impl PartNames {
    /// Returns the names for a file of this name, or an object of this key.
    #[must_use]
    pub fn of(name: &str) -> PartNames {
        let plain = name.strip_suffix(".gz").unwrap_or(name);
        let start = plain.rfind('/').map_or(0, |slash| slash + 1);
        let end = plain.rfind('.').filter(|end| *end > start);
        let (stem, suffix) = name.split_at(end.unwrap_or(plain.len()));
        PartNames {
            stem: stem.to_owned(),
            suffix: suffix.to_owned(),
        }
    }

    /// Returns a name by its number, which starts at 1.
    #[must_use]
    pub fn name(&self, number: usize) -> String {
        format!("{}-{number:0DIGITS$}{}", self.stem, self.suffix)
    }

    /// Returns what all names begin with.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("{}-", self.stem)
    }

    /// Returns a pattern of all names.
    #[must_use]
    pub fn pattern(&self) -> String {
        format!("{}-*{}", self.stem, self.suffix)
    }

    /// Returns the number of a name, if it is one of these.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<usize> {
        let number = name.strip_prefix(&self.prefix())?;
        let number = number.strip_suffix(&self.suffix)?;
        let is_number = number.len() >= DIGITS && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| number.parse().unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_names_before_their_extensions() {
        for (name, first) in [
            ("out/Books.json.gz", "out/Books-00001.json.gz"),
            ("my.books.json", "my.books-00001.json"),
            ("Books.gz", "Books-00001.gz"),
            ("Books", "Books-00001"),
            (".books", ".books-00001"),
            ("v1.2/Books", "v1.2/Books-00001"),
            ("v1.2/.books", "v1.2/.books-00001"),
        ] {
            assert_eq!(PartNames::of(name).name(1), first);
        }
        let names = PartNames::of("Books.json.gz");
        assert_eq!(names.name(123_456), "Books-123456.json.gz");
        assert_eq!(names.pattern(), "Books-*.json.gz");
        for (name, number) in [
            ("Books-00001.json.gz", Some(1)),
            ("Books-100000.json.gz", Some(100_000)),
            ("Books-0001.json.gz", None),
            ("Books-00001.json", None),
            ("Books-abcde.json.gz", None),
            ("Books.json.gz", None),
        ] {
            assert_eq!(names.number(name), number, "{name}");
        }
    }
}
