"""moto's DynamoDB, by ImportTable from moto's S3."""

import json
import os
import time
from unittest import mock

os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_DEFAULT_REGION="us-east-1")

import boto3
import py_partiql_parser
from moto import mock_aws

BUCKET = "books-import"


def parse(original):
    """Parses each line as JSON, which moto's own parser, one of PartiQL, fails to do if a text looks like code."""
    return [json.loads(line) for line in original.split("\n") if line]


def import_table(files, key_name, compression):
    """Imports files as DynamoDB does, and returns the items of the new table."""
    with mock_aws(), mock.patch.object(py_partiql_parser.JsonParser, "parse", parse):
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        for file in files:
            s3.upload_file(str(file), BUCKET, f"import/{file.name}")
        dynamodb = boto3.client("dynamodb")
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
