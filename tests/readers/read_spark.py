"""Parquet and the data files of an export in Spark, by the lines of the guide's page."""

import os
import platform
import shutil
import sys
import time
import zipfile
from contextlib import chdir
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

from read_guide import GUIDE, OPTIONS, sections

ROOT = Path(__file__).parents[2]
MACHINES = ROOT / "src/guide/beyond_one_machine.md"
EXAMPLE = ROOT / "examples/spark"


def held(attribute, value):
    if isinstance(value, datetime) and value.tzinfo:
        # Python's rows have the moment in the local time of the program.
        return value.astimezone(timezone.utc).replace(tzinfo=None)
    return Decimal(value) if attribute.type.startswith("integer(") else value


def rows(table, names=None):
    found = [row.asDict() for row in table.collect()]
    if names:  # Hive's names are in lower case.
        found = [dict(zip(names, row.values())) for row in found]
    return {row.pop("itemName"): row for row in found}


def java_options(directory):
    """Returns what makes the library for snappy load where musl is installed beside glibc."""
    import pyspark

    if not list(Path("/lib").glob("ld-musl-*")):
        return ""
    [jar] = Path(pyspark.__file__).parent.glob("jars/snappy-java-*.jar")
    name = "libsnappyjava.so"
    with zipfile.ZipFile(jar) as archive:
        library = archive.read(f"org/xerial/snappy/native/Linux/{platform.machine()}/{name}")
    (directory / name).write_bytes(library)
    return f"-Dorg.xerial.snappy.lib.path={directory} -Dorg.xerial.snappy.lib.name={name}"


def session(directory):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").enableHiveSupport()
    for name, value in {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={directory} {java_options(directory)}",
        "spark.log.level": "OFF",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": f"{directory}/warehouse",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def check(converter, comparison):
    if not shutil.which("java"):
        raise FileNotFoundError("java")
    os.environ |= {"TZ": "UTC", "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    time.tzset()
    with chdir(converter.directory):
        shutil.copy(EXAMPLE / "typed_items.py", ".")
        sys.path.insert(0, ".")
        # It keeps the directory that it starts in.
        spark = session(converter.directory)
        try:
            check_all(spark, converter, comparison)
        finally:
            spark.stop()


def check_all(spark, converter, comparison):
    page = sections(MACHINES.read_text())
    expected = converter.export.rows(held)

    def books(code):
        names = {"spark": spark}
        exec(code, names)
        return names["books"]

    [directory] = Path("out/AWSSimpleDB").glob("*/Books")
    files = books(page["Spark", "Data files"].replace("out/AWSSimpleDB/ID/Books", str(directory)))
    comparison.check("Spark, data files", rows(files), expected)

    Path("tables").mkdir()
    converter.convert("--format=parquet", "--to=tables/Books.parquet")
    parquet = books(page["Spark", "Parquet"])
    if files.schema != parquet.schema:
        comparison.fail("Spark, data files", "the schema is not that of the Parquet file")

    names = {"print": lambda _: None}
    exec(page["Athena",], names)
    spark.sql(names["statement"].replace("s3://my-tables/Books/", f"{Path.cwd()}/tables"))
    comparison.check("Spark, table", rows(spark.table("books"), parquet.columns), expected)

    check_converted(spark, converter, comparison, expected)
    check_misfits(comparison)


def check_converted(spark, converter, comparison, expected):
    """The files that all readers read."""
    page = sections(GUIDE.read_text())
    for path in [path for path in page if path[:1] == ("Spark",) and len(path) > 1]:
        converter.convert(*OPTIONS[path[1]])
        names = {"spark": spark}
        exec(page[()] + page["Spark",] + page[path], names)
        comparison.check(", ".join(path), rows(names["table"]), expected)


def check_misfits(comparison):
    """A value that does not fit ends the job, with attribute and value."""
    from typed_items import Attribute

    for member, texts, reason in [
        ("integer", ["9223372036854775808"], "too many digits"),
        ("integer", ["1_0"], "expected [+-]?\\d+"),
        ({"type": "integer", "encoding": "padded", "width": 3}, ["42"], "expected \\d{3}"),
        ("decimal(4,2)", ["100.00"], "too many digits"),
        ("decimal(4,2)", ["1.005"], "too many digits"),
        ("date", ["2026-02-30"], "day is out of range for month"),
        ("text", ["a", "b"], "several values"),
        ({"type": "text", "multiValued": True, "numbered": True}, ["0:a"], "expected (\\d{3}):.*"),
    ]:
        name = f"Spark, {texts} as {member}"
        try:
            comparison.fail(name, f"became {Attribute.of('a', member).decode_all(texts)!r}")
        except ValueError as error:
            begin, end = f"attribute 'a': {texts!r} does not fit ", f": {reason}"
            if not (str(error).startswith(begin) and str(error).endswith(end)):
                comparison.fail(name, str(error))
