"""Writes a schema folder and a topology whose texts are markup, script and style: `hostile.py DIR`."""

import json
import pathlib
import sys

root = pathlib.Path(sys.argv[1])
evil = "</script><img src=x onerror=alert(1)>\"'{alert(1)}\u202e<style>*{display:none}" + "x" * 300
schema = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "x-amazon-events-source": "a.b",
    "description": evil,
    "type": "object",
    "properties": {evil: {"type": "string", "enum": [evil], "description": evil}},
}
folder = root / "schemas/shop/order.placed"
folder.mkdir(parents=True)
(folder / "1.0.json").write_text(json.dumps(schema))
event = {"type": "order.placed", "major": 1, "minor": 0, "detailType": "order.placed:v1", "source": "a.b"}
consumer = {
    "name": evil, "rules": [], "queue": "q", "concurrency": 1, "host": "poller",
    "outage": {"pollerSeconds": 1, "functionSeconds": 1},
    "idempotency": {"windowSeconds": 1, "minimumSeconds": 1, "redrives": 0}, "reads": [event],
}
plan = {
    "format": 2, "bus": evil, "rules": [], "queues": [], "consumers": [consumer],
    "publishers": [{"name": evil, "publishes": [event]}],
}
(root / "topology.json").write_text(json.dumps(plan))
