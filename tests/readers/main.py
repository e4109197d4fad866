"""Converts the awkward export to every format, and reads each back.

usage: main.py PROGRAM [FORMAT...]
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import awkward
from compare import Comparison

# Spark is read if it is named: it is a large download, and needs Java.
FORMATS = ["guide", "sql", "mariadb", "postgres", "dynamodb"]


class Converter:
    """The program, and an export that it has written."""

    def __init__(self, program, directory):
        self.program = program
        self.directory = Path(directory)
        self.export = awkward.Export()
        (self.directory / "domains").mkdir()
        domain = json.dumps(self.export.domain(), ensure_ascii=False)
        (self.directory / "domains" / f"{awkward.DOMAIN}.json").write_text(domain)
        (self.directory / "types.json").write_text(json.dumps(self.export.types_file()))
        self.run("export", "--local", "--domains=domains", "--to=out")

    def convert(self, *options):
        """Converts the export by the types of the types file."""
        self.run("convert", "out", "--types=types.json", *options)

    def run(self, *arguments):
        ran = subprocess.run([self.program, *arguments], cwd=self.directory, capture_output=True, text=True)
        if ran.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {ran.stderr}")
        return ran


def main(program, *formats):
    comparison = Comparison()
    with tempfile.TemporaryDirectory(prefix="readers-") as directory:
        converter = Converter(os.path.abspath(program), directory)
        for name in formats or FORMATS:
            try:
                reader = importlib.import_module(f"read_{name}")
                reader.check(converter, comparison)
            except (ImportError, FileNotFoundError) as error:
                comparison.skip(name, f"cannot be tried: {error}")
            except Exception:
                comparison.fail(name, traceback.format_exc())
    print(f"{comparison.exact} exact, {comparison.failed} failed, {comparison.skipped} skipped")
    return 1 if comparison.failed else 3 if comparison.skipped else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
