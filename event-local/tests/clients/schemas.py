"""The Schemas API, called by clients that we did not write: boto3, its paginators, awscli; and every
operation of botocore's own service model, sent as the model says and held to the path, the status and the
lengths that it says. Code bindings are the three that are honestly refused.

usage: schemas.py ENDPOINT
"""
import json, os, subprocess, sys, urllib.parse
import boto3, botocore.session
from botocore.exceptions import ClientError

endpoint = sys.argv[1]
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_REGION="us-east-1",
                  AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="")
OPEN = '{"openapi":"3.0.0","info":{"version":"1.0.0","title":"E"},"paths":{}}'
NAME = "app.shop@order.placed-v1"
failed, passed = [], 0

def check(what, ok):
    global passed
    if ok:
        passed += 1
    else:
        failed.append(what)
        print("FAILED:", what, file=sys.stderr)

def error(code, call, **args):
    try:
        call(**args)
        check(f"{call.__name__} refuses with {code}", False)
    except ClientError as e:
        check(f"{call.__name__} refuses with {code}, not {e.response['Error']}",
              e.response["Error"]["Code"].startswith(code))

c = boto3.client("schemas", endpoint_url=endpoint)

# 1. boto3 and its paginators
c.create_registry(RegistryName="app", Tags={"a": "b"})
error("Conflict", c.create_registry, RegistryName="app")
error("NotFound", c.describe_schema, RegistryName="app", SchemaName="nope")
for i in range(25):
    c.create_schema(RegistryName="app", SchemaName=f"s{i:02}", Type="OpenApi3", Content=OPEN)
pages = list(c.get_paginator("list_schemas").paginate(RegistryName="app", PaginationConfig={"PageSize": 10}))
check("list_schemas in 3 pages", [len(p["Schemas"]) for p in pages] == [10, 10, 5])
found = c.get_paginator("search_schemas").paginate(RegistryName="app", Keywords="openapi", PaginationConfig={"PageSize": 7})
check("search_schemas finds 25", sum(len(p["Schemas"]) for p in found) == 25)
for i in range(3):
    c.update_schema(RegistryName="app", SchemaName="s00", Content=OPEN + "\n" * i)
versions = c.get_paginator("list_schema_versions").paginate(RegistryName="app", SchemaName="s00", PaginationConfig={"PageSize": 1})
check("three versions", [v["SchemaVersion"] for p in versions for v in p["SchemaVersions"]] == ["3", "2", "1"])
check("list_registries", sum(len(p["Registries"]) for p in c.get_paginator("list_registries").paginate()) == 1)
check("list_discoverers", list(c.get_paginator("list_discoverers").paginate())[0]["Discoverers"] == [])

# 2. the model: each operation once, with its method, path and status
model = botocore.session.get_session().get_service_model("schemas")
bus = "arn:aws:events:us-east-1:123456789012:event-bus/default"
c.create_registry(RegistryName="model")
known = {"RegistryName": "model", "SchemaName": NAME, "Type": "OpenApi3", "Content": OPEN, "Keywords": "order",
         "SchemaVersion": "1", "Language": "Go1", "Events": ['{"a":1}'], "SourceArn": bus, "Policy": "{}",
         "TagKeys": ["x"], "Tags": {"x": "y"},
         "ResourceArn": f"arn:aws:schemas:us-east-1:123456789012:schema/model/{NAME}"}
