"""SQL scripts in SQLite and PostgreSQL, by the line that each begins with."""

import re
import shutil
import sqlite3
import subprocess
from datetime import date
from decimal import Decimal

import psycopg

import postgres
from read_guide import plain

SCALE = re.compile(r"decimal\(\d+,(\d+)\)")


def in_sqlite(attribute, value):
    """What has no exact type in SQLite is text, and booleans are 1 and 0."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, date):
        return attribute.encode(value)
    if isinstance(value, Decimal):
        return f"{value:.{SCALE.fullmatch(attribute.type)[1]}f}"
    return str(value) if attribute.type.startswith("integer(") else value


def in_postgres(attribute, value):
    return Decimal(value) if attribute.type.startswith("integer(") else plain(value)


def rows(select, attributes):
    """Reads the table of the items and those of attributes with several values."""
    quote = lambda name: '"' + name.replace('"', '""') + '"'
    single = [attribute.name for attribute in attributes if not attribute.several]
    missing = {attribute.name: None for attribute in attributes}
    found = {}
    for item_name, *values in select(f'SELECT "itemName", {", ".join(map(quote, single))} FROM "Books"'):
        found[item_name] = missing | {name: plain(value) for name, value in zip(single, values)}
    for attribute in attributes:
        if attribute.several:
            table = quote(f"Books_{attribute.name}")
            for item_name, value in select(f'SELECT "itemName", "value" FROM {table} ORDER BY "itemName", "position"'):
                found[item_name][attribute.name] = (found[item_name][attribute.name] or []) + [plain(value)]
    return found


def check(converter, comparison):
    attributes = converter.export.attributes
    for dialect in ["sqlite", "postgres"]:
        converter.convert("--format=sql", f"--dialect={dialect}", f"--to={dialect}.sql")

    if shell := shutil.which("sqlite3"):
        with open(converter.directory / "sqlite.sql") as script:
            subprocess.run([shell, "books.db"], stdin=script, cwd=converter.directory, check=True)
        connection = sqlite3.connect(converter.directory / "books.db")
        found = rows(connection.execute, attributes)
        connection.close()
        comparison.check("SQLite, SQL", found, converter.export.rows(in_sqlite))
    else:
        comparison.skip("SQLite, SQL", "sqlite3 is not installed")

    with postgres.cluster() as parameters:
        postgres.psql(parameters, "-f", "postgres.sql", cwd=converter.directory)
        with psycopg.connect(**parameters) as connection:
            found = rows(connection.execute, attributes)
    comparison.check("PostgreSQL, SQL", found, converter.export.rows(in_postgres))
