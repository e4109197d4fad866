"""SQL in MariaDB, by the line that the script begins with."""

from datetime import datetime, timezone
from decimal import Decimal

import pymysql

import mariadb
import read_sql


def held(attribute, value):
    """Booleans are 1 and 0, and times are in UTC without a zone."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(timezone.utc).replace(tzinfo=None)
    return Decimal(value) if attribute.type.startswith("integer(") else value


def check(converter, comparison):
    script = converter.directory / "mysql.sql"
    converter.convert("--format=sql", "--dialect=mysql", f"--to={script}")
    with mariadb.server() as parameters:

        def load():
            with open(script, "rb") as statements:
                return mariadb.mariadb(parameters, parameters["database"], stdin=statements)

        load().check_returncode()
        if "already exists" not in load().stderr:
            raise RuntimeError("loading again does not fail")

        # A mode in which names are quoted as elsewhere.
        with pymysql.connect(**parameters, charset="utf8mb4", sql_mode="ANSI_QUOTES") as connection:

            def select(statement):
                with connection.cursor() as cursor:
                    # Names have no characters of four bytes.
                    cursor.execute(statement.replace("😀", "_"))
                    return [(item_name.decode(), *values) for item_name, *values in cursor]

            found = read_sql.rows(select, converter.export.attributes)
    comparison.check("MariaDB, SQL", found, converter.export.rows(held))
