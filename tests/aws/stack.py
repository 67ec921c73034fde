"""Deploys a CloudFormation template on an emulator, and checks what was made.

Usage: stack.py ENDPOINT TEMPLATE BOOTSTRAP_BINARY STAGE. Prints the outputs of the stack as JSON. Needs Python alone; the
emulator checks no signature. The functions run BOOTSTRAP_BINARY; where the emulator is, is told them after the deployment.
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile

ENDPOINT, TEMPLATE, BOOTSTRAP, STAGE = sys.argv[1:]
SCOPE = "Credential=test/20261124/eu-central-1/{}/aws4_request"
STACK = "deploys"


def send(service, path, body, headers=(), method="POST"):
    headers = {"Authorization": "AWS4-HMAC-SHA256 " + SCOPE.format(service), **dict(headers)}
    request = urllib.request.Request(ENDPOINT + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        sys.exit(f"{service} {path}: {error}: {error.read()[:500]}")


def call(service, body, target, path="/"):
    headers = {"Content-Type": "application/x-amz-json-1.0"}
    if target:
        headers["X-Amz-Target"] = target
    return json.loads(send(service, path, json.dumps(body).encode(), headers))


def query(action, **parameters):
    body = urllib.parse.urlencode({"Action": action, "Version": "2010-05-15", "StackName": STACK, **parameters})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return send("cloudformation", "/", body.encode(), headers).decode()


def zipped(path):
    with tempfile.TemporaryDirectory() as scratch:
        if shutil.which("strip"):
            small = os.path.join(scratch, "bootstrap")
            subprocess.run(["strip", "-o", small, path], check=True)
            path = small
        with open(path, "rb") as binary:
            content = binary.read()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        packed.writestr(entry, content)
    return archive.getvalue()


def queue_url(name):
    return call("sqs", {"QueueName": name}, "AmazonSQS.GetQueueUrl")["QueueUrl"]


def queue_attributes(name):
    asked = {"QueueUrl": queue_url(name), "AttributeNames": ["All"]}
    return call("sqs", asked, "AmazonSQS.GetQueueAttributes")["Attributes"]


with open(TEMPLATE) as file:
    text = file.read()
template = json.loads(text)
resources = template["Resources"]
# what the emulator's CloudFormation does not make: alarms with metric math, and archives, which it has an API for
left_out = {
    id: it for id, it in resources.items()
    if it["Type"] == "AWS::Events::Archive" or "Metrics" in it["Properties"]
}
resources = template["Resources"] = {id: it for id, it in resources.items() if id not in left_out}
text = json.dumps(template)
functions = {
    id: it["Properties"] for id, it in resources.items() if it["Type"] == "AWS::Lambda::Function"
}
code = zipped(BOOTSTRAP)
REGION = b"<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>"
send("s3", "/code", REGION, method="PUT")
for properties in functions.values():
    key = properties["Code"]["S3Key"]["Fn::Sub"].replace("${CodePrefix}", "")
    send("s3", f"/code/{key}", code, method="PUT")

parameters = {"Stage": STAGE, **({"CodeBucket": "code"} if functions else {})}
given = {}
for at, (name, value) in enumerate(parameters.items(), 1):
    given |= {f"Parameters.member.{at}.ParameterKey": name, f"Parameters.member.{at}.ParameterValue": value}
# more than 51,200 bytes: from a bucket
send("s3", "/code/template.json", text.encode(), method="PUT")
query("CreateStack", TemplateURL=f"{ENDPOINT}/code/template.json", **given, **{"Capabilities.member.1": "CAPABILITY_IAM"})
for _ in range(120):
    described = query("DescribeStacks")
    status = re.search(r"<StackStatus>(\w+)<", described)[1]
    if status != "CREATE_IN_PROGRESS":
        break
    time.sleep(0.5)
if status != "CREATE_COMPLETE":
    sys.exit(f"{status}: {query('DescribeStackEvents')[:4000]}")
outputs = dict(re.findall(r"<OutputKey>(\w+)</OutputKey>\s*<OutputValue>([^<]*)<", described))

# each rule on the bus has its targets with retries and a dead-letter queue, and both queues name the rule
bus = outputs["BusArn"].rsplit("/", 1)[1]
rules = call("events", {"EventBusName": bus}, "AWSEvents.ListRules")["Rules"]
wanted = [it for it in resources.values() if it["Type"] == "AWS::Events::Rule"]
assert len(rules) == len(wanted), (rules, wanted)
for rule in rules:
    asked = {"EventBusName": bus, "Rule": rule["Name"]}
    for target in call("events", asked, "AWSEvents.ListTargetsByRule")["Targets"]:
        assert target["RetryPolicy"]["MaximumRetryAttempts"] == 185, target
        for arn in (target["Arn"], target["DeadLetterConfig"]["Arn"]):
            attributes = queue_attributes(arn.rsplit(":", 1)[1])
            assert rule["Arn"] in attributes["Policy"], (rule["Arn"], attributes["Policy"])
for it in left_out.values():
    if it["Type"] == "AWS::Events::Archive":
        asked = {"ArchiveName": "deploys", "EventSourceArn": outputs["BusArn"]}
        asked["RetentionDays"] = it["Properties"]["RetentionDays"]
        call("events", asked, "AWSEvents.CreateArchive")

effects = call("sqs", {"QueueName": "deploys-effects"}, "AmazonSQS.CreateQueue")["QueueUrl"]
for properties in functions.values():
    name = properties["FunctionName"]["Fn::Sub"].replace("${Stage}", STAGE)
    failed = name.removesuffix(f"-{STAGE}") + "-failed-${Stage}"
    named = [it["Properties"].get("QueueName", {}).get("Fn::Sub", "") for it in resources.values()]
    letters = queue_url(next(it for it in named if it.startswith(failed)).replace("${Stage}", STAGE))
    variables = {"STAGE": STAGE, "ENDPOINT": ENDPOINT, "EFFECTS_URL": effects, "DEAD_LETTERS_URL": letters}
    body = json.dumps({"Environment": {"Variables": variables}}).encode()
    send("lambda", f"/2015-03-31/functions/{name}/configuration", body, {"Content-Type": "application/json"}, "PUT")
outputs["EffectsUrl"] = effects
outputs["Resources"] = str(len(resources))
outputs["LeftOut"] = str(len(left_out))
print(json.dumps(outputs))
