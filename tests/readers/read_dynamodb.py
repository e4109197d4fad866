"""moto's DynamoDB, by ImportTable."""

from datetime import date
from decimal import Decimal

import boto3.dynamodb.types
import dynamodb

KEY = "pk"
VARIANTS = [
    ("sets", set, "NONE", []),
    ("lists", list, "NONE", ["--lists"]),
    ("parts, gzip", set, "GZIP", ["--split=1MB", "--gzip"]),
]
# What the program itself uploads.
UPLOADED = [
    ("uploaded", set, "NONE", []),
    ("uploaded, parts, gzip", set, "GZIP", ["--split=1MB", "--gzip"]),
]


def held(attribute, value):
    """Numbers are decimals; dates and times are the text that was written."""
    if isinstance(value, date):
        return attribute.encode(value)
    return value if isinstance(value, (str, bool)) else Decimal(repr(value) if isinstance(value, float) else value)


def check(converter, comparison):
    for variant in VARIANTS:
        check_variant(converter, comparison, *variant, convert_and_upload)
    for variant in UPLOADED:
        check_variant(converter, comparison, *variant, convert_to_bucket)


def convert_and_upload(converter, variant, url, options):
    directory = converter.directory / variant
    directory.mkdir()
    converter.convert(f"--to={directory}/Books.json", *options)
    dynamodb.upload(url, list(directory.iterdir()))


def convert_to_bucket(converter, _, url, options):
    to = [f"--to=s3://{dynamodb.BUCKET}/import/", f"--s3-endpoint-url={url}"]
    converter.convert(*to, *options)


def check_variant(converter, comparison, variant, collection, compression, options, convert):
    read = boto3.dynamodb.types.TypeDeserializer().deserialize
    with dynamodb.service() as url:
        convert(converter, variant, url, ["--format=dynamodb", f"--key-name={KEY}", *options])
        rows = {}
        items = dynamodb.import_table(url, KEY, compression)
        for item in items:
            row = {name: read(value) for name, value in item.items()}
            missing = {attribute.name: None for attribute in converter.export.attributes}
            item_name = row.pop(KEY)
            rows[item_name] = missing | row
        expected = converter.export.rows(held)
        for row in expected.values():
            for attribute in converter.export.attributes:
                # There are no sets of booleans, and sets have no order.
                is_set = attribute.several and attribute.type != "boolean" and "numbered" not in attribute.encoding
                if is_set and row[attribute.name] is not None:
                    row[attribute.name] = collection(row[attribute.name])
        comparison.check(f"moto's DynamoDB, {variant}", rows, expected)
