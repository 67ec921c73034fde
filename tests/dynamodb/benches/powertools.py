"""Idempotent consumption with Powertools for AWS Lambda: first runs, then the same events again."""

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


def main(table, events):
    store = DynamoDBPersistenceLayer(table_name=table)
    config = IdempotencyConfig(event_key_jmespath="id", use_local_cache=False)
    config.register_lambda_context(Context())

    @idempotent_function(data_keyword_argument="record", config=config, persistence_store=store)
    def handle(record):
        return None

    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        for number in range(events):
            handle(record={"id": f"event-{number}"})
        seconds.append(time.perf_counter() - start)
    json.dump({"first": seconds[0], "again": seconds[1]}, sys.stdout)


if __name__ == "__main__":
    main(os.environ["TABLE"], int(os.environ["EVENTS"]))
