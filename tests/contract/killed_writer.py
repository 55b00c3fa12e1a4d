"""A worker that puts a promotion on the worklist and is killed before it appends. Run by test_killed_writer.py."""

import sys
import time
from datetime import timedelta

from tests.contract.stores import AT, FRAUD, blocked, on_storage


def main(connection_string: str, prefix: str, moment: str) -> None:
    """Go to `moment` ("touched" or "appended"), say so, and wait to be killed."""
    stores = on_storage(connection_string, prefix)
    loaded = stores.histories.load(FRAUD)
    stores.worklist.touch(FRAUD, AT + timedelta(minutes=2))
    if moment == "appended":
        stores.histories.append(loaded, [blocked(1)], AT, {})
    sys.stdout.write(f"{moment}\n")
    sys.stdout.flush()
    time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
