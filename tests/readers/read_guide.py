"""CSV, JSON Lines and Parquet, by the lines of the guide's page on readers."""

import re
import traceback
from contextlib import chdir
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import pandas

GUIDE = Path(__file__).parents[2] / "src/guide/readers.md"


def sections(text):
    """Returns the Python of each section, by the headings that lead to it."""
    found, path = {}, []
    for part in re.split(r"^(#+ .*)$", text, flags=re.M):
        if heading := re.fullmatch(r"(#+) (.*)", part):
            path = path[: len(heading[1]) - 1] + [heading[2]]
        else:
            found[tuple(path)] = "".join(re.findall(r"^```python\n(.*?)^```$", part, flags=re.M | re.S))
    return found


def rows(table):
    """Returns the rows of any reader's table by item name."""
    if hasattr(table, "fetchall"):  # DuckDB
        names = [column[0] for column in table.description]
        found = [dict(zip(names, row)) for row in table.fetchall()]
    elif hasattr(table, "to_pylist"):  # pyarrow
        found = table.to_pylist()
    elif hasattr(table, "to_dicts"):  # polars
        found = table.to_dicts()
    else:  # pandas
        found = [{name: native(value) for name, value in row.items()} for row in table.to_dict("records")]
    return {row.pop("itemName"): {name: plain(value) for name, value in row.items()} for row in found}


def native(value):
    """Returns a value of pandas as one of Python."""
    if isinstance(value, list):
        return [native(one) for one in value]
    if isinstance(value, pandas.Timestamp):
        return value.to_pydatetime()
    return None if value is pandas.NA else value


def plain(value):
    """Returns a value with times in UTC: all readers keep the moment, none the offset."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(timezone.utc)
    return value


def held(attribute, value):
    if isinstance(value, datetime):
        return plain(value)
    # Every reader has decimals for integers of more than 64 bits.
    return Decimal(value) if attribute.type.startswith("integer(") else value


OPTIONS = {
    "JSON Lines": ["--format=jsonl", "--flat", "--to=Books.jsonl"],
    "CSV": ["--format=csv", "--to=Books.csv"],
    "Parquet": ["--format=parquet", "--to=Books.parquet"],
}


def check(converter, comparison):
    found = sections(GUIDE.read_text())
    for name in {path[1] for path in found if len(path) > 1}:
        converter.convert(*OPTIONS[name])
    expected = converter.export.rows(held)
    with chdir(converter.directory):
        for path, code in found.items():
            if len(path) < 2 or path[0] == "Spark":
                continue
            names = {}
            try:
                exec(found[()] + found[path[:1]] + code, names)
            except ImportError as error:
                comparison.skip(", ".join(path), f"cannot be tried: {error}")
            except Exception as error:
                comparison.fail(", ".join(path), "".join(traceback.format_exception_only(error)))
            else:
                table = names["table"]
                comparison.check(", ".join(path), rows(table), expected)
                if path[0] == "pyarrow":
                    frame = table.to_pandas(types_mapper=pandas.ArrowDtype)
                    comparison.check(", ".join(("pandas", *path)), rows(frame), expected)
