"""Deploys the function `shipper` on an emulator: queues, function, event source mapping.

Usage: deploy.py ENDPOINT BOOTSTRAP_BINARY. Needs Python alone; the emulator checks no signature.
"""

import base64
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile

ENDPOINT, BOOTSTRAP = sys.argv[1:]
SCOPE = "Credential=test/20261124/eu-central-1/{}/aws4_request"


def call(service, path, body, target=None):
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 " + SCOPE.format(service),
    }
    if target:
        headers["X-Amz-Target"] = target
    request = urllib.request.Request(ENDPOINT + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def queue(name, **attributes):
    url = call("sqs", "/", {"QueueName": name, "Attributes": attributes}, "AmazonSQS.CreateQueue")
    return url["QueueUrl"]


def stripped(path):
    """The program without its debug information, where `strip` is installed: a tenth of it."""
    with tempfile.TemporaryDirectory() as scratch:
        if shutil.which("strip"):
            small = os.path.join(scratch, "bootstrap")
            subprocess.run(["strip", "-o", small, path], check=True)
            path = small
        with open(path, "rb") as binary:
            return binary.read()


archive = io.BytesIO()
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    zipped.writestr(entry, stripped(BOOTSTRAP))

inbox = queue("shipper", VisibilityTimeout="10")
effects = queue("shipper-effects")
dead = queue("shipper-dead")
asked = {"QueueUrl": inbox, "AttributeNames": ["QueueArn"]}
arn = call("sqs", "/", asked, "AmazonSQS.GetQueueAttributes")["Attributes"]["QueueArn"]

call("lambda", "/2015-03-31/functions", {
    "FunctionName": "shipper",
    "Runtime": "provided.al2023",
    "Handler": "bootstrap",
    "Role": "arn:aws:iam::000000000000:role/shipper",
    "Timeout": 10,
    "Code": {"ZipFile": base64.b64encode(archive.getvalue()).decode()},
    "Environment": {"Variables": {
        "ENDPOINT": ENDPOINT, "EFFECTS_URL": effects, "DEAD_LETTERS_URL": dead,
    }},
})
call("lambda", "/2015-03-31/event-source-mappings", {
    "FunctionName": "shipper",
    "EventSourceArn": arn,
    "BatchSize": 10,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
})
