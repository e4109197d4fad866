"""Reads the data files of a SimpleDB export into typed columns, by a types file, in Spark.

    types = json.load(open("types.json"))["Books"]
    books = typed_items(spark, "out/AWSSimpleDB/ID/Books", types)

Columns and values are those of `simpledb-export convert --types types.json --format parquet`. A value
that does not fit its type ends the job with an error that names the attribute and the value. Checksums
are not compared: run `simpledb-export verify` first.

Tried with Spark 4.3. Needs Python 3.11 or later, on the workers too, which also need this file:
`spark-submit --py-files typed_items.py`.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal

from pyspark.sql import functions as F
from pyspark.sql import types as T

MANIFEST = "md5Checksum STRING, dataFileS3Key STRING, dataFileItemCount BIGINT"
ITEMS = "itemName STRING, attributes ARRAY<STRUCT<name: STRING, values: ARRAY<STRING>>>"
# A data file is one JSON array. By default, Spark skips what it cannot read.
STRICT = {"multiLine": True, "mode": "FAILFAST", "encoding": "UTF-8"}

COLUMNS = {
    "text": T.StringType(),
    "integer": T.LongType(),
    "float": T.DoubleType(),
    "boolean": T.BooleanType(),
    "date": T.DateType(),
    "timestamp": T.TimestampNTZType(),
    "timestamp with zone": T.TimestampType(),
}
DATE = r"\d{4}-\d\d-\d\d"
TIMESTAMP = DATE + r"[T ]\d\d:\d\d:\d\d(\.\d{1,6})?"
FORMS = {
    "float": r"[0-9.eE+-]+",
    "boolean": r"(?i:true|false)",
    "date": DATE,
    "timestamp": TIMESTAMP,
    "timestamp with zone": TIMESTAMP + r"(Z|[+-]\d\d:?\d\d)",
}
# The members of a types file that have another name here.
FIELDS = {"multiValued": "multi_valued", "scale": "offset_scale"}

BOTO_FLOAT = r"([1-5]) (\d{3}) (\d\.\d{16})"

EXACT = Context(prec=100)
MAX_DIGITS = 38  # of a decimal in Spark


def typed_items(spark, directory, types, key_name="itemName"):
    """Returns the items of an export: the item name, then a column per attribute of `types`."""
    manifest = spark.read.json(f"{directory}/manifest-file.json", schema=MANIFEST, **STRICT).collect()
    files = [f"{directory}/data/{file.dataFileS3Key.rsplit('/', 1)[-1]}" for file in manifest]
    items = spark.read.json(files, schema=ITEMS, **STRICT) if files else spark.createDataFrame([], ITEMS)
    attributes = [Attribute.of(name, member) for name, member in types.items()]
    texts = items.select("itemName", F.map_from_entries("attributes").alias("texts"))
    return texts.select(F.col("itemName").alias(key_name), *(attribute.column() for attribute in attributes))


@dataclass
class Attribute:
    """An attribute and its type, as a member of a types file."""

    name: str
    type: str
    precision: int | None = None
    scale: int = 0
    encoding: str = "plain"
    width: int = 0
    offset: int = 0
    offset_scale: int = 0
    multi_valued: bool = False
    numbered: bool = False

    @classmethod
    def of(cls, name, member):
        member = {"type": member} if isinstance(member, str) else member
        member = {FIELDS.get(key, key): value for key, value in member.items()}
        member["type"], *digits = re.findall(r"[a-z ]+|\d+", member["type"])
        return cls(name, **member, **dict(zip(("precision", "scale"), map(int, digits))))

    def column(self):
        texts = F.col("texts")[F.lit(self.name)]
        of = self.data_type()
        return F.udf(self.decode_all, T.ArrayType(of) if self.multi_valued else of)(texts).alias(self.name)

    def data_type(self):
        if self.precision is None:
            return COLUMNS[self.type]
        return T.StringType() if self.precision > MAX_DIGITS else T.DecimalType(self.precision, self.scale)

    def decode_all(self, texts):
        """Returns the value that an item has, a list if there can be several, or None."""
        if not texts:
            return None
        try:
            if len(texts) > 1 and not self.multi_valued:
                raise ValueError("several values")
            values = [self.decode(text) for text in self.in_order(texts)]
        except ArithmeticError as error:
            raise ValueError(f"attribute {self.name!r}: {texts!r} does not fit {self}") from error
        except ValueError as error:
            raise ValueError(f"attribute {self.name!r}: {texts!r} does not fit {self}: {error}") from error
        return values if self.multi_valued else values[0]

    def in_order(self, texts):
        """Takes the numbers off the values of a list: 000:text."""
        if not self.numbered:
            return texts
        return [text[4:] for text in sorted(texts, key=lambda text: match(r"(\d{3}):.*", text)[1])]

    def decode(self, text):
        if self.type == "text":
            return text
        if self.type in ("integer", "decimal"):
            return self.number(text)
        if self.encoding == "boto-float":
            return boto_float(text)
        match(FORMS[self.type], text)
        if self.type == "float":
            return float(text)
        if self.type == "boolean":
            return text.lower() == "true"
        return (date if self.type == "date" else datetime).fromisoformat(text)

    def number(self, text):
        fraction = r"(\.\d+)?" if self.type == "decimal" else ""
        if self.encoding == "offset":
            digits = match(rf"\d{{{self.width}}}", text)[0]
            number = EXACT.subtract(EXACT.scaleb(Decimal(digits), -self.offset_scale), self.offset)
        elif self.encoding == "padded":
            number = Decimal(match(rf"\d{{{self.width}}}{fraction}", text)[0])
        else:
            number = Decimal(match(rf"[+-]?\d+{fraction}", text)[0])
        unscaled = EXACT.scaleb(number, self.scale)
        limit = 2**63 if self.precision is None else 10**self.precision
        if unscaled != int(unscaled) or not (-limit < unscaled < limit or unscaled == -(2**63) == -limit):
            raise ValueError("too many digits")
        if self.precision is None:
            return int(unscaled)
        number = EXACT.scaleb(Decimal(int(unscaled)), -self.scale)
        return f"{number:f}" if self.precision > MAX_DIGITS else number


def boto_float(text):
    """Decodes CASE EXPONENT MANTISSA."""
    case, exponent, mantissa = match(BOTO_FLOAT, text).groups()
    exponent, mantissa = int(exponent), Decimal(mantissa)
    if case == "3":
        return 0.0
    if case in "12":
        mantissa -= 10
    exponent = {"5": exponent, "4": exponent - 999, "2": -exponent, "1": 999 - exponent}[case]
    return float(f"{mantissa}e{exponent}")


def match(form, text):
    found = re.fullmatch(form, text, re.ASCII | re.DOTALL)
    if not found:
        raise ValueError(f"expected {form}")
    return found
