"""One line of the log: JSON, so that nothing from outside can break it into two."""

import json


def log_line(event: str, **facts: object) -> str:
    """`event` and its facts as one line. Facts are ids, counts and sentences; never bodies, never secrets."""
    return json.dumps({"event": event, **facts}, ensure_ascii=True, default=str)
