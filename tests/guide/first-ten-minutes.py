"""The first ten minutes of a new user, measured: clone, example, break, read, init, publish and consume, a new minor.

Starts with an empty cargo home and an empty target folder. Each step must print what it is expected to print. Lines that
are written by hand are counted where they are written.
"""

import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

CLONE = pathlib.Path(__file__).resolve().parents[2]
MOST_LINES = 10

root = pathlib.Path(tempfile.mkdtemp(prefix="first-ten-minutes-"))
environment = {
    **{k: v for k, v in os.environ.items() if not k.startswith("CARGO_")},
    "CARGO_HOME": str(root / "cargo-home"),
    "CARGO_TARGET_DIR": str(root / "target"),
    "CARGO_TERM_COLOR": "never",
    "PATH": f"{root / 'cargo-home/bin'}:{os.environ['PATH']}",
}
# where crates come from is the machine's: a new home starts with that and nothing else
for home in (pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo")),):
    if (home / "config.toml").exists():
        (root / "cargo-home").mkdir(exist_ok=True)
        shutil.copy(home / "config.toml", root / "cargo-home/config.toml")

steps = []


def step(what, command, folder, expected, fails=False):
    """Runs a command, and checks what it prints."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, executable="/bin/bash",
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    missing = [text for text in expected if text not in done.stdout]
    if (done.returncode != 0) != fails or missing:
        print(done.stdout)
        sys.exit(f"first-ten-minutes: `{command}` ended with {done.returncode}; not printed: {missing}")
    steps.append((what, seconds, command))
    print(f"{seconds:7.1f} s of CPU  {what}: {command}", flush=True)


try:
    step("clone", f"git clone --quiet {CLONE} event-contracts", root, [])
    clone, shop = root / "event-contracts", root / "shop"
    step("example", "cargo run --quiet -p example-service", clone, ["the projection, read by key `p-1`:"])

    title = clone / "schemas/app-core/proposal.published/2.1.json"
    title.write_text(re.sub(r'\s*"title",', "", title.read_text(), count=1))
    step("break it", "cargo build -p example-service", clone, ["[field-made-optional]", "witness:"], fails=True)
    step("undo", "git checkout --quiet schemas", clone, [])

    step("command", "cargo install --quiet --locked --debug --path event-cli", clone, [])
    step("read the error", "cargo event rules field-made-optional", clone, ["why", "fix"])

    step("new crate", "cargo new --quiet shop", root, [])
    step("init", "cargo event init --example --crates ../event-contracts", shop, ["build: `cargo build`"])
    shutil.copy(clone / "Cargo.lock", shop / "Cargo.lock")
    step("publish and consume", "cargo run --quiet --example order", shop, ["order A-1 for 1299 cents"])

    # a field of one's own: the first change, by hand
    step("next version", "cargo event new-version order.placed", shop, ["1.1.json"])
    schema = shop / "schemas/shop/order.placed/1.1.json"
    note = '"note": { "type": "string" }'
    schema.write_text(schema.read_text().replace(note, note + ',\n    "coupon": { "type": "string" }'))
    by_hand = 1
    step("look at it", "cargo event diff order.placed@1.0 order.placed@1.1", shop, ["optional-field-added", "compatible"])
    step("lock it", "cargo event lock", shop, ["locked shop/order.placed 1.1"])
    program = shop / "examples/order.rs"
    program.write_text(program.read_text().replace("note: None,", "note: None,\n        coupon: None,"))
    by_hand += 1
    step("publish it", "cargo run --quiet --example order", shop, ["order A-1 for 1299 cents"])

    total = sum(seconds for _, seconds, _ in steps)
    print(f"{total:7.1f} s of CPU, {len(steps)} commands, {by_hand} lines written by hand")
    if by_hand > MOST_LINES:
        sys.exit(f"first-ten-minutes: at most {MOST_LINES} lines by hand")
finally:
    shutil.rmtree(root, ignore_errors=True)
