"""Measures our commands and DuckDB, each in a separate process, alternately.

usage: compare.py PROGRAM EXPORT WORK RUNS
"""

import os
import statistics
import subprocess
import sys
import time

SOURCE = """read_json('{export}/data/*.json', format = 'array', columns = {{
    itemName: 'VARCHAR', attributes: 'STRUCT(name VARCHAR, "values" VARCHAR[])[]'}})"""
MAP = "map_from_entries(list_transform(attributes, lambda a: struct_pack(k := a.name, v := a.values)))"
# The types that `describe` finds; tags may have several values.
TYPES = {
    "count": "BIGINT",
    "price": "DECIMAL(6, 2)",
    "changed": "TIMESTAMPTZ",
    "available": "BOOLEAN",
    "tags": None,
    "title": "VARCHAR",
    "maker": "VARCHAR",
    "note": "VARCHAR",
}
DUCKDB_FORMATS = {
    "jsonl": "FORMAT JSON",
    "csv": "FORMAT CSV, HEADER",
    "parquet": "FORMAT PARQUET, COMPRESSION SNAPPY",
}


def query(form, export, target):
    """Returns the statement that does what `convert` does."""
    source = SOURCE.format(export=export)
    if form == "jsonl":
        rows = f"SELECT itemName, {MAP} AS attributes FROM {source}"
    else:
        tags = "m['tags']" if form == "parquet" else "to_json(m['tags'])::VARCHAR"
        columns = [
            f"CAST(m['{name}'][1] AS {kind}) AS \"{name}\"" if kind else f"{tags} AS {name}"
            for name, kind in TYPES.items()
        ]
        rows = f"SELECT itemName, {', '.join(columns)} FROM (SELECT itemName, {MAP} AS m FROM {source})"
    return f"COPY ({rows}) TO '{target}' ({DUCKDB_FORMATS[form]})"


def duckdb(form, export, target, threads):
    statements = f"SET threads = {threads}; {query(form, export, target)}"
    return [sys.executable, "-c", f"import duckdb; duckdb.execute({statements!r})"]


def measure(command):
    """Runs a command; returns CPU and wall time in seconds, and peak memory in MiB."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"failed: {command}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def main(program, export, work, runs):
    types = f"{work}/types.json"
    subprocess.run(
        [program, "describe", export, "--types-file", types], stdout=subprocess.DEVNULL, check=True
    )

    def convert(form, threads, *options):
        target = f"{work}/ours.{form}"
        options = ["--format", form, "--to", target, "--threads", str(threads), *options]
        return [program, "--quiet", "convert", export, *options]

    def row(name, ours, theirs=None):
        commands = {f"{name}, 2 threads": ours(2), f"{name}, 1 thread": ours(1)}
        if theirs:
            commands[f"{name}, DuckDB, 2 threads"] = theirs
        results = {label: [] for label in commands}
        for _ in range(runs):
            for label, command in commands.items():
                results[label].append(measure(command))
        medians = [[statistics.median(column) for column in zip(*rows)] for rows in results.values()]
        for label, (cpu, wall, memory) in zip(results, medians):
            print(f"{label:<44}{cpu:8.2f} s CPU {wall:8.2f} s {memory:8.0f} MiB")
        two, one, *duck = medians
        faster = f"{one[1] / two[1]:.2f} times as fast on two threads"
        ratios = "".join(
            f"; of DuckDB: CPU {two[0] / other[0]:.2f}, wall {two[1] / other[1]:.2f}, "
            f"memory {two[2] / other[2]:.3f}"
            for other in duck
        )
        print(f"    {faster}{ratios}", flush=True)

    for command in ("verify", "describe"):
        row(command, lambda n: [program, "--quiet", command, export, "--threads", str(n)])
    for form, options in (("jsonl", []), ("csv", ["--types", types]), ("parquet", ["--types", types])):
        name = " ".join([form, "--types FILE"] if options else [form])
        theirs = duckdb(form, export, f"{work}/duckdb.{form}", 2)
        row(name, lambda n: convert(form, n, *options), theirs)
    for form in ("csv", "parquet"):
        row(f"{form} --types auto", lambda n: convert(form, n, "--types", "auto"))
    for form in ("dynamodb",):
        row(form, lambda n: convert(form, n))
    row("jsonl --gzip", lambda n: convert("jsonl", n, "--gzip"))


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]))
