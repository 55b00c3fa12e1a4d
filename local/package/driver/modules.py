"""What this process can import, and where what it has imported came from."""

import importlib
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path


def absent(names: Sequence[str]) -> dict[str, str]:
    """Import every module, and tell of each that cannot be imported what Python said."""
    said: dict[str, str] = {}
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - whatever it is, the app would meet it too
            said[name] = f"{type(error).__name__}: {error}"
    return said


def foreign(folders: Sequence[str]) -> dict[str, str]:
    """Modules of files that lie in none of `folders` and are not Python's own; module to file."""
    files = {name: getattr(module, "__file__", None) for name, module in [*sys.modules.items()]}
    homes = [Path(folder).resolve() for folder in folders]
    return {
        name: file
        for name, file in sorted(files.items())
        if file and not _is_pythons_own(Path(file)) and not any(Path(file).resolve().is_relative_to(h) for h in homes)
    }


def _is_pythons_own(file: Path) -> bool:
    paths = sysconfig.get_paths()
    homes = {Path(paths[name]).resolve() for name in ("stdlib", "platstdlib")}
    file = file.resolve()
    return "site-packages" not in file.parts and any(file.is_relative_to(home) for home in homes)
