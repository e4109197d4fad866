"""moto's DynamoDB, by ImportTable from moto's S3."""

import contextlib
import json
import logging
import os
import time
import urllib.request
from unittest import mock

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
os.environ.update(KEYS)

import boto3
import py_partiql_parser
from moto.server import ThreadedMotoServer

BUCKET = "books-import"
logging.getLogger("werkzeug").setLevel(logging.ERROR)


def parse(original):
    """Parses each line as JSON, which moto's own parser, one of PartiQL, fails to do if a text looks like code."""
    return [json.loads(line) for line in original.split("\n") if line]


@contextlib.contextmanager
def service():
    """moto as a service with an empty bucket, and its URL."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    with mock.patch.object(py_partiql_parser.JsonParser, "parse", parse):
        server.start()
        try:
            url = "http://{}:{}".format(*server.get_host_and_port())
            # All services of a process share what they hold.
            urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()
            boto3.client("s3", endpoint_url=url).create_bucket(Bucket=BUCKET)
            yield url
        finally:
            server.stop()


def upload(url, files):
    """Uploads files to be imported."""
    s3 = boto3.client("s3", endpoint_url=url)
    for file in files:
        s3.upload_file(str(file), BUCKET, f"import/{file.name}")


def import_table(url, key_name, compression):
    """Imports what was uploaded, as DynamoDB does, and returns the items of the new table."""
    dynamodb = boto3.client("dynamodb", endpoint_url=url)
    started = dynamodb.import_table(
        S3BucketSource={"S3Bucket": BUCKET, "S3KeyPrefix": "import/"},
        InputFormat="DYNAMODB_JSON",
        InputCompressionType=compression,
        TableCreationParameters={
            "TableName": "Books",
            "AttributeDefinitions": [{"AttributeName": key_name, "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": key_name, "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )["ImportTableDescription"]
    limit = time.monotonic() + 60
    while started["ImportStatus"] == "IN_PROGRESS" and time.monotonic() < limit:
        time.sleep(0.1)
        started = dynamodb.describe_import(ImportArn=started["ImportArn"])["ImportTableDescription"]
    if started["ImportStatus"] != "COMPLETED" or started["ErrorCount"] != 0:
        raise RuntimeError(f"the import ended as {started}")
    pages = dynamodb.get_paginator("scan").paginate(TableName="Books")
    return [item for page in pages for item in page["Items"]]
