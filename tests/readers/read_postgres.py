"""CSV in PostgreSQL, by the line of the guide's page on readers."""

import json
import re
from datetime import date
from decimal import Decimal
from functools import partial

import psycopg
import psycopg.types.json
from psycopg import sql

import postgres
from read_guide import GUIDE, plain

NAMES = {"integer": "bigint", "float": "double precision", "timestamp with zone": "timestamptz"}


def sql_type(attribute):
    name = NAMES.get(attribute.type) or attribute.type.replace("integer(", "decimal(")
    return sql.SQL("jsonb" if attribute.several else name)


def held(attribute, value):
    if attribute.several and isinstance(value, date):
        return attribute.encode(value)
    return Decimal(value) if attribute.type.startswith("integer(") else plain(value)


def check(converter, comparison):
    section = GUIDE.read_text().split("\n# PostgreSQL\n")[1]
    line = re.search(r"^```sql\n(.*?)\n```$", section, flags=re.M | re.S)[1]
    converter.convert("--format=csv", "--to=Books.csv")
    attributes = converter.export.attributes
    with postgres.cluster() as parameters:
        with psycopg.connect(**parameters, autocommit=True) as connection:
            psycopg.types.json.set_json_loads(partial(json.loads, parse_float=Decimal), connection)
            columns = [sql.SQL('"itemName" text PRIMARY KEY')]
            columns += [sql.SQL(" ").join([sql.Identifier(one.name), sql_type(one)]) for one in attributes]
            connection.execute(sql.SQL("CREATE TABLE books ({})").format(sql.SQL(", ").join(columns)))
            postgres.psql(parameters, "-c", line, cwd=converter.directory)
            found = connection.execute("SELECT * FROM books")
            names = [column.name for column in found.description]
            rows = {}
            for row in found:
                item_name, *values = row
                rows[item_name] = {name: plain(value) for name, value in zip(names[1:], values)}
    comparison.check("PostgreSQL, CSV", rows, converter.export.rows(held))
