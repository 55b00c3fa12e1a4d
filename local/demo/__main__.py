"""`python -m local.demo`: play the demo, write `build/demo.json`, and end with 0 only if every step held."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from local.azurite import AzuriteMissing
from local.demo.play import play
from local.demo.policies import demo_policies
from local.demo.script import STEPS
from local.platform import Options
from local.platform.services import ROOT
from local.processes import ChildFailed, exit_on_signals


def main(arguments: list[str] | None = None) -> int:
    """Run; returns the exit code: 0 every step held, 1 some did not, 3 the platform did not start."""
    options = _parser().parse_args(arguments)
    began = time.monotonic()
    last = [step.name for step in STEPS].index(options.until) + 1
    try:
        with exit_on_signals(), demo_policies(options.app / "policies") as policies:
            changes = {"CLEARANCE_POLICIES": str(policies)}
            platform = Options(access_log=True, app_dir=options.app, changes=changes)
            document = play(platform, _say, tuple(options.fault), STEPS[:last])
    except (AzuriteMissing, ChildFailed) as error:
        print(f"the demo cannot start: {error}", file=sys.stderr)
        return 3
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(document, indent=2, default=str) + "\n", "utf-8")
    _summary(document, options.out, time.monotonic() - began)
    return 0 if document["ok"] else 1


def _summary(document: dict[str, Any], out: Path, seconds: float) -> None:
    held = sum(step["ok"] for step in document["steps"])
    _say("")
    _say(f"{held} of {len(document['steps'])} steps held, in {seconds:.0f} s.")
    for asset in document["promoted"]:
        _say(f"promoted: {asset}")
    _say(f"What each step observed is in {out.relative_to(ROOT) if out.is_relative_to(ROOT) else out}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "demo.json", help="where the outcome is written")
    parser.add_argument("--app", type=Path, default=ROOT, help="folder of the app, to show that the demo would notice")
    parser.add_argument("--until", default=STEPS[-1].name, choices=[step.name for step in STEPS], help="the last step")
    parser.add_argument("--fault", type=json.loads, action="append", default=[], help="a fault of Azure ML, as JSON")
    return parser


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
