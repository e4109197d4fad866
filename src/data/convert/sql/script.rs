//! The statements around the rows.

use super::dialect::Dialect;
use super::schema::{Schema, Table};

const MYSQL_TABLE_OPTIONS: &str =
    " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

/// Returns the statements before the first row. Each program stops at the first error.
pub(super) fn opening(dialect: Dialect, schema: &Schema) -> String {
    let tables = schema.tables().map(|table| create(dialect, table));
    let tables: String = tables.collect();
    match dialect {
        Dialect::Sqlite => format!(
            "-- To load this into SQLite: sqlite3 DATABASE < FILE\n\
             .bail on\n\
             BEGIN;\n\
             {tables}"
        ),
        Dialect::Postgres => format!(
            "-- To load this into PostgreSQL: psql -d DATABASE -f FILE\n\
             \\set ON_ERROR_STOP on\n\
             SET client_encoding = 'UTF8';\n\
             BEGIN;\n\
             {tables}"
        ),
        // MySQL commits when it creates a table.
        Dialect::MySql => format!(
            "-- To load this into MySQL: mysql DATABASE < FILE\n\
             SET NAMES utf8mb4;\n\
             SET @saved_sql_mode = @@SESSION.sql_mode;\n\
             SET SESSION sql_mode = 'STRICT_ALL_TABLES';\n\
             {tables}\
             START TRANSACTION;\n"
        ),
    }
}

/// Returns the statements after the last row.
pub(super) fn closing(dialect: Dialect, schema: &Schema) -> String {
    match dialect {
        Dialect::Sqlite => "COMMIT;\n".to_string(),
        Dialect::Postgres => {
            let keys = schema.tables().map(|table| {
                let keys = table.keys.join(", ADD ");
                format!("ALTER TABLE {} ADD {keys};\n", table.name)
            });
            keys.collect::<String>() + "COMMIT;\n"
        }
        Dialect::MySql => "COMMIT;\nSET SESSION sql_mode = @saved_sql_mode;\n".to_string(),
    }
}

fn create(dialect: Dialect, table: &Table) -> String {
    let columns = table.columns.iter();
    let mut definitions: Vec<_> = columns
        .map(|(name, kind)| format!("{name} {kind}"))
        .collect();
    // PostgreSQL builds a key faster at the end than it maintains it.
    if dialect != Dialect::Postgres {
        definitions.extend_from_slice(&table.keys);
    }
    let definitions = definitions.join(",\n  ");
    let options = match dialect {
        Dialect::MySql => MYSQL_TABLE_OPTIONS,
        Dialect::Sqlite | Dialect::Postgres => "",
    };
    format!(
        "CREATE TABLE {} (\n  {definitions}\n){options};\n",
        table.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::types::{AttributeType, DataType, Types};

    fn schema(dialect: Dialect) -> Schema {
        let text = AttributeType::new(DataType::Text);
        let year = AttributeType::new(DataType::Integer { precision: None });
        let types: Types = [("a\"`", year), ("tag", text.multi_valued(true))]
            .into_iter()
            .collect();
        Schema::new(dialect, "t", "id", &types).unwrap()
    }

    #[test]
    fn opens_and_closes_scripts_of_sqlite() {
        let schema = schema(Dialect::Sqlite);
        assert_eq!(
            opening(Dialect::Sqlite, &schema),
            "-- To load this into SQLite: sqlite3 DATABASE < FILE\n\
             .bail on\n\
             BEGIN;\n\
             CREATE TABLE \"t\" (\n  \
               \"id\" TEXT NOT NULL,\n  \
               \"a\"\"`\" INTEGER,\n  \
               PRIMARY KEY (\"id\")\n\
             );\n\
             CREATE TABLE \"t_tag\" (\n  \
               \"id\" TEXT NOT NULL,\n  \
               \"position\" INTEGER NOT NULL,\n  \
               \"value\" TEXT NOT NULL,\n  \
               PRIMARY KEY (\"id\", \"position\"),\n  \
               FOREIGN KEY (\"id\") REFERENCES \"t\" (\"id\")\n\
             );\n"
        );
        assert_eq!(closing(Dialect::Sqlite, &schema), "COMMIT;\n");
    }

    #[test]
    fn opens_and_closes_scripts_of_postgres() {
        let schema = schema(Dialect::Postgres);
        assert_eq!(
            opening(Dialect::Postgres, &schema),
            "-- To load this into PostgreSQL: psql -d DATABASE -f FILE\n\
             \\set ON_ERROR_STOP on\n\
             SET client_encoding = 'UTF8';\n\
             BEGIN;\n\
             CREATE TABLE \"t\" (\n  \
               \"id\" TEXT NOT NULL,\n  \
               \"a\"\"`\" BIGINT\n\
             );\n\
             CREATE TABLE \"t_tag\" (\n  \
               \"id\" TEXT NOT NULL,\n  \
               \"position\" INTEGER NOT NULL,\n  \
               \"value\" TEXT NOT NULL\n\
             );\n"
        );
        assert_eq!(
            closing(Dialect::Postgres, &schema),
            "ALTER TABLE \"t\" ADD PRIMARY KEY (\"id\");\n\
             ALTER TABLE \"t_tag\" ADD PRIMARY KEY (\"id\", \"position\"), ADD FOREIGN KEY \
             (\"id\") REFERENCES \"t\" (\"id\");\n\
             COMMIT;\n"
        );
    }

    #[test]
    fn opens_and_closes_scripts_of_mysql() {
        let schema = schema(Dialect::MySql);
        assert_eq!(
            opening(Dialect::MySql, &schema),
            "-- To load this into MySQL: mysql DATABASE < FILE\n\
             SET NAMES utf8mb4;\n\
             SET @saved_sql_mode = @@SESSION.sql_mode;\n\
             SET SESSION sql_mode = 'STRICT_ALL_TABLES';\n\
             CREATE TABLE `t` (\n  \
               `id` VARBINARY(1024) NOT NULL,\n  \
               `a\"``` BIGINT,\n  \
               PRIMARY KEY (`id`)\n\
             ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;\n\
             CREATE TABLE `t_tag` (\n  \
               `id` VARBINARY(1024) NOT NULL,\n  \
               `position` INTEGER NOT NULL,\n  \
               `value` LONGTEXT NOT NULL,\n  \
               PRIMARY KEY (`id`, `position`),\n  \
               FOREIGN KEY (`id`) REFERENCES `t` (`id`)\n\
             ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;\n\
             START TRANSACTION;\n"
        );
        assert_eq!(
            closing(Dialect::MySql, &schema),
            "COMMIT;\nSET SESSION sql_mode = @saved_sql_mode;\n"
        );
    }
}
