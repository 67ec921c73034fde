"""The structs of src/template/resource.rs against CloudFormation's schemas of the same resources.

Usage: structs.py RESOURCE_RS TEMPLATE_JSON, with the Python in which cfn-lint is installed: its wheel carries the schemas.
Each field must be a property that can be set, of the same type; each required property must be a field that is always
written; and TEMPLATE_JSON must have every field at least once, so that what is linted is all that can be written.
"""

import json
import pathlib
import re
import sys

import cfnlint.data.schemas as schemas

SCHEMAS = pathlib.Path(next(iter(schemas.__path__)))
BY_TYPE = json.loads((SCHEMAS / "providers" / "eu-central-1.json").read_text())
TYPES = {
    "String": "string", "&'static str": "string", "u32": "integer", "u64": "integer", "f64": "number", "bool": "boolean",
}


def structs(text):
    """Type of CloudFormation -> [(property, Rust type, optional)]."""
    found = {}
    for name, kind, body in re.findall(r"(\w+) \"(AWS::[\w:]+)\" \{(.*?)\n    \}", text, re.DOTALL):
        fields = []
        for rename, field, rust in re.findall(r"(?:#\[serde\(rename = \"(\w+)\"\)\]\s*)?(\w+): ([^\n]+),(?:\n|$)", body):
            inner = re.fullmatch(r"Option<(.*)>", rust)
            pascal = rename or "".join(part.capitalize() for part in field.split("_"))
            fields.append((pascal, inner[1] if inner else rust, inner is not None))
        found[kind] = fields
    return found


def resolved(schema, value):
    while "$ref" in value:
        at = schema
        for part in value["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        value = at
    return value


def problems(kind, fields):
    schema = json.loads((SCHEMAS / "resources" / f"{BY_TYPE[kind]}.json").read_text())
    read_only = {path.removeprefix("/properties/") for path in schema.get("readOnlyProperties", [])}
    for name, rust, _ in fields:
        if name not in schema["properties"]:
            yield f"{kind}.{name}: CloudFormation has no such property"
            continue
        if name in read_only:
            yield f"{kind}.{name}: cannot be set"
        types = resolved(schema, schema["properties"][name]).get("type", [])
        types = [types] if isinstance(types, str) else types
        expected = "array" if rust.startswith("Vec<") else TYPES.get(rust)
        widened = {expected} | ({"number"} if expected == "integer" else set())
        if expected and types and not widened & set(types):
            yield f"{kind}.{name}: {rust} is not one of {types}"
    always = {name for name, _, optional in fields if not optional}
    for name in schema.get("required", []):
        if name not in always:
            yield f"{kind}.{name}: required, and not always written"


found = structs(pathlib.Path(sys.argv[1]).read_text())
if len(found) < 12:
    sys.exit(f"structs.py: {len(found)} structs: is the file another one?")
template = json.loads(pathlib.Path(sys.argv[2]).read_text())
wrong = []
fields = 0
for kind, all_fields in found.items():
    # SAM's own type has no schema of CloudFormation; SAM's translator reads it when it is linted
    if kind.startswith("AWS::Serverless::"):
        continue
    fields += len(all_fields)
    wrong += problems(kind, all_fields)
    written = {
        name for it in template["Resources"].values() if it["Type"] == kind for name in it["Properties"]
    }
    wrong += [f"{kind}.{name}: not in the template" for name, _, _ in all_fields if name not in written]
# the check itself: a field that CloudFormation does not have must be found
assert list(problems("AWS::SQS::Queue", [("VisibilityTimeOut", "u64", False)])), "a mistake was not found"
assert list(problems("AWS::SQS::Queue", [("VisibilityTimeout", "String", False)])), "a mistake was not found"
if wrong:
    sys.exit("\n".join(wrong))
print(f"structs: {fields} fields of {len(found) - 1} structs are CloudFormation's")
