//! The statements around the rows.

use super::dialect::Dialect;
use super::schema::{Place, Schema, ValueTable};

/// Item names have at most 1024 bytes. As text of up to four bytes a character they would exceed
/// MySQL's limit for a key, 3072 bytes, and names that differ in trailing spaces would be equal.
const MYSQL_KEY_TYPE: &str = "VARBINARY(1024)";

const MYSQL_TABLE_OPTIONS: &str =
    " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

/// Returns the statements before the first row. Each program stops at the first error.
pub(super) fn opening(dialect: Dialect, schema: &Schema) -> String {
    let tables = tables(dialect, schema);
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
        // A key is faster to build at once than to maintain.
        Dialect::Postgres => format!("{}COMMIT;\n", keys(dialect, schema)),
        Dialect::MySql => "COMMIT;\nSET SESSION sql_mode = @saved_sql_mode;\n".to_string(),
    }
}

fn tables(dialect: Dialect, schema: &Schema) -> String {
    let mut definitions = vec![format!(
        "{} {} NOT NULL",
        dialect.quoted(&schema.key),
        key_type(dialect)
    )];
    let mut values = String::new();
    for attribute in &schema.attributes {
        match &attribute.place {
            Place::Column(name) => {
                let name = dialect.quoted(name);
                definitions.push(format!("{name} {}", attribute.column_type.sql));
            }
            Place::Table(table) => {
                values += &table_of_values(dialect, schema, table, &attribute.column_type.sql);
            }
        }
    }
    if dialect != Dialect::Postgres {
        definitions.push(primary_key(dialect, &[&schema.key]));
    }
    create(dialect, &schema.table, &definitions) + &values
}

fn table_of_values(dialect: Dialect, schema: &Schema, table: &ValueTable, sql: &str) -> String {
    let mut definitions = vec![
        format!(
            "{} {} NOT NULL",
            dialect.quoted(&table.key),
            key_type(dialect)
        ),
        format!("{} INTEGER NOT NULL", dialect.quoted(&table.position)),
        format!("{} {sql} NOT NULL", dialect.quoted(&table.value)),
    ];
    if dialect != Dialect::Postgres {
        definitions.push(primary_key(dialect, &[&table.key, &table.position]));
        definitions.push(foreign_key(dialect, schema, table));
    }
    create(dialect, &table.name, &definitions)
}

fn create(dialect: Dialect, table: &str, definitions: &[String]) -> String {
    let table = dialect.quoted(table);
    let definitions = definitions.join(",\n  ");
    let options = match dialect {
        Dialect::MySql => MYSQL_TABLE_OPTIONS,
        Dialect::Sqlite | Dialect::Postgres => "",
    };
    format!("CREATE TABLE {table} (\n  {definitions}\n){options};\n")
}

/// Returns the statements that add the keys.
fn keys(dialect: Dialect, schema: &Schema) -> String {
    let items = format!(
        "ALTER TABLE {} ADD {};\n",
        dialect.quoted(&schema.table),
        primary_key(dialect, &[&schema.key])
    );
    let values = schema.attributes.iter().filter_map(|attribute| {
        let Place::Table(table) = &attribute.place else {
            return None;
        };
        Some(format!(
            "ALTER TABLE {} ADD {}, ADD {};\n",
            dialect.quoted(&table.name),
            primary_key(dialect, &[&table.key, &table.position]),
            foreign_key(dialect, schema, table)
        ))
    });
    std::iter::once(items).chain(values).collect()
}

fn key_type(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite | Dialect::Postgres => "TEXT",
        Dialect::MySql => MYSQL_KEY_TYPE,
    }
}

fn primary_key(dialect: Dialect, columns: &[&str]) -> String {
    let columns: Vec<_> = columns.iter().map(|name| dialect.quoted(name)).collect();
    format!("PRIMARY KEY ({})", columns.join(", "))
}

fn foreign_key(dialect: Dialect, schema: &Schema, table: &ValueTable) -> String {
    format!(
        "FOREIGN KEY ({}) REFERENCES {} ({})",
        dialect.quoted(&table.key),
        dialect.quoted(&schema.table),
        dialect.quoted(&schema.key)
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
