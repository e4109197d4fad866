"""Compares what a reader gave with what was exported, value by value and type by type."""

import math

SHOWN = 5


class Comparison:
    """What all readers gave, and what they could not be asked."""

    def __init__(self):
        self.exact = 0
        self.failed = 0
        self.skipped = 0

    def check(self, reader, rows, expected):
        """Compares rows with the expected ones, both by item name and then by column."""
        values, problems = 0, []
        for missing in expected.keys() - rows.keys():
            problems.append(f"no item {missing!r}")
        for unexpected in rows.keys() - expected.keys():
            problems.append(f"an item {unexpected!r}")
        for name in expected.keys() & rows.keys():
            row, wanted = rows[name], expected[name]
            if row.keys() != wanted.keys():
                problems.append(f"item {name!r}: the columns {sorted(row.keys() ^ wanted.keys())}")
            for column in wanted.keys() & row.keys():
                values += 1
                if not same(row[column], wanted[column]):
                    problems.append(f"item {name!r}, {column}: {row[column]!r}, expected {wanted[column]!r}")
        if not expected:
            problems.append("nothing to compare")
        if problems:
            self.failed += 1
            self.say(f"FAILED   {reader}: {len(problems)} differences in {values} values")
            for problem in sorted(problems)[:SHOWN]:
                self.say(f"           {problem[:300]}")
        else:
            self.exact += 1
            self.say(f"exact    {reader}: {values} values of {len(rows)} items")

    def fail(self, reader, error):
        self.failed += 1
        self.say(f"FAILED   {reader}: {error}")

    def skip(self, reader, reason):
        self.skipped += 1
        self.say(f"SKIPPED  {reader}: {reason}")

    def say(self, line):
        print(line, flush=True)


def same(value, wanted):
    """Equality of values that distinguishes 1 from True, 1.0 and Decimal(1)."""
    if type(value) is not type(wanted):
        return False
    if isinstance(value, list):
        return len(value) == len(wanted) and all(map(same, value, wanted))
    if isinstance(value, float):
        return value == wanted and math.copysign(1, value) == math.copysign(1, wanted)
    return value == wanted
