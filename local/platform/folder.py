"""What a platform that stays keeps: one folder for each port of the app, and since when it has been there."""

from datetime import UTC, datetime
from pathlib import Path

from local.platform.services import ROOT

_FIRST_START = "first-start.txt"


def platform_folder(port: int) -> Path:
    """The folder of the platform whose app listens on `port`, which git ignores."""
    return ROOT / ".clearance" / str(port)


def first_start(folder: Path) -> str:
    """The instant at which the platform of a folder was started for the first time, in RFC 3339."""
    path = folder / _FIRST_START
    if not path.exists():
        path.write_text(datetime.now(UTC).isoformat(timespec="milliseconds") + "\n", "utf-8")
    return path.read_text("utf-8").strip()
