"""`python -m local.demo`: play the demo, write `build/demo.json`, and end with 0 only if every step held."""

import json
import sys
import time

from local.azurite import AzuriteMissing
from local.demo.play import play
from local.platform import Options
from local.platform.services import ROOT
from local.processes import ChildFailed, exit_on_signals


def main() -> int:
    """Run; returns the exit code."""
    began = time.monotonic()
    try:
        with exit_on_signals():
            document = play(Options(access_log=True), _say)
    except (AzuriteMissing, ChildFailed) as error:
        print(f"the demo cannot start: {error}", file=sys.stderr)
        return 3
    place = ROOT / "build" / "demo.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(document, indent=2, default=str) + "\n", "utf-8")
    held = sum(step["ok"] for step in document["steps"])
    _say("")
    _say(f"{held} of {len(document['steps'])} steps held, in {time.monotonic() - began:.0f} s.")
    for asset in document["promoted"]:
        _say(f"promoted: {asset}")
    _say(f"What each step observed is in {place.relative_to(ROOT)}.")
    return 0 if document["ok"] else 1


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