order = ["CreateRegistry", "CreateSchema", "UpdateSchema", "CreateDiscoverer", "PutResourcePolicy"]
last = ["DeleteResourcePolicy", "DeleteDiscoverer", "DeleteSchemaVersion", "DeleteSchema", "DeleteRegistry"]
names = order + [n for n in model.operation_names if n not in order + last] + last
refused = {"PutCodeBinding": 400, "DescribeCodeBinding": 404, "GetCodeBindingSource": 404}
c.delete_registry(RegistryName="model")
for name in names:
    operation = model.operation_model(name)
    wanted = set(operation.input_shape.required_members if operation.input_shape else [])
    if "ResourcePolicy" in name:
        wanted.add("RegistryName")
    args = {k: known[k] for k in wanted}
    if name == "UpdateSchema":
        args["Content"] = OPEN + "\n"
    sent = {}
    def see(request, sent=sent, **_):
        sent["request"] = request
    c.meta.events.register_last(f"before-send.schemas.{name}", see)
    try:
        answer = c._make_api_call(name, args)
    except ClientError as e:
        answer = e.response
        known_errors = {s.name for s in operation.error_shapes}
        check(f"{name}: {answer['Error']} is an error of the model", answer["Error"]["Code"] in known_errors)
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    expected = refused.get(name, operation.http.get("responseCode", 200))
    check(f"{name}: status {status}, the model says {expected}", status == expected)
    check(f"{name}: method", sent["request"].method == operation.http["method"])
    if name == "CreateDiscoverer":
        known["DiscovererId"] = answer["DiscovererId"]
    # the path as the model writes it, with what was sent put in: no word of the server's own table
    shape, path = operation.input_shape, operation.http["requestUri"]
    for member, value in args.items():
        at = shape.members[member].serialization
        if at.get("location") == "uri":
            path = path.replace("{%s}" % at["name"], urllib.parse.quote(value, safe="-._~"))
    check(f"{name}: path {path}", urllib.parse.urlsplit(sent["request"].url).path == path)
check("31 operations", len(names) == 31 == len(set(names)))

# 2b. lengths and counts of the model: as much as it allows is taken, one more is refused
c.create_registry(RegistryName="limits")
def refuses(what, call, **args):
    try:
        call(**args)
        check(f"{what}: one more is refused", False)
    except ClientError as e:
        check(f"{what}: one more is refused, not {e.response['Error']}", e.response["Error"]["Code"] == "BadRequestException")
def most(operation, member):
    return model.operation_model(operation).input_shape.members[member].metadata["max"]
def content(n):
    return OPEN + " " * (n - len(OPEN))
for operation, call, named in [("CreateSchema", c.create_schema, {"Type": "OpenApi3"}), ("UpdateSchema", c.update_schema, {})]:
    n = most(operation, "Content")
    base = {"RegistryName": "limits", "SchemaName": "s", **named}
    refuses(f"{operation} Content", call, **base, Content=content(n + 1))
    n_words = most(operation, "Description")
    refuses(f"{operation} Description", call, **base, Content=OPEN, Description="d" * (n_words + 1))
    made = call(**base, Content=content(n - (operation == "UpdateSchema")), Description="d" * n_words)
    check(f"{operation} takes {n} characters", made["SchemaName"] == "s")
n = most("CreateRegistry", "Description")
refuses("CreateRegistry Description", c.create_registry, RegistryName="limits2", Description="d" * (n + 1))
c.create_registry(RegistryName="limits2", Description="ä" * n)
n = most("GetDiscoveredSchema", "Events")
refuses("GetDiscoveredSchema Events", c.get_discovered_schema, Type="OpenApi3", Events=['{"a":1}'] * (n + 1))
check("as many events", "Content" in c.get_discovered_schema(Type="OpenApi3", Events=['{"a":1}'] * n))

# 3. awscli
def aws(*args):
    command = [os.path.join(os.path.dirname(sys.executable), "aws"), "schemas", *args, "--endpoint-url", endpoint]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)

made = aws("create-schema", "--registry-name", "app", "--schema-name", NAME, "--type", "OpenApi3", "--content", OPEN)
check(f"aws create-schema {made.stderr}", made.returncode == 0 and json.loads(made.stdout)["SchemaVersion"] == "1")
read = aws("describe-schema", "--registry-name", "app", "--schema-name", NAME)
check("aws describe-schema", read.returncode == 0 and json.loads(read.stdout)["Content"] == OPEN)
every = aws("list-schemas", "--registry-name", "app", "--page-size", "9")
check("aws list-schemas", every.returncode == 0 and len(json.loads(every.stdout)["Schemas"]) == 26)
bad = aws("describe-registry", "--registry-name", "nope")
check("aws says NotFound", bad.returncode != 0 and "NotFoundException" in bad.stderr)

print(f"boto3 {boto3.__version__}: {passed} checks passed, {len(failed)} failed")
sys.exit(1 if failed else 0)
