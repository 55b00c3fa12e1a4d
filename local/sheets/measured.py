"""The committed copy of what was measured, and reading another from build/bench.json."""

import json
from pathlib import Path
from typing import Any

from local.sheets.footprint import Footprint

COMMITTED = Path(__file__).with_name("measured.json")
_HOW = "`.venv/bin/python -m local.bench --only footprint` writes one to build/bench.json."


class NotMeasured(Exception):
    """A file that holds no footprint; the text says which, and how one is made."""


def read_measured(path: Path = COMMITTED) -> Footprint:
    """Read the footprint of a file that the benchmark wrote.

    Raises:
        NotMeasured: with every fault of it.
    """
    try:
        said: Any = json.loads(path.read_text("utf-8"))
        return Footprint.from_json(said["footprint"])
    except (OSError, UnicodeDecodeError) as fault:
        raise NotMeasured(f"{path} cannot be read: {fault}. {_HOW}") from fault
    except json.JSONDecodeError as fault:
        raise NotMeasured(f"{path} is no JSON: {fault}. {_HOW}") from fault
    except (KeyError, TypeError, AttributeError) as fault:
        raise NotMeasured(f'{path} has no "footprint". {_HOW}') from fault
    except ValueError as fault:
        raise NotMeasured(f"{path} holds no whole footprint. {fault} {_HOW}") from fault


def write_measured(footprint: Footprint, path: Path = COMMITTED) -> None:
    """Commit it."""
    path.write_text(json.dumps({"footprint": footprint.as_json()}, indent=2) + "\n", "utf-8")
