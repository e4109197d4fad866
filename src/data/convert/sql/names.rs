//! Names of tables and columns: what the database accepts, and each once.

use std::collections::HashSet;

use super::dialect::Dialect;

/// What PostgreSQL truncates names to, in bytes.
const POSTGRES_BYTES: usize = 63;

/// What MySQL accepts, in characters.
const MYSQL_COLUMN_CHARACTERS: usize = 64;

/// MySQL derives names of constraints from a table's, with up to seven characters more.
const MYSQL_TABLE_CHARACTERS: usize = MYSQL_COLUMN_CHARACTERS - "_ibfk_1".len();

/// MySQL stores a table in a file of its name, with five bytes for each character that is not an
/// ASCII letter, digit or underscore. Counting the others as four keeps both limits.
const MYSQL_FILE_NAME_BYTES: usize = 4 * MYSQL_TABLE_CHARACTERS;

/// Names that columns cannot have.
const POSTGRES_SYSTEM_COLUMNS: &[&str] = &["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];
const MYSQL_SYSTEM_COLUMNS: &[&str] = &["db_row_id", "db_trx_id", "db_roll_ptr", "fts_doc_id"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Table,
    Column,
}

/// The names that are in use.
#[derive(Debug)]
pub(super) struct Names {
    dialect: Dialect,
    kind: Kind,
    taken: HashSet<String>,
}

impl Names {
    /// Starts with no tables.
    pub(super) fn of_tables(dialect: Dialect) -> Names {
        Names {
            dialect,
            kind: Kind::Table,
            taken: HashSet::new(),
        }
    }

    /// Starts with the columns that every table of the database has.
    pub(super) fn of_columns(dialect: Dialect) -> Names {
        let system = match dialect {
            Dialect::Sqlite => &[],
            Dialect::Postgres => POSTGRES_SYSTEM_COLUMNS,
            Dialect::MySql => MYSQL_SYSTEM_COLUMNS,
        };
        Names {
            dialect,
            kind: Kind::Column,
            taken: system.iter().copied().map(str::to_owned).collect(),
        }
    }

    /// Returns the wanted name if the database accepts it and it is not taken, otherwise one that
    /// resembles it.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        let mut name = self.acceptable(wanted, "");
        let mut number = 2;
        while !self.taken.insert(self.folded(&name)) {
            name = self.acceptable(wanted, &format!("_{number}"));
            number += 1;
        }
        name
    }

    /// Returns a name that the database accepts, if nothing else has it. Control characters are
    /// replaced in every dialect: the programs that read SQL change some line breaks.
    fn acceptable(&self, wanted: &str, suffix: &str) -> String {
        let mut name = String::with_capacity(wanted.len() + suffix.len() + 1);
        let is_reserved = self.dialect == Dialect::Sqlite
            && self.kind == Kind::Table
            && self.folded(wanted).starts_with("sqlite_");
        if is_reserved {
            name.push('_');
        }
        let limit = self.limit();
        let room = limit.saturating_sub(suffix.chars().map(|c| self.cost(c)).sum());
        let mut size = 0;
        for character in wanted.chars() {
            let character = if self.is_accepted(character) {
                character
            } else {
                '_'
            };
            size += self.cost(character);
            if size > room {
                break;
            }
            name.push(character);
        }
        if self.dialect == Dialect::MySql {
            name.truncate(name.trim_end_matches(' ').len());
        }
        if name.is_empty() {
            name.push('_');
        }
        name.push_str(suffix);
        name
    }

    fn is_accepted(&self, character: char) -> bool {
        const MYSQL_LAST: char = '\u{FFFF}';
        !character.is_control() && (self.dialect != Dialect::MySql || character <= MYSQL_LAST)
    }

    /// Returns the largest sum of [`cost`](Names::cost) in a name.
    fn limit(&self) -> usize {
        match (self.dialect, self.kind) {
            (Dialect::Sqlite, _) => usize::MAX,
            (Dialect::Postgres, _) => POSTGRES_BYTES,
            (Dialect::MySql, Kind::Table) => MYSQL_FILE_NAME_BYTES,
            (Dialect::MySql, Kind::Column) => MYSQL_COLUMN_CHARACTERS,
        }
    }

    fn cost(&self, character: char) -> usize {
        match (self.dialect, self.kind) {
            (Dialect::Sqlite | Dialect::Postgres, _) => character.len_utf8(),
            (Dialect::MySql, Kind::Table) if character.is_ascii_alphanumeric() => 4,
            (Dialect::MySql, Kind::Table) if character == '_' => 4,
            (Dialect::MySql, Kind::Table) => 5,
            (Dialect::MySql, Kind::Column) => 1,
        }
    }

    /// Returns what is equal for names that the database takes for the same.
    fn folded(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Sqlite => name.to_ascii_lowercase(),
            Dialect::Postgres => name.to_owned(),
            // Character by character: for MySQL, İ is i.
            Dialect::MySql => name
                .chars()
                .filter_map(|c| c.to_lowercase().next())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql];

    fn columns(dialect: Dialect, wanted: &[&str]) -> Vec<String> {
        let mut names = Names::of_columns(dialect);
        wanted.iter().map(|name| names.take(name)).collect()
    }

    #[test]
    fn keeps_names_that_every_database_accepts() {
        let wanted = [
            "select", "a b", "it's", "x\"y", "z`", "\\", "日本", " ", "1",
        ];
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            assert_eq!(columns(dialect, &wanted), wanted);
        }
        let wanted = ["select", "a b", "it's", "x\"y", "z`", "\\", "日本", "1"];
        assert_eq!(columns(Dialect::MySql, &wanted), wanted);
    }

    #[test]
    fn replaces_what_no_database_accepts() {
        for dialect in ALL {
            let wanted = ["", "a\0b", "a\r\nb", "\u{85}", "a_b"];
            assert_eq!(
                columns(dialect, &wanted),
                ["_", "a_b", "a__b", "__2", "a_b_2"]
            );
        }
    }

    #[test]
    fn distinguishes_case_only_if_the_database_does() {
        let wanted = ["Color", "color", "COLOR", "É", "é"];
        assert_eq!(columns(Dialect::Postgres, &wanted), wanted);
        assert_eq!(
            columns(Dialect::Sqlite, &wanted),
            ["Color", "color_2", "COLOR_3", "É", "é"]
        );
        assert_eq!(
            columns(Dialect::MySql, &wanted),
            ["Color", "color_2", "COLOR_3", "É", "é_2"]
        );
        assert_eq!(
            columns(Dialect::MySql, &["i", "İ", "\u{212A}", "k"])[1..],
            ["İ_2", "\u{212A}", "k_2"]
        );
    }

    #[test]
    fn shortens_long_names_at_a_character() {
        let long = "é".repeat(70);
        let other = format!("{long}!");
        let wanted = [&*long, &*other];
        assert_eq!(columns(Dialect::Sqlite, &wanted), wanted);
        assert_eq!(
            columns(Dialect::Postgres, &wanted),
            ["é".repeat(31), "é".repeat(30) + "_2"]
        );
        assert_eq!(
            columns(Dialect::MySql, &wanted),
            ["é".repeat(64), "é".repeat(62) + "_2"]
        );
        let limit = "a".repeat(63);
        assert_eq!(columns(Dialect::Postgres, &[&limit]), [&*limit]);
    }

    #[test]
    fn shortens_tables_of_mysql_to_the_limits_of_constraints_and_files() {
        let mut tables = Names::of_tables(Dialect::MySql);
        assert_eq!(tables.take(&"a".repeat(255)), "a".repeat(57));
        assert_eq!(tables.take(&"a".repeat(255)), "a".repeat(55) + "_2");
        assert_eq!(tables.take(&"日".repeat(255)), "日".repeat(45));
        assert_eq!(tables.take(&"a-".repeat(255)), "a-".repeat(25));
    }

    #[test]
    fn avoids_reserved_names() {
        assert_eq!(
            columns(Dialect::Postgres, &["ctid", "CTID", "xmin"]),
            ["ctid_2", "CTID", "xmin_2"]
        );
        assert_eq!(
            columns(Dialect::MySql, &["DB_Row_ID", "ctid"]),
            ["DB_Row_ID_2", "ctid"]
        );
        assert_eq!(columns(Dialect::Sqlite, &["sqlite_x"]), ["sqlite_x"]);
        let mut tables = Names::of_tables(Dialect::Sqlite);
        assert_eq!(tables.take("SQLite_Master"), "_SQLite_Master");
        assert_eq!(tables.take("sqlitemaster"), "sqlitemaster");
    }

    #[test]
    fn omits_spaces_at_the_end_in_mysql() {
        assert_eq!(
            columns(Dialect::MySql, &["a ", "a", "  "]),
            ["a", "a_2", "_"]
        );
        let long = "a".repeat(63) + " b";
        assert_eq!(columns(Dialect::MySql, &[&long]), ["a".repeat(63)]);
    }
}
