"""The app's settings as a file that a shell reads, for commands that look at the platform as the app itself does."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

FILE = "app.env"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def write_settings(folder: Path, settings: Mapping[str, str]) -> None:
    """Keep the settings in the platform's folder, readable by its owner alone; names that no shell knows are left out."""
    path = folder / FILE
    path.touch(mode=0o600)
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in settings.items() if _NAME.fullmatch(name)]
    path.write_text("".join(lines), "utf-8")
