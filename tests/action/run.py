"""Runs the steps of action.yml as a runner would, in a scratch repository, and checks what they print.

Usage: run.py ACTION_FOLDER COMMAND. `COMMAND` is the built `cargo-event`. Needs PyYAML and git.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

root, command = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
action = yaml.safe_load((root / "action.yml").read_text())

ORDER = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"orderId": {"type": "string"}, "note": {"type": "string"}},
    "required": ["orderId"],
}


def git(repo, *args):
    subprocess.run(["git", *args], cwd=repo, check=True, capture_output=True)


def write(repo, name, schema):
    path = repo / "contracts" / "shop" / "order.placed" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema, indent=2) + "\n")


def evaluate(text, inputs, github):
    """`${{ inputs.x }}` and `${{ github.x }}`; any other expression is an error here."""

    def one(match):
        where, name = match.group(1), match.group(2)
        return {"inputs": inputs, "github": github}[where][name]

    out = re.sub(r"\$\{\{ (inputs|github)\.([\w-]+) \}\}", one, str(text))
    assert "${{" not in out, out
    return out


def run(repo, base, given):
    inputs = {name: str(i.get("default", "")) for name, i in action["inputs"].items()} | given
    assert set(given) <= set(action["inputs"]), given
    github = {"action_path": str(root), "base_ref": base}
    out, code = "", 0
    with tempfile.TemporaryDirectory() as scratch:
        output = pathlib.Path(scratch, "output")
        output.touch()
        for step in action["runs"]["steps"]:
            assert step["shell"] == "bash", step
            env = os.environ | {k: evaluate(v, inputs, github) for k, v in step.get("env", {}).items()}
            env["PATH"] = f"{command.parent}:{env['PATH']}"
            env["GITHUB_OUTPUT"] = str(output)
            where = repo / evaluate(step.get("working-directory", "."), inputs, github)
            # the flags of a runner's `shell: bash`
            ran = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=where, env=env, capture_output=True, text=True, timeout=120,
            )
            out, code = out + ran.stdout + ran.stderr, ran.returncode
            if code:
                break
        outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
    return code, out, outputs


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    origin, repo = folder / "origin.git", folder / "clone"
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", origin], check=True)
    subprocess.run(["git", "init", "--quiet", "-b", "main", repo], check=True)
    git(repo, "config", "user.name", "ci")
    git(repo, "config", "user.email", "ci@example.com")
    git(repo, "remote", "add", "origin", str(origin))
    write(repo, "1.0.json", ORDER)
    lock = [command, "event", "lock", "--schemas", "contracts"]
    subprocess.run(lock, cwd=repo, check=True, capture_output=True)
    git(repo, "add", "-A")
    git(repo, "commit", "--quiet", "-m", "first")
    git(repo, "push", "--quiet", "origin", "main")
    git(repo, "checkout", "--quiet", "-b", "change")
    given = {"schemas": "contracts"}

    code, out, outputs = run(repo, "", given)
    assert (code, outputs) == (0, {"exit-code": "0"}), out

    # an optional field more
    more = json.loads(json.dumps(ORDER))
    more["properties"]["gift"] = {"type": "boolean"}
    write(repo, "1.1.json", more)
    subprocess.run(lock, cwd=repo, check=True, capture_output=True)
    code, out, outputs = run(repo, "main", given)
    assert (code, outputs) == (0, {"exit-code": "0"}), out

    # a published version edited, and a minor that breaks: each an annotation at its file
    broken = json.loads(json.dumps(more))
    broken["properties"]["orderId"] = {"type": "integer"}
    write(repo, "1.1.json", broken)
    (repo / "contracts" / "schemas.lock").unlink()
    sarif = folder / "events.sarif"
    code, out, outputs = run(repo, "main", given | {"sarif": str(sarif)})
    assert (code, outputs) == (1, {"exit-code": "1"}), out
    assert re.search(r"::error file=contracts/shop/order\.placed/1\.1\.json,line=\d+", out), out
    assert "field-type-changed" in out, out
    log = json.loads(sarif.read_text())
    found = {r["ruleId"] for r in log["runs"][0]["results"]}
    assert log["version"] == "2.1.0" and "field-type-changed" in found, found

    write(repo, "1.0.json", more)
    code, out, outputs = run(repo, "main", given)
    assert code == 1 and "locked-schema-edited" in out, out

    # a folder that is not there is bad input, not a break
    code, out, outputs = run(repo, "", {"schemas": "nowhere"})
    assert (code, outputs) == (2, {"exit-code": "2"}), out

print("action.yml: 5 runs, as expected")
