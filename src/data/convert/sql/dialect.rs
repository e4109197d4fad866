//! The databases, and how they differ.

/// The database that SQL is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite 3.8.8 or newer, for `sqlite3`.
    Sqlite,
    /// PostgreSQL 10 or newer, for `psql`.
    Postgres,
    /// MySQL 5.7 or newer, or MariaDB 10.2 or newer, for `mysql`.
    MySql,
}

impl Dialect {
    /// Returns the name of the database.
    pub(super) fn name(self) -> &'static str {
        match self {
            Dialect::Sqlite => "SQLite",
            Dialect::Postgres => "PostgreSQL",
            Dialect::MySql => "MySQL",
        }
    }

    /// Returns how many columns a table can have.
    pub(super) fn max_columns(self) -> usize {
        match self {
            Dialect::Sqlite => 2000,
            Dialect::Postgres => 1600,
            Dialect::MySql => 1017,
        }
    }

    /// Returns the type of columns with any text.
    pub(super) fn text_type(self) -> &'static str {
        match self {
            Dialect::Sqlite | Dialect::Postgres => "TEXT",
            Dialect::MySql => "LONGTEXT",
        }
    }

    /// Returns the type of columns with item names, which have at most 1024 bytes. As text of up to
    /// four bytes a character they would exceed MySQL's limit for a key, 3072 bytes, and names that
    /// differ in trailing spaces would be equal.
    pub(super) fn key_type(self) -> &'static str {
        match self {
            Dialect::Sqlite | Dialect::Postgres => "TEXT",
            Dialect::MySql => "VARBINARY(1024)",
        }
    }

    /// Returns a name as SQL has it.
    pub(super) fn quoted(self, name: &str) -> String {
        let quote = if self == Dialect::MySql { "`" } else { "\"" };
        let name = name.replace(quote, &quote.repeat(2));
        format!("{quote}{name}{quote}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_names() {
        assert_eq!(Dialect::Sqlite.quoted("a\"b`c\\"), "\"a\"\"b`c\\\"");
        assert_eq!(Dialect::Postgres.quoted("\"; --"), "\"\"\"; --\"");
        assert_eq!(Dialect::MySql.quoted("a\"b`c\\"), "`a\"b``c\\`");
    }
}
