"""Idempotent consumption with Powertools for AWS Lambda: one pass over events, and how long it took."""

import json
import os
import sys
import time

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)


class Context:
    """What Powertools asks of Lambda: how much time is left."""

    @staticmethod
    def get_remaining_time_in_millis():
        return 30_000


def main(table, events, cached):
    store = DynamoDBPersistenceLayer(table_name=table)
    config = IdempotencyConfig(
        event_key_jmespath="id",
        use_local_cache=cached,
        local_cache_max_items=events,
    )
    config.register_lambda_context(Context())

    @idempotent_function(data_keyword_argument="record", config=config, persistence_store=store)
    def handle(record):
        return None

    # With a cache the first round learns.
    for _ in range(2 if cached else 1):
        start = time.perf_counter()
        for number in range(events):
            handle(record={"id": f"event-{number}"})
        seconds = time.perf_counter() - start
    json.dump(seconds, sys.stdout)


if __name__ == "__main__":
    main(os.environ["TABLE"], int(os.environ["EVENTS"]), os.environ["PASS"] == "local")
